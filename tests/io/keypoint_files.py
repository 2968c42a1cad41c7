"""Files of 2-D keypoints as their tools write them, after the documentation that each reader names.

Shared by the tests of the readers and by `fuzz.py`.
"""

import csv
import importlib.util
import io
import json
import pickle
from itertools import product

import numpy as np


def people(joints=17, frames=6, persons=2, seed=0):
    """Persons who walk side by side: pixels ``[M, T, V, 2]`` and confidences ``[M, T, V]``."""
    rng = np.random.default_rng(seed)
    body = rng.uniform(-60, 60, (persons, 1, joints, 2))
    place = np.array([150.0, 200.0]) + 250 * np.arange(persons)[:, None] * [1, 0]
    steps = np.arange(frames)[:, None] * [4.0, 1.0]
    xy = body + place[:, None, None] + steps[None, :, None] + rng.normal(0, 1, (1, frames, 1, 2))
    return xy.round(2), rng.uniform(0.4, 1, (persons, frames, joints)).round(3)


def flat(xy, score):
    """x, y and score of each joint in turn."""
    return np.concatenate([xy, score[..., None]], axis=-1).reshape(-1).tolist()


def frames_of(xy, score):
    """Frame, person and both arrays."""
    for t in range(xy.shape[1]):
        for m in range(len(xy)):
            yield t, m, xy[m, t], score[m, t]


def dump(content):
    return json.dumps(content).encode()


def openpose_frame(xy, score, t, key="pose_keypoints_2d", ids=None):
    """OpenPose 1.7 with --write_json, a frame."""
    entries = [
        {
            "person_id": [-1 if ids is None else ids[m]],
            key: flat(xy[m, t], score[m, t]),
            "face_keypoints_2d": [],
            "hand_left_keypoints_2d": [],
            "hand_right_keypoints_2d": [],
            "pose_keypoints_3d": [],
        }
        for m in range(len(xy))
    ]
    return {"version": 1.3, "people": entries}


def coco_results(xy, score):
    """Detectron2's coco_instances_results.json."""
    return dump(
        [
            {
                "image_id": 100 + t,
                "category_id": 1,
                "bbox": [1.0, 2.0, 30.0, 40.0],
                "score": 0.9,
                "keypoints": flat(p, s),
            }
            for t, _, p, s in frames_of(xy, score)
        ]
    )


def alphapose(xy, score):
    """AlphaPose with --pose_track: names of pictures, and a track in idx."""
    return dump(
        [
            {
                "image_id": f"{t}.jpg",
                "category_id": 1,
                "keypoints": flat(p, s),
                "score": 2.5,
                "box": [1.0, 2.0, 30.0, 40.0],
                "idx": [float(m + 1)],
            }
            for t, m, p, s in frames_of(xy, score)
        ]
    )


def coco_annotations(xy, score, names=None, skeleton=None):
    """A video annotated in CVAT: every joint visible."""
    names = names or COCO
    return dump(
        {
            "images": [
                {"id": 7 * t + 1, "file_name": f"frame_{t}.png", "width": 640, "height": 480}
                for t in reversed(range(xy.shape[1]))
            ],
            "annotations": [
                {
                    "id": i,
                    "image_id": 7 * t + 1,
                    "category_id": 1,
                    "keypoints": flat(p, 2 * np.ones_like(s)),
                    "num_keypoints": len(s),
                    "attributes": {"track_id": m + 1},
                }
                for i, (t, m, p, s) in enumerate(frames_of(xy, score))
            ],
            "categories": [
                {"id": 1, "name": "person", "keypoints": names, "skeleton": skeleton or []}
            ],
        }
    )


COCO = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
]


def instances(xy, score, t):
    """mmpose's instances of a frame."""
    return [
        {
            "keypoints": xy[m, t].tolist(),
            "keypoint_scores": score[m, t].tolist(),
            "bbox": [[1.0, 2.0, 30.0, 40.0]],
            "bbox_score": 0.8,
        }
        for m in range(len(xy))
    ]


