"""How persons of a clip are treated, and predictions, with all networks."""

import copy

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import AGCN, CTRGCN, STGCN, InfoGCN
from pyg_skeleton.skeleton import Skeleton

KINECT = Skeleton.get("kinect20")


SMALL = {"num_classes": 3, "channels": (8, 16), "strides": (1, 2)}


@pytest.mark.parametrize("kind", [STGCN, AGCN, CTRGCN, InfoGCN])
@pytest.mark.parametrize("training", [False, True])
def test_padded_persons_are_persons_of_zeros(kind, training):
    torch.manual_seed(0)
    model = kind(KINECT, num_persons=2, **SMALL, **({"dropout": 0.0} if kind is STGCN else {}))
    model.train(training)
    if kind is InfoGCN:
        model.noise = 0.0
        torch.nn.init.constant_(model.latent_log_std.weight, -1e3)
    padded = copy.deepcopy(model)
    padded.pad_persons = True
    clips = [torch.randn(m, 20, 8, 3) for m in (1, 2, 1)]
    full = [torch.cat([c, torch.zeros(2 - len(c), 20, 8, 3)]) for c in clips]
    batches = [
        next(iter(SkeletonLoader([KINECT.to_data(c) for c in some], batch_size=3)))
        for some in (clips, full)
    ]
    if kind is InfoGCN and training:
        torch.manual_seed(1)
    ours = padded(batches[0])
    if kind is InfoGCN and training:
        torch.manual_seed(1)
    theirs = model(batches[1])
    first = [o if isinstance(o, torch.Tensor) else o[0] for o in (ours, theirs)]
    torch.testing.assert_close(*first)


@pytest.mark.parametrize("kind", [STGCN, AGCN, CTRGCN, InfoGCN])
def test_who_is_not_there_costs_nothing(kind):
    model = kind(KINECT, num_persons=2, **SMALL).eval()
    clips = [KINECT.to_data(torch.randn(m, 20, 8, 3)) for m in (1, 2)]
    seen = []
    model.blocks[0].register_forward_hook(lambda m, a, out: seen.append(out.size(0)))
    output = model(next(iter(SkeletonLoader(clips, batch_size=2))))
    logits = output if isinstance(output, torch.Tensor) else output[0]
    assert seen == [3 * 20]
    alone = [model(clip) for clip in clips]
    alone = [o if isinstance(o, torch.Tensor) else o[0] for o in alone]
    torch.testing.assert_close(logits, torch.cat(alone), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=r"at most 2 persons, got one of 3; .*SelectPersons"):
        model(KINECT.to_data(torch.randn(3, 20, 8, 3)))
    with pytest.raises(ValueError, match=r"x of shape \[B \* V, T, 3\], got \[20, 8, 2\]"):
        model(KINECT.to_data(torch.randn(20, 8, 2)))


def test_predict():
    model = CTRGCN(KINECT, num_persons=2, **SMALL)
    model.classes = ["sit", "stand", "throw"]
    clip = np.random.default_rng(0).normal(size=(8, 20, 3))
    table = model.predict(clip, top=2)
    assert list(table.columns) == ["class", "probability"]
    assert len(table) == 2
    assert table.probability.is_monotonic_decreasing
    assert set(table["class"]) <= set(model.classes)
    assert model.training
    both = model.predict(np.stack([clip, clip]))
    assert both.probability.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match=r"\(T, 20, 3\) or \(M, T, 20, 3\).*got \(8, 19, 3\)"):
        model.predict(clip[:, :19])
    clip[3, 2, 1] = np.nan
    with pytest.raises(ValueError, match=r"expected finite joints, got nan at \[3, 2, 1\]"):
        model.predict(clip)
