import copy
import warnings

import pytest
import torch
from torch_geometric.data import Batch, InMemoryDataset
from torch_geometric.loader import DataLoader

from pyg_skeleton.data import SkeletonData, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.edges import are_copies

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


def test_sizes_without_a_known_graph():
    clip = make_clip()
    clip.edge_index = clip.edge_index[:, 1:]
    assert clip.graph is None
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


def test_graph_is_known_by_identity():
    clip = make_clip()
    assert clip.graph == NTU
    assert copy.copy(clip).graph == NTU
    assert clip.clone().graph == NTU
    assert clip.clone().detach().contiguous().to("meta").graph == NTU
    assert SkeletonData(**clip.to_dict()).graph == NTU
    assert copy.deepcopy(clip).graph is None
    batch = Batch.from_data_list([clip, clip])
    assert batch.graph is None
    assert are_copies(batch.edge_index, NTU, 4)
    assert are_copies(batch.to("meta").edge_index, NTU, 4)  # looked at before it was moved


def test_graph_is_not_claimed():
    for key in ("edge_index", "edge_index_hop2"):
        clip = make_clip()
        clip[key] = clip[key].flip(1)[:, 1:]
        assert clip.graph is None
    clip = make_clip()
    clip.edge_index_extra = torch.tensor([[0], [30]])
    assert clip.graph is None
    clip = make_clip()
    clip.x = clip.x[:-1]
    assert clip.graph is None


@pytest.mark.parametrize("known", [True, False])
def test_set_persons(known):
    clip = make_clip() if known else copy.deepcopy(make_clip())
    clip.set_persons((4, 0, 2))
    expected = make_clip(3, person=(4, 0, 2))
    for key in ("edge_index", "edge_index_hop2", "joint", "person"):
        assert torch.equal(clip[key], expected[key])
        assert (clip[key] is expected[key]) == (known and "edge" in key)
    clip = make_clip()
    clip.edge_index = clip.edge_index[:, 1:]
    with pytest.raises(ValueError, match="copies of the edges of one body in 'edge_index'"):
        clip.set_persons((0,))


@pytest.mark.filterwarnings("error")
def test_save_and_load(tmp_path):
    clip = make_clip(missing="mask")
    torch.save(clip, tmp_path / "clip.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = torch.load(tmp_path / "clip.pt", weights_only=True)
    assert isinstance(loaded, SkeletonData)
    assert str(loaded) == str(clip)
    assert torch.equal(loaded.edge_index_hop2, clip.edge_index_hop2)


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
