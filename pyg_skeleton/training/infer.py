"""A network's output for a whole data set."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonLoader


@torch.no_grad()
def infer(
    model: torch.nn.Module,
    dataset: Dataset,
    batch_size: int = 64,
    step: Callable[[Any], Any] | None = None,
) -> Any:
    r"""Runs a network over a data set, in order and in evaluation mode.

    Args:
        model (torch.nn.Module): The network. Batches are moved to its device.
        dataset (Dataset): The samples.
        batch_size (int, optional): Samples at a time. (default: :obj:`64`)
        step (callable, optional): Called with each batch instead of the network.
            (default: :obj:`None`)

    Returns:
        The network's output for the whole data set on the CPU: a tensor, or a tuple of tensors and
        :obj:`None`.
    """
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    training = model.training
    model.eval()
    try:
        batches = SkeletonLoader(dataset, batch_size)
        outputs = [_cpu((step or model)(batch.to(device))) for batch in batches]
    finally:
        model.train(training)
    return _concatenate(outputs)


def logits_of(output: Any) -> Tensor:
    """The first field of what a network returns, which is often the only one."""
    return output if isinstance(output, Tensor) else output[0]


def in_top(logits: Tensor, y: Tensor, k: int) -> Tensor:
    r"""Whether the class of each clip is among the :obj:`k` likeliest: ones and zeros,
    :math:`(N)`.
    """
    likeliest = logits.topk(min(k, logits.size(1)), dim=1).indices
    return (likeliest == y.unsqueeze(1)).any(dim=1).float()


def _cpu(output: Any) -> Any:
    if output is None or isinstance(output, Tensor):
        return None if output is None else output.cpu()
    return _like(output, map(_cpu, output))


def _concatenate(outputs: list[Any]) -> Any:
    first = outputs[0]
    if first is None or isinstance(first, Tensor):
        return None if first is None else torch.cat(outputs)
    return _like(first, (_concatenate(list(field)) for field in zip(*outputs, strict=True)))


def _like(output: Any, values: Iterable[Any]) -> Any:
    """A tuple of the same kind."""
    return type(output)(*values) if hasattr(output, "_fields") else tuple(values)
