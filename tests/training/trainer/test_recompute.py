import copy

import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import create_model, list_models
from pyg_skeleton.training import Recompute
from pyg_skeleton.training.trainer.recompute import recompute_blocks

WITHOUT = ("si_mlpe", "trajectory_gcn")
TWO_BLOCKS = {"channels": (8, 16), "strides": (1, 2)}
SIZES = {
    **dict.fromkeys(("agcn", "ctr_gcn", "info_gcn", "skeletal_gnn_classifier"), TWO_BLOCKS),
    "st_gcn": {**TWO_BLOCKS, "dropout": 0.5},
    "codt": {**TWO_BLOCKS, "num_samples": 60},
    "sym_gnn": {"preset": "tiny", "num_future": 2},
    **{name: {} for name in WITHOUT},
    "pose_gat": {"hidden_channels": 8},
}


def after_a_step(model, batch):
    """The loss, the gradients, and the statistics after a training step."""
    torch.manual_seed(1)
    loss = sum(out.square().sum() for out in tensors(model(batch)) if out.requires_grad)
    loss.backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    return {"loss": loss.detach(), **gradients}, dict(model.named_buffers())


@pytest.mark.parametrize("name", list_models())
def test_a_step_is_the_same(name):
    torch.manual_seed(0)
    model = create_model(name, **SIZES.get(name, {"hidden_channels": 8})).train()
    clips = [model._to_data(x) for x in model.plain_example(3, num_frames=8)]
    batch = next(iter(SkeletonLoader(clips, 3)))
    twin = copy.deepcopy(model)
    calls = []
    blocks = recompute_blocks(twin)
    for block in blocks:
        next(block.children()).register_forward_hook(lambda *args: calls.append(0))
    expected, own = after_a_step(model, batch), after_a_step(twin, batch)
    if name not in WITHOUT:
        used = len(blocks) // 2 if name == "codt" else len(blocks)  # teachers are not
        assert len(calls) > used > 0
    for one, two in zip(expected, own, strict=True):
        assert one.keys() == two.keys()
        for key, value in one.items():
            torch.testing.assert_close(two[key], value, msg=key)


def test_blocks_are_themselves_afterwards():
    model = create_model("st_gcn", channels=(8,), strides=(1,))
    callback = Recompute()
    callback.on_fit_start(None, model)
    assert "forward" in vars(model.blocks[0])
    callback.teardown()
    assert "forward" not in vars(model.blocks[0])


def test_a_network_without_blocks_is_refused():
    model = create_model("si_mlpe")
    with pytest.raises(ValueError, match="a network of blocks to recompute, got SiMLPe"):
        Recompute().on_fit_start(None, model)


def tensors(output):
    if isinstance(output, torch.Tensor):
        return [output]
    parts = output if isinstance(output, (list, tuple)) else []
    return [tensor for part in parts for tensor in tensors(part)]
