"""What the training of every network shares."""

from dataclasses import asdict
from typing import Any, ClassVar

import torch
from lightning import LightningModule

from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.skeleton import Skeleton


class SkeletonModule(LightningModule):
    """The base of the modules that train a network: optimizer, schedule, random state, checkpoints.

    An epoch starts from a random state that depends on the seed and its number alone; so a run
    that resumes at an epoch repeats what an unbroken one does.

    Args:
        model (SkeletonModel): The network.
        recipe (Recipe or RecognitionRecipe or CoDTRecipe): Optimizer and schedule.
        seed (int, optional): The seed of whatever is random in a step. (default: :obj:`0`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
    """

    #: What of a recipe may change when a run is resumed: its length.
    may_change: ClassVar[frozenset[str]] = frozenset({"max_steps", "epochs"})

    def __init__(
        self,
        model: SkeletonModel,
        recipe: Any,
        seed: int = 0,
        compile: bool = False,
    ) -> None:
        super().__init__()
        self.model, self.recipe, self.seed = model, recipe, seed
        self._compile = compile
        self.save_hyperparameters(_listed({"seed": seed, **asdict(recipe), **self.network.config}))

    @property
    def network(self) -> SkeletonModel:
        """The network itself, without what is around it in training."""
        return self.model

    def on_fit_start(self) -> None:
        """Compiles the network for training, if that is wanted; held-out batches differ in size."""
        if not self._compile:
            return
        # Code that was compiled for another network of the class does not know this one's hooks.
        torch.compiler.reset()
        network: Any = self.network
        eager = network.forward_clips
        compiled = torch.compile(eager)

        def forward_clips(*args: Any, **kwargs: Any) -> Any:
            return (compiled if network.training else eager)(*args, **kwargs)

        network.forward_clips = forward_clips

    def on_fit_end(self) -> None:
        """Leaves the network as it was."""
        self.network.__dict__.pop("forward_clips", None)

    def on_train_epoch_start(self) -> None:
        """Makes the epoch's random state depend on its number alone."""
        rank = self.global_rank
        torch.manual_seed((self.seed * 1_000_003 + self.current_epoch) * 1_009 + rank)

    def configure_optimizers(self) -> Any:
        """The recipe's optimizer and schedule, per step."""
        optimizer = self.recipe.optimizer(self.model.parameters())
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self.recipe.learning_rate_factor)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Writes the skeleton beside the weights."""
        checkpoint["skeleton"] = self.network.skeleton.to_dict()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuses a checkpoint of another skeleton, network or recipe (its length may change).

        Raises:
            ValueError: With the difference in words.
        """
        if "skeleton" not in checkpoint:
            raise ValueError(f"the checkpoint is not of a {type(self).__name__}")
        saved = Skeleton.from_dict(checkpoint["skeleton"])
        difference = saved.describe_difference(self.network.skeleton)
        if difference:
            raise ValueError(f"the checkpoint is of another skeleton: {difference}")
        theirs, ours = checkpoint[self.CHECKPOINT_HYPER_PARAMS_KEY], dict(self.hparams)
        changed = [
            f"{name}={theirs.get(name)!r} there, {ours.get(name)!r} here"
            for name in sorted({*theirs, *ours} - self.may_change)
            if theirs.get(name) != ours.get(name)
        ]
        if changed:
            raise ValueError(f"the checkpoint is of another training: {'; '.join(changed)}")


def _listed(options: dict[str, Any]) -> dict[str, Any]:
    """Options from a command line have lists where others have tuples."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in options.items()}
