"""Small networks whose statistics and graphs are not those of new ones."""

import pytest
import torch

from pyg_skeleton.nn.models import create_model


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
