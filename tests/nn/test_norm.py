import pytest
import torch

from pyg_skeleton.nn import ChannelBatchNorm, JointBatchNorm
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_state_dict_round_trip,
)


def test_normalizes_channels_over_all_else():
    norm = ChannelBatchNorm(3)
    x = 5 + 2 * torch.randn(4, 6, 3)
    out = norm(x)
    torch.testing.assert_close(out.mean(dim=(0, 1)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(dim=(0, 1), correction=0), torch.ones(3), atol=1e-3, rtol=0)
    torch.testing.assert_close(norm.running_mean, 0.1 * x.mean(dim=(0, 1)))


def test_equals_batch_norm_with_channels_second():
    ours, theirs = ChannelBatchNorm(3).double(), torch.nn.BatchNorm2d(3).double()
    theirs.load_state_dict(ours.state_dict())
    for training in (True, True, False):
        ours.train(training), theirs.train(training)
        x = torch.randn(4, 6, 5, 3, dtype=torch.float64, requires_grad=True)
        y = x.detach().clone().requires_grad_()
        a, e = ours(x), theirs(y.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        torch.testing.assert_close(a, e)
        weight = torch.randn_like(a)
        (a * weight).sum().backward()
        (e * weight).sum().backward()
        torch.testing.assert_close(x.grad, y.grad)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for a, e in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(a, e)


def test_takes_views_and_poses():
    norm = ChannelBatchNorm(3).eval()
    x = torch.randn(5, 3, 4)
    assert norm(x.transpose(1, 2)).shape == (5, 4, 3)
    assert norm(torch.randn(7, 3)).shape == (7, 3)


def test_usual_checks():
    x = torch.randn(4, 6, 3)
    assert str(ChannelBatchNorm(3)).startswith("ChannelBatchNorm(3, ")
    assert_all_parameters_get_gradients(ChannelBatchNorm(3), x)
    assert_state_dict_round_trip(lambda: ChannelBatchNorm(3), x)
    assert_autocast(ChannelBatchNorm(3), x)
    assert_compiles(ChannelBatchNorm(3), x)


def test_joint_batch_norm_normalizes_each_joints_channels():
    norm = JointBatchNorm(4, 3)
    x = torch.randn(5 * 4, 7, 3) * (1 + torch.arange(3)) + torch.arange(20).view(-1, 1, 1) % 4
    out = norm(x).view(5, 4, 7, 3)
    torch.testing.assert_close(out.mean(dim=(0, 2)), torch.zeros(4, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        out.var(dim=(0, 2), correction=0), torch.ones(4, 3), atol=1e-3, rtol=0
    )
    assert norm.running_mean.shape == (12,)


@pytest.mark.parametrize("training", [True, False])
def test_norm_by_person(training):
    ours = JointBatchNorm(4, 3, num_persons=2)
    theirs = torch.nn.BatchNorm1d(2 * 4 * 3)
    for norm in (ours, theirs):
        torch.manual_seed(0)
        for name in ("weight", "bias", "running_mean", "running_var"):
            torch.nn.init.uniform_(getattr(norm, name))
        norm.train(training)
    x = torch.randn(5, 2, 4, 7, 3)  # clips, persons, joints, frames, channels
    person = torch.tensor([0, 1]).repeat(5)
    out = ours(x.flatten(0, 2), person).view(x.shape)
    flat = x.permute(0, 1, 2, 4, 3).reshape(5, 24, 7)
    expected = theirs(flat).view(5, 2, 4, 3, 7).transpose(3, 4)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    # A batch without second persons leaves their statistics alone.
    before = ours.running_mean.clone()
    ours(x[:, 0].flatten(0, 1), torch.zeros(5, dtype=torch.long))
    assert torch.equal(ours.running_mean[12:], before[12:])
