"""The command in this process, on little data with little networks."""

import logging
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pyg_skeleton.cli import main
from pyg_skeleton.datasets import (
    LIFTING,
    MOTION,
    RECOGNITION,
    SyntheticLifting,
    SyntheticMotion,
)
from pyg_skeleton.datasets.recognition.synthetic_clips import SyntheticClips
from pyg_skeleton.io import write_exp_map
from pyg_skeleton.nn.models import LCN, MartinezMLP, PoseGAT, ResGCN, SemGCN, SkeletalGNN, SymGNN
from pyg_skeleton.skeleton import Skeleton


@pytest.fixture(scope="module")
def num_threads():
    return 1


# Of the module, so that what its other fixtures compute is computed by as many threads.
@pytest.fixture(scope="module", autouse=True)
def _quiet_threads(num_threads):
    threads, logger = torch.get_num_threads(), logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.WARNING)
    torch.set_num_threads(num_threads)
    yield
    torch.set_num_threads(threads)
    logger.setLevel(level)


#: A body of five joints, and three movements of it.
STICK = Skeleton(
    "stick5",
    ("pelvis", "neck", "head", "left_wrist", "right_wrist"),
    bones=((1, 0), (2, 1), (3, 1), (4, 1)),
    root=0,
    parts={"trunk": (0, 1, 2), "left_arm": (3,), "right_arm": (4,)},
)
FEW = {"num_subjects": 3, "classes": ["walking", "waving", "jumping"]}
COUNTS = {"train": 5, "val": 1, "test": 2}


class LittleClips(SyntheticClips):
    """Few clips to recognize."""

    @classmethod
    def open(cls, root=None, split="train", *, clips_per_class: int | None = None):
        """The clips.

        Args:
            clips_per_class (int, optional): The number of clips of each movement.
        """
        count = clips_per_class or COUNTS[split]
        return cls(split, STICK, clips_per_class=count, noise=0.02, **FEW)


class LittleMotion(SyntheticMotion):
    """Few clips to predict."""

    @classmethod
    def open(
        cls,
        root=None,
        split="train",
        *,
        num_observed=20,
        num_future: int | None = None,
        observation_ratio: float | None = None,
        statistics_from=None,
    ):
        """The clips.

        Args:
            num_future (int, optional): The number of frames to predict.
            observation_ratio (float, optional): The share that is observed.
        """
        from pyg_skeleton.datasets.motion.exp_map_windows import split_frames

        observed, future = split_frames(num_observed, num_future, observation_ratio)
        return cls(STICK, split, observed, future, COUNTS[split], noise=0.02, **FEW)


class LittleLifting(SyntheticLifting):
    """Few poses to lift."""

    @classmethod
    def open(
        cls,
        root=None,
        split="train",
        *,
        layout: str | None = None,
        num_frames=1,
        target_space: str = "root-relative",
        noise: float = 0.0,
    ):
        """The poses.

        Args:
            layout (str, optional): The layout.
            target_space (str, optional): The target space.
            noise (float, optional): The noise.
        """
        few = {"clips_per_class": 1, "num_subjects": 3, "clip_length": 12}
        names = ["walking", "waving"]
        options = {"noise": noise, "classes": names, **few}
        return cls(split, layout or "h36m17", num_frames, 1, target_space, **options)


def make_little(set_item):
    """Makes the embedded data and the networks for them little."""
    for registry, kind in (
        (RECOGNITION, LittleClips),
        (MOTION, LittleMotion),
        (LIFTING, LittleLifting),
    ):
        set_item(registry, "embedded", kind)
    blocks = ((4, 4), (4, 8, 2, 3, True), (16, 8, 1, 3))
    few = {"blocks": blocks, "agim_channels": 4, "agim_frames": 4, "hidden_channels": 8}
    for name, preset in SymGNN.presets.items():
        set_item(SymGNN.presets, name, preset | few)
    for kind in (SemGCN, ResGCN, MartinezMLP, LCN, SkeletalGNN, PoseGAT):
        for name, preset in kind.presets.items():
            blocks = {} if preset.get("num_frames", 1) > 1 else {"num_blocks": 1}
            set_item(kind.presets, name, preset | {"hidden_channels": 4} | blocks)


@pytest.fixture
def little(monkeypatch):
    """See make_little."""
    make_little(monkeypatch.setitem)


@pytest.fixture
def undrawn(monkeypatch):
    """Draws nothing."""
    import pyg_skeleton.cli.reports.report as report

    monkeypatch.setattr(report, "show", lambda *args: ["a.png"])


@pytest.fixture
def command(capsys):
    """Runs the command; returns exit code, stdout and stderr."""
    level = logging.getLogger("lightning.pytorch").level

    def call(*line):
        # As outside of pytest, where warnings are no errors.
        with warnings.catch_warnings():
            warnings.resetwarnings()
            warnings.simplefilter("default")
            try:
                code = main([str(word) for word in line])
            except SystemExit as exit:
                code = exit.code or 0
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    yield call
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def refused(command):
    """Checks that the command answers with one line on stderr and exit code 1."""

    def check(*line):
        done = command(*line)
        errors = [text for text in done.err.splitlines() if not text.startswith("warning: ")]
        assert (done.code, len(errors)) == (1, 1), done.err
        assert errors[0].startswith("error: ")
        return errors[0].removeprefix("error: ")

    return check


@pytest.fixture(scope="session")
def short():
    """Options of a run of seconds, by task."""
    cpu = ("--accelerator", "cpu")
    network = ("--network.channels", 8, 8, "--network.strides", 1, 2)
    steps = ("--max-steps", 4, "--steps-per-epoch", 2, *cpu)
    return {
        "recognition": (*network, *cpu, "--epochs", 2, "--batch-size", 5, "--repeat", 1,
                        "--milestones", "--num-frames", 8),
        "motion": (*steps, "--batch-size", 3),
        "lifting": (*steps, "--batch-size", 8),
        "clustering": ("--clips-per-class", 8, "--test-clips-per-class", 4, "--num-frames", 20,
                       "--source-classes", "walking", "waving", "--target-classes", "running",
                       "bowing", "--network.channels", 8, 8, "--network.strides", 2, 2,
                       "--batch-size", 8, *cpu, "--epochs", 2, "--clustering-epoch", 1),
    }  # fmt: skip


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
