import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data

from pyg_skeleton.nn.models import SemGCN
from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.visualization.viewer.clips import as_clip, as_clips
from pyg_skeleton.visualization.viewer.scene import build_scene


@pytest.mark.parametrize("dims", [2, 3, 4])
def test_arrays(dims, clip, skeleton):
    x = {2: clip[0], 3: clip, 4: clip[None]}[dims]
    out = as_clip(x.numpy(), skeleton, unit="m", frame_rate=None, up=None)
    assert out.joints.shape == (1, 1 if dims == 2 else 10, 25, 3)
    assert (out.unit, out.frame_rate) == ("m", None)
    with pytest.raises(ValueError, match=r"expected skeleton=\.\.\., the layout of this ndarray"):
        as_clip(x.numpy())


def test_data_objects(walk, skeleton):
    joints = walk.joints.clone()
    joints[0, 3, 4] = torch.nan
    data = walk.replace(joints=torch.cat([walk.joints, joints]), persons=()).to_data()
    out = as_clip(data)
    assert (out.skeleton, out.joints.shape, out.persons) == (skeleton, (2, 10, 25, 3), (0, 1))
    assert out.joints.isnan().nonzero()[:, :3].unique(dim=0).tolist() == [[1, 3, 4]]
    pose = as_clip(skeleton.to_data(walk.joints[0, 0]))
    torch.testing.assert_close(pose.joints[0, 0], walk.joints[0, 0])
    plain = Data(x=data.x)
    assert as_clip(plain, skeleton).joints.shape == (2, 10, 25, 3)
    with pytest.raises(ValueError, match="the data do not name their layout"):
        as_clip(plain)
    with pytest.raises(
        ValueError, match=r"expected one clip, got a batch of 2: view\(batch\[0\]\)"
    ):
        as_clip(Batch.from_data_list([data, data]))


def test_a_prediction():
    lifter = SemGCN("h36m17", hidden_channels=4, num_blocks=1).eval()
    answer = lifter.predict(100 * np.random.rand(4, 17, 2), image_size=(100, 100))
    lifted = as_clip(answer, frame_rate=25, unit="m")
    assert (lifted.skeleton.name, lifted.joints.shape) == ("h36m17", (1, 4, 17, 3))
    assert (lifted.unit, lifted.up, lifted.frame_rate) == ("mm", "-y", 25)


def test_a_graph_without_bones():
    data = BodyGraph("fan", list("abc"), [(0, 1), (0, 2)]).to_data(torch.rand(3, 4, 3))
    clip = as_clip(data)
    assert build_scene({"fan": clip}, {})["clips"][0]["bones"] == [[0, 1], [0, 2]]


def test_a_file(tmp_path, clip):
    np.save(tmp_path / "a.npy", clip.numpy())
    out = as_clip(tmp_path / "a.npy", "ntu25", up="z", unit=None, frame_rate=None)
    assert (out.name, out.up, out.num_frames) == ("a", "z", 10)


def test_what_the_clip_says_is_not_replaced(walk):
    out = as_clip(walk, unit="mm", up="z", frame_rate=99.0)
    assert (out.unit, out.up, out.frame_rate) == ("m", "y", 10.0)


def test_labels(walk):
    assert list(as_clips(walk, None, None)) == ["walk"]
    assert list(as_clips([walk, walk], None, None)) == ["walk (1)", "walk (2)"]
    assert list(as_clips([walk, walk], ["truth", "guess"], None)) == ["truth", "guess"]
    assert list(as_clips({"truth": walk, 2: walk}, None, None)) == ["truth", "2"]
    for labels in (["a"], ["a", "a"]):
        with pytest.raises(ValueError, match="expected another label for each of 2 clips"):
            as_clips([walk, walk], labels, None)


def test_one_unit(walk, keypoints):
    out = as_clips([walk.to_unit("mm"), keypoints, walk], None, None)
    assert [clip.unit for clip in out.values()] == ["mm", "px", "mm"]
    torch.testing.assert_close(out["walk (3)"].joints, 1000 * walk.joints)
    with pytest.raises(ValueError, match="expected clips of one unit, got 'px' and 'b' in 'norm"):
        as_clips({"a": keypoints, "b": keypoints.to_unit("normalized")}, None, None)


def test_a_layout_in_its_rest_pose():
    out = as_clip(Skeleton.get("coco17"))
    assert (out.name, out.joints.shape, out.unit) == ("coco17", (1, 1, 17, 3), "m")
