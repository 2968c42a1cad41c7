"""Small networks whose statistics and graphs are not those of new ones."""

import itertools

import pytest
import torch

from pyg_skeleton.nn.models import create_model
from pyg_skeleton.nn.stream.memory import NotDue


@pytest.fixture
def network(skeleton):
    """Makes a network of three blocks whose features depend on 33 frames."""

    def make(name, **options):
        torch.manual_seed(0)
        shape = {"channels": (8, 8, 16), "strides": (1, 2, 2), "num_persons": 2}
        model = create_model(name, skeleton=skeleton, num_classes=5, **{**shape, **options})
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 2)
                torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            if isinstance(getattr(module, "alpha", None), torch.nn.Parameter):
                torch.nn.init.constant_(module.alpha, 0.5)
        return model.eval()

    return make


@pytest.fixture
def answer():
    """Returns the logits of a network for a clip ``[M, V, T, C]``."""

    def run(model, x):
        persons = torch.arange(x.size(0))
        with torch.no_grad():
            out = model.forward_clips(x.flatten(0, 1), torch.zeros_like(persons), persons)
        return out if isinstance(out, torch.Tensor) else out[0]

    return run


@pytest.fixture
def shaken():
    """Makes a layer whose norms have statistics and weights of both signs, in double precision."""

    def shake(layer):
        for module in layer.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
                torch.nn.init.normal_(module.weight)
                torch.nn.init.normal_(module.bias)
        return layer.double().eval()

    return shake


@pytest.fixture
def frame_by_frame():
    """Lets a layer of a stream compute a clip ``[N, T, C]`` whose first frame has the number 1, and
    returns the outputs by their frame. The layer gets the frames of its rate, a few at a time, and
    has an output in one of **due** frames.
    """

    def run(layer, clock, x, sizes=(1,), period=1, due=1):
        outputs, first = {}, 0
        for size in itertools.cycle(sizes):
            size = min(size, x.size(1) - first)
            if size == 0:
                return outputs
            first += size
            clock.now, clock.count = first, size
            inputs, frames = clock.frames(period), clock.frames(due)
            if not inputs:
                continue
            try:
                out = layer(x[:, [frame - 1 for frame in inputs]])
            except NotDue:
                assert not frames
                continue
            assert out.size(1) == len(frames)
            outputs |= dict(zip(frames, out.unbind(1), strict=True))

    return run
