import torch
from torch_geometric.data import Batch
from torch_geometric.loader.dataloader import Collater

from pyg_skeleton.data import to_data
from pyg_skeleton.data.collate import SkeletonCollater
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")
clips = [to_data(NTU, torch.randn(2, 25, 4, 3), y=i) for i in range(3)]


def test_takes_the_shortcut_only_for_copies_of_one_body():
    collater = SkeletonCollater(clips)
    batch = collater(clips)
    assert isinstance(batch, Batch)
    assert batch.edge_index is collater(clips[::-1]).edge_index
    other = to_data(Skeleton.get("openpose18"), torch.randn(18, 4, 3), y=0)
    mixed = collater([*clips, other])
    assert mixed.num_nodes == 168
    assert mixed.graph is None


def test_a_batch_passes_as_it_is():
    batch = SkeletonCollater(clips)(clips)
    assert SkeletonCollater(clips)(batch) is batch


def test_anything_else_is_as_in_pyg():
    for items in ([1, 2], [1.5, 2.5], ["a", "b"], [(1, "a"), (2, "b")], [{"a": 1}, {"a": 2}]):
        assert str(SkeletonCollater(items)(items)) == str(Collater(items)(items))


def test_batches_of_one_and_of_many():
    collater = SkeletonCollater(clips, follow_batch=["y"], exclude_keys=["joint"])
    for items in (clips[:1], clips * 50):
        ours = collater(items)
        theirs = Batch.from_data_list(items, follow_batch=["y"], exclude_keys=["joint"])
        assert set(ours.keys()) == set(theirs.keys())
        assert torch.equal(ours.edge_index, theirs.edge_index)
        assert torch.equal(ours.y_batch, theirs.y_batch)
