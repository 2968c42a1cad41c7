import subprocess
import sys

import pytest

from pyg_skeleton.cli.main import COMMANDS, parse
from pyg_skeleton.version import __version__


def python(code):
    line = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(line, capture_output=True, text=True, timeout=300)


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


def test_as_a_module():
    line = [sys.executable, "-m", "pyg_skeleton", "--version"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300)
    assert done.stdout == f"pyg-skeleton {__version__}\n"


def test_help_imports_no_torch():
    done = python(
        "import sys\n"
        "from pyg_skeleton.cli import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'torch', 'torch_geometric', 'pandas', 'numpy', 'lightning', 'tyro'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    assert done.returncode == 0, done.stderr


def test_layouts_without_pytorch_geometric():
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
def test_missing_extra_is_one_line(missing, line, expected):
    done = python(
        "import sys\n"
        f"sys.modules[{missing!r}] = None\n"
        "from pyg_skeleton.cli import main\n"
        f"sys.exit(main({line!r}))\n"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {expected}\n"


def test_help_without_any_extra(command, monkeypatch):
    for name in ("tyro", "lightning", "torchmetrics", "matplotlib", "sklearn"):
        monkeypatch.setitem(sys.modules, name, None)
    assert command("--help").code == 0


def test_parse_returns_what_to_call(capsys):
    run = parse(["list", "tables"])
    assert capsys.readouterr().out == ""
    run()
    assert "sym-gnn/table-1" in capsys.readouterr().out
