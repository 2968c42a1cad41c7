"""The networks that recognize actions against their authors' dense form, with the same weights.

    OMP_NUM_THREADS=1 python benchmarks/recognition.py [--part networks] [--only ctr_gcn] [--quick]

networks   8 clips of NTU RGB+D (64 frames, 25 joints, 2 persons) and 16 of NW-UCLA (52 frames, 20
           joints, one person) against the dense form
persons    8 NTU clips that hold one person each, against the same network with `pad_persons=True`
           and against the dense form, which both compute a second person of zeros
contrast   CTR-GCN within SkeletonGCL, whose banks are full, against CTR-GCN alone
precision  ST-GCN in bfloat16 against float32
compile    compiled networks against eager ones; not part of a quick run

A training step is a forward and a backward pass of the cross-entropy. That both forms give the same
logits is checked first. See measure.py for what is measured, dense_recognition.py for what it is
measured against; `time` and `memory` are those of the first form over those of the second.
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
    """What goes in at a time."""

    name: str
    layout: str
    classes: int
    clips: int
    frames: int
    persons: int


NTU = Size("8 NTU clips", "ntu25", 60, 8, 64, 2)
UCLA = Size("16 NW-UCLA clips", "kinect20", 10, 16, 52, 1)
#: The full widths are the presets'; a quick run has few of everything.
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
        # The weights of the others say how many persons they know.
        known = {"num_persons": M} if name in ("st_gcn", "agcn") else {}
        self.model = ours.from_official(self.reference.state_dict(), self.skeleton, **known)
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
        """Both forms are the same network."""
        self.model.eval(), self.reference.eval()
        with torch.no_grad():
            ours = logits(self.model.forward_clips(*self.args))
            theirs = logits(self.reference(*self.dense_args))
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()))

    def ours(self, model: Any = None, run: Any = None) -> dict[str, Run]:
        """Our forward pass and training step."""
        model = self.model if model is None else model
        return runs(model, run or model.forward_clips, self.args, self.y)

    def dense(self) -> dict[str, Run]:
        """The same of the dense form."""
        return runs(self.reference, self.reference, self.dense_args, self.y)

    def batch(self) -> Any:
        """The clips as a loader gives them."""
        bodies = self.args[0].unflatten(0, (self.size.clips, -1, self.skeleton.num_joints))
        clips = [self.skeleton.to_data(b, y=int(y)) for b, y in zip(bodies, self.y, strict=True)]
        return next(iter(SkeletonLoader(clips, batch_size=len(clips))))


def logits(output: Any) -> Tensor:
    """The first of what a network returns."""
    return output if isinstance(output, Tensor) else output[0]


def runs(model: Any, run: Callable[..., Any], args: tuple[Any, ...], y: Tensor) -> dict[str, Run]:
    """The forward pass of a trained network, and a training step."""
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
    """Compares, and prints at once what comes out."""
    row = compare(*args)
    print(f"  {row.name}, {row.what}: {row.median:.2f} {row.memory:.2f}", flush=True)
    return row


def both(name: str, one: dict[str, Run], two: dict[str, Run], rounds: int) -> list[Comparison]:
    """Compares forward passes and training steps."""
    return [shown(name, what, one[what], two[what], rounds) for what in one]


def networks(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Ours against the dense form."""
    rows = []
    for size in (NTU, UCLA):
        case = Case(name, size, quick)
        case.check()
        rows += both(f"{case.name}; dense", case.ours(), case.dense(), rounds)
    return rows


def persons(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Clips of one person where two are possible, without and with a person of zeros."""
    case = Case(name, NTU, quick, present=1)
    padded = Case(name, NTU, quick, present=1)
    padded.model.pad_persons = True
    padded.check()
    ours = case.ours()
    rows = both(f"{case.name} of one person; padded", ours, padded.ours(), rounds)
    return rows + both(f"{case.name} of one person; dense", ours, case.dense(), rounds)


def contrast(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """SkeletonGCL, and its loss alone, against a training step without it."""
    if name != "ctr_gcn":
        return []
    # The paper's sizes of the bank.
    return [
        row
        for size, per_class in ((UCLA, 342), (NTU, 684))
        for row in contrast_with(Case(name, size, quick), per_class, rounds)
    ]


def contrast_with(case: Case, per_class: int, rounds: int) -> list[Comparison]:
    """The same with one set of clips."""
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
    """Mixed precision, as `--precision bf16` has it, against float32."""
    if name != "st_gcn":
        return []
    case = Case(name, NTU, quick)

    def mixed(*args: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return case.model.forward_clips(*args)

    return both(f"{case.name}, bf16; fp32", case.ours(run=mixed), case.ours(), rounds)


def compiled(name: str, quick: bool, rounds: int) -> list[Comparison]:
    """Without graph breaks, against eager."""
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
    """Prints the table."""
    global NTU, UCLA
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--quick", action="store_true", help="small networks: a test of this file")
    parser.add_argument("--clips", type=int, help="other numbers of clips, on a busy machine")
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
