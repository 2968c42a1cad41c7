"""Writes small but complete corpora for lifting, in the exact formats of the real ones.

Nothing here uses the package: poses are random, cameras are made up, and projection is written down
anew from VideoPose3D's formula, so that tests can compare.

    files = write_human36m(folder, layout="npz", num_frames=3)     # or layout="h5"
    files.world["S1"]["Walking 1"]   # [T, 32, 3], meters
    files.pixels["S1"]["Walking 1"]  # a list of four [T, 17, 2]

As a program, it writes a whole folder: `python lifting_files.py FOLDER npz`.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

CAMERAS = ["54138969", "55011271", "58860488", "60457274"]
SUBJECTS = ["S1", "S5", "S6", "S7", "S8", "S9", "S11"]
ACTIONS = [
    *("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases"),
    *("Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether"),
]
# From the facts on the files: what of the 32 joints the 17 are, of the 17 the 16, and of the 16 in
# Human3.6M's order those in MPII's, in which the hourglass gives them.
KEEP17 = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
KEEP16 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16]
SH_TO_H36M16 = [6, 2, 1, 0, 3, 4, 5, 7, 8, 9, 13, 14, 15, 12, 11, 10]
HOURGLASS = {"sh": "StackedHourglassFineTuned240", "sh_pt_mpii": "StackedHourglass"}
SYMMETRY = {
    "h36m17": [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]],
    "h36m16": [[4, 5, 6, 10, 11, 12], [1, 2, 3, 13, 14, 15]],
    "mpii16": [[3, 4, 5, 13, 14, 15], [0, 1, 2, 10, 11, 12]],
    "humaneva15": [[2, 3, 4, 8, 9, 10], [5, 6, 7, 11, 12, 13]],
    "coco17": [[1, 3, 5, 7, 9, 11, 13, 15], [2, 4, 6, 8, 10, 12, 14, 16]],
}
# The face is where the head is.
COCO_OF_HUMANEVA = [14, 14, 14, 14, 14, 2, 5, 3, 6, 4, 7, 8, 11, 9, 12, 10, 13]


# Cameras #########################################################################################


def quaternion_to_matrix(q):
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def make_cameras(names=CAMERAS, subjects=SUBJECTS, sizes=None):
    """The content of `cameras.json`: cameras around the origin that look at it."""
    sizes = sizes or [(1000, 1002), (1000, 1000), (1000, 1000), (1000, 1002)]
    intrinsics = [
        {
            "id": name,
            "center": [width / 2 + 3 * i + 1, height / 2 - 2 * i],
            "focal_length": [1.1 * width + 5 * i, 1.1 * width + 3 * i],
            "radial_distortion": [-0.2 + 0.01 * i, 0.25, -0.004],
            "tangential_distortion": [-0.001 * i, 0.0015],
            "res_w": width,
            "res_h": height,
        }
        for i, (name, (width, height)) in enumerate(zip(names, sizes, strict=False))
    ]
    extrinsics = {"S2": [{} for _ in names]}
    for s, subject in enumerate(subjects):
        extrinsics[subject] = []
        for i in range(len(names)):
            # The view of a camera at angle a looks along -(cos a, sin a, 0) with its y downwards:
            # a turn of the upright camera by a quarter about x, then about z.
            a = 0.4 + 2 * np.pi * i / len(names) + 0.05 * s
            c, s_ = np.cos((a + np.pi / 2) / 2), np.sin((a + np.pi / 2) / 2)
            h = np.sqrt(0.5)
            q = [c * -h, c * h, s_ * h, s_ * -h]
            place = [5000 * np.cos(a), 5000 * np.sin(a), 1000 + 50 * s]
            extrinsics[subject].append({"orientation": q, "translation": place})
    return {"note": "made up", "intrinsics": intrinsics, "extrinsics": extrinsics}


def to_camera(world, extrinsic):
    """World to camera, meters."""
    rotation = quaternion_to_matrix(extrinsic["orientation"])  # camera to world
    return (world - np.array(extrinsic["translation"]) / 1000) @ rotation


def project(x, intrinsic, swap=False):
    """VideoPose3D's projection in normalized numbers, then to pixels."""
    w, h = intrinsic["res_w"], intrinsic["res_h"]
    f = np.array(intrinsic["focal_length"]) / w * 2
    c = np.array(intrinsic["center"]) / w * 2 - [1, h / w]
    k, p = np.array(intrinsic["radial_distortion"]), np.array(intrinsic["tangential_distortion"])
    if swap:
        p = p[::-1]
    xx = np.clip(x[..., :2] / x[..., 2:], -1, 1)
    r2 = (xx**2).sum(-1, keepdims=True)
    radial = 1 + k[0] * r2 + k[1] * r2**2 + k[2] * r2**3
    tangential = (p * xx).sum(-1, keepdims=True)
    uv = f * (xx * (radial + tangential) + p * r2) + c
    return np.add(uv, [1, h / w]) * w / 2


