"""Fixtures that every test shares."""

import importlib.util
import io
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

if "PYTEST_XDIST_WORKER" in os.environ:  # before torch is imported: processes share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

from pyg_skeleton.camera import Camera
from pyg_skeleton.datasets import LiftingDataset, PoseSequence
from pyg_skeleton.nn.models import SemGCN

# The same examples in every run: what a change is told depends on the change alone.
# Nor on how busy the machine is.
settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("same")

#: Code that hides packages, as where they are not installed.
_WITHOUT = """
import sys

class Without:
    # Finds what another finder finds, except for some packages.

    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {!r}:
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


def _module(file: str) -> ModuleType:
    path = Path(__file__).parent / file
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def load_file() -> Callable[[str], ModuleType]:
    """Loads a file of this folder, or of one beside it, as a module of its own."""
    return cache(_module)


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.CompletedProcess]:
    """Runs code in a process of its own, in which some packages are not to be found."""

    def run(code: str, *args: object, without: Iterable[str] = (), **options: object):
        blocked = _WITHOUT.format(set(without)) if without else ""
        line = [sys.executable, "-c", blocked + code, *map(str, args)]
        return subprocess.run(line, capture_output=True, text=True, **options)

    return run


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


# What a test draws does not depend on those that ran before it in the same process.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before its fixtures."""
    torch.set_flush_denormal(False)  # which compiled code may turn on as it is loaded
    _seed(0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Before itself: its inputs are other numbers than the weights of a fixture."""
    _seed(1)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with the real data; tests that need it skip without it."""
    default = Path(__file__).resolve().parents[2] / "shared"
    path = Path(os.environ.get("PYG_SKELETON_SHARED", default))
    if not path.is_dir():
        pytest.skip(f"no shared data: {path} is not a directory")
    return path


@pytest.fixture(scope="session")
def lifting_files(load_file) -> ModuleType:
    """The module `datasets/lifting_files.py`, which writes small corpora for lifting."""
    return load_file("datasets/lifting_files.py")


@pytest.fixture(scope="session")
def recognition_files(load_file) -> ModuleType:
    """The module `datasets/recognition_files.py`, which writes small corpora to recognize."""
    return load_file("datasets/recognition_files.py")


@pytest.fixture(scope="session")
def tiny(load_file):
    """The module `training/tiny_run.py`, a training run of seconds."""
    return load_file("training/tiny_run.py")


@pytest.fixture(scope="session")
def bodies():
    """Makes a lifting data set of bodies of random joints, two sequences of each of two actions."""

    def make(skeleton="h36m16", frames=12, seed=0, **options):
        camera = Camera(1000, 800, (1100.0, 1100.0), (500.0, 400.0), name="one")
        generator = torch.Generator().manual_seed(seed)
        joints = int(skeleton[4:6])
        sequences = []
        for number in range(4):
            pose = 0.3 * torch.randn(frames, joints, 3, generator=generator).cumsum(0) / 2
            pose = pose + torch.tensor([0.0, 0.0, 5.0])
            action = ("walking", "sitting")[number % 2]
            keypoints = camera.project(pose)
            sequences.append(
                PoseSequence("S9", action, f"{action} {number}", camera, keypoints, pose, 50.0)
            )
        names = ("sitting", "walking", "waiting")
        return LiftingDataset(sequences, skeleton, actions=names, **options)

    return make


@pytest.fixture
def little_sem_gcn():
    """Makes a small SemGCN."""

    def make(skeleton="h36m16", seed=0, **options):
        torch.manual_seed(seed)
        options = {"hidden_channels": 8, "num_blocks": 1} | options
        return SemGCN.from_preset("paper", skeleton, **options)

    return make


# Pages in headless Chromium #######################################################################


@pytest.fixture(scope="session")
def chromium():
    """The browser; tests that need it skip without it."""
    sync_api = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Page:
    """A page, with what a test does to it."""

    def __init__(self, page):
        self.page, self.messages, self.requests = page, [], []
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        self.first = page.locator(".player").first

    def pixels(self, number=0):
        """The pixels of a canvas, ``[H, W, 3]``."""
        from matplotlib.image import imread

        picture = self.page.locator("canvas").nth(number).screenshot(animations="disabled")
        return imread(io.BytesIO(picture), format="png")[..., :3]

    def redraw(self):
        """Waits until the page has drawn what it was told: an event asks for a frame."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def changed(self, action, number=0):
        """The share of the pixels that an action changes."""
        before = self.pixels(number)
        action()
        self.redraw()
        after = self.pixels(number)
        return float((np.abs(before - after).max(axis=-1) > 0.05).mean())

    def seek(self, frame):
        """Moves the slider of time."""
        scrub = self.first.get_by_label("frame")
        scrub.evaluate(f"e => {{ e.value = {frame}; e.dispatchEvent(new Event('input')) }}")

    def drag(self, dx, dy):
        """Drags the canvas with the mouse."""
        box = self.page.locator("canvas").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=3)
        self.page.mouse.up()

    @property
    def clock(self):
        """The text of time and frame."""
        return self.first.locator(".time output").inner_text()


@pytest.fixture
def show_page(chromium, tmp_path):
    """Opens the page of a player or of HTML, and checks at the end that nothing went wrong."""
    opened = []

    def opens(player, width=1000, height=700, **context):
        path = tmp_path / f"{len(opened)}.html"
        text = player if isinstance(player, str) else player.html
        path.write_text(text, encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": height}, **context)
        out = Page(page)
        opened.append(out)
        page.goto(path.as_uri())
        page.locator("canvas, iframe").first.wait_for()
        out.redraw()
        return out

    yield opens
    for one in opened:
        assert one.messages == []
        assert [
            url for url in one.requests if not url.startswith(("file:", "data:", "about:"))
        ] == []
        one.page.close()


@pytest.fixture(scope="session")
def in_two_processes(tmp_path_factory) -> Callable[[Path], list[dict]]:
    """Runs a program with a folder and the number of the process as its words, and returns what
    each of two processes leaves there in `0.pt` and `1.pt`.
    """

    def results(program):
        out = tmp_path_factory.mktemp("pair")
        lines = [[sys.executable, str(program), str(out), str(rank)] for rank in (0, 1)]
        running = [subprocess.Popen(line, stderr=subprocess.PIPE, text=True) for line in lines]
        for process in running:
            _, errors = process.communicate()
            assert process.returncode == 0, errors
        return [torch.load(out / f"{rank}.pt", weights_only=True) for rank in (0, 1)]

    return results
