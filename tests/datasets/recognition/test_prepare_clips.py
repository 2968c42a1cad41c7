import pytest
import torch

from pyg_skeleton.datasets import ClipDataset, prepare_clips
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import ConvertSkeleton, JointOcclusion, codt_chain

BODY = Skeleton.get("ntu25")


def make_clips(transform, repeat=1):
    clips = [torch.randn(persons, 25, 20 + persons, 3) for persons in (1, 2, 1)]
    return ClipDataset(clips, [0, 1, 1], list("abc"), BODY, ["x", "y"], transform, repeat)


def test_prepare_clips():
    dataset = make_clips(codt_chain(BODY, 10), repeat=2)
    out = prepare_clips(dataset)
    assert out.transform is None
    assert (out.names, out.classes, out.num_clips) == (dataset.names, dataset.classes, 3)
    assert len(out) == len(dataset) == 6
    for idx in range(6):
        expected, data = dataset[idx], out[idx]
        assert data.keys() == expected.keys()
        assert all(torch.equal(data[key], expected[key]) for key in ("x", "y", "sample", "person"))
    # The same objects again and again, but not the items' own.
    out[0].x = torch.zeros(25, 10, 3)
    assert out[0].x.any()


def test_refusals():
    with pytest.raises(ValueError, match=r"expected whole clips of 'ntu25', got"):
        prepare_clips(make_clips(ConvertSkeleton("ntu25", "shared15")))
    with pytest.raises(ValueError, match=r"expected whole clips of 'ntu25', got"):
        prepare_clips(make_clips(JointOcclusion(0.1)))
