import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import (
    Option,
    check_config,
    config_text,
    create_options,
    help_texts,
    options_of,
    parse,
    read_config,
    read_function,
    summary_of,
)


class Network:
    r"""A network from the `"Paper" <https://x.y>`_ paper.

    Args:
        skeleton (Skeleton): The layout.
        num_classes (int): The number of classes.
        channels (tuple of int, optional): The width of each
            :class:`~pyg_skeleton.nn.Block`. (default: :obj:`(8, 16)`)
        bone (bool, optional): Whether to see :math:`\beta`. (default: :obj:`True`)
        mode (str, optional): :obj:`"ring"` or :obj:`"ball"`. (default: :obj:`"ring"`)
        rate (float, optional): A rate. (default: :obj:`0.5`)
        limit (int, optional): A limit. (default: :obj:`None`)
        balance (str or float, optional): A word or a number. (default: :obj:`"mgda"`)
        names (sequence of str, optional): Names. (default: :obj:`()`)
        graph (object, optional): Not for the command line. (default: :obj:`None`)
    """

    def __init__(
        self,
        skeleton: object,
        num_classes: int,
        channels: tuple[int, ...] = (8, 16),
        bone: bool = True,
        mode: Literal["ring", "ball"] = "ring",
        rate: float = 0.5,
        limit: int | None = None,
        balance: str | float = "mgda",
        names: Sequence[str] = (),
        graph: dict[str, int] | None = None,
    ) -> None:
        pass


def read(*words, **config):
    target = create_options(
        "X", [Option("lr", float, 0.1, "The rate.")], network=options_of(Network)
    )
    return parse(target, words, "x", config=config)


def test_options_of_a_signature():
    options = {option.name: option for option in options_of(Network)}
    assert list(options) == ["channels", "bone", "mode", "rate", "limit", "balance", "names"]
    assert options["channels"].help == "The width of each nn.Block."
    assert options["bone"].help == r"Whether to see \beta."
    assert options["mode"].help == "ring or ball."
    assert options["limit"].default is None
    changed = options_of(Network, {"rate": 2.0, "num_classes": 3})
    assert {o.name: o.default for o in changed}["rate"] == 2.0
    assert changed[0].name == "num_classes"
    assert summary_of(Network) == "A network from the Paper paper."


def test_help_texts_of_a_subclass():
    @dataclasses.dataclass
    class Sub(Network):
        """Another one.

        Args:
            rate (float): A better rate.
        """

    assert help_texts(Sub)["rate"] == "A better rate."
    assert help_texts(Sub)["mode"] == "ring or ball."


def test_values():
    values = read(
        "--network.channels", "1", "2", "3", "--network.no-bone", "--network.mode", "ball",
        "--network.limit", "4", "--network.balance", "0.25", "--network.names", "a", "b", "--lr=2",
    )  # fmt: skip
    assert values.lr == 2
    network = values.network
    assert (network.channels, network.bone, network.mode) == ((1, 2, 3), False, "ball")
    assert (network.limit, network.balance, network.names) == (4, "0.25", ("a", "b"))
    assert read("--network.limit", "4", "--network.limit", "None").network.limit is None
    assert read("--network.channels").network.channels == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--lr", "fast"], "error parsing --lr: "),
        (["--lr"], "'--lr'"),
        (["--network.mode", "star"], "invalid choice 'star' for argument '--network.mode'"),
        (["--network.limit", "x"], "--network.limit: invalid literal for int()"),
        (["--network.mod", "ring"], "unknown option --network.mod; did you mean --network.mode"),
        (["--lrr", "1"], "unknown option --lrr; did you mean --lr?"),
        (["more"], "unexpected argument 'more'"),
    ],
)
def test_mistakes_are_one_line(words, message):
    with pytest.raises(UsageError) as error:
        read(*words)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_configuration_files(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("lr: 0.5\nnetwork:\n  bone: false\n  channels: [1, 2]\n  limit: null\n")
    config = read_config(path)
    values = read(**config)
    assert (values.lr, values.network.bone, values.network.channels) == (0.5, False, (1, 2))
    assert read("--lr", "1", "--network.bone", **config).network.bone
    target = type(values)
    check_config(config, target, path)
    with pytest.raises(UsageError, match=r"a.yaml: unknown option 'lrr'; did you mean lr\?"):
        check_config({"lrr": 1}, target, path)
    with pytest.raises(UsageError, match=r"unknown option 'network.bon'"):
        check_config({"network": {"bon": True}}, target, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a", "expected names of options with values"), ("a: [", "is no YAML file")],
)
def test_bad_configuration_files(text, message, tmp_path):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(UsageError, match=message):
        read_config(tmp_path / "a.yaml")
    with pytest.raises(FileNotFoundError, match="no configuration file"):
        read_config(tmp_path / "b.yaml")


def test_config_text_loads_again():
    values = read("--lr", "2", "--network.no-bone", "--network.names", "a", "b")
    text = config_text(values, type(values)(), ["lr"])
    config = yaml.safe_load(text)
    assert config == {"lr": 2.0, "network": {"bone": False, "names": ["a", "b"]}}
    assert dataclasses.asdict(read(**config)) == dataclasses.asdict(values)
    everything = "\n".join(
        line.replace("# ", "", 1).replace("#", " ", 1) if line.startswith("#") else line
        for line in text.splitlines()
    )
    # The comments say the defaults.
    assert dataclasses.asdict(read(**yaml.safe_load(everything))) == dataclasses.asdict(values)


def test_functions():
    def add(files: tuple[Path, ...], times: int = 1, what: Any = ()) -> int:
        """Adds.

        Args:
            files (tuple of Path): The files.
            times (int, optional): How often.
        """
        return len(files) * times

    assert read_function(add, ["a", "b", "--times", "3"])() == 6
    with pytest.raises(UsageError, match="expected FILES; see pyg-skeleton add --help"):
        read_function(add, [])
