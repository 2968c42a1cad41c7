import shutil

import numpy as np
import pytest

from pyg_skeleton.camera import denormalize_keypoints
from pyg_skeleton.datasets import MPIINF3DHP
from pyg_skeleton.skeleton import Skeleton

pytest.importorskip("h5py")

# By name, from the facts: what of 3DHP's joints those of h36m17 are.
GATHER = [14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]


@pytest.fixture(scope="module")
def files(lifting_files, tmp_path_factory):
    return lifting_files.write_mpi_inf_3dhp(tmp_path_factory.mktemp("3dhp"))


def test_the_gather_map():
    source = Skeleton.get("mpi-inf-3dhp17")
    assert Skeleton.get("h36m17").converter_from(source).gather.tolist() == GATHER


def test_what_is_found(files):
    dataset = MPIINF3DHP(files.root)
    poses = sum(int(valid.sum()) for valid in files.valid.values())
    assert dataset.summary() == {
        "subjects": ("TS1", "TS2", "TS3", "TS4", "TS5", "TS6"),
        "actions": dataset.actions,
        "takes": 42,
        "sequences": 42,
        "frames": poses,
        "poses": poses,
    }
    assert len(dataset.actions) == 7


def test_scenes(files):
    dataset = MPIINF3DHP(files.root)
    masks = dataset.scene_masks()
    sizes = {name: int(valid.sum()) for name, valid in files.valid.items()}
    assert {scene: int(mask.sum()) for scene, mask in masks.items()} == {
        "GS": sizes["TS1"] + sizes["TS2"],
        "noGS": sizes["TS3"] + sizes["TS4"],
        "Outdoor": sizes["TS5"] + sizes["TS6"],
    }
    assert sum(mask.int() for mask in masks.values()).eq(1).all()
    outdoor = dataset[masks["Outdoor"]]
    assert outdoor.summary()["subjects"] == ("TS5", "TS6")
    assert list(outdoor.scene_masks()) == ["Outdoor"]
    assert outdoor.image_size.unique(dim=0).tolist() == [[1920, 1080]]


@pytest.mark.parametrize("skeleton", ["h36m17", "h36m16", "mpi-inf-3dhp17"])
def test_numbers(files, skeleton):
    dataset = MPIINF3DHP(files.root, skeleton=skeleton)
    gather = {
        "h36m17": GATHER,
        "h36m16": [j for j in GATHER if j != 16],
        "mpi-inf-3dhp17": range(17),
    }[skeleton]
    root = dataset.skeleton.root
    for name, size in (("TS2", (2048, 2048)), ("TS6", (1920, 1080))):
        for number, activity in enumerate(dataset.actions, start=1):
            mine = [
                i
                for i, s in enumerate(dataset.sequences)
                if (s.subject, s.action) == (name, activity)
            ]
            mask = dataset.sequence_ids == mine[0]
            frames = files.valid[name] & (files.activities[name] == number)
            x = files.positions[name][frames][:, gather]
            np.testing.assert_allclose(dataset.positions[mask], x - x[:, [root]], atol=0.01)
            shown = denormalize_keypoints(dataset.keypoints[mask], *size)
            np.testing.assert_allclose(shown, files.keypoints[name][frames][:, gather], atol=0.01)
            sequence = dataset.sequences[mine[0]]
            projected = sequence.camera.project(sequence.positions)
            np.testing.assert_allclose(projected, sequence.keypoints, atol=0.01)


def test_some_are_missing(files, tmp_path):
    shutil.copytree(files.root / "TS3", tmp_path / "TS3")
    with pytest.warns(UserWarning, match="has no files of TS1, TS2, TS4, TS5, TS6"):
        dataset = MPIINF3DHP(tmp_path)
    assert list(dataset.scene_masks()) == ["noGS"]


def test_all_are_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"has none of TS1/annot_data\.mat to TS6/"):
        MPIINF3DHP(tmp_path)


def test_missing_joints(files):
    with pytest.raises(ValueError, match=r"annot_data\.mat: has the joints of 'mpi-inf-3dhp17', w"):
        MPIINF3DHP(files.root, skeleton="coco17")
