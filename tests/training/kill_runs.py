"""Kills runs of the command at random moments, resumes them, and compares them with runs that were
never stopped, file by file.

`python tests/training/kill_runs.py --kills 50` kills each task 50 times and prints the counts;
`--tasks recognition` only one. A run is killed one to three times before it may end.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

FEW = ["--seed", "1", "--accelerator", "cpu"]
STEPS = ["--max-steps", "18", "--steps-per-epoch", "3", "--batch-size", "3"]
#: By name, the words after `pyg-skeleton train`. The first one reads files and makes a store.
TASKS = {
    "recognition": ["recognition", "--data", "ntu60", "--root", "ntu", "--model", "ctr_gcn",
                    "--network.channels", "8", "8", "--network.strides", "1", "2",
                    "--epochs", "4", "--batch-size", "6", "--repeat", "2", "--milestones",
                    "--num-frames", "16", "--gcl", "paper"],
    "motion": ["motion", *STEPS],
    "lifting": ["lifting", *STEPS],
    "images": ["lifting", "--data", "rendered", "--clips-per-class", "3", *STEPS],
    "clustering": ["clustering", "--clips-per-class", "8", "--test-clips-per-class", "4",
                   "--num-frames", "20", "--source-classes", "walking", "waving",
                   "--target-classes", "running", "bowing", "--network.channels", "8", "8",
                   "--network.strides", "2", "2", "--batch-size", "8", "--epochs", "6",
                   "--clustering-epoch", "3"],
}  # fmt: skip


def write_ntu(folder):
    """A few recordings in NTU's format."""
    from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton

    generator = np.random.default_rng(0)
    for number in range(24):
        subject, action = (3 if number % 4 == 3 else 1), number % 2 + 1
        joints = generator.normal(size=(20, 25, 3)).astype(np.float32)
        joints += action * np.sin(np.arange(20) / 3)[:, None, None].astype(np.float32)
        body = NTUBody(1, np.arange(20), joints, np.zeros(20, np.int64))
        name = f"S001C001P{subject:03d}R{number:03d}A{action:03d}.skeleton"
        folder.mkdir(exist_ok=True)
        write_ntu_skeleton(folder / name, NTURecording(20, [body]))


def make_little():
    """Makes the embedded data and the networks for them little, as the tests of the command do."""
    path = Path(__file__).parents[1] / "cli" / "conftest.py"
    spec = importlib.util.spec_from_file_location("little", path)
    little = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(little)
    little.make_little(lambda registry, name, value: registry.__setitem__(name, value))


def sketch(figure, file, format=None, dpi=100, **_):
    """Writes the lines and texts of a figure instead of a picture, in a hundredth of the time."""
    lines = [line.get_xydata().tolist() for line in figure.findobj(Line2D)]
    content = f"<svg {lines} {[text.get_text() for text in figure.findobj(Text)]}"
    if format == "svg":
        file.write(content)
    elif format == "rgba":  # a frame of an animation
        width, height = (figure.get_size_inches() * dpi).astype(int)
        file.write(bytes(4 * width * height))
    else:
        Path(file).write_text(content)


def attempt(folder, words, delay=None):
    """Runs the command in a process of its own, and kills it after a delay.

    Returns whether it came to its end, and the seconds that it took.
    """
    start, child = time.monotonic(), os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.chdir(folder)
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        from pyg_skeleton.cli import main

        code = 1
        with contextlib.suppress(BaseException):
            code = main(["train", *words, *FEW, "--out", "run", "--resume"])
        os._exit(code)
    if delay is not None:
        while time.monotonic() - start < delay:
            if os.waitpid(child, os.WNOHANG) != (0, 0):
                return True, time.monotonic() - start
            time.sleep(0.005)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return False, time.monotonic() - start
    if os.WEXITSTATUS(status) != 0:
        raise AssertionError((folder / "log").read_text()[-3000:])
    return True, time.monotonic() - start


def phase(folder):
    """What a killed run was about to do."""
    out = folder / "run"
    if list(out.glob("**/.partial.*")):
        return "write"
    if (out / "results.json").exists():
        return "report"
    if (out / "model.pt").exists():
        return "results"
    return "training" if list(folder.glob("run/**/last.ckpt")) else "data"


def content(path):
    """What must be equal in a file."""
    if path.name == "results.json":
        results = json.loads(path.read_text())
        results.get("Sym-GNN", {}).pop("frames per 20 ms", None)  # a speed
        results.pop("training", None)  # time and memory
        return json.dumps(results).encode()
    if path.suffix != ".ckpt":
        return path.read_bytes()
    saved = torch.load(path, map_location="cpu", weights_only=True)
    parts = {name: saved[name] for name in ("state_dict", "optimizer_states", "global_step")}
    return repr(list(_flat(parts))).encode()


def _flat(value):
    if isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _flat(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value.numpy().tobytes() if isinstance(value, torch.Tensor) else value


def compare(expected, out):
    """Raises an error if the files of two runs differ; events have times in them."""
    files = [
        {
            str(path.relative_to(root)): content(path)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.startswith("events.")
        }
        for root in (expected, out)
    ]
    assert files[0].keys() == files[1].keys(), files[0].keys() ^ files[1].keys()
    for name, data in files[0].items():
        assert files[1][name] == data, f"{out / name} differs"


def kill(name, kills, root, seed=0):
    """Kills the runs of a task; returns how often in each phase."""
    draw, words, counts = random.Random(f"{name} {seed}"), TASKS[name], Counter()

    def fresh(number):
        folder = root / f"{name}-{number}"
        folder.mkdir()
        if "ntu" in words:
            shutil.copytree(root / "ntu", folder / "ntu")
        return folder

    whole = fresh("whole")
    _, seconds = attempt(whole, words)
    number = 0
    while counts.total() < kills:
        folder, number = fresh(number), number + 1
        for _ in range(draw.randint(1, 3)):
            if counts.total() < kills:
                done, _ = attempt(folder, words, draw.uniform(0, seconds))
                counts.update([] if done else [phase(folder)])
        attempt(folder, words)
        compare(whole / "run", folder / "run")
        shutil.rmtree(folder)
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draw", action="store_true", help="real pictures, which take longest")
    args = parser.parse_args()
    torch.set_num_threads(1)
    # The runs are forked from this process, which has imported everything and computed nothing.
    from torch.utils import tensorboard  # noqa: F401

    import pyg_skeleton.cli.train  # noqa: F401

    make_little()
    if not args.draw:
        Figure.savefig = sketch
    with tempfile.TemporaryDirectory() as folder:
        write_ntu(Path(folder, "ntu"))
        for name in args.tasks:
            counts = kill(name, args.kills, Path(folder), args.seed)
            where = ", ".join(f"{count} {phase}" for phase, count in sorted(counts.items()))
            sys.stdout.write(f"{name}: {counts.total()} kills ({where}), all resumed bit for bit\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
