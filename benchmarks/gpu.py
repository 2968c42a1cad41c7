"""Tests and measures everything on a GPU, in less than ten minutes.

    python benchmarks/gpu.py [--root data/nw_ucla] [--part tests networks recipe]

tests     networks on the GPU against the CPU: outputs, gradients (tests/nn/models/test_devices.py)
networks  the forward pass and the training step of each network beside its dense form, in float32
          and bfloat16, eager and compiled: milliseconds and the peak of memory
recipe    CTR-GCN on the joints of NW-UCLA by its recipe, without and with SkeletonGCL, in bfloat16;
          on embedded clips where --root does not say where the files are

What does not fit into --minutes is named and left out. Without a GPU the script says so and does
nothing; `--device cpu --quick` runs small sizes of everything on the CPU, to test the script.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import dense
import dense_lifting
import recognition
import torch
from measure import peak_megabytes
from torch import Tensor

from pyg_skeleton import create_model

ROOT = Path(__file__).resolve().parents[1]
LIFTING = (("sem_gcn", "paper"), ("res_gcn", "paper"), ("lcn", "paper"), ("skeletal_gnn", "paper"))


class Form(NamedTuple):
    """A network, ours or the dense one."""

    model: torch.nn.Module
    call: Callable[..., Any]
    args: tuple[Any, ...]

    def to(self, device: str) -> "Form":
        """Moves network and input to a device."""
        args = (a.to(device) if isinstance(a, Tensor) else a for a in self.args)
        return Form(self.model.to(device), self.call, tuple(args))

    def forward(self) -> Any:
        """A forward pass without gradients."""
        self.model.eval()
        with torch.no_grad():
            return self.call(*self.args)

    def step(self) -> Any:
        """A forward and a backward pass."""
        self.model.train()
        output = self.call(*self.args)
        outputs = (output,) if isinstance(output, Tensor) else output[:2]
        loss = torch.stack([out.float().square().mean() for out in outputs]).sum()
        return torch.autograd.grad(loss, list(self.model.parameters()), allow_unused=True)


def networks(quick: bool) -> Iterator[tuple[str, Form, Form]]:
    """Yields names of networks, with our form and the dense form."""
    for name in recognition.NETWORKS:
        size = recognition.NTU._replace(name="64 NTU clips", clips=64)
        case = recognition.Case(name, size, quick)
        ours = Form(case.model, case.model.forward_clips, case.args)
        yield case.name, ours, Form(case.reference, case.reference, case.dense_args)
    batch = 4 if quick else 1024
    for name, preset in LIFTING:
        model: Any = create_model(name, preset)
        x = torch.randn(batch * model.skeleton.num_joints, 2)
        bodies, reference = x.view(batch, -1, 2), dense_lifting.Network(model)
        ours = Form(model, model.forward_poses, (x,))
        yield f"{name} {preset}, {batch} poses", ours, Form(reference, reference, (bodies,))
    clips, frames = (2, 10) if quick else (64, 50)
    model = create_model("sym_gnn", "tiny" if quick else "cmu")
    V = model.skeleton.num_joints
    x = torch.randn(clips * V, frames, 3)
    ours = Form(model, model.forward_clips, (x, torch.arange(clips), clips))
    reference = dense.DenseSymGNN(model)
    yield (
        f"sym_gnn, {clips} clips",
        ours._replace(call=lambda *args: model.forward_clips(*args)[:2]),
        Form(reference, reference, (dense.to_dense(x, V).contiguous(),)),
    )


def milliseconds(run: Callable[[], Any], device: str, rounds: int) -> float:
    """Returns the best time of some rounds, after two that warm up."""
    best = float("inf")
    for number in range(rounds + 2):
        synchronize(device)
        start = time.perf_counter()
        run()
        synchronize(device)
        if number >= 2:
            best = min(best, (time.perf_counter() - start) * 1e3)
    return best


def peak(run: Callable[[], Any], device: str) -> float:
    """Returns the peak of the megabytes that a run allocates."""
    if device == "cpu":
        return peak_megabytes(run)
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    run()
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def synchronize(device: str) -> None:
    """Waits for a GPU."""
    if device != "cpu":
        torch.cuda.synchronize()


def measure_networks(args: argparse.Namespace, deadline: float) -> None:
    """Prints a row for each network, precision, form of execution, and pass."""
    print("| | | | ours, ms | dense, ms | dense / ours | ours, MB | dense, MB |")
    print("|---|---|---|--:|--:|--:|--:|--:|")
    modes = [(bf16, compiled) for compiled in (False, True) for bf16 in (False, True)]
    forms = [form for form in networks(args.quick) if args.only in form[0]]
    # All networks eagerly before compilation, which takes the most time.
    for bf16, compiled in modes[:2] if args.quick else modes:
        mode = f"{'bfloat16' if bf16 else 'float32'}, {'compiled' if compiled else 'eager'}"
        for name, *pair in forms:
            if time.monotonic() > deadline:
                print(f"no time left: {name}, {mode}", flush=True)
                continue
            ours, theirs = (form.to(args.device) for form in pair)
            if compiled:
                torch.compiler.reset()
                ours, theirs = (
                    form._replace(call=torch.compile(form.call, dynamic=False))
                    for form in (ours, theirs)
                )
            cast = torch.autocast(args.device, torch.bfloat16) if bf16 else nullcontext()
            for what in ("forward", "step"):
                with cast:
                    runs = getattr(ours, what), getattr(theirs, what)
                    times = [
                        milliseconds(run, args.device, 1 if args.quick else 10) for run in runs
                    ]
                    peaks = [peak(run, args.device) for run in runs]
                print(
                    f"| {name} | {mode} | {what} | {times[0]:.2f} | {times[1]:.2f} | "
                    f"{times[1] / times[0]:.2f} | {peaks[0]:.0f} | {peaks[1]:.0f} |",
                    flush=True,
                )
            for form in pair:
                form.model.cpu()


def run_tests(args: argparse.Namespace, deadline: float) -> None:
    """Runs the tests that compare a device with the CPU."""
    line = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    line += [str(ROOT / "tests" / "nn" / "models" / "test_devices.py")]
    line += ["-k", "computes_what_the_cpu_does" + (" and lcn" if args.quick else "")]
    subprocess.run(line, env={**os.environ, "TEST_DEVICE": args.device}, cwd=ROOT, check=True)


def run_recipe(args: argparse.Namespace, deadline: float) -> None:
    """Trains CTR-GCN on NW-UCLA without and with SkeletonGCL."""
    line = [sys.executable, "-m", "pyg_skeleton", "train", "recognition", "--model", "ctr_gcn"]
    if args.root is None:
        print("no --root: trains on embedded clips")
        line += ["--preset", "nw-ucla", "--recipe", "ctr-gcn-nw-ucla"]
    else:
        line += ["--data", "nw-ucla", "--root", str(args.root)]
    if args.quick:
        line += ["--network.channels", "8", "--network.strides", "1", "--max-steps", "2"]
        line += ["--batch-size", "4", "--clips-per-class", "2"]
    else:
        line += ["--precision", "bf16", "--num-workers", "8"]
    line += ["--accelerator", "cpu" if args.device == "cpu" else "gpu"]
    for gcl in ("none", "paper"):
        with tempfile.TemporaryDirectory() as out:
            start, left = time.monotonic(), deadline - time.monotonic()
            try:
                subprocess.run(
                    [*line, "--gcl", gcl, "--out", out], timeout=max(1, left), check=True
                )
            except subprocess.TimeoutExpired:
                print(f"no time left: the recipe with --gcl {gcl}", flush=True)
            else:
                print(f"--gcl {gcl}: {time.monotonic() - start:.0f} s", flush=True)


PARTS = {"tests": run_tests, "networks": measure_networks, "recipe": run_recipe}


def main() -> None:
    """Runs the parts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--only", default="", help="networks whose name contains this text")
    parser.add_argument("--root", type=Path, help="the files of NW-UCLA")
    parser.add_argument("--minutes", type=float, default=9.5, help="the time for all parts")
    parser.add_argument("--quick", action="store_true", help="small sizes, to test this script")
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        print("there is no GPU: nothing was tested or measured")
        return
    torch.manual_seed(0)
    start = time.monotonic()
    for part in args.part:
        # The recipe needs half of the time.
        share = 0.5 if part == "networks" and "recipe" in args.part else 1.0
        print(f"\n{part}", flush=True)
        PARTS[part](args, start + 60 * args.minutes * share)
    print(f"\n{(time.monotonic() - start) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
