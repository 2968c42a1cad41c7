"""Human3.6M in both layouts, against numbers that NumPy computes from what was written."""

import json
import os
import shutil
import warnings

import numpy as np
import pytest
import torch

from pyg_skeleton.camera import denormalize_keypoints
from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import Human36M

pytestmark = pytest.mark.filterwarnings("ignore:.*sequences are missing")
FEW = {"subjects": ["S1", "S9", "S11"], "actions": ["Directions", "Sitting", "SittingDown"]}


@pytest.fixture(scope="module")
def npz(lifting_files, tmp_path_factory):
    """All of Human3.6M, two frames a take."""
    return lifting_files.write_human36m(tmp_path_factory.mktemp("npz"), num_frames=2)


@pytest.fixture(scope="module")
def h5(lifting_files, tmp_path_factory):
    """The archive, of a few takes only."""
    pytest.importorskip("h5py")
    root = tmp_path_factory.mktemp("h5")
    return lifting_files.write_human36m(root, "h5", num_frames=3, **FEW)


@pytest.fixture(scope="module")
def few(lifting_files, tmp_path_factory):
    """The same few takes in the other layout."""
    return lifting_files.write_human36m(tmp_path_factory.mktemp("few"), num_frames=3, **FEW)


@pytest.fixture
def copy(few, tmp_path):
    """The few takes, to damage."""
    shutil.copytree(few.root, tmp_path / "copy")
    return tmp_path / "copy"


def pixels(dataset, i):
    """The keypoints of a sequence in pixels."""
    sequence = dataset.sequences[i]
    shown = dataset.keypoints[dataset.sequence_ids == i]
    return denormalize_keypoints(shown, sequence.camera.width, sequence.camera.height).numpy()


def refusal(error, root, **kwargs) -> str:
    with pytest.raises(error) as caught:
        Human36M(root, kwargs.pop("split", "test"), **kwargs)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(root), "ROOT")


# What is in it ###################################################################################


@pytest.mark.parametrize(
    ("split", "protocol", "subjects", "sequences"),
    [
        ("train", 1, ("S1", "S5", "S6", "S7", "S8"), 600),
        ("test", 1, ("S9", "S11"), 236),
        ("train", 2, ("S1", "S5", "S6", "S7", "S8", "S9"), 720),
        ("test", 2, ("S11",), 116),
    ],
)
def test_splits(npz, lifting_files, split, protocol, subjects, sequences):
    dataset = Human36M(npz.root, split, protocol=protocol)
    frames = 2 * sequences
    assert dataset.summary() == {
        "subjects": subjects,
        "actions": tuple(lifting_files.ACTIONS),
        "takes": sequences // 4,
        "sequences": sequences,
        "frames": frames,
        "poses": sequences if (split, protocol) == ("test", 2) else frames,
    }
    assert dataset.actions == tuple(lifting_files.ACTIONS)
    assert {s.fps for s in dataset.sequences} == {50.0}


def test_protocol_2_takes_every_64th_frame(lifting_files, tmp_path):
    root = lifting_files.write_human36m(
        tmp_path, num_frames=130, subjects=["S11"], actions=["Eating"]
    ).root
    dataset = Human36M(root, "test", protocol=2)
    assert dataset.frame_ids[:4].tolist() == [0, 64, 128, 0]
    assert dataset.summary()["frames"] == 130 * 8
    assert len(Human36M(root, "test", protocol=2, stride=1)) == 130 * 8
    assert len(Human36M(root, "test", protocol=2, stride=5)) == 26 * 8


@pytest.mark.parametrize("layout", ["few", "h5"])
def test_the_damaged_take_is_left_out(layout, request):
    dataset = Human36M(request.getfixturevalue(layout).root, "test")
    takes = {s.take for s in dataset.sequences if s.subject == "S11" and s.action == "Directions"}
    assert takes == {"Directions 1"}
    assert "Directions" in {s.take for s in dataset.sequences if s.subject == "S9"}


def test_actions_are_matched_exactly(few):
    dataset = Human36M(few.root, "test")
    for name in ("Sitting", "SittingDown"):
        mine = dataset.action_ids == dataset.actions.index(name)
        assert int(mine.sum()) == 2 * 2 * 4 * 3
        owners = dataset.sequence_ids[mine].unique().tolist()
        assert {dataset.sequences[i].take for i in owners} == {name, f"{name} 1"}


