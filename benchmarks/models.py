"""Compares the presets of Sym-GNN with plain dense code written from the equations.

    python benchmarks/models.py [--compile] [--only cmu]

A training step is a forward pass and one backward pass for each of the two losses, which the
balance of the losses in the paper requires. See measure.py for the method and dense.py for the
reference.
"""

import argparse
from collections.abc import Callable
from typing import Any

import dense
import torch
import torch.nn.functional as F
from measure import Comparison, compare, table
from torch import Tensor

from pyg_skeleton import create_model
from pyg_skeleton.nn.loss import motion_l1

# The preset, number of clips and number of observed frames; clips have one person.
SIZES = {"tiny": (16, 50), "cmu": (4, 50), "h36m": (4, 50), "ntu": (1, 300)}
Network = Callable[[], tuple[Tensor, Tensor]]


def steps(network: Network, y: Tensor, target: Tensor, parameters: list[Tensor]) -> dict[str, Any]:
    """Returns a forward pass without gradients, and a training step."""

    def forward() -> Any:
        with torch.no_grad():
            return network()

    def step() -> None:
        logits, prediction = network()
        losses = F.cross_entropy(logits, y), motion_l1(prediction, target, len(y))
        for i, loss in enumerate(losses):
            torch.autograd.grad(loss, parameters, retain_graph=i == 0, allow_unused=True)

    return {"forward": forward, "training step": step}


def run(preset: str, rounds: int, compile: bool) -> list[Comparison]:
    """Compares a preset with its dense form, with the same parameters."""
    B, T = SIZES[preset]
    model: Any = create_model("sym_gnn", preset)
    reference: Any = dense.DenseSymGNN(model)
    V, clip = model.skeleton.num_joints, torch.arange(B)
    x, target = torch.randn(B * V, T, 3), torch.randn(B * V, model.num_future, 3)
    x_dense, target_dense = (dense.to_dense(t, V).contiguous() for t in (x, target))
    y = torch.randint(model.num_classes, (B,))
    forward, forward_dense = model.forward_clips, reference.forward
    if compile:
        forward, forward_dense = (torch.compile(f, dynamic=False) for f in (forward, forward_dense))
        torch._functorch.config.donated_buffer = False  # two backward passes per forward pass
    ours = steps(lambda: forward(x, clip, B)[:2], y, target, list(model.parameters()))
    theirs = steps(lambda: forward_dense(x_dense), y, target_dense, list(reference.parameters()))
    name = f"{preset}, {B} clips of {T} frames" + (", compiled" if compile else "")
    return [compare(name, what, ours[what], theirs[what], rounds) for what in ours]


def main() -> None:
    """Runs the benchmark and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="only run presets whose name contains this text")
    parser.add_argument("--compile", action="store_true", help="compile both forms")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = []
    for preset in SIZES:
        if args.only in preset:
            rows += run(preset, args.rounds, args.compile)
            print(f"  {rows[-1].name}: {rows[-2].time:.2f} {rows[-1].time:.2f}", flush=True)
    print("\n" + table(rows))


if __name__ == "__main__":
    main()
