"""Compares networks for action recognition with their authors' dense form, with equal weights.

    OMP_NUM_THREADS=1 python benchmarks/recognition.py [--part networks] [--only ctr_gcn] [--quick]

networks   8 clips of NTU RGB+D (64 frames, 25 joints, 2 persons) and 16 of NW-UCLA (52 frames, 20
           joints, one person) against the dense form
persons    8 NTU clips with one person each, against the same network with `pad_persons=True` and
           against the dense form, which both compute a second person of zeros
contrast   CTR-GCN in SkeletonGCL with full banks, against CTR-GCN alone
precision  ST-GCN in bfloat16, against float32
compile    compiled networks, against eager networks; not part of a quick run

A training step is a forward and a backward pass of the cross-entropy. A check that both forms have
the same logits runs first. See measure.py for the method and dense_recognition.py for the
reference; `time` and `memory` are ratios of the first form to the second.
"""

import argparse
import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import dense_recognition as dense
import torch
import torch.nn.functional as F
from measure import Comparison, Run, compare, table
from torch import Tensor

from pyg_skeleton import Skeleton, SkeletonLoader
from pyg_skeleton.nn.models import AGCN, CTRGCN, STGCN, InfoGCN, SkeletonGCL

NETWORKS: dict[str, tuple[Any, Any]] = {
    "st_gcn": (STGCN, dense.STGCN),
    "agcn": (AGCN, dense.AGCN),
    "ctr_gcn": (CTRGCN, dense.CTRGCN),
    "info_gcn": (InfoGCN, dense.InfoGCN),
}


class Size(NamedTuple):
    """The size of a batch."""

    name: str
    layout: str
    classes: int
    clips: int
    frames: int
    persons: int


NTU = Size("8 NTU clips", "ntu25", 60, 8, 64, 2)
UCLA = Size("16 NW-UCLA clips", "kinect20", 10, 16, 52, 1)
#: The full channels are those of the presets; a quick run uses fewer of everything.
QUICK = {"channels": (16, 32, 64)}


class Case:
    """A network, its dense form with the same weights, and clips for both."""

    def __init__(self, name: str, size: Size, quick: bool, present: int | None = None) -> None:
        ours, theirs = NETWORKS[name]
        M, present = size.persons, present or size.persons
        self.size = size._replace(clips=2, frames=16) if quick else size
        self.skeleton = Skeleton.get(size.layout)
        options: dict[str, Any] = {} if name == "st_gcn" else {"persons": M}
        self.reference = theirs(self.skeleton, size.classes, **options, **(QUICK if quick else {}))
        # The number of persons of the other networks follows from their weights.
        known = {"num_persons": M} if name in ("st_gcn", "agcn") else {}
        weights = self.reference.state_dict()
        self.model = ours.from_official(weights, self.skeleton, pad_persons=False, **known)
        N, T, V = self.size.clips, self.size.frames, self.skeleton.num_joints
        x = torch.randn(N, present, V, T, 3)
        zeros = x.new_zeros(N, M - present, V, T, 3)
        clip = torch.arange(N).repeat_interleave(present)
        self.args = x.flatten(0, 2), clip, torch.arange(present).repeat(N), N
        # [N, C, T, V, M]
        self.dense_args = (torch.cat([x, zeros], dim=1).permute(0, 4, 3, 2, 1).contiguous(),)
        self.y = torch.randint(size.classes, (N,))
        self.name = f"{name}, {self.size.name}" + (", quick" if quick else "")

    def check(self) -> None:
        """Checks that both forms are the same network."""
        self.model.eval(), self.reference.eval()
        with torch.no_grad():
            ours = logits(self.model.forward_clips(*self.args))
            theirs = logits(self.reference(*self.dense_args))
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()))

    def ours(self, model: Any = None, run: Any = None) -> dict[str, Run]:
        """Returns the forward pass and training step of our form."""
        model = self.model if model is None else model
        return runs(model, run or model.forward_clips, self.args, self.y)

    def dense(self) -> dict[str, Run]:
        """Returns the forward pass and training step of the dense form."""
        return runs(self.reference, self.reference, self.dense_args, self.y)

    def batch(self) -> Any:
        """Returns the clips as a batch of a loader."""
        bodies = self.args[0].unflatten(0, (self.size.clips, -1, self.skeleton.num_joints))
        clips = [self.skeleton.to_data(b, y=int(y)) for b, y in zip(bodies, self.y, strict=True)]
        return next(iter(SkeletonLoader(clips, batch_size=len(clips))))


def logits(output: Any) -> Tensor:
    """Returns the first output of a network."""
    return output if isinstance(output, Tensor) else output[0]


