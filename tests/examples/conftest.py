"""The example on little data with a little network, in this process."""

import importlib.util
import logging
import sys
import warnings
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton import datasets
from pyg_skeleton.cli import lifting_options, run_example
from pyg_skeleton.io import write_exp_map
from pyg_skeleton.nn.models import (
    LCN,
    MartinezMLP,
    PoseGAT,
    ResGCN,
    SemGCN,
    SkeletalGNN,
    SymGNN,
)
from pyg_skeleton.skeleton import Skeleton

EXAMPLES = Path(__file__).parents[2] / "examples"
PATH = EXAMPLES / "sym_gnn.py"
LITTLE = {
    "blocks": ((4, 4), (4, 8, 2, 3, True), (16, 8, 1, 3)),
    "agim_channels": 4,
    "agim_frames": 4,
    "hidden_channels": 8,
}


@pytest.fixture(scope="session")
def example():
    """The example as a module."""
    return load(PATH)


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.stem}_example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def little(monkeypatch):
    """Makes networks and the embedded data set little."""
    real = datasets.SyntheticMotion
    people = Skeleton(
        "stick5",
        ("pelvis", "neck", "head", "left_wrist", "right_wrist"),
        bones=((1, 0), (2, 1), (3, 1), (4, 1)),
        root=0,
        parts={"trunk": (0, 1, 2), "left_arm": (3,), "right_arm": (4,)},
    )

    def synthetic(clips_per_class, **kwargs):
        classes = ["walking", "waving", "jumping"]
        few = {"clips_per_class": clips_per_class // 20, "num_subjects": 3, "classes": classes}
        return real(people, **few, **kwargs)

    monkeypatch.setattr(datasets, "SyntheticMotion", synthetic)
    for name, preset in SymGNN.presets.items():
        monkeypatch.setitem(SymGNN.presets, name, preset | LITTLE)


@pytest.fixture
def runner(monkeypatch, capsys):
    """Runs an example with a command line; returns exit code, stdout, stderr."""
    level = logging.getLogger("lightning.pytorch").level
    threads = torch.get_num_threads()
    torch.set_num_threads(1)

    def call(example, *line):
        monkeypatch.setattr(sys, "argv", [f"{example.__name__}.py", *map(str, line)])
        code = 0
        try:
            # As outside of pytest, where warnings are no errors.
            with warnings.catch_warnings():
                warnings.resetwarnings()
                warnings.simplefilter("default")
                run_example(example.main)
        except SystemExit as exit:
            code = exit.code
            if isinstance(code, str):  # what the interpreter does with it
                print(code, file=sys.stderr)
                code = 1
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    yield call
    torch.set_num_threads(threads)
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def run(example, little, runner):
    """Runs the example of Sym-GNN."""
    return partial(runner, example)


@pytest.fixture
def draws():
    """Lets an example draw its pictures."""


@pytest.fixture
def little_lifting(request, monkeypatch):
    """Makes the networks that lift poses and the embedded data set little, and draws nothing."""
    if "draws" not in request.fixturenames:
        module = sys.modules["pyg_skeleton.cli.lifting.run"]
        monkeypatch.setattr(module, "draw_lifting", lambda *args: ["a.png"])
    for kind in (SemGCN, ResGCN, MartinezMLP, LCN, SkeletalGNN, PoseGAT):
        for name, preset in kind.presets.items():
            blocks = {} if preset.get("num_frames", 1) > 1 else {"num_blocks": 1}
            small = preset | {"hidden_channels": 4} | blocks
            monkeypatch.setitem(kind.presets, name, small)
    real = lifting_options._LOADERS["synthetic"]

    def few(args, common):
        return real(args, {**common, "clips_per_class": 1, "num_subjects": 3, "clip_length": 12,
                                    "classes": ["walking", "waving"]})  # fmt: skip

    monkeypatch.setitem(lifting_options._LOADERS, "synthetic", few)


@pytest.fixture
def sem_gcn(little_lifting, runner):
    """Runs the example of SemGCN."""
    return partial(runner, load(EXAMPLES / "sem_gcn.py"))


@pytest.fixture
def hcsf(little_lifting, runner):
    """Runs the example of Skeletal-GNN."""
    return partial(runner, load(EXAMPLES / "hcsf.py"))


@pytest.fixture
def undrawn(request, monkeypatch):
    """Draws nothing of what is recognized."""
    if "draws" not in request.fixturenames:
        module = sys.modules["pyg_skeleton.cli.recognition.run"]
        monkeypatch.setattr(module, "draw_recognition", lambda *args: ["a.png"])


@pytest.fixture(scope="session")
def short():
    """Options of a run of seconds."""
    network = ("--channels", 8, 8, "--strides", 1, 2, "--accelerator", "cpu")
    return (*network, "--epochs", 2, "--batch-size", 5, "--repeat", 1, "--num-frames", 8)


@pytest.fixture
def act(little, undrawn, runner):
    """Runs the example of recognition."""
    return partial(runner, load(EXAMPLES / "action_recognition.py"))


@pytest.fixture
def gcl(little, undrawn, runner):
    """Runs the example of SkeletonGCL."""
    return partial(runner, load(EXAMPLES / "skeleton_gcl.py"))


@pytest.fixture
def codt(runner):
    """Runs the example of CoDT."""
    return partial(runner, load(EXAMPLES / "codt.py"))


@pytest.fixture(scope="session")
def h36m(lifting_files, tmp_path_factory):
    """Human3.6M in the files of VideoPose3D, two actions of three people."""
    few = {"subjects": ["S1", "S9", "S11"], "actions": ["Directions", "Walking"]}
    root = tmp_path_factory.mktemp("h36m")
    return lifting_files.write_human36m(root, num_frames=5, **few).root


@pytest.fixture(scope="session")
def humaneva(lifting_files, tmp_path_factory):
    """HumanEva in the files of VideoPose3D."""
    return lifting_files.write_humaneva(tmp_path_factory.mktemp("humaneva")).root


@pytest.fixture
def cmu(tmp_path):
    """Two actions of CMU Mocap, three joints of which move."""
    root = tmp_path / "cmu"
    names = [f"{split}/{a}/{a}" for split in ("train", "test") for a in ("walking", "running")]
    for seed, name in enumerate(names):
        time = np.arange(240)[:, None] / 60
        table = np.zeros((240, 117))
        table[:, 9:18] = (
            np.sin((1 + seed % 2 + seed / 10) * time + np.linspace(0, 3, 9)).round(4) / 2
        )
        (root / name).parent.mkdir(parents=True)
        write_exp_map(root / f"{name}_1.txt", table)
    return root
