"""The Lightning module that all networks are trained with."""

import json
from dataclasses import asdict
from typing import Any, ClassVar

import torch
from lightning import LightningModule
from torch.optim.lr_scheduler import ReduceLROnPlateau

from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.recipe import Recipe

#: Validations without a better loss after which the schedule "plateau" lowers the learning rate.
PATIENCE = 5
# The methods of networks that are compiled.
_COMPILED = ("forward_clips", "forward_poses")


class SkeletonModule(LightningModule):
    """The base of the modules that train a network. It applies a recipe: optimizer, learning rate,
    gradient clipping and frozen graphs.

    An epoch starts from a random state that depends on the seed and its number alone. A run that
    is resumed at an epoch therefore repeats an unbroken one.

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
        frozen = {"frozen": self.network.frozen} if self.network.frozen else {}
        settings = {"seed": seed, **asdict(recipe), **self.network.config, **frozen}
        settings |= hparams or {}
        # As JSON has them: in YAML, tuples would be written as Python objects.
        self.save_hyperparameters(json.loads(json.dumps(settings, default=str)))

    @property
    def network(self) -> SkeletonModel:
        """The network itself, without what surrounds it in training."""
        return self.model  # type: ignore[return-value]

    def on_fit_start(self) -> None:
        """Compiles the network for training; validation batches differ in size and run eagerly."""
        if not self._compile:
            return
        # Code compiled for another network of the class does not know the hooks of this one.
        torch.compiler.reset()
        network = self.network
        name = next(name for name in _COMPILED if hasattr(network, name))
        eager = getattr(network, name)
        compiled = torch.compile(eager)

        def forward(*args: Any, **kwargs: Any) -> Any:
            return (compiled if network.training else eager)(*args, **kwargs)

        setattr(network, name, forward)

    def on_fit_end(self) -> None:
        """Restores the network's own code."""
        for name in _COMPILED:
            self.network.__dict__.pop(name, None)

    def on_train_epoch_start(self) -> None:
        """Sets the random state of the epoch."""
        rank = self.global_rank
        torch.manual_seed((self.seed * 1_000_003 + self.current_epoch) * 1_009 + rank)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Sets the learning rate of the step."""
        optimizer = self.trainer.optimizers[0]
        if self.recipe.schedule != "plateau":
            time = self.global_step if self.recipe.unit == "step" else self.current_epoch
            rate = self.recipe.learning_rate(time, self.length)
            for group in optimizer.param_groups:
                group["lr"] = rate
        self.log("lr", optimizer.param_groups[0]["lr"], batch_size=1)

    @property
    def length(self) -> int:
        """The length of the run, in the unit of the recipe."""
        own = self.recipe.max_steps if self.recipe.unit == "step" else self.recipe.epochs
        return own or self.recipe.length(int(self.trainer.num_training_batches))

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Keeps the graphs of the network as they are in the first epochs of the recipe."""
        if self.current_epoch < self.recipe.frozen_epochs:
            for parameter in self.network.graph_parameters():
                parameter.grad = None

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

    def on_validation_epoch_end(self) -> None:
        """Tells the schedule :obj:`"plateau"` the validation loss."""
        scheduler = self.lr_schedulers() if self.trainer.state.fn == "fit" else None
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step(self.trainer.callback_metrics["val_loss"])

    def lr_scheduler_step(self, scheduler: Any, metric: Any) -> None:
        """Does nothing: :obj:`"plateau"` has to move before the checkpoint of the epoch is written,
        in :meth:`on_validation_epoch_end`; Lightning would move it afterwards.
        """

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the skeleton."""
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
        changed = [
            f"{name}={saved.get(name)!r} there, {own.get(name)!r} here"
            for name in sorted({*saved, *own} - self.may_change)
            if saved.get(name) != own.get(name)
        ]
        if changed:
            raise ValueError(f"the checkpoint is of another training: {'; '.join(changed)}")
