import json
import shutil

import numpy as np
import pytest
import torch

from pyg_skeleton.camera import denormalize_keypoints
from pyg_skeleton.datasets import HumanEva

PUBLISHED_PARENTS = [-1, 0, 1, 2, 3, 1, 5, 6, 0, 8, 9, 0, 11, 12, 1]


@pytest.fixture(scope="module")
def files(lifting_files, tmp_path_factory):
    return lifting_files.write_humaneva(tmp_path_factory.mktemp("humaneva"))


@pytest.fixture
def copy(files, tmp_path):
    shutil.copytree(files.root, tmp_path / "copy")
    return tmp_path / "copy"


def pixels(dataset, i):
    shown = dataset.keypoints[dataset.sequence_ids == i]
    return denormalize_keypoints(shown, 640, 480).numpy()


def refusal(error, root, **kwargs) -> str:
    with pytest.raises(error) as caught:
        HumanEva(root, **kwargs)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(root), "ROOT")


def test_splits(files):
    train, test = HumanEva(files.root), HumanEva(files.root, "test")
    assert train.summary() == {
        "subjects": ("S1", "S2"),
        "actions": ("Jog", "Walking"),
        "takes": 6,
        "sequences": 18,
        "frames": 72,
        "poses": 72,
    }
    assert test.summary() == {
        "subjects": ("S1", "S2"),
        "actions": ("Walking",),
        "takes": 2,
        "sequences": 6,
        "frames": 24,
        "poses": 24,
    }
    assert train.actions == test.actions == ("Jog", "Walking")
    assert {s.fps for s in train.sequences} == {60.0}


def test_tables_have_each_subject(files):
    assert HumanEva(files.root).by_subject is True


def test_cameras_may_be_elsewhere(files, copy, tmp_path):
    cameras = (copy / "cameras.json").rename(tmp_path / "mine.json")
    for split in ("train", "test"):
        dataset = HumanEva(copy, split, cameras=cameras, target_space="pixel-depth")
        expected = HumanEva(files.root, split, target_space="pixel-depth")
        assert torch.equal(dataset.targets, expected.targets)


def test_layout(files, lifting_files):
    skeleton = HumanEva(files.root).skeleton
    parents = [-1] * 15
    for child, parent in skeleton.bones:
        parents[child] = parent
    assert parents == PUBLISHED_PARENTS
    for side, joints in zip(("left", "right"), lifting_files.SYMMETRY["humaneva15"], strict=True):
        found = [j for j, name in enumerate(skeleton.joints) if name.startswith(side)]
        assert found == joints
    assert skeleton.part_index.bincount().min() >= 1


def test_numbers(files, lifting_files):
    dataset = HumanEva(files.root, "test")
    sequence = dataset.sequences[4]
    assert (sequence.subject, sequence.camera.name) == ("S2", "C2")
    world = files.world["Validate/S2"]["Walking 1 chunk0"]
    x = lifting_files.to_camera(world, files.cameras["extrinsics"]["S2"][1])
    np.testing.assert_allclose(sequence.positions, x, atol=1e-5)
    stored = files.pixels["Validate/S2"]["Walking 1 chunk0"][1]
    np.testing.assert_allclose(pixels(dataset, 4), stored, atol=0.02)


def test_true_keypoints_are_projected_when_there_is_no_file(files, copy):
    (copy / "data_2d_humaneva15_gt.npz").unlink()
    expected = HumanEva(files.root).keypoints
    np.testing.assert_allclose(HumanEva(copy).keypoints, expected, atol=1e-5)


def test_detections_of_coco(files):
    """Shared joints are copied by name; pelvis, thorax and head are derived."""
    dataset = HumanEva(files.root, "test", keypoints="detectron_pt_coco")
    coco = files.coco["Validate/S2"]["Walking 1 chunk0"][1][:4]
    shown = pixels(dataset, 4)
    np.testing.assert_allclose(shown[:, 2:14:3], coco[:, [5, 6, 11, 12]], atol=1e-3)
    np.testing.assert_allclose(shown[:, 0], coco[:, 11:13].mean(1), atol=1e-3)
    np.testing.assert_allclose(shown[:, 1], coco[:, 5:7].mean(1), atol=1e-3)
    np.testing.assert_allclose(shown[:, 14], coco[:, 3:5].mean(1), atol=1e-3)


def test_another_layout(files):
    dataset = HumanEva(files.root, "test", skeleton="shared15", keypoints="detectron_pt_coco")
    assert dataset.skeleton.name == "shared15"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "validate"}, "unknown split 'validate', expected one of train, test"),
        (
            {"skeleton": "h36m17"},
            "ROOT/data_3d_humaneva15.npz: Train/S1/Jog 1 chunk0: has the joints of 'humaneva15', "
            "without head_top of 'h36m17'",
        ),
    ],
)
def test_faults(files, options, message):
    assert refusal(ValueError, files.root, **options) == message


def test_missing_cameras(copy):
    content = json.loads((copy / "cameras.json").read_text())
    del content["extrinsics"]["S2"]
    (copy / "cameras.json").write_text(json.dumps(content))
    assert refusal(ValueError, copy) == "ROOT/cameras.json: has no cameras for S2"
    (copy / "cameras.json").unlink()
    assert refusal(FileNotFoundError, copy) == "ROOT/cameras.json: no such file"


def test_cameras_without_intrinsics_are_fitted(files, copy):
    """The cameras that circulate with the files have a size and an azimuth only."""
    content = json.loads((copy / "cameras.json").read_text())
    keep = ("id", "res_w", "res_h")
    content["intrinsics"] = [{key: c[key] for key in keep} for c in content["intrinsics"]]
    (copy / "cameras.json").write_text(json.dumps(content))
    expected = [s.camera for s in HumanEva(files.root).sequences]
    for camera, true in zip((s.camera for s in HumanEva(copy).sequences), expected, strict=True):
        np.testing.assert_allclose(camera.focal, true.focal, rtol=0.02)
        np.testing.assert_allclose(camera.center, true.center, atol=8)
    (copy / "data_2d_humaneva15_gt.npz").unlink()
    assert refusal(ValueError, copy) == (
        "ROOT/cameras.json: camera 'C1' has no focal_length, and there is no "
        "data_2d_humaneva15_gt.npz to fit it to"
    )


def test_nothing_of_the_split(copy, files):
    only = {"Train/S1": files.world["Train/S1"]}
    np.savez(copy / "data_3d_humaneva15.npz", positions_3d=only)
    assert refusal(ValueError, copy, split="test") == (
        "ROOT/data_3d_humaneva15.npz: has no subject like Validate/S1"
    )


def test_wrong_number_of_joints(copy):
    clip = np.ones((3, 17, 3), np.float32)
    np.savez(copy / "data_3d_humaneva15.npz", positions_3d={"Train/S1": {"Jog 1": clip}})
    assert refusal(ValueError, copy) == (
        "ROOT/data_3d_humaneva15.npz: Train/S1/Jog 1: has 17 joints, expected 15"
    )
