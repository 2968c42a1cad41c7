"""Every command in README, the documentation and the examples is one that the command knows."""

import re
import shlex
from pathlib import Path

import pytest

pytest.importorskip("tyro")

from pyg_skeleton.cli.main import COMMANDS, parse

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile")),
    *sorted((ROOT / "docs").rglob("*.rst")),
    *sorted((ROOT / "examples").glob("*")),
]


def commands(text):
    """The command lines in a text: lines of code blocks, and code within a sentence."""
    text = re.sub(r"\s*\\\n\s*", " ", text)
    for line in text.splitlines():
        code = re.findall(r"``?([^`]+)``?", line) or [line]
        for words in code:
            if match := re.match(r"[\s$#>]*(?:.*(?:\$\(PY\)|python) -m )?(pyg.skeleton .*)", words):
                yield match[1].partition("  #")[0].partition(" # ")[0].strip()


def documented():
    for page in PAGES:
        if page.is_file():
            for line in commands(page.read_text(encoding="utf-8")):
                words = line.split()
                if len(words) > 1 and words[1] in COMMANDS and "..." not in line:
                    yield pytest.param(line, id=f"{page.name}: {line}")


def write_run(folder, task):
    """A record of a run, as far as the options of a command need it."""
    from pyg_skeleton.cli.options import read_settings
    from pyg_skeleton.cli.tasks import TASKS

    settings = read_settings(TASKS[task], [], "test")
    TASKS[task].create_run(settings).write(folder)


@pytest.mark.parametrize("line", list(documented()))
def test_documented_command(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.replace("$(DEMO_ARGS)", "--out runs/demo"))[1:]
    if "--help" in words:
        with pytest.raises(SystemExit) as exit:
            parse(words)()
        assert not exit.value.code
        return
    if "--from" in words:
        source = Path(words[words.index("--from") + 1])
        write_run(source, words[1])
        (source / "model.pt").touch()
    if words[0] != "evaluate" or words[1] == "zero-velocity":
        assert callable(parse(words))
        return
    # The options of a measurement are those of the run's task, which is not there.
    errors = []
    for task in ("recognition", "motion", "lifting", "clustering"):
        write_run(tmp_path / words[1].removesuffix("model.pt"), task)
        try:
            assert callable(parse(words))
        except ValueError as error:
            errors.append(str(error))
    assert len(errors) < 4, errors


def test_finds_commands():
    page = """
    Text with ``pyg-skeleton list models``, and

        pyg-skeleton train motion --data cmu \\
            --root DIR  # two cores
    python -m pyg_skeleton info coco17
    """
    assert list(commands(page)) == [
        "pyg-skeleton list models",
        "pyg-skeleton train motion --data cmu --root DIR",
        "pyg_skeleton info coco17",
    ]


@pytest.mark.parametrize("line", ["train motion --windows sturdy", "table sym-gnn/x", "lst models"])
def test_a_command_that_is_not_there(line):
    with pytest.raises(ValueError, match="unknown"):
        parse(line.split())