def mmpose_inferencer(xy, score):
    """MMPoseInferencer with pred_out_dir, of a video."""
    return dump([{"frame_id": t, "instances": instances(xy, score, t)} for t in range(xy.shape[1])])


def mmpose_demo(xy, score, dataset="coco"):
    """topdown_demo_with_mmdet.py --save-predictions, whose frames begin at 1."""
    meta = {
        "dataset_name": dataset,
        "num_keypoints": xy.shape[2],
        "keypoint_id2name": {str(i): name for i, name in enumerate(COCO)},
        "skeleton_links": [[15, 13], [13, 11]],
    }
    frames = [{"frame_id": t + 1, "instances": instances(xy, score, t)} for t in range(xy.shape[1])]
    return dump({"meta_info": meta, "instance_info": frames})


def ultralytics_label(xy, score, t, size=(640, 480), conf=False, tracks=None, visible=True):
    """A text file of `model.predict(save_txt=True)`."""
    lines = []
    for m in range(len(xy)):
        points = xy[m, t] / size
        points = np.column_stack([points, score[m, t]]) if visible else points
        row = [0, 0.5, 0.5, 0.2, 0.4, *points.flatten()]
        row += [0.875] if conf else []
        row += [tracks[m]] if tracks else []
        lines.append(" ".join(f"{number:g}" for number in row))
    return ("\n".join(lines) + "\n").encode()