def runs(model: Any, run: Callable[..., Any], args: tuple[Any, ...], y: Tensor) -> dict[str, Run]:
    """Returns the forward pass in evaluation mode, and a training step."""
    parameters = list(model.parameters())

    def forward() -> Any:
        model.eval()
        with torch.no_grad():
            return run(*args)

    def step() -> Any:
        model.train()
        loss = F.cross_entropy(logits(run(*args)).float(), y)
        return torch.autograd.grad(loss, parameters, allow_unused=True)

    return {"forward": forward, "training step": step}


def shown(*args: Any) -> Comparison:
    """Compares two forms and immediately prints the result."""
    row = compare(*args)
    print(f"  {row.name}, {row.what}: {row.median:.2f} {row.memory:.2f}", flush=True)
    return row


def both(name: str, first: dict[str, Run], second: dict[str, Run], rounds: int) -> list[Comparison]:
    """Compares forward passes and training steps."""
    return [shown(name, what, first[what], second[what], rounds) for what in first]


def networks(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Compares our form with the dense form."""
    rows = []
    for size in (NTU, UCLA):
        case = Case(name, size, quick)
        case.check()
        rows += both(f"{case.name}; dense", case.ours(), case.dense(), rounds)
    return rows


def persons(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Compares clips of one person of two possible, without and with a person of zeros."""
    case = Case(name, NTU, quick, present=1)
    padded = Case(name, NTU, quick, present=1)
    padded.model.pad_persons = True
    padded.check()
    ours = case.ours()
    rows = both(f"{case.name} of one person; padded", ours, padded.ours(), rounds)
    return rows + both(f"{case.name} of one person; dense", ours, case.dense(), rounds)


def contrast(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Compares SkeletonGCL, and its loss alone, with a training step without it."""
    if name != "ctr_gcn":
        return []
    # The bank sizes of the paper.
    return [
        row
        for size, per_class in ((UCLA, 342), (NTU, 684))
        for row in contrast_with(Case(name, size, quick), per_class, rounds)
    ]


def contrast_with(case: Case, per_class: int, rounds: int) -> list[Comparison]:
    """Measures :func:`contrast` with one set of clips."""
    classes = case.size.classes
    bare = case.ours()["training step"]
    gcl = SkeletonGCL(copy.deepcopy(case.model), classes, per_class=per_class).train()
    data, parameters = case.batch(), list(gcl.parameters())
    every = torch.arange(classes).repeat(per_class)
    for bank in (gcl.instances, gcl.semantics):
        bank.update(F.normalize(torch.randn(len(every), 256)), every)
    kept: list[Tensor] = []
    hook = gcl.model.graph_layers()[-1].module.register_forward_hook(
        lambda m, a, out: kept.append(out)
    )
    gcl(data)
    hook.remove()
    graph = kept[0].detach().requires_grad_()

    def with_it() -> Any:
        out = gcl(data)
        loss = F.cross_entropy(logits(out.output), data.y) + out.contrast
        return torch.autograd.grad(loss, parameters, allow_unused=True)

    def alone() -> Any:
        loss = gcl.contrast(gcl.embed(graph, data), data.y)
        return torch.autograd.grad(loss, [graph, *gcl.head.parameters()])

    name, what = f"{case.name}, banks of {classes} x {per_class}", "training step"
    return [
        shown(f"{name}: SkeletonGCL; without", what, with_it, bare, rounds),
        shown(f"{name}: its loss alone; without", what, alone, bare, rounds),
    ]


def precision(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Compares mixed precision, as with `--precision bf16`, with float32."""
    if name != "st_gcn":
        return []
    case = Case(name, NTU, quick)

    def mixed(*args: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return case.model.forward_clips(*args)

    return both(f"{case.name}, bf16; fp32", case.ours(run=mixed), case.ours(), rounds)


def compiled(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Compares compilation without graph breaks with eager execution."""
    if quick:
        return []
    case = Case(name, NTU, quick)
    fast = torch.compile(case.model.forward_clips, fullgraph=True, dynamic=False)
    return both(f"{case.name}, compiled; eager", case.ours(run=fast), case.ours(), rounds)


PARTS = {
    "networks": networks,
    "persons": persons,
    "contrast": contrast,
    "precision": precision,
    "compile": compiled,
}


def main() -> None:
    """Runs the benchmark and prints the table."""
    global NTU, UCLA
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument(
        "--quick", action="store_true", help="use small networks, to test this script"
    )
    parser.add_argument("--clips", type=int, help="the number of clips, if not the default")
    args = parser.parse_args()
    if args.clips:
        NTU, UCLA = (
            size._replace(name=f"{args.clips} {size.name.split(' ', 1)[1]}", clips=args.clips)
            for size in (NTU, UCLA)
        )
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows: list[Comparison] = []
    for part in args.part:
        for name in args.only:
            rows += PARTS[part](name, args.quick, args.rounds)
    print("\n" + table(rows))


if __name__ == "__main__":
    main()
