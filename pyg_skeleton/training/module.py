"""The Lightning module that all networks are trained with."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, ClassVar

import torch
from lightning import LightningModule
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.hooks import RemovableHandle

from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.nn.processes import mean_over_processes, num_processes
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.checks import check_labels
from pyg_skeleton.training.finite import (
    check_loss,
    check_weights,
    named_anomaly,
    watch_layers,
)
from pyg_skeleton.training.recipe import Recipe

#: Validations without a better loss after which the schedule "plateau" lowers the learning rate.
PATIENCE = 5
# The classes of a module's arguments that are no plain values.
_ARGUMENTS = (torch.nn.Module, Recipe, Skeleton)


class SkeletonModule(LightningModule):
    """The base of the modules that train a network. It applies a recipe: optimizer, learning rate,
    gradient clipping and frozen graphs.

    An epoch starts from a random state that depends on the seed and its number alone. A run that
    is resumed at an epoch therefore repeats an unbroken one.

    The first input, loss or weight that is not finite ends the run with a
    :class:`~pyg_skeleton.training.NonFiniteError`. Lightning's :obj:`detect_anomaly=True` also
    finds the layer.

    Args:
        model (torch.nn.Module): What is trained; usually the network itself, see :attr:`network`.
        recipe (Recipe): Optimizer and schedule.
        seed (int, optional): The seed of everything that is random in a step.
            (default: :obj:`0`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
        hparams (dict, optional): Further settings that a checkpoint must agree with.
            (default: :obj:`None`)
    """

    #: The settings that may differ when a run is resumed.
    may_change: ClassVar[frozenset[str]] = frozenset({"max_steps", "epochs"})

    def __init__(
        self,
        model: torch.nn.Module,
        recipe: Recipe,
        seed: int = 0,
        compile: bool = False,
        hparams: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.model, self.recipe, self.seed = model, recipe, seed
        self._compile = compile
        #: The network with the running mean of its weights, if the recipe has one.
        self.averaged: AveragedModel | None = None
        if recipe.average > 0:
            average = _running_mean(recipe.average)
            self.averaged = AveragedModel(self.network, multi_avg_fn=average, use_buffers=True)
            self.averaged.requires_grad_(False)
        self._held_out: dict[str, list[Tensor]] = {}
        #: The first layer of the step whose output is not finite, while anomalies are detected.
        self.culprit: str | None = None
        self._watched: list[RemovableHandle] = []
        self._batch: tuple[Any, int] = (None, 0)
        frozen = {"frozen": self.network.frozen} if self.network.frozen else {}
        settings = {"seed": seed, **asdict(recipe), **self.network.config, **frozen}
        settings |= hparams or {}
        # As JSON has them: in YAML, tuples would be written as Python objects.
        self.save_hyperparameters(json.loads(json.dumps(settings, default=str)))

    @property
    def num_classes(self) -> int | None:
        """The number of classes that labels have to be in, if the network learns them."""
        return None

    @property
    def network(self) -> SkeletonModel:
        """The network itself, without what surrounds it in training."""
        return self.model  # type: ignore[return-value]

    @property
    def measured(self) -> torch.nn.Module:
        """The network that is measured and saved, with a mean of weights where there is one."""
        return self.network if self.averaged is None else self.averaged

    def compiled_methods(self) -> list[tuple[torch.nn.Module, str]]:
        """The methods that take tensors, and are compiled: modules and names."""
        names = ("forward_clips", "forward_poses")
        return [(self.network, next(name for name in names if hasattr(self.network, name)))]

    def on_fit_start(self) -> None:
        """Compiles the network for training; validation batches differ in size and run eagerly."""
        if not self._compile:
            return
        # Code compiled for another network of the class does not know the hooks of this one.
        torch.compiler.reset()
        methods = self.compiled_methods()
        # Methods of one class share a limit of eight variants.
        torch._dynamo.config.recompile_limit = 8 * len(methods)
        for part, name in methods:
            setattr(part, name, _compiled(part, getattr(part, name)))

    def on_train_start(self) -> None:
        """Watches the layers, if anomalies are to be detected."""
        if torch.is_anomaly_enabled():
            self._watched = watch_layers(self)

    def on_fit_end(self) -> None:
        """Restores the network's own code, and takes over the mean of its weights."""
        for handle in self._watched:
            handle.remove()
        for part, name in self.compiled_methods() if self._compile else ():
            part.__dict__.pop(name, None)
        if self.averaged is not None:
            self.network.load_state_dict(self.averaged.module.state_dict())

    def on_train_epoch_start(self) -> None:
        """Sets the random state of the epoch."""
        rank = self.global_rank
        torch.manual_seed((self.seed * 1_000_003 + self.current_epoch) * 1_009 + rank)

    def _check_labels(self, batch: Any) -> None:
        if self.num_classes is not None:
            check_labels(batch[0] if isinstance(batch, tuple) else batch, self.num_classes)

    def on_validation_batch_start(self, batch: Any, batch_idx: int, *args: Any) -> None:
        """Refuses labels outside of the network's classes."""
        self._check_labels(batch)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Checks the labels and sets the learning rate of the step."""
        self._check_labels(batch)
        self._batch, self.culprit = (batch, batch_idx), None
        optimizer = self.trainer.optimizers[0]
        if self.recipe.schedule != "plateau":
            time = self.global_step if self.recipe.unit == "step" else self.current_epoch
            rate = self.recipe.learning_rate(time, self.length)
            for group in optimizer.param_groups:
                group["lr"] = rate
        self.log("lr", optimizer.param_groups[0]["lr"], batch_size=1)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Averages the running statistics of several processes, where each has its own."""
        if num_processes() == 1:
            return
        norms = [m for m in self.model.modules() if isinstance(m, _BatchNorm)]
        own = [m for m in norms if not getattr(m, "synchronized", False)]
        running = [b for m in own for b in (m.running_mean, m.running_var) if b is not None]
        for buffer, mean in zip(running, mean_over_processes(running), strict=True):
            buffer.copy_(mean)

    @property
    def length(self) -> int:
        """The length of the run, in the unit of the recipe."""
        own = self.recipe.max_steps if self.recipe.unit == "step" else self.recipe.epochs
        if own is not None:
            return own
        return self.recipe.length(int(self.trainer.num_training_batches) // self.recipe.accumulate)

    def on_before_backward(self, loss: torch.Tensor) -> None:
        """Stops at a loss that is not finite."""
        check_loss(self, loss, *self._batch)

    def backward(self, loss: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """Computes the gradients of a loss."""
        with named_anomaly(self):
            super().backward(loss, *args, **kwargs)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Keeps the graphs of the network as they are in the first epochs of the recipe."""
        if self.current_epoch < self.recipe.frozen_epochs:
            for parameter in self.network.graph_parameters():
                parameter.grad = None

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """A step, which the running mean of the weights follows."""
        super().optimizer_step(*args, **kwargs)
        if self.averaged is not None:
            self.averaged.update_parameters(self.network)

    def configure_gradient_clipping(self, *args: Any, **kwargs: Any) -> None:
        """Clips the norm of all gradients together."""
        if self.recipe.gradient_clip > 0:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_clip)

    def configure_optimizers(self) -> Any:
        """The optimizer of the recipe; only :obj:`"plateau"` needs a scheduler with a state.

        Raises:
            ValueError: If all weights are frozen.
        """
        parameters = [p for p in self.parameters() if p.requires_grad]
        if not parameters:
            raise ValueError(f"nothing is left to train: {', '.join(self.network.frozen)} frozen")
        optimizer = self.recipe.optimizer(parameters)
        if self.recipe.schedule != "plateau":
            return optimizer
        scheduler = ReduceLROnPlateau(optimizer, factor=self.recipe.decay, patience=PATIENCE)
        plan = {"monitor": "val_loss", "frequency": self.trainer.check_val_every_n_epoch}
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, **plan}}

    @property
    def split(self) -> str:
        """The first word of the names of what is logged of held-out samples."""
        return "test" if self._trainer is not None and self._trainer.testing else "val"

    def test_step(self, batch: Any, batch_idx: int) -> None:
        """Measures test samples as held-out ones are measured during training."""
        self.validation_step(batch, batch_idx)

    def on_test_epoch_end(self) -> None:
        """Logs the means."""
        self.on_validation_epoch_end()

    def log_held_out(self, means: dict[str, Tensor], num_samples: int) -> None:
        """Logs means over a batch of held-out samples; at the end, those over all batches.

        Args:
            means (dict): The means by name, to which :attr:`split` is added.
            num_samples (int): The number of samples of the batch.
        """
        # Not by `self.log`, which rounds the number of samples where processes have unequally many.
        for name, mean in means.items():
            own = torch.stack([mean.detach() * num_samples, mean.new_tensor(num_samples)])
            self._held_out.setdefault(f"{self.split}_{name}", []).append(own)

    def on_validation_epoch_end(self) -> None:
        """Logs the means, and tells the schedule :obj:`"plateau"` the validation loss."""
        sums = [torch.stack(batches).sum(0) for batches in self._held_out.values()]
        pairs = zip(self._held_out, mean_over_processes(sums), strict=True)
        means = {name: total / count for name, (total, count) in pairs}
        self._held_out.clear()
        self.log_dict(means, prog_bar=True)
        scheduler = self.lr_schedulers() if self.trainer.state.fn == "fit" else None
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step({**self.trainer.callback_metrics, **means}["val_loss"])

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Does nothing: :obj:`"plateau"` has to move before the checkpoint of the epoch is written,
        in :meth:`on_validation_epoch_end`; Lightning would move it afterwards.
        """

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the skeleton, if all weights are finite."""
        check_weights(self)
        checkpoint["skeleton"] = self.network.skeleton.to_dict()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuses a checkpoint of another skeleton, network or recipe; its length may differ.

        Raises:
            ValueError: With what differs.
        """
        if "skeleton" not in checkpoint:
            raise ValueError(f"the checkpoint is not of a {type(self).__name__}")
        skeleton = Skeleton.from_dict(checkpoint["skeleton"])
        difference = skeleton.describe_difference(self.network.skeleton)
        if difference:
            raise ValueError(f"the checkpoint is of another skeleton: {difference}")
        saved, own = checkpoint[self.CHECKPOINT_HYPER_PARAMS_KEY], dict(self.hparams)
        # `load_from_checkpoint` puts the arguments that it gets among the settings.
        given = {name for name, value in saved.items() if isinstance(value, _ARGUMENTS)}
        # A setting that is newer than the checkpoint had its default then.
        saved = {**{field.name: field.default for field in fields(self.recipe)}, **saved}
        changed = [
            f"{name}={saved.get(name)!r} there, {own.get(name)!r} here"
            for name in sorted({*saved, *own} - self.may_change - given)
            if saved.get(name) != own.get(name)
        ]
        if changed:
            raise ValueError(f"the checkpoint is of another training: {'; '.join(changed)}")


def _running_mean(decay: float) -> Callable[..., None]:
    mean = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]

    def average(means: list[Tensor], values: list[Tensor], count: Tensor) -> None:
        if means[0].is_floating_point():
            mean(means, values, count)
        else:  # PyTorch would round the means of indices down
            for own, value in zip(means, values, strict=True):
                own.copy_(value)

    return average


def _compiled(part: torch.nn.Module, eager: Callable[..., Any]) -> Callable[..., Any]:
    compiled = torch.compile(eager)

    def forward(*args: Any, **kwargs: Any) -> Any:
        return (compiled if part.training else eager)(*args, **kwargs)

    return forward
