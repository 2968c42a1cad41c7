"""Files after the documentation; the reader agrees with those of sleap-io 0.9.5, too."""

import numpy as np
import pytest

from pyg_skeleton.data import read

NODES = ["nose", "thorax", "wingL", "wingR"]


def test_csv(keypoint_files, tmp_path):
    xy, score = keypoint_files.people(joints=4)
    path = tmp_path / "fly.analysis.csv"
    path.write_bytes(keypoint_files.sleap_csv(xy, score))
    clip = read(path)
    assert (clip.skeleton.joints, clip.unit, clip.up) == (tuple(NODES), "px", "-y")
    assert set(clip.persons) == {"female", "male"}
    clip = clip.select_persons(("female", "male"))
    np.testing.assert_allclose(clip.joints, xy, rtol=1e-6)
    np.testing.assert_allclose(clip.confidence, score, rtol=1e-6)


def test_missing_nodes_and_animals(keypoint_files, tmp_path):
    """Empty cells, and no row."""
    xy, score = keypoint_files.people(joints=4)
    lines = keypoint_files.sleap_csv(xy, score).decode().splitlines()
    cells = lines[1].split(",")
    cells[3:6] = ["", "", ""]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[3:]]))
    clip = read(path).select_persons(("female", "male"))
    assert (~clip.visible).nonzero().tolist() == [[0, 0, 0], *([1, 0, i] for i in range(4))]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("female,3", "female,3.5"), "a.csv:8: frame_idx: expected a frame, got 3.5"),
        (("female,3,0.9", "female,3,0.9,1"), "a.csv:8: expected 15 cells, got 16"),
        (("male,0,0.9,", "male,0,0.9,x"), "a.csv:[23]: expected finite numbers, got 'x"),
        (("nose.y", "nose.z"), "a.csv:1: has no column 'nose.y'"),
    ],
)
def test_refusals(keypoint_files, tmp_path, change, message):
    content = keypoint_files.sleap_csv(*keypoint_files.people(joints=4)).decode()
    path = tmp_path / "a.csv"
    path.write_text(content.replace(*change))
    with pytest.raises(ValueError, match=message):
        read(path)


@pytest.mark.parametrize("dims", [False, True])
def test_h5(keypoint_files, tmp_path, dims):
    pytest.importorskip("h5py")
    xy, score = keypoint_files.people(joints=4)
    xy[1, :2] = np.nan
    path = tmp_path / "fly.analysis.h5"
    path.write_bytes(keypoint_files.sleap_h5(xy, score, dims))
    clip = read(path)
    assert clip.persons == ("female", "male")
    assert clip.skeleton.joints == tuple(NODES)
    assert {frozenset(bone) for bone in clip.skeleton.bones} == {
        frozenset((1, other)) for other in (0, 2, 3)
    }
    np.testing.assert_allclose(clip.joints, xy, rtol=1e-6)
    np.testing.assert_allclose(clip.confidence[:, 2:], score[:, 2:], rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"node_names": np.array(["a", "b"], "S")}, "tracks: expected 2 nodes"),
        ({"edge_inds": np.array([[0, 9]])}, "expected x and y of each node, and edges between"),
        ({"tracks": np.full((2, 2, 4, 6), np.nan)}, "expected finite numbers"),
    ],
)
def test_h5_refused(keypoint_files, tmp_path, values, message):
    pytest.importorskip("h5py")
    path = tmp_path / "a.h5"
    path.write_bytes(keypoint_files.sleap_h5(*keypoint_files.people(joints=4), **values))
    with pytest.raises(ValueError, match=f"a.h5: .*{message}"):
        read(path)