def test_two_actions_are_renamed(lifting_files, tmp_path):
    files = lifting_files.write_human36m(
        tmp_path, keypoints=(), subjects=["S9"], actions=["TakingPhoto", "WalkingDog"]
    )
    cpn = {"S9": {t.replace("TakingPhoto", "Photo"): v for t, v in files.cpn["S9"].items()}}
    lifting_files.save_2d(tmp_path / "data_2d_h36m_cpn_ft_h36m_dbb.npz", cpn, "h36m17")
    with pytest.warns(UserWarning, match="has no files of S11"):
        dataset = Human36M(tmp_path, "test", keypoints="cpn")
    assert dataset.summary()["actions"] == ("Photo", "WalkDog")
    assert {s.take for s in dataset.sequences} == {"Photo", "Photo 1", "WalkDog", "WalkDog 1"}


# Numbers #########################################################################################


@pytest.mark.parametrize("skeleton", ["h36m17", "h36m17-lcn", "h36m16"])
def test_joints_and_positions(npz, lifting_files, skeleton):
    keep = np.array(lifting_files.KEEP17)
    keep = keep[lifting_files.KEEP16] if skeleton == "h36m16" else keep
    dataset = Human36M(npz.root, "test", skeleton=skeleton)
    assert dataset.skeleton.name == skeleton
    for i in (0, 5, 100, 235):
        sequence = dataset.sequences[i]
        number = lifting_files.CAMERAS.index(sequence.camera.name)
        assert number == i % 4
        world = npz.world[sequence.subject][sequence.take][:, keep]
        x = lifting_files.to_camera(world, npz.cameras["extrinsics"][sequence.subject][number])
        np.testing.assert_allclose(sequence.positions, x, atol=1e-5)
        mine = dataset.sequence_ids == i
        np.testing.assert_allclose(dataset.positions[mine], (x - x[:, :1]) * 1000, atol=0.01)
        target = np.stack([dataset[int(j)].target for j in mine.nonzero()])
        np.testing.assert_allclose(target, x - x[:, :1], atol=1e-5)
        shown = lifting_files.project(x, npz.cameras["intrinsics"][number])
        np.testing.assert_allclose(pixels(dataset, i), shown, atol=0.02)


def test_true_keypoints_are_projected_when_there_is_no_file(few, copy):
    stored = Human36M(few.root, "test")
    (copy / "data_2d_h36m_gt.npz").unlink()
    computed = Human36M(copy, "test")
    np.testing.assert_allclose(computed.keypoints, stored.keypoints, atol=1e-5)
    assert computed.sequences[0].camera.distortion == "videopose3d"


def test_the_other_reading_of_the_distortion(few, copy, lifting_files):
    (copy / "data_2d_h36m_gt.npz").unlink()
    dataset = Human36M(copy, "test", distortion="martinez")
    sequence = dataset.sequences[5]
    shown = lifting_files.project(
        sequence.positions.numpy(), few.cameras["intrinsics"][1], swap=True
    )
    np.testing.assert_allclose(pixels(dataset, 5), shown, atol=0.02)
    assert abs(pixels(Human36M(copy, "test"), 5) - shown).max() > 0.05


def test_both_layouts_hold_the_same(few, h5):
    for keypoints in ("gt", "sh"):
        options = {"skeleton": "h36m16", "keypoints": keypoints}
        a, b = Human36M(few.root, "test", **options), Human36M(h5.root, "test", **options)
        assert a.summary() == b.summary()
        assert [str(s) for s in a.sequences] == [str(s) for s in b.sequences]
        np.testing.assert_allclose(a.positions, b.positions, atol=0.01)
        np.testing.assert_allclose(a.keypoints, b.keypoints, atol=1e-5)
        for s, t in zip(a.sequences, b.sequences, strict=True):
            torch.testing.assert_close(s.camera.rotation, t.camera.rotation)
            torch.testing.assert_close(s.camera.intrinsics, t.camera.intrinsics)


def test_cameras_may_be_elsewhere(few, h5, copy):
    (copy / "cameras.json").unlink()
    for file in (few.root / "cameras.json", h5.root / "cameras.h5"):
        dataset = Human36M(copy, "test", cameras=file)
        assert len(dataset) == len(Human36M(few.root, "test"))


@pytest.mark.parametrize("skeleton", ["h36m17", "h36m16"])
def test_detections_are_cut_to_the_capture(few, lifting_files, skeleton):
    dataset = Human36M(few.root, "test", keypoints="cpn", skeleton=skeleton)
    keep = lifting_files.KEEP16 if skeleton == "h36m16" else slice(None)
    sequence = dataset.sequences[9]
    clip = few.cpn[sequence.subject][sequence.take][1]
    assert len(clip) == 5
    np.testing.assert_allclose(pixels(dataset, 9), clip[:3, keep], atol=1e-3)