# Human3.6M #######################################################################################


def human36m_takes(subjects=SUBJECTS, actions=ACTIONS, num_frames=3, seed=0, with_corrupt=True):
    """For each subject and take the 32 joints in the world, `[T, 32, 3]`, meters."""
    rng = np.random.default_rng(seed)
    takes = {}
    for subject in subjects:
        takes[subject] = {}
        for action in actions:
            for take in (action, f"{action} 1"):
                if (subject, take) == ("S11", "Directions") and not with_corrupt:
                    continue
                body = rng.uniform([-0.4, -0.4, 0.1], [0.4, 0.4, 1.8], (32, 3))
                steps = rng.normal(0, 0.02, (num_frames, 32, 3)).cumsum(0)
                takes[subject][take] = (body + steps).astype(np.float32)
    return takes


def see(takes, cameras, keep):
    """For each subject and take a list of what each camera saw."""
    return {
        subject: {
            take: [
                project(to_camera(clip[:, keep], outer), inner).astype(np.float32)
                for inner, outer in zip(
                    cameras["intrinsics"], cameras["extrinsics"][subject], strict=True
                )
            ]
            for take, clip in clips.items()
        }
        for subject, clips in takes.items()
    }


def disturb(pixels, seed, extra=0, order=None):
    """Detections: noisy, in another order, and some frames longer than the capture."""
    rng = np.random.default_rng(seed)

    def one(clip):
        clip = clip if order is None else clip[:, np.argsort(order)]
        clip = np.concatenate([clip, np.repeat(clip[-1:], extra, 0)])
        return (clip + rng.normal(0, 3, clip.shape)).astype(np.float32)

    return {s: {t: [one(c) for c in v] for t, v in takes.items()} for s, takes in pixels.items()}


def save_2d(path, positions, layout):
    metadata = {
        "layout_name": layout,
        "num_joints": int(layout[-2:]),
        "keypoints_symmetry": SYMMETRY[layout],
    }
    np.savez_compressed(path, positions_2d=positions, metadata=metadata)


def write_human36m(root, layout="npz", num_frames=3, keypoints=("gt", "cpn", "sh"), **takes):
    """A folder of Human3.6M with its cameras; returns what is in it.

    `layout="npz"`: VideoPose3D's files, those 2-D files that are named, and cameras.json.
    `layout="h5"`: the archive of Martinez et al., with "sh" the fine-tuned hourglass, with
    "sh_pt_mpii" the one that was trained on MPII, and cameras.h5.
    """
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    world = human36m_takes(num_frames=num_frames, **takes)
    cameras = make_cameras()
    pixels = see(world, cameras, KEEP17)
    out = SimpleNamespace(root=root, world=world, cameras=cameras, pixels=pixels)
    out.cpn = disturb(pixels, seed=1, extra=2)
    pixels16 = {
        s: {t: [c[:, KEEP16] for c in v] for t, v in takes.items()} for s, takes in pixels.items()
    }
    out.sh = disturb(pixels16, seed=2, order=SH_TO_H36M16)
    out.sh_pt_mpii = disturb(pixels16, seed=3, order=SH_TO_H36M16)
    if layout == "npz":
        np.savez_compressed(root / "data_3d_h36m.npz", positions_3d=world)
        (root / "cameras.json").write_text(json.dumps(cameras))
        if "gt" in keypoints:
            save_2d(root / "data_2d_h36m_gt.npz", pixels, "h36m17")
        if "cpn" in keypoints:
            save_2d(root / "data_2d_h36m_cpn_ft_h36m_dbb.npz", out.cpn, "h36m17")
        if "sh" in keypoints:
            save_2d(root / "data_2d_h36m_sh_ft_h36m.npz", out.sh, "mpii16")
    else:
        write_archive(root, out, [name for name in HOURGLASS if name in keypoints])
    return out


def write_archive(root, files, hourglasses=("sh",)):
    import h5py

    for subject, takes in files.world.items():
        folder = root / subject / "MyPoses" / "3D_positions"
        folder.mkdir(parents=True)
        for take, clip in takes.items():
            with h5py.File(folder / f"{take}.h5", "w") as file:
                file["3D_positions"] = clip.reshape(len(clip), 96).T * 1000
        for hourglass in hourglasses:
            folder = root / subject / HOURGLASS[hourglass]
            folder.mkdir()
            detected = getattr(files, hourglass)[subject]
            for take in takes:
                for camera, clip in zip(CAMERAS, detected[take], strict=True):
                    name = f"{take.replace(' ', '_')}.{camera}.h5"
                    with h5py.File(folder / name, "w") as file:
                        file["poses"] = clip
    write_cameras_h5(root / "cameras.h5", files.cameras)


