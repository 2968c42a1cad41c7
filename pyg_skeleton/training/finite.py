"""Training stops at the first number that is not finite."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from pyg_skeleton.data import EpochSampler
from pyg_skeleton.nn.models import checkpoint

if TYPE_CHECKING:
    from pyg_skeleton.training.module import SkeletonModule

#: The fields of a batch that hold numbers of the data.
_FIELDS = ("x", "target")
#: The number of clips that a message names.
_MOST = 8


class NonFiniteError(ValueError):
    """Raised in training at the first input, loss or weight that is not finite. The checkpoint
    before it is kept.
    """


def stopped(module: "SkeletonModule", what: str) -> NonFiniteError:
    """The error that ends a run.

    Args:
        module (SkeletonModule): The module that trains.
        what (str): What is not finite.
    """
    checkpoint = getattr(module.trainer.checkpoint_callback, "best_model_path", "")
    kept = f"the last good checkpoint is {checkpoint}" if checkpoint else "there is no checkpoint"
    place = f"stopped at step {module.global_step} (epoch {module.current_epoch})"
    return NonFiniteError(f"{place}: {what}; {kept}")


def check_batch(module: "SkeletonModule", batch: Any, batch_idx: int) -> None:
    """Refuses a batch with a number that is not finite.

    Args:
        module (SkeletonModule): The module that trains.
        batch (Batch or tuple): The batch, or a pair of them.
        batch_idx (int): Its position in the epoch.

    Raises:
        NonFiniteError: With the step and the clips.
    """
    for part, name, clip in _not_finite(batch):
        clip_name = _names(module, batch, batch_idx, part)[clip]
        raise stopped(module, f"{name} of {clip_name} is not finite")


def check_loss(module: "SkeletonModule", loss: Tensor, batch: Any, batch_idx: int) -> None:
    """Refuses a loss that is not finite, in all processes at once.

    Args:
        module (SkeletonModule): The module that trains.
        loss (torch.Tensor): The loss of a step.
        batch (Batch or tuple): Its batch, or a pair of them.
        batch_idx (int): The position of the batch in the epoch.

    Raises:
        NonFiniteError: With the step, the clips and the last checkpoint; while anomalies are
            detected also with the layer.
    """
    loss = loss.detach()
    if module.trainer.world_size > 1:
        loss = module.trainer.strategy.reduce(loss, reduce_op="mean")
    if bool(loss.isfinite().all()):
        return
    check_batch(module, batch, batch_idx)
    names = _names(module, batch, batch_idx, len(batch) - 1 if isinstance(batch, tuple) else 0)
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    what = f"the loss is {float(loss.sum())}, for {', '.join(names[:_MOST])}{more}"
    if torch.is_anomaly_enabled():
        what += f"; the first layer with such an output is {module.culprit or 'the loss itself'}"
    else:
        what += "; --detect-anomaly (or detect_anomaly=True) finds the layer"
    raise stopped(module, what)


def check_weights(module: "SkeletonModule") -> None:
    """Refuses weights that are not finite, before they replace a checkpoint.

    Args:
        module (SkeletonModule): The module that trains.

    Raises:
        NonFiniteError: With the step, the weight and the last checkpoint.
    """
    try:
        checkpoint.check_weights(module.model.state_dict())
    except ValueError as error:
        raise stopped(module, str(error)) from None


@contextmanager
def named_anomaly(module: "SkeletonModule") -> Iterator[None]:
    """Makes one line of what PyTorch says about a gradient that is not finite, which it only looks
    for while anomalies are detected.
    """
    try:
        yield
    except RuntimeError as error:
        if "returned nan values" not in str(error):
            raise
        raise stopped(module, f"in a gradient, {error}".rstrip(".")) from error


def watch_layers(module: "SkeletonModule") -> list[RemovableHandle]:
    """Makes a module remember the first layer in a step whose output is not finite.

    Args:
        module (SkeletonModule): The module that trains.

    Returns:
        The handles of the hooks.
    """

    def hook(name: str) -> Any:
        def remember(layer: torch.nn.Module, args: Any, output: Any) -> None:
            if module.culprit is None and not all(_finite(x) for x in _tensors(output)):
                module.culprit = f"{name} ({type(layer).__name__})"

        return remember

    layers = [(name, layer) for name, layer in module.model.named_modules() if name]
    return [layer.register_forward_hook(hook(name)) for name, layer in layers]


def _not_finite(batch: Any) -> Iterator[tuple[int, str, int]]:
    """The fields that are not finite: position in the pair, name, clip."""
    for part, data in enumerate(batch if isinstance(batch, tuple) else (batch,)):
        for name in _FIELDS:
            value = getattr(data, name, None)
            if isinstance(value, Tensor) and not _finite(value):
                row = int((~value.isfinite()).flatten(1).any(dim=1).nonzero()[0])
                yield part, name, row * data.num_graphs // len(value)


def _finite(value: Tensor) -> bool:
    # A finite sum has finite terms; only a sum that is not takes a closer look.
    return bool(value.sum().isfinite()) or bool(value.isfinite().all())


def _tensors(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor) and output.is_floating_point():
        yield output
    elif isinstance(output, (tuple, list)):
        for value in output:
            yield from _tensors(value)


def _names(module: "SkeletonModule", batch: Any, batch_idx: int, part: int) -> list[str]:
    """The names of the clips of a batch, or their numbers."""
    loader: Any = module.trainer.train_dataloader
    if isinstance(batch, tuple):
        batch, loader = batch[part], (loader.source, loader.target)[part]
    items, names = getattr(batch, "sample", None), getattr(loader.dataset, "names", None)
    if items is None and isinstance(loader.sampler, EpochSampler):
        loader.sampler.set_epoch(module.current_epoch)
        items = next(islice(loader.batch_sampler, batch_idx, None))
    if items is None:
        return [f"clip {i} of the batch" for i in range(batch.num_graphs)]
    if names is None:
        return [f"sample {int(item)}" for item in items]
    return [f"{names[int(item) % len(names)]!r}" for item in items]