def test_the_hourglass_is_permuted(few, lifting_files):
    dataset = Human36M(few.root, "test", keypoints="sh", skeleton="h36m16")
    sequence = dataset.sequences[9]
    clip = few.sh[sequence.subject][sequence.take][1][:, lifting_files.SH_TO_H36M16]
    np.testing.assert_allclose(pixels(dataset, 9), clip, atol=1e-3)


@pytest.mark.filterwarnings("ignore:.*has no files of S11")
def test_the_hourglass_that_was_trained_on_mpii(lifting_files, tmp_path):
    pytest.importorskip("h5py")
    take = {"subjects": ["S9"], "actions": ["Sitting"]}
    files = lifting_files.write_human36m(tmp_path, "h5", keypoints=("sh", "sh_pt_mpii"), **take)
    for name in ("sh", "sh_pt_mpii"):
        dataset = Human36M(tmp_path, "test", keypoints=name, skeleton="h36m16")
        for i, clip in enumerate(getattr(files, name)["S9"]["Sitting"]):
            expected = clip[:, lifting_files.SH_TO_H36M16]
            np.testing.assert_allclose(pixels(dataset, i), expected, atol=1e-3)


def test_a_hourglass_file_that_is_permuted_already(few, copy, lifting_files):
    permuted = {
        s: {t: [c[:, lifting_files.SH_TO_H36M16] for c in views] for t, views in takes.items()}
        for s, takes in few.sh.items()
    }
    lifting_files.save_2d(copy / "data_2d_h36m_sh_ft_h36m.npz", permuted, "h36m16")
    options = {"keypoints": "sh", "skeleton": "h36m16"}
    a, b = Human36M(copy, "test", **options), Human36M(few.root, "test", **options)
    assert torch.equal(a.keypoints, b.keypoints)


def test_any_other_file_of_detections(copy):
    (copy / "data_2d_h36m_cpn_ft_h36m_dbb.npz").rename(copy / "data_2d_h36m_mine.npz")
    assert len(Human36M(copy, "test", keypoints="mine")) == len(Human36M(copy, "test"))


def test_without_a_file_the_cameras_are_the_published_ones(copy, shared_dir):
    (copy / "data_2d_h36m_gt.npz").unlink()
    (copy / "cameras.json").unlink()
    dataset = Human36M(copy, "test")
    same = Human36M(copy, "test", cameras=shared_dir / "facts/h36m_cameras.json")
    assert torch.equal(dataset.keypoints, same.keypoints)
    assert torch.equal(dataset.root_depths, same.root_depths)


def test_the_published_cameras_see_whoever_is_in_the_middle(copy):
    (copy / "data_2d_h36m_gt.npz").unlink()
    (copy / "cameras.json").unlink()
    dataset = Human36M(copy, "test")
    assert dataset.keypoints.abs().max() < 1
    assert dataset.root_depths.min() > 3
    assert dataset.root_depths.max() < 7
    # The axis that points up in the world points up in the image, where y runs down.
    for sequence in dataset.sequences:
        up = sequence.camera.rotation @ torch.tensor([0.0, 0.0, 1.0]).double()
        assert up[1] < -0.9


def test_items(few):
    dataset = Human36M(few.root, "test", num_frames=5, target_space="pixel-depth")
    batch = next(iter(SkeletonLoader(dataset, batch_size=4)))
    assert batch.x.shape == (4 * 17, 5, 2)
    assert batch.target.shape == (4 * 17, 3)
    assert batch.x.abs().max() < 1
    back = dataset.to_millimeters(dataset.targets)
    np.testing.assert_allclose(back, dataset.positions, atol=0.5)


# What is wrong with it ###########################################################################


@pytest.mark.parametrize(("split", "protocol"), [("val", 1), ("test", 3)])
def test_unknown_split(few, split, protocol):
    message = refusal(ValueError, few.root, split=split, protocol=protocol)
    assert message.startswith("expected split 'train' or 'test' and protocol 1 or 2, got")


def test_no_files(tmp_path):
    assert refusal(FileNotFoundError, tmp_path) == (
        "ROOT: has neither data_3d_h36m.npz nor S1/MyPoses/3D_positions/*.h5 with one of S9, S11"
    )


def test_no_such_cameras(copy):
    assert "mine.json" in refusal(FileNotFoundError, copy, cameras=copy / "mine.json")