def write_cameras_h5(path, cameras):
    import h5py

    with h5py.File(path, "w") as file:
        for subject, extrinsics in cameras["extrinsics"].items():
            for i, (inner, outer) in enumerate(zip(cameras["intrinsics"], extrinsics, strict=True)):
                if not outer:
                    continue
                group = file.create_group(f"subject{subject[1:]}/camera{i + 1}")
                world_to_camera = quaternion_to_matrix(outer["orientation"]).T
                group["R"] = world_to_camera.T  # MATLAB's order: transposed
                group["T"] = np.reshape(outer["translation"], (3, 1))
                group["f"] = np.reshape(inner["focal_length"], (2, 1))
                group["c"] = np.reshape(inner["center"], (2, 1))
                group["k"] = np.reshape(inner["radial_distortion"], (3, 1))
                # The two tangential coefficients the other way round, as in the real file.
                group["p"] = np.reshape(inner["tangential_distortion"][::-1], (2, 1))
                group["Name"] = np.array([[ord(letter)] for letter in inner["id"]], np.uint16)


# HumanEva ########################################################################################


def write_humaneva(root, num_frames=4, **takes):
    """VideoPose3D's files of HumanEva: three cameras, two subjects, true and COCO's joints.

    `takes` are those of a part, `Validate=["Walking 1 chunk0", "Box 1 chunk0"]`.
    """
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    names, subjects = ["C1", "C2", "C3"], ["S1", "S2"]
    cameras = make_cameras(names, subjects, [(640, 480)] * 3)
    world, pixels, coco = {}, {}, {}
    parts = {"Train": ["Walking 1 chunk0", "Walking 1 chunk1", "Jog 1 chunk0"]}
    parts["Validate"] = ["Walking 1 chunk0"]
    for part, names_of_part in (parts | takes).items():
        for subject in subjects:
            owner = f"{part}/{subject}"
            low, high = [-0.4, -0.4, 0.1], [0.4, 0.4, 1.8]
            world[owner] = {
                take: rng.uniform(low, high, (num_frames, 15, 3)).astype(np.float32)
                for take in names_of_part
            }
            inner, outer = cameras["intrinsics"], cameras["extrinsics"][subject]
            pixels[owner] = {
                take: [
                    project(to_camera(clip, outer[i]), inner[i]).astype(np.float32)
                    for i in range(3)
                ]
                for take, clip in world[owner].items()
            }
            coco[owner] = {
                take: [clip[:, COCO_OF_HUMANEVA] + rng.normal(0, 1, (17, 2)) for clip in clips]
                for take, clips in pixels[owner].items()
            }
    np.savez_compressed(root / "data_3d_humaneva15.npz", positions_3d=world)
    save_2d(root / "data_2d_humaneva15_gt.npz", pixels, "humaneva15")
    save_2d(root / "data_2d_humaneva15_detectron_pt_coco.npz", coco, "coco17")
    (root / "cameras.json").write_text(json.dumps(cameras))
    return SimpleNamespace(root=root, world=world, pixels=pixels, coco=coco, cameras=cameras)


# MPI-INF-3DHP ####################################################################################


def write_mpi_inf_3dhp(root, num_frames=20, recordings=6):
    """The test set: MATLAB 7.3 files, in which every frame but each third one is valid."""
    import h5py

    rng = np.random.default_rng(4)
    out = SimpleNamespace(root=Path(root), positions={}, keypoints={}, valid={}, activities={})
    for number in range(1, recordings + 1):
        name, size = f"TS{number}", num_frames + number
        x = rng.uniform([-500, -500, 3000], [500, 500, 4000], (size, 17, 3))
        inner = (
            ([1500.0686, 1500.6591], [1017.3794, 1043.0628])
            if number < 5
            else ([1683.4826, 1671.9272], [939.9278, 560.2072])
        )
        out.positions[name], out.valid[name] = x, np.arange(size) % 3 != 2
        out.keypoints[name] = x[..., :2] / x[..., 2:] * inner[0] + inner[1]
        out.activities[name] = 1 + np.arange(size) * 7 // size
        (out.root / name).mkdir(parents=True)
        with h5py.File(out.root / name / "annot_data.mat", "w", userblock_size=512) as file:
            file["univ_annot3"] = x[:, None]
            file["annot3"] = x[:, None] * 1.1
            file["annot2"] = out.keypoints[name][:, None]
            file["valid_frame"] = out.valid[name][:, None].astype(float)
            file["activity_annotation"] = out.activities[name][:, None].astype(float)
    return out


if __name__ == "__main__":
    write_human36m(sys.argv[1], *sys.argv[2:3])
