import copy
import warnings

import pytest
import torch
from torch_geometric.data import Batch, InMemoryDataset
from torch_geometric.loader import DataLoader

from pyg_skeleton.data import SkeletonData, to_data
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")


def make_clip(persons=2, **kwargs):
    return to_data(NTU, torch.randn(persons, 25, 4, 3), y=1, hops=2, **kwargs)


def test_sizes():
    clip = make_clip()
    assert clip.num_nodes == 50
    assert clip.num_joints == 25
    assert clip.num_bodies == 2
    assert clip.num_persons == 2
    assert clip.num_frames == 4
    assert clip.num_hops == 2
    assert clip.num_features == 3
    assert clip.body_batch.tolist() == [0, 0]
    batch = Batch.from_data_list([make_clip(1), make_clip(3)])
    assert batch.num_joints == 25
    assert batch.num_bodies == 4
    assert batch.num_persons == 3
    assert batch.body_batch.tolist() == [0, 1, 1, 1]


def test_sizes_without_a_template():
    clip = make_clip()
    clip.edge_index = clip.edge_index[:, 1:]
    assert clip.template is None
    assert (clip.num_joints, clip.num_bodies) == (25, 2)
    with pytest.raises(ValueError, match="num_joints needs the field 'joint'"):
        _ = SkeletonData(x=torch.zeros(3, 2)).num_joints


def test_hop_edges_are_shifted_in_a_batch():
    first, second = make_clip(1), make_clip(2)
    batch = next(iter(DataLoader([first, second], batch_size=2)))
    for key in ("edge_index", "edge_index_hop2"):
        assert torch.equal(batch[key], torch.cat([first[key], second[key] + 25], dim=1))
    assert batch.joint.tolist() == 3 * list(range(25))
    assert batch.person.tolist() == [0] * 25 + [0] * 25 + [1] * 25
    assert batch.skeleton == ["ntu25", "ntu25"]
    back = batch.to_data_list()[1]
    assert torch.equal(back.edge_index_hop2, second.edge_index_hop2)
    assert isinstance(back, SkeletonData)


def test_template_is_known_and_found():
    clip = make_clip()
    template = clip.template
    assert str(template) == "Template(joints=25, hops=2)"
    assert copy.copy(clip).template is template
    assert copy.deepcopy(clip).template is template
    assert clip.clone().template is template
    assert SkeletonData(**clip.to_dict()).template is template
    assert Batch.from_data_list([clip, clip]).template is template
    assert clip.to("meta").template is template


def test_template_is_not_claimed():
    for key in ("edge_index", "edge_index_hop2"):
        clip = make_clip()
        clip[key] = clip[key].flip(1)[:, 1:]
        assert clip.template is None
    clip = make_clip()
    clip.edge_index_extra = torch.tensor([[0], [30]])
    assert clip.template is None
    clip = make_clip()
    clip.x = clip.x[:-1]
    assert clip.template is None
    moved = SkeletonData(**make_clip().to_dict()).to("meta")
    assert moved.template is None


@pytest.mark.filterwarnings("error")
def test_save_and_load(tmp_path):
    clip = make_clip(missing="mask")
    assert clip.template is not None
    torch.save(clip, tmp_path / "clip.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = torch.load(tmp_path / "clip.pt", weights_only=True)
    assert isinstance(loaded, SkeletonData)
    assert str(loaded) == str(clip)
    assert torch.equal(loaded.edge_index_hop2, clip.edge_index_hop2)
    assert loaded.template is clip.template


class Clips(InMemoryDataset):
    def __init__(self, path):
        super().__init__()
        self.load(path)


@pytest.mark.parametrize("count", [1, 3])
def test_in_memory_dataset_without_a_warning(tmp_path, count):
    clips = [make_clip(1 + i % 2) for i in range(count)]
    path = str(tmp_path / "data.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        InMemoryDataset.save(clips, path)
        dataset = Clips(path)
    assert len(dataset) == count
    for loaded, clip in zip(dataset, clips, strict=True):
        assert isinstance(loaded, SkeletonData)
        assert torch.equal(loaded.x, clip.x)
        assert torch.equal(loaded.edge_index_hop2, clip.edge_index_hop2)
        assert loaded.template is clip.template


def test_validate():
    clip = make_clip()
    assert clip.validate()
    clip.joint = clip.joint.flip(0)
    with pytest.raises(ValueError, match="not in blocks of 25 joints"):
        clip.validate()
    with pytest.warns(UserWarning, match="not in blocks"):
        assert not clip.validate(raise_on_error=False)
    clip.joint = clip.joint[1:]
    with pytest.raises(ValueError, match=r"'joint' needs to be of shape \[50\]"):
        clip.validate()