def test_missing_cameras(copy, lifting_files):
    content = lifting_files.make_cameras(subjects=["S1", "S11"])
    (copy / "cameras.json").write_text(json.dumps(content))
    assert refusal(ValueError, copy) == (
        "ROOT/cameras.json: has no camera 54138969, 55011271, 58860488, 60457274 for S9"
    )
    content = lifting_files.make_cameras(["54138969", "55011271", "7", "60457274"])
    (copy / "cameras.json").write_text(json.dumps(content))
    assert refusal(ValueError, copy) == "ROOT/cameras.json: has no camera 58860488 for S9"


def test_cameras_in_another_order(few, copy):
    content = json.loads((copy / "cameras.json").read_text())
    for views in [content["intrinsics"], *content["extrinsics"].values()]:
        views.reverse()
    (copy / "cameras.json").write_text(json.dumps(content))
    a, b = Human36M(copy, "test"), Human36M(few.root, "test")
    assert torch.equal(a.positions, b.positions)


def test_cameras_of_another_studio(copy):
    content = json.loads((copy / "cameras.json").read_text())
    for views in content["extrinsics"].values():
        views[:] = views[1:] + views[:1]
    (copy / "cameras.json").write_text(json.dumps(content))
    message = refusal(ValueError, copy, keypoints="cpn")
    assert message.startswith("ROOT/data_2d_h36m_cpn_ft_h36m_dbb.npz: joints are ")
    assert message.endswith(
        "of the width of the image (median) from where the cameras see them: the cameras of "
        "another data set, or joints in another order"
    )


def test_joints_in_another_order(few, copy, lifting_files):
    """Hourglass detections in MPII's order that say they are in that of Human3.6M."""
    lifting_files.save_2d(copy / "data_2d_h36m_sh_ft_h36m.npz", few.sh, "h36m16")
    message = refusal(ValueError, copy, keypoints="sh", skeleton="h36m16")
    assert "or joints in another order" in message


def test_16_joints_for_17(few, h5):
    assert refusal(ValueError, few.root, keypoints="sh") == (
        "ROOT/data_2d_h36m_sh_ft_h36m.npz: S9/Directions, camera 0: has the joints of 'mpii16', "
        "without head of 'h36m17'"
    )
    assert refusal(ValueError, h5.root, keypoints="sh") == (
        "ROOT/*/StackedHourglassFineTuned240: S9/Directions, camera 0: has the joints of "
        "'mpii16', without head of 'h36m17'"
    )


def test_unknown_order_of_joints(few, copy, lifting_files, monkeypatch):
    monkeypatch.setitem(lifting_files.SYMMETRY, "h36m17", [[1, 2], [3, 4]])
    lifting_files.save_2d(copy / "data_2d_h36m_gt.npz", few.pixels, "h36m17")
    assert refusal(ValueError, copy) == (
        "ROOT/data_2d_h36m_gt.npz: metadata: 17 joints with [1, 2] on the left and [3, 4] on the "
        "right match none of the layouts h36m17, h36m16, mpii16, coco17"
    )


def test_no_such_detections(few, h5):
    assert refusal(FileNotFoundError, few.root, keypoints="detectron") == (
        "ROOT/data_2d_h36m_detectron_ft_h36m.npz: no such file for the keypoints 'detectron'; 'gt' "
        "needs none, and there is cpn_ft_h36m_dbb, gt, sh_ft_h36m"
    )
    refusal(FileNotFoundError, h5.root, keypoints="sh_pt_mpii")


@pytest.mark.filterwarnings("ignore:.*has no files of S5")
def test_the_real_archive_lacks_a_camera_of_the_damaged_take(h5, tmp_path):
    shutil.copytree(h5.root, tmp_path / "copy")
    folder = tmp_path / "copy" / "S11" / "StackedHourglassFineTuned240"
    (folder / "Directions.54138969.h5").unlink()
    (tmp_path / "copy" / "S1" / "StackedHourglassFineTuned240" / "Sitting_1.58860488.h5").unlink()
    options = {"keypoints": "sh", "skeleton": "h36m16"}
    dataset = Human36M(tmp_path / "copy", "test", **options)
    assert len(dataset) == len(Human36M(h5.root, "test", **options))
    with pytest.raises(FileNotFoundError, match=r"S1/.*Sitting 1: no file of camera 58860488"):
        Human36M(tmp_path / "copy", "train", **options)


