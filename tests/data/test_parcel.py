import pickle

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch

from pyg_skeleton.data import to_data
from pyg_skeleton.data.collate import SkeletonCollater
from pyg_skeleton.data.parcel import Parcel, check_shapes, unpack
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")


def make_parcel(monkeypatch):
    """What a worker sends."""
    clips = [to_data(NTU, torch.randn(p, 25, 4, 3), y=p, names=["a"]) for p in (1, 2, 1)]
    with monkeypatch.context() as context:
        context.setattr("pyg_skeleton.data.collate.get_worker_info", lambda: "a worker")
        parcel = SkeletonCollater(clips)(clips)
    assert isinstance(parcel, Parcel)
    return clips, parcel


def assert_same(batch, clips):
    expected = Batch.from_data_list(clips)
    assert str(batch) == str(expected)
    for key, value in expected.to_dict().items():
        if isinstance(value, Tensor):
            assert torch.equal(batch[key], value)
        else:
            assert batch[key] == value


def test_a_parcel_can_be_pinned_and_pickled(monkeypatch):
    clips, parcel = make_parcel(monkeypatch)
    pinned = []
    monkeypatch.setattr(Tensor, "pin_memory", lambda self, *_: pinned.append(1) or self.clone())
    sent = pickle.loads(pickle.dumps(parcel.pin_memory()))
    assert len(pinned) == 2
    assert_same(sent.unpack(), clips)


def test_a_parcel_leaves_clips_and_edges_behind(monkeypatch):
    clips, parcel = make_parcel(monkeypatch)
    state = parcel.__getstate__()
    assert not state["items"]
    assert not state["columns"]
    assert set(state["joined"]) == {"x", "y", "skeleton"}
    size = len(pickle.dumps(parcel)) - 4 * sum(clip.x.numel() for clip in clips)
    assert 0 < size < 10_000


def test_unpack_opens_what_is_nested(monkeypatch):
    clips, parcel = make_parcel(monkeypatch)
    out = unpack({"pair": (parcel, 3), "list": [parcel], "other": "a"})
    assert_same(out["pair"][0], clips)
    assert_same(out["list"][0], clips)
    assert (out["pair"][1], out["other"]) == (3, "a")
    named = torch.return_types.max((parcel, parcel))
    assert type(unpack(named)) is type(named)


def test_check_shapes():
    check_shapes("x", [torch.zeros(2, 3), torch.zeros(5, 3), "a"])
    check_shapes("x", [None, torch.zeros(2)])
    with pytest.raises(ValueError, match=r"different shapes in one batch: 'x' is \[2, 3\] in"):
        check_shapes("x", [torch.zeros(2, 3), torch.zeros(2, 4)])
