"""Networks as one compiled graph."""

import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import list_models

pytestmark = pytest.mark.filterwarnings("ignore:\\n?Dynamo detected a call:UserWarning")


@pytest.mark.parametrize("name", list_models())
def test_a_batch_is_one_graph(name, small_network):
    """Code generation is left out: what it takes is minutes, and PyTorch's."""
    torch.compiler.reset()
    model = small_network(name).eval()
    if name == "sym_gnn":  # the frames that it predicts are unrolled
        model.num_future = 2
    clips = [model._to_data(x) for x in model.plain_example(3, num_frames=8)]
    batch = next(iter(SkeletonLoader(clips, 3)))
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    with torch.no_grad():
        expected, output = model(batch), compiled(batch)
    for own, other in zip(*map(_tensors, (expected, output)), strict=True):
        torch.testing.assert_close(other, own, rtol=1e-4, atol=1e-5)


def _tensors(output):
    if isinstance(output, torch.Tensor):
        return [output]
    parts = output if isinstance(output, (list, tuple)) else []
    return [tensor for part in parts for tensor in _tensors(part)]
