import pytest

from pyg_skeleton.cli.main import COMMANDS, parse
from pyg_skeleton.version import __version__


def test_help_lists_the_commands(command):
    done = command("--help")
    assert (done.code, done.err) == (0, "")
    for name, text in COMMANDS.items():
        assert f"  {name:<8}  {text}\n" in done.out
    assert command().out == done.out


def test_version(command):
    assert command("--version").out == f"pyg-skeleton {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name, command):
    done = command(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: pyg-skeleton {name}")


def test_unknown_command(refused):
    assert refused("trin") == "unknown command 'trin'; did you mean train?"


def test_help_imports_no_torch(python):
    done = python(
        "import sys\n"
        "from pyg_skeleton.cli import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'torch', 'torch_geometric', 'pandas', 'numpy', 'lightning', 'tyro'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    assert done.returncode == 0, done.stderr


def test_layouts_without_pytorch_geometric(python):
    done = python(
        "import sys\n"
        "from pyg_skeleton.cli import main\n"
        "assert main(['list', 'layouts']) == 0\n"
        "heavy = {'torch_geometric', 'pandas', 'lightning'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    assert done.returncode == 0, done.stderr
    assert "ntu25 " in done.stdout


@pytest.mark.parametrize(
    ("missing", "line", "expected"),
    [
        (
            "tyro",
            ["train", "motion", "--help"],
            'tyro is missing: pip install "pyg_skeleton[train]"',
        ),
        ("tyro", ["list", "layouts"], 'tyro is missing: pip install "pyg_skeleton[train]"'),
        (
            "lightning",
            ["train", "motion", "--help"],
            'lightning is missing: pip install "pyg_skeleton[train]"',
        ),
        (
            "torchmetrics",
            ["train", "lifting"],
            'torchmetrics is missing: pip install "pyg_skeleton[train]"',
        ),
    ],
)  # fmt: skip
def test_missing_extra_is_one_line(missing, line, expected, python):
    done = python(
        "import sys\nfrom pyg_skeleton.cli import main\nsys.exit(main(sys.argv[1:]))\n",
        *line,
        without=[missing],
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {expected}\n"


def test_help_without_any_extra(python):
    done = python(
        "from pyg_skeleton.cli import main\nassert main(['--help']) == 0\n",
        without=["tyro", "lightning", "torchmetrics", "matplotlib", "sklearn", "torch"],
    )
    assert done.returncode == 0, done.stderr


def test_parse_returns_what_to_call(capsys):
    run = parse(["list", "tables"])
    assert capsys.readouterr().out == ""
    run()
    assert "sym-gnn/table-1" in capsys.readouterr().out
