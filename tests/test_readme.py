"""README and documentation: Python blocks run, options, tables and links exist."""

from __future__ import annotations

import re
import shlex
import textwrap
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from pyg_skeleton import create_model
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.datasets.recognition.synthetic_clips import SyntheticClips

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.rst"))]
PAGES += sorted((ROOT / "docs" / "papers").glob("*.rst"))


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The code blocks of a page, each with the number of its first line."""
    found, lines = [], page.read_text(encoding="utf-8").splitlines()
    begin = f"```{language}" if page.suffix == ".md" else f".. code-block:: {language}"
    for number, line in enumerate(lines):
        if line.strip() != begin:
            continue
        if page.suffix == ".md":
            end = lines.index("```", number)
            body = lines[number + 1 : end]
        else:
            body = []
            for text in lines[number + 1 :]:
                if text and not text.startswith(" "):
                    break
                body.append(text)
        found.append((number + 2, textwrap.dedent("\n".join(body))))
    return found


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.filterwarnings(
    # Lightning's own, and its advice on the number of workers.
    "ignore:.*LeafSpec:FutureWarning",
    "ignore:.*does not have many workers",
    "ignore:.*number of training batches",
    "ignore:.*, as in training",  # conversions that a page shows
    "ignore:joints of .* taken as those of",
)
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=named)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    pytest.importorskip("lightning")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    if page.name in ("README.md", "use_a_model.rst", "fine_tune.rst", "stream.rst"):
        leave_what_a_reader_has()
    # A break in the graph still shows; code generation would take most of the time.
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    namespace = {"__name__": "page"}
    try:
        for first, code in blocks(page, "python"):
            exec(compile("\n" * (first - 1) + code, named(page), "exec"), namespace)
    finally:
        torch.set_num_threads(threads)


def leave_what_a_reader_has() -> None:
    """The model of `make demo`, untrained, and a clip."""
    model = create_model("sym_gnn", "tiny", "ntu25", num_classes=12)
    model.classes = list(SyntheticMotion().classes)
    Path("runs/demo").mkdir(parents=True)
    model.save("runs/demo/model.pt")
    np.save("my_clip.npy", np.random.default_rng(0).normal(size=(30, 25, 3)))
    clips = SyntheticClips("train", num_frames=60, clips_per_class=1)
    np.save("clip.npy", clips.clip(0)[0].transpose(0, 1))
    network = create_model(
        "ctr_gcn", "nw-ucla-small", "ntu25", num_classes=12, channels=(16, 32), strides=(1, 2)
    )
    network.classes = clips.classes
    network.set_preparation(clips.preparation(), clips.clip(0))
    network.set_units(clips)
    network.save("model.pt")


def commands(page: Path) -> list[list[str]]:
    shown = "\n".join(code for _, code in blocks(page, "bash"))
    return [shlex.split(line, comments=True) for line in shown.replace("\\\n", " ").splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_targets_and_scripts_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in commands(page):
        if words[:1] == ["make"]:
            assert set(words[1:]) <= targets
        elif words[:1] == ["python"] and words[1] != "-m":
            script = ROOT / words[1]
            assert script.is_file(), script
            options = [word for word in words[2:] if word.startswith("--")]
            assert not [name for name in options if f'"{name}"' not in script.read_text()]


def paper_pages():
    return sorted((ROOT / "docs" / "papers").glob("*.rst"))


@pytest.mark.parametrize("page", paper_pages(), ids=named)
def test_the_page_of_a_paper_names_its_tables(page):
    pytest.importorskip("tyro")
    pytest.importorskip("lightning")
    from pyg_skeleton.cli.tables import TABLES

    paper = page.stem.replace("_", "-")
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(rf"``({paper}/[a-z0-9-]+)``", text))
    assert named == {name for name in TABLES if name.startswith(f"{paper}/")}


@pytest.fixture(scope="module")
def options():
    """The options of all commands, with any data set and network."""
    pytest.importorskip("tyro")
    pytest.importorskip("lightning")
    from pyg_skeleton.cli.options import read_settings
    from pyg_skeleton.cli.parser import option_names
    from pyg_skeleton.cli.tasks import TASKS

    names = {"help", "config", "rows", "seeds", "reported"}  # of no task, or of `table` alone
    for task in TASKS.values():
        runs = [["--data", data] for data in task.corpora]
        runs += [["--model", model] for model in task.training_task("embedded").models]
        for run in runs:
            names |= set(option_names(type(read_settings(task, run, "test").values)))
    return {f"--{name}" for name in names}


@pytest.mark.parametrize("page", paper_pages(), ids=named)
def test_the_page_of_a_paper_names_options_that_exist(page, options):
    text = page.read_text(encoding="utf-8")
    shown = {word for span in re.findall(r"``([^`]+)``", text) for word in span.split()}
    shown = {word for word in shown if word.startswith("--")}
    assert shown
    positive = {re.sub(r"^(--(?:\w+\.)?)no-", r"\1", word) for word in shown - options}
    assert positive <= options


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_local_links_and_pictures_exist(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'(?:src|href)="([^"#]+)"', text)
    links += re.findall(r"^\.\. (?:image|figure):: (\S+)", text, re.MULTILINE)
    for link in links:
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_pictures_are_small():
    sizes = [file.stat().st_size for file in (ROOT / "docs" / "pictures").iterdir()]
    assert sizes
    assert sum(sizes) < 1_500_000
