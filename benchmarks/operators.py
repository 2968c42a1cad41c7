"""Compares the operators of Sym-GNN with plain dense code written from the equations.

    python benchmarks/operators.py [--compile] [--only JointConv]

A ratio below one means that our form needs less. See measure.py for the method and dense.py for the
reference.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import dense
import torch
from measure import Comparison, compare, modes, table
from torch import Tensor

from pyg_skeleton import Skeleton, nn

BODY = Skeleton.get("ntu25")
V, P = BODY.num_joints, len(BODY.parts)
Case = tuple[str, Any, tuple[Any, ...], Any, tuple[Any, ...]]


def features(bodies: int, nodes: int, frames: int, channels: int) -> tuple[Tensor, Tensor]:
    """Creates the same features in both layouts."""
    x = torch.randn(bodies * nodes, frames, channels)
    ours, theirs = x.clone(), dense.to_dense(x, nodes).contiguous()
    return ours.requires_grad_(), theirs.requires_grad_()


def graphs(bodies: int) -> tuple[nn.ActionalGraph, Tensor]:
    """Creates the same actional graphs as edges and as matrices."""
    graph = nn.AGIM(6, V, 8)(torch.randn(bodies * V, 6))
    weight = graph.edge_weight.detach().requires_grad_()
    matrix = graph.adjacency().detach().clone().requires_grad_()
    return graph._replace(edge_weight=weight), matrix


def convolutions() -> Iterator[Case]:
    """Yields graph convolutions of coordinates, of equal width, and after fusion."""
    for C, D, B, T in ((3, 64, 16, 64), (64, 64, 16, 64), (256, 128, 8, 32)):
        size = f"{C}→{D}, {B} bodies, {T} frames"
        (x, y), (graph, A) = features(B, V, T, C), graphs(B)
        joint = nn.JointConv(C, D, BODY, order=4, lambda_act=0.5)
        yield f"JointConv {size}", joint, (x, graph), dense.JointConv(joint, BODY), (y, A)
        act = nn.ActionalConv(C, D)
        yield f"ActionalConv {size}", act, (x, graph), dense.ActionalConv(act), (y, A)
        conv = nn.StructuralConv(C, D, BODY, order=4)
        yield f"StructuralConv {size}", conv, (x,), dense.StructuralConv(conv, BODY), (y,)
    for C, D in ((64, 64), (256, 128)):
        x, y = features(16, P, 64, C)
        part = nn.PartConv(C, D, BODY)
        reference = dense.StructuralConv(part, BODY.part_graph())
        yield f"PartConv {C}→{D}, 16 bodies, 64 frames", part, (x,), reference, (y,)


def inference() -> Iterator[Case]:
    """Yields the inference of the graph of a clip, with the sizes of Table 16."""
    x = torch.randn(16 * V, 147)
    args = (x.clone().requires_grad_(),), (x.view(16, V, 147).clone().requires_grad_(),)
    for K in (0, 2):
        agim = nn.AGIM(147, V, num_iterations=K)
        yield f"AGIM K={K}, 16 bodies", agim, args[0], dense.AGIM(agim), args[1]


def pooling() -> Iterator[Case]:
    """Yields pooling from joints to parts and back."""
    (x, y), (p, q) = features(16, V, 64, 64), features(16, P, 64, 64)
    size = "64, 16 bodies, 64 frames"
    pool, unpool = dense.JointToPartPool(BODY), dense.PartToJointUnpool(BODY)
    yield f"JointToPartPool {size}", nn.JointToPartPool(BODY), (x,), pool, (y,)
    yield f"PartToJointUnpool {size}", nn.PartToJointUnpool(BODY), (p,), unpool, (q,)

    def fusion(y: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
        return torch.cat([y, unpool(q)], dim=1), torch.cat([q, pool(y)], dim=1)

    yield f"BidirectionalFusion {size}", nn.BidirectionalFusion(BODY), (x, p), fusion, (y, q)


def over_time() -> Iterator[Case]:
    """Yields temporal convolutions and batch norm."""
    for C, D, k, s in ((64, 64, 9, 1), (128, 256, 9, 2), (64, 128, 1, 2)):
        x, y = features(8, V, 64, C)
        conv = nn.TemporalConv(C, D, k, s)
        reference = torch.nn.Conv2d(C, D, (k, 1), (s, 1), (k // 2, 0))
        name = f"TemporalConv {C}→{D}, {k} frames, stride {s}, 8 bodies, 64 frames"
        yield name, conv, (x,), reference, (y,)
    x, y = features(16, V, 64, 64)
    norm, reference = nn.ChannelBatchNorm(64), torch.nn.BatchNorm2d(64)
    yield "ChannelBatchNorm 64, 16 bodies, 64 frames", norm, (x,), reference, (y,)


def blocks() -> Iterator[Case]:
    """Yields whole blocks."""
    for C, D, s, B in ((64, 64, 1, 8), (64, 128, 2, 8), (256, 128, 1, 4)):
        size = f"{C}→{D}, stride {s}, {B} bodies, 64 frames"
        (x, y), (graph, A) = features(B, V, 64, C), graphs(B)
        block = nn.JGTCBlock(C, min(C, D), D, BODY, stride=s, order=4, lambda_act=0.5)
        yield f"JGTCBlock {size}", block, (x, graph), dense.GTCBlock(block, BODY), (y, A)
        x, y = features(B, P, 64, C)
        block = nn.PGTCBlock(C, min(C, D), D, BODY, stride=s)
        yield f"PGTCBlock {size}", block, (x,), dense.GTCBlock(block, BODY), (y,)


def run(case: Case, rounds: int) -> list[Comparison]:
    """Measures the forward pass and a training step of a case."""
    name, layer, args, reference, reference_args = case
    pairs = zip(modes(layer, args), modes(reference, reference_args), strict=True)
    return [compare(name, what, ours, theirs, rounds) for (what, ours), (_, theirs) in pairs]


def compiled(case: Case) -> Case:
    """Compiles both forms of a case."""
    name, layer, args, reference, reference_args = case
    compile: Callable[[Any], Any] = lambda module: torch.compile(module, dynamic=False)  # noqa: E731
    return f"{name}, compiled", compile(layer), args, compile(reference), reference_args


def main() -> None:
    """Runs the benchmark and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="only run cases whose name contains this text")
    parser.add_argument("--compile", action="store_true", help="compile one case of each kind")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    kinds = (convolutions, inference, pooling, over_time, blocks)
    cases = [case for kind in kinds for case in kind() if args.only in case[0]]
    if args.compile:
        chosen = ("JointConv 64", "AGIM K=2", "JGTCBlock 64→64")
        cases = [compiled(case) for case in cases if case[0].startswith(chosen)]
    rows = []
    for case in cases:
        rows += run(case, args.rounds)
        print(f"  {rows[-1].name}: {rows[-2].time:.2f} {rows[-1].time:.2f}", flush=True)
    print("\n" + table(rows))


if __name__ == "__main__":
    main()
