"""Two processes on one machine against one."""

import os
import sys
from pathlib import Path

import pytest
import torch

from pyg_skeleton.nn import ChannelBatchNorm, JointBatchNorm
from pyg_skeleton.nn.norm import synchronize_norms
from pyg_skeleton.nn.processes import gather, mean_over_processes, num_processes, weigh_rows

PROGRAM = Path(__file__)


def rows(channels=3, num_rows=10):
    return torch.randn(num_rows, 4, channels, generator=torch.Generator().manual_seed(0))


def share(x, rank, size):
    return x if size == 1 else x[rank::size]


def normalized(rank, size):
    """Channels: the output, gradients, and statistics."""
    torch.manual_seed(0)
    norm = ChannelBatchNorm(3)
    torch.nn.init.normal_(norm.weight)
    if size > 1:
        synchronize_norms(norm)
    x = share(rows(), rank, size).requires_grad_()
    out = norm(x)
    (out.sigmoid() * share(rows(num_rows=11)[1:], rank, size)).sum().backward()
    return {"out": out, "grad": x.grad, "of weight": norm.weight.grad, **norm.state_dict()}


def normalized_by_person(rank, size):
    """Joints; all second and third persons are in the first process."""
    torch.manual_seed(0)
    norm = JointBatchNorm(2, 3, num_persons=4)
    if size > 1:
        synchronize_norms(norm)
    x = rows(3, 16).view(8, 2, 4, 3)
    person = torch.tensor([0, 0, 1, 0, 2, 0, 1, 0])
    x, person = share(x, rank, size).flatten(0, 1).requires_grad_(), share(person, rank, size)
    out = norm(x, person)
    out.square().sum().backward()
    bodies = (x.size(0) // 2, 2, 4, 3)
    return {"out": out.view(bodies), "grad": x.grad.view(bodies), **norm.state_dict()}


def images(rank, size):
    norm = torch.nn.Sequential(torch.nn.BatchNorm2d(4))
    if size > 1:
        synchronize_norms(norm)
    out = norm(share(rows().view(10, 4, 3, 1), rank, size))
    return {"out": out, **norm.state_dict()}


def gathered(rank, size):
    """A loss of all pairs of rows."""
    x = share(rows(), rank, size).requires_grad_()
    every = gather(x)
    (every.flatten(1) @ every.flatten(1).t()).sigmoid().sum().div(size).backward()
    means = mean_over_processes([x.detach().mean(), x.detach()[:, 0].mean(0)])
    return {"out": x.detach(), "grad": x.grad, "every": every, "mean": means[0], "means": means[1]}


def weighed(rank, size):
    """The mean of rows of which the first process has seven, the second three."""
    weight = torch.ones(3, requires_grad=True)
    own = rows() if size == 1 else rows().split([7, 3])[rank]
    loss = weigh_rows((own @ weight).sigmoid().mean(), len(own))
    loss.backward()
    mean, grad = mean_over_processes([loss.detach(), weight.grad])
    return {"mean": mean, "gradient": grad}


CASES = {f.__name__: f for f in (normalized, normalized_by_person, images, gathered, weighed)}


@pytest.fixture(scope="module")
def pair(in_two_processes):
    """The results of two processes."""
    return in_two_processes(PROGRAM)


@pytest.mark.parametrize("name", CASES)
def test_two_processes_are_one(pair, name):
    first, second = pair[0][name], pair[1][name]
    for key, value in CASES[name](0, 1).items():
        if key in ("out", "grad"):  # each has its own rows
            both = torch.stack([first[key], second[key]], 1).flatten(0, 1)
        elif key == "of weight":  # and its own loss
            both = first[key] + second[key]
        else:
            both = first[key]
            assert torch.equal(both, second[key]), key
        torch.testing.assert_close(both, value, msg=key)


def test_one_process_computes_as_it_is():
    x = rows()
    assert num_processes() == 1
    assert gather(x) is x
    values = [x]
    assert mean_over_processes(values) is values
    assert weigh_rows(x, 3) is x


def test_layers_are_the_same_before_and_after():
    model = torch.nn.Sequential(ChannelBatchNorm(3), JointBatchNorm(2, 3), torch.nn.ReLU())
    kinds, keys, text = [type(m) for m in model], list(model.state_dict()), repr(model)
    synchronize_norms(model)
    assert [m.synchronized for m in model[:2]] == [True, True]
    assert (list(model.state_dict()), repr(model)) == (keys, text)
    assert torch.equal(model.eval()(rows(3, 4)), model[2](model[1](model[0](rows(3, 4)))))
    synchronize_norms(model)
    synchronize_norms(model, False)
    assert [type(m) for m in model] == kinds


def main(out, rank):
    torch.set_num_threads(1)
    where = f"file://{out / 'meeting'}"
    torch.distributed.init_process_group("gloo", where, rank=rank, world_size=2)
    results = {name: case(rank, 2) for name, case in CASES.items()}
    torch.save(results, out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    main(Path(sys.argv[1]), int(sys.argv[2]))
