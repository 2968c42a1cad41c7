import re

import numpy as np
import pytest

from pyg_skeleton.io import read_positions_2d, read_positions_3d

CLIP = np.random.default_rng(0).normal(size=(4, 17, 3)).astype(np.float32)
SYMMETRY = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]
METADATA = {"layout_name": "h36m", "num_joints": 17, "keypoints_symmetry": SYMMETRY}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.npz"


def refusal(read, path) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def with_nan():
    clip = CLIP.copy()
    clip[1, 2, 0] = np.nan
    return clip


def test_positions_3d(path):
    np.savez_compressed(path, positions_3d={"S1": {"Walking 1": CLIP, "Sitting": CLIP[:1]}})
    out = read_positions_3d(path)
    assert {subject: list(takes) for subject, takes in out.items()} == {
        "S1": ["Walking 1", "Sitting"]
    }
    np.testing.assert_array_equal(out["S1"]["Walking 1"], CLIP, strict=True)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (CLIP, "positions_3d: expected a dict, got an array or nothing in it"),
        ({}, "positions_3d: expected a dict, got dict or nothing in it"),
        ({"S1": CLIP}, "positions_3d['S1']: expected a dict, got an array or nothing in it"),
        ({1: {"W": CLIP}}, "positions_3d: expected names as keys, got 1"),
        ({"S1": {"W": 3}}, "positions_3d['S1']['W']: expected numbers [T, V, 3], got int"),
        (
            {"S1": {"W": CLIP[0]}},
            "positions_3d['S1']['W']: expected [T, V, 3], got [17, 3]",
        ),
        (
            {"S1": {"W": CLIP.astype(object)}},
            "positions_3d['S1']['W']: expected numbers [T, V, 3], got object",
        ),
        (
            {"S1": {"W": with_nan()}},
            "positions_3d['S1']['W']: frame 1, joint 2 is not a finite number",
        ),
    ],
)
def test_faults_of_positions_3d(path, value, message):
    np.savez_compressed(path, positions_3d=value)
    assert refusal(read_positions_3d, path) == message


def test_missing_member(path):
    np.savez(path, positions=CLIP)
    assert refusal(read_positions_3d, path) == "has no 'positions_3d', only 'positions'"
    np.savez(path, positions_2d={"S1": {"W": [CLIP[..., :2]]}})
    assert refusal(read_positions_2d, path) == "has no 'metadata', only 'positions_2d'"


def test_positions_2d(path):
    clips = [CLIP[..., :2] + i for i in range(4)]
    stacked = np.stack(clips)  # all of one length, saved as one array
    np.savez(path, positions_2d={"S1": {"W": clips, "X": stacked}}, metadata=METADATA)
    out = read_positions_2d(path)
    assert out.num_joints == 17
    assert [list(side) for side in out.symmetry] == SYMMETRY
    for take in ("W", "X"):
        np.testing.assert_array_equal(out.positions["S1"][take], stacked)


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ([], "expected a list with a clip of each camera"),
        (3, "expected a list with a clip of each camera"),
        ([CLIP], "[0]: expected [T, 17, 2], got [4, 17, 3]"),
        ([CLIP[..., :2], CLIP[:, :16, :2]], "[1]: expected [T, 17, 2], got [4, 16, 2]"),
        ([CLIP[..., :2], with_nan()[..., :2]], "[1]: frame 1, joint 2 is not a finite number"),
        (CLIP[..., :2], "[0]: expected [T, 17, 2], got [17, 2]"),
    ],
)
def test_faults_of_positions_2d(path, clips, message):
    np.savez(path, positions_2d={"S1": {"W": clips}}, metadata=METADATA)
    start = "positions_2d['S1']['W']"
    assert refusal(read_positions_2d, path) == start + (": " if message[0] != "[" else "") + message


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (3, "expected a dict, got an array or nothing in it"),
        ({"num_joints": 17}, "expected num_joints and keypoints_symmetry"),
        ({**METADATA, "num_joints": "x"}, "expected num_joints and keypoints_symmetry"),
        ({**METADATA, "keypoints_symmetry": [[1]]}, "expected num_joints and keypoints_symmetry"),
        ({**METADATA, "keypoints_symmetry": [[1], [17]]}, "does not fit 17 joints"),
        ({**METADATA, "keypoints_symmetry": [[1], []]}, "does not fit 17 joints"),
        ({**METADATA, "num_joints": 16}, "does not fit 16 joints"),
    ],
)
def test_faults_of_the_metadata(path, metadata, message):
    np.savez(path, positions_2d={"S1": {"W": [CLIP[..., :2]]}}, metadata=metadata)
    assert re.fullmatch(f"metadata: .*{message}", refusal(read_positions_2d, path))
