"""The base of the kinds of tasks."""

from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pyg_skeleton.nn.models import SkeletonModel, model_class
from pyg_skeleton.nn.models.checkpoint import check_classes
from pyg_skeleton.nn.models.freeze import Freezable
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.checks import check_choice
from pyg_skeleton.training.data_module import SkeletonDataModule
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.pretrained import find_pretrained
from pyg_skeleton.training.recipe import Recipe
from pyg_skeleton.training.run import Run, fingerprint

#: The class of the networks of a task.
M = TypeVar("M", bound=Freezable)
#: The class of its data sets.
D = TypeVar("D")


class Task(Generic[M, D]):
    """A kind of task: its networks and recipes, and how :func:`train` builds what it needs."""

    #: The name of the task.
    name: ClassVar[str]
    #: The networks, by their names in the registry; the default first.
    models: ClassVar[Mapping[str, type[SkeletonModel]]]
    #: The recipes by name.
    recipes: ClassVar[Mapping[str, Recipe]]
    #: The class of the recipes.
    recipe_class: ClassVar[type[Recipe]]
    #: Whether a step can leave some parameters without a gradient.
    unused_parameters: ClassVar[bool] = False

    def network_defaults(self, data: str, model: str) -> dict[str, Any]:
        """The arguments that a network gets besides its preset.

        Args:
            data (str): The name of the data set.
            model (str): The name of the network.
        """
        return {}

    def preset_for(self, data: str, model: str) -> str:
        """The preset of a network that fits a data set.

        Args:
            data (str): The name of the data set.
            model (str): The name of the network.
        """
        presets = list(self.models[model].presets)
        return data if data in presets else presets[0]

    def recipe_for(self, data: str, model: str, preset: str) -> str:
        """The name of the recipe for a data set and a network.

        Args:
            data (str): The name of the data set.
            model (str): The name of the network.
            preset (str): Its preset.
        """
        raise NotImplementedError

    def plan(
        self,
        data: str,
        model: str,
        preset: str | None = None,
        recipe: str | None = None,
        **changes: Any,
    ) -> tuple[str, Recipe]:
        """The preset and the recipe of a run, by default those that fit the data set and the
        network. No file is read.

        Args:
            data (str): The name of the data set.
            model (str): The name of the network.
            preset (str, optional): The name of its preset. (default: :meth:`preset_for`)
            recipe (str, optional): The name of the recipe. (default: :meth:`recipe_for`)
            **changes (optional): Settings of the recipe to replace; :obj:`None` for the recipe's
                own.

        Raises:
            ValueError: If a name is unknown, or a setting is out of range.
        """
        check_choice("model", model, self.models)
        preset = preset or self.preset_for(data, model)
        check_choice(f"preset of {model}", preset, self.models[model].presets)
        recipe = recipe or self.recipe_for(data, model, preset)
        check_choice("recipe", recipe, self.recipes)
        given = {name: value for name, value in changes.items() if value is not None}
        return preset, self.recipes[recipe].replace(**given)

    def create_network(self, run: Run, train_set: D) -> M:
        """Creates the network of a run for the layout, channels and classes of its data.

        Args:
            run (Run): The run.
            train_set (Dataset): The samples to learn from.
        """
        raise NotImplementedError

    def build(
        self, run: Run, skeleton: Skeleton, classes: Sequence[Any] | None = None, **arguments: Any
    ) -> Any:
        """Creates the network of a run from its preset, or loads the pretrained one.

        Args:
            run (Run): The run.
            skeleton (Skeleton): The layout of the data.
            classes (list, optional): The names of their classes, where the network has an output
                for each. (default: :obj:`None`)
            **arguments (optional): Further arguments that depend on the data; those that the
                network does not have are left out.

        Raises:
            ValueError: If the network has another number of classes.
        """
        kind: Any = model_class(run.model)
        names = None if classes is None else [str(name) for name in classes]
        known = signature(kind).parameters
        arguments = {name: value for name, value in arguments.items() if name in known}
        arguments |= run.network
        if run.pretrained is not None:
            file = find_pretrained(run.pretrained)
            model = kind.load(file, skeleton, names, **arguments).train()
        else:
            if names is not None:
                arguments = {"num_classes": len(names), **arguments}
            preset = run.preset or self.preset_for(run.data["name"], run.model)
            model = kind.from_preset(preset, skeleton, **arguments)
            model.classes = names
        check_classes(names, model.config.get("num_classes"))
        return model

    def create_module(
        self, run: Run, model: M, train_set: D, compile: bool = False
    ) -> SkeletonModule:
        """Creates the module that trains the network.

        Args:
            run (Run): The run.
            model (SkeletonModel): Its network.
            train_set (Dataset): The samples to learn from.
            compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
        """
        raise NotImplementedError

    def create_data(
        self, run: Run, train_set: D, val_set: D | None = None, num_workers: int = 0
    ) -> SkeletonDataModule:
        """Creates the data module of a run.

        Args:
            run (Run): The run.
            train_set (Dataset): The samples to learn from.
            val_set (Dataset, optional): Held-out samples. (default: :obj:`None`)
            num_workers (int, optional): Processes that prepare samples. (default: :obj:`0`)
        """
        recipe = run.recipe
        return SkeletonDataModule(
            train_set,
            val_set,
            recipe.batch_size,
            recipe.steps_per_epoch,
            run.seed,
            num_workers,
            accumulate=recipe.accumulate,
        )

    def fingerprint(self, train_set: D) -> dict[str, Any]:
        """Returns values that identify the data, see :func:`~pyg_skeleton.training.fingerprint`.

        Args:
            train_set (Dataset): The samples to learn from.
        """
        return fingerprint(train_set)

    def first_stage(self, run: Run) -> Run | None:
        """The run of a first stage that several runs can share, if there is one.

        Args:
            run (Run): The whole run.
        """
        return None

    def save(self, model: M, out: Path) -> None:
        """Writes the network to :obj:`model.pt` in the folder of its run."""
        model.cpu().save(out / "model.pt")  # type: ignore[operator]

    def load(self, out: Path) -> M:
        """Reads the network of a run, in evaluation mode."""
        return SkeletonModel.load(out / "model.pt")  # type: ignore[return-value]

    def evaluate(self, model: M, dataset: D) -> dict[str, Any]:
        """Measures a trained network by the protocol of the task.

        Args:
            model (SkeletonModel): The network.
            dataset (Dataset): The test samples.

        Returns:
            A dictionary of plain numbers.
        """
        raise NotImplementedError