def test_missing_takes_are_named(lifting_files, tmp_path):
    takes = lifting_files.write_human36m(tmp_path / "all", num_frames=1).world
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(Human36M(tmp_path / "all", "test").sequences) == 236
    del takes["S9"]["Walking"], takes["S9"]["Sitting 1"], takes["S11"]["Directions 1"]
    np.savez_compressed(tmp_path / "all" / "data_3d_h36m.npz", positions_3d=takes)
    (tmp_path / "all" / "data_2d_h36m_gt.npz").unlink()
    with pytest.warns(UserWarning, match="12 of 236 test sequences are missing: ") as caught:
        dataset = Human36M(tmp_path / "all", "test")
    assert len(caught) == 1
    assert str(caught[0].message).endswith("S9 Sitting, S9 Walking, S11 Directions")
    assert len(dataset.sequences) == 224


def test_the_tangential_coefficients_of_cameras_h5(h5, few):
    """The file stores the coefficients in reverse order; the cameras are equal."""
    a, b = (Human36M(files.root, "test").sequences[0].camera for files in (h5, few))
    assert a.tangential.tolist() == b.tangential.tolist()


def test_a_missing_file_of_the_hourglass(h5, tmp_path):
    shutil.copytree(h5.root, tmp_path / "copy")
    folder = tmp_path / "copy" / "S9" / "StackedHourglassFineTuned240"
    (folder / "Sitting_1.58860488.h5").unlink()
    message = refusal(FileNotFoundError, tmp_path / "copy", keypoints="sh", skeleton="h36m16")
    assert message == (
        "ROOT/S9/StackedHourglassFineTuned240: Sitting 1: no file of camera 58860488"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda takes: takes.pop("Sitting 1"), "S9/Sitting 1: expected clips of 4 cameras, got 0"),
        (
            lambda takes: takes["Sitting 1"].pop(),
            "S9/Sitting 1: expected clips of 4 cameras, got 3",
        ),
        (
            lambda takes: takes.update({"Sitting 1": [c[:2] for c in takes["Sitting 1"]]}),
            "S9/Sitting 1, camera 0: has 2 frames, expected the 3 of the capture",
        ),
    ],
)
def test_incomplete_detections(few, copy, lifting_files, change, message):
    cpn = {s: {t: list(views) for t, views in takes.items()} for s, takes in few.cpn.items()}
    change(cpn["S9"])
    lifting_files.save_2d(copy / "data_2d_h36m_cpn_ft_h36m_dbb.npz", cpn, "h36m17")
    expected = f"ROOT/data_2d_h36m_cpn_ft_h36m_dbb.npz: {message}"
    assert refusal(ValueError, copy, keypoints="cpn") == expected


@pytest.mark.parametrize(
    ("takes", "message"),
    [
        ({"Dancing": (2, 32, 3)}, "unknown action 'Dancing', expected one of Directions, "),
        ({"Eating": (2, 17, 3)}, "ROOT/data_3d_h36m.npz: S9/Eating: 17 joints, not 32"),
        (
            {"Photo": (2, 32, 3), "TakingPhoto": (2, 32, 3)},
            "ROOT/data_3d_h36m.npz: S9: has 'Photo' twice, the second time as 'TakingPhoto'",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:.*has no files of S11")
def test_strange_takes(copy, takes, message):
    (copy / "data_2d_h36m_gt.npz").unlink()
    clips = {take: np.full(shape, 0.5, np.float32) for take, shape in takes.items()}
    np.savez(copy / "data_3d_h36m.npz", positions_3d={"S9": clips})
    assert refusal(ValueError, copy).startswith(message)


@pytest.mark.parametrize("file", ["data_3d_h36m.npz", "data_2d_h36m_gt.npz"])
def test_nothing_in_a_file_is_executed(copy, tmp_path, file):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    key = file[5:7]
    members = {f"positions_{key}": {"S9": {"Eating": Evil()}}, "metadata": {"num_joints": 17}}
    np.savez(copy / file, **members)
    message = refusal(ValueError, copy)
    assert message.startswith(f"ROOT/{file}: positions_{key}: the pickle asks for 'posix.mkdir'")
    assert not (tmp_path / "executed").exists()


def test_a_position_behind_the_camera_or_not_finite(copy):
    (copy / "data_2d_h36m_gt.npz").unlink()
    clip = np.full((2, 32, 3), 0.5, np.float32)
    clip[1, 4, 2] = np.nan
    np.savez(copy / "data_3d_h36m.npz", positions_3d={"S9": {"Eating": clip}})
    assert refusal(ValueError, copy) == (
        "ROOT/data_3d_h36m.npz: positions_3d['S9']['Eating']: frame 1, joint 4 is not a finite "
        "number"
    )
