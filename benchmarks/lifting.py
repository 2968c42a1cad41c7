"""Compares lifting networks with dense forms written from the equations of the papers.

    OMP_NUM_THREADS=1 python benchmarks/lifting.py [--batch 1 64 256] [--rounds 9]

Both forms have the same weights; a check that their outputs agree runs first. Ratios are the time
of the dense form divided by that of our form, so values above one mean that ours is faster.
"""

import argparse

import torch
from dense_lifting import Network
from measure import compare, modes

from pyg_skeleton import create_model
from pyg_skeleton.nn import NonLocal

NETWORKS = (
    ("sem_gcn", "paper"),
    ("sem_gcn", "no-non-local"),
    ("sem_gcn", "channelwise"),
    ("sem_gcn", "channelwise-no-non-local"),
    ("res_gcn", "paper"),
    ("lcn", "paper"),
    ("skeletal_gnn", "paper"),
    ("skeletal_gnn", "dynamic"),
)


class Poses(torch.nn.Module):
    """Wraps a network to take plain tensors."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        """Computes the output for poses as a plain tensor."""
        return self.model.forward_poses(x)


def main():
    """Runs the benchmark and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 64, 256])
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print("| network | batch | | ours ms | dense ms | dense / ours | memory, ours / dense |")
    print("|---|---|---|---|---|---|---|")
    for name, preset in NETWORKS:
        torch.manual_seed(0)
        options = {} if name in ("sem_gcn", "res_gcn") else {"dropout": 0.0}
        model = create_model(name, preset, **options)
        for module in model.modules():
            if isinstance(module, NonLocal):  # would be the identity otherwise
                torch.nn.init.ones_(module.norm.weight)
        ours, dense, V = Poses(model).eval(), Network(model).eval(), model.skeleton.num_joints
        for batch in args.batch:
            x = torch.randn(batch * V, 2)
            bodies = x.view(batch, V, 2)
            with torch.no_grad():
                one, two = ours(x), dense(bodies).flatten(0, 1)
            torch.testing.assert_close(one, two, rtol=1e-3, atol=1e-3 * float(one.abs().max()))
            forms = zip(modes(ours, (x,)), modes(dense, (bodies,)), strict=True)
            for (what, mine), (_, theirs) in forms:
                ours.train(what != "forward"), dense.train(what != "forward")
                result = compare(name, what, mine, theirs, args.rounds)
                print(
                    f"| {name} {preset} | {batch} | {what} | {result.ours:.2f} | "
                    f"{result.dense:.2f} | {1 / result.time:.2f} | {result.memory:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
