"""A network that costs nothing."""

import pytest

from pyg_skeleton.nn.models import BlockSpec, SymGNN

BLOCKS = (BlockSpec(4, 5), BlockSpec(4, 6, stride=2, kernel_size=3, fuse=True), BlockSpec(5, 7))


@pytest.fixture
def make_model(skeleton):
    def make(**kwargs):
        defaults = {
            "num_classes": 3,
            "num_future": 4,
            "blocks": BLOCKS,
            "differences": (0,),
            "order": 2,
            "lambda_act": 0.7,
            "num_iterations": 1,
            "agim_channels": 8,
            "agim_frames": 5,
            "hidden_channels": 6,
            "dropout": 0.0,
        }
        return SymGNN(kwargs.pop("skeleton", skeleton), **{**defaults, **kwargs})

    return make
