"""The options of a run: of the command, and of its task, data set, network and recipe."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyg_skeleton.cli.errors import UsageError, check_name
from pyg_skeleton.cli.parser import (
    Option,
    check_config,
    config_text,
    create_options,
    in_yaml,
    options_of,
    parse,
    read_config,
    summary_of,
)

if TYPE_CHECKING:
    from pyg_skeleton.cli.tasks.task import TaskCommand
    from pyg_skeleton.training.pretrained import Pretrained


_CHOICES = ("data", "from_", "model", "preset", "recipe")


@dataclasses.dataclass(frozen=True)
class Choice:
    """The options on which other options depend.

    Args:
        data (str, optional): The data set, see pyg-skeleton list datasets.
        from_ (Path, optional): The run or the model.pt of a trained network to start from; its
            preset and arguments are taken over.
        model (str, optional): The network, see pyg-skeleton list models.
        preset (str, optional): A configuration of the network, by default one that fits the data.
        recipe (str, optional): How to train, by default as published for network and data, or a
            recipe that fits the data; see pyg-skeleton list recipes.
        config (Path, optional): A YAML file of options; the command line overrides it.
    """

    data: str = "embedded"
    from_: Path | None = None
    model: str | None = None
    preset: str | None = None
    recipe: str | None = None
    config: Path | None = None


@dataclasses.dataclass(frozen=True)
class Freezing:
    """The parts of the network that do not learn.

    Args:
        freeze (tuple of str, optional): Parts of the network that keep their weights, for example
            backbone, head, norm or graphs.
        freeze_statistics (bool, optional): Batch norms in these parts keep their statistics, too;
            without parts, all batch norms do, and all weights learn.
    """

    freeze: tuple[str, ...] = ()
    freeze_statistics: bool = False


@dataclasses.dataclass(frozen=True)
class Output:
    """The seed and the folder of a run.

    Args:
        seed (int, optional): The seed of weights, order and augmentation.
        out (Path, optional): The folder of the run.
        resume (bool, optional): Continue the run in the folder.
        overwrite (bool, optional): Replace the run in the folder.
        quiet (bool, optional): Print nothing but warnings and errors.
        print_config (bool, optional): Print all options as a configuration file, and stop.
    """

    seed: int = 0
    out: Path = Path("runs/run")
    resume: bool = False
    overwrite: bool = False
    quiet: bool = False
    print_config: bool = False


@dataclasses.dataclass(frozen=True)
class Settings:
    """The values of all options of a run.

    Args:
        task (TaskCommand): The task.
        values (Any): The options, a dataclass.
        defaults (Any): Their defaults.
        groups (dict): By group (:obj:`"data"`, :obj:`"recipe"`, :obj:`"task"`, ...), the names of
            its options.
        chosen (dict): The values of :class:`Choice` that are given.
        inherited (dict): Arguments of the network that are those of the one to start from.
    """

    task: "TaskCommand"
    values: Any
    defaults: Any
    groups: Mapping[str, Sequence[str]]
    chosen: Mapping[str, Any]
    inherited: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.values, name)

    def group(self, name: str) -> dict[str, Any]:
        """The values of a group of options."""
        return {option: getattr(self.values, option) for option in self.groups[name]}

    def given(self, name: str) -> dict[str, Any]:
        """The values of a group, or of the options behind a name, that are not the defaults."""
        if name in self.groups:
            source, default, names = self.values, self.defaults, self.groups[name]
        elif hasattr(self.values, name):
            source, default = getattr(self.values, name), getattr(self.defaults, name)
            names = [field.name for field in dataclasses.fields(source)]
        else:
            return {}
        return {n: v for n in names if (v := getattr(source, n)) != getattr(default, n)}

    def changes(self) -> dict[str, Any]:
        """All values that are given, as a configuration."""
        found = dict(self.chosen)
        for group in self.groups:
            found |= self.given(group)
        for name in ("network", "contrast"):
            if inner := self.given(name):
                found[name] = {key: in_yaml(value) for key, value in inner.items()}
        return {name: in_yaml(value) for name, value in found.items()}

    def config(self) -> str:
        """The options as the text of a configuration file."""
        skip = ("config", "print_config", "resume", "overwrite")
        head = [
            f"# pyg-skeleton train {self.task.name} --config FILE",
            "# Comments are the defaults of data set, preset and recipe.",
        ]
        return "\n".join([*head, config_text(self.values, self.defaults, _CHOICES, skip)])


def read_settings(
    task: "TaskCommand",
    argv: Sequence[str],
    prog: str,
    config: Mapping[str, Any] | None = None,
    extra: Sequence[Option] = (),
) -> Settings:
    """Reads the options of a run.

    Args:
        task (TaskCommand): The task.
        argv (sequence of str): The words after the task.
        prog (str): The command, for messages.
        config (dict, optional): Options that the command line overrides. (default: :obj:`None`)
        extra (sequence of Option, optional): Further options. (default: :obj:`()`)

    Raises:
        UsageError: If an option is unknown or its value is not valid. No file but that of
            :obj:`--config` is read before.
    """
    config = dict(config or {})
    choices = create_options("Choice", options_of(Choice))
    path = parse(choices, argv, prog, partial=True).config
    if path is not None:
        config |= read_config(path)
    chosen = {name: config[name] for name in _CHOICES if name in config}
    choice = parse(choices, argv, prog, partial=True, config=chosen)

    check_name("data set", choice.data, task.corpora)
    kind = task.training_task(choice.data)
    source = None if choice.from_ is None else _source(choice)
    model = source.model if source else choice.model or next(iter(kind.models))
    check_name(f"{task.name} model", model, kind.models)
    network = kind.models[model]
    preset = source.preset if source else choice.preset or kind.preset_for(choice.data, model)
    check_name(f"preset of {model}", preset, network.presets)
    name = choice.recipe or kind.recipe_for(choice.data, model, preset)
    check_name("recipe", name, kind.recipes)
    recipe = kind.recipes[name]

    defaults = {"data": choice.data, "model": model, "preset": preset, "recipe": name}
    chosen = {name: v for name in _CHOICES if (v := getattr(choice, name)) is not None}
    groups = {
        "extra": list(extra),
        "choice": options_of(Choice, defaults),
        "roots": task.root_options(choice.data),
        "data": task.data_options(choice.data),
        "task": options_of(task.options),
        "evaluation": options_of(task.evaluation),
        "recipe": options_of(type(recipe), vars(recipe)),
        "freezing": options_of(Freezing),
        "output": options_of(Output, {"out": Path("runs") / task.name}),
        "hardware": hardware_options(),
    }
    inherited = source.network if source else kind.network_defaults(choice.data, model)
    given = {**network.presets[preset], **inherited}
    arguments = options_of(network, given)
    inner = {"network": arguments, **task.prefixed_options()}
    target = create_options("Options", *groups.values(), **inner)
    if path is not None:
        check_config(config, target, path)
    values = parse(target, argv, prog, f"{summary_of(type(task))}", config=config)
    names = {group: [option.name for option in options] for group, options in groups.items()}
    return Settings(task, values, target(), names, chosen, source.network if source else {})


def _source(choice: Choice) -> "Pretrained":
    """The settings that a run takes over from the network that it starts from."""
    from pyg_skeleton.training.pretrained import read_pretrained

    assert choice.from_ is not None
    source = read_pretrained(choice.from_)
    for name in ("model", "preset"):
        if getattr(choice, name) not in (None, getattr(source, name)):
            raise UsageError(
                f"--from {choice.from_} is a {source.model} of preset {source.preset}, got "
                f"--{name} {getattr(choice, name)}"
            )
    return source


def hardware_options() -> list[Option]:
    """The options of the devices."""
    from pyg_skeleton.training import Hardware

    return options_of(Hardware)