def ultralytics_json(xy, score):
    """`[json.loads(result.to_json()) for result in model.track(video)]`."""
    return dump(
        [
            [
                {
                    "name": "person",
                    "class": 0,
                    "confidence": 0.9,
                    "box": {"x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0},
                    "track_id": m + 1,
                    "keypoints": {
                        "x": xy[m, t, :, 0].tolist(),
                        "y": xy[m, t, :, 1].tolist(),
                        "visible": score[m, t].tolist(),
                    },
                }
                for m in range(len(xy))
            ]
            for t in range(xy.shape[1])
        ]
    )


def landmarks(xyz, visibility):
    """MediaPipe's landmarks of a person."""
    return [
        {"x": x, "y": y, "z": z, "visibility": v}
        for (x, y, z), v in zip(xyz.tolist(), visibility.tolist(), strict=True)
    ]


def mediapipe_json(xyz, visibility, key="pose_landmarks"):
    """The results of the Pose Landmarker of one person, frame by frame."""
    return dump(
        [
            {"timestamp_ms": 33 * t, key: [landmarks(xyz[0, t], visibility[0, t])]}
            for t in range(xyz.shape[1])
        ]
    )


def table(head, rows):
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([*head, *rows])
    return file.getvalue().encode()


def mediapipe_csv(xyz, visibility):
    """x1, y1, z1, v1, x2, … behind the class, as in many tutorials."""
    head = ["class", *(f"{c}{i}" for i in range(1, 34) for c in "xyzv")]
    values = np.concatenate([xyz[0], visibility[0][..., None]], -1).reshape(xyz.shape[1], -1)
    return table([head], [["wave", *row] for row in values.tolist()])


PARTS = ["snout", "leftear", "rightear", "tailbase"]


def deeplabcut_csv(xy, score, individuals=("mouse1", "mouse2")):
    """The CSV of analyze_videos with save_as_csv, of one or of several animals."""
    M, T, V = score.shape
    width = 3 * V * M
    head = [["scorer", *["DLC_resnet50"] * width]]
    if M > 1:
        head.append(["individuals", *np.repeat(individuals, 3 * V).tolist()])
    head.append(["bodyparts", *np.repeat(PARTS[:V], 3).tolist() * M])
    head.append(["coords", *["x", "y", "likelihood"] * V * M])
    rows = [
        [t, *(number for m in range(M) for number in flat(xy[m, t], score[m, t]))] for t in range(T)
    ]
    return table(head, rows)


def sleap_csv(xy, score, names=("female", "male")):
    """The analysis CSV of SLEAP."""
    nodes = ["nose", "thorax", "wingL", "wingR"][: xy.shape[2]]
    head = ["track", "frame_idx", "instance.score"]
    head += [f"{node}.{key}" for node in nodes for key in ("x", "y", "score")]
    rows = [[names[m], t, 0.9, *flat(p, s)] for t, m, p, s in frames_of(xy, score)]
    return table([head], rows)


def h5(content, attributes):
    """An HDF5 file of arrays, and of attributes by array and name."""
    import h5py

    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        for key, value in content.items():
            file.create_dataset(key, data=value, compression="gzip")
        for (key, name), value in attributes.items():
            file[key].attrs[name] = value
    return memory.getvalue()


def deeplabcut_h5(xy, score, individuals=("mouse1", "mouse2")):
    """A table as pandas writes it, which pickles the names of the columns with protocol 0."""
    names = [["DLC_resnet50"], PARTS, ["x", "y", "likelihood"]]
    if len(xy) > 1:
        names.insert(1, individuals)
    values = np.concatenate([xy, score[..., None]], -1).transpose(1, 0, 2, 3)
    values = values.reshape(xy.shape[1], -1)
    rows = np.zeros(len(values), [("index", "i8"), ("values_block_0", "f8", values.shape[1:])])
    rows["values_block_0"] = values
    table = "df_with_missing/table"
    columns = np.bytes_(pickle.dumps([*product(*names)], 0))
    return h5({table: rows}, {(table, "values_block_0_kind"): columns})


def sleap_h5(xy, score, dims=False, **values):
    """The analysis file of SLEAP, or with the preset "standard" of sleap-io."""
    content = {
        "tracks": xy.transpose(1, 0, 2, 3) if dims else xy.transpose(0, 3, 2, 1),
        "point_scores": score.transpose(1, 0, 2) if dims else score.transpose(0, 2, 1),
        "track_occupancy": np.ones((xy.shape[1], len(xy)), "u1"),
        "node_names": np.array(["nose", "thorax", "wingL", "wingR"], "S"),
        "edge_inds": np.array([[1, 0], [1, 2], [1, 3]]),
        "edge_names": np.array([["thorax", "nose"]], "S"),
        "track_names": np.array(["female", "male"], "S"),
    }
    attributes = {
        ("tracks", "dims"): '["frame", "track", "node", "xy"]',
        ("point_scores", "dims"): '["frame", "track", "node"]',
    }
    return h5(content | values, attributes if dims else {})


def pyskl(xy, score):
    """A pickle of pyskl."""
    entry = {
        "frame_dir": "clip",
        "label": 3,
        "img_shape": (480, 640),
        "total_frames": xy.shape[1],
        "keypoint": xy.astype("f2"),
        "keypoint_score": score.astype("f2"),
    }
    return pickle.dumps({"split": {"train": ["clip"]}, "annotations": [entry]})


def files():
    """By the name of the format, the name of a file and its content."""
    xy, score = people()
    animals = people(joints=4)
    world, seen = people(joints=33, persons=1)
    world = np.concatenate([world, world[..., :1]], -1) / 1000
    found = {}
    if importlib.util.find_spec("h5py"):
        found["deeplabcut-h5"] = ("a.h5", deeplabcut_h5(*animals))
        found["sleap-h5"] = ("a.h5", sleap_h5(*animals))
    return found | {
        "openpose": ("a.json", dump(openpose_frame(*people(joints=25), 0))),
        "coco-results": ("a.json", coco_results(xy, score)),
        "coco-annotations": ("a.json", coco_annotations(xy, score)),
        "mmpose": ("a.json", mmpose_inferencer(xy, score)),
        "ultralytics-labels": ("a.txt", ultralytics_label(xy, score, 0)),
        "ultralytics-json": ("a.json", ultralytics_json(xy, score)),
        "mediapipe-json": ("a.json", mediapipe_json(world, seen)),
        "mediapipe-csv": ("a.csv", mediapipe_csv(world, seen)),
        "deeplabcut-csv": ("a.csv", deeplabcut_csv(*animals)),
        "sleap-csv": ("a.csv", sleap_csv(*animals)),
        "pyskl": ("a.pkl", pyskl(xy, score)),
    }
