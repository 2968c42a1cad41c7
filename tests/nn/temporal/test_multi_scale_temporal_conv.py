import copy

import pytest
import torch

from pyg_skeleton.nn import MultiScaleTemporalConv


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("activation", [False, True])
def test_multi_scale_temporal_conv_is_four_branches(stride, activation):
    conv = MultiScaleTemporalConv(6, 8, stride=stride, activation=activation).double()
    x = torch.randn(5, 13, 6, dtype=torch.float64)
    h = conv.squeeze_norm(conv.squeeze(x)).relu().transpose(1, 2)
    branches = []
    for b, dilation in enumerate((1, 2)):
        c = conv.convs[b]
        part = h[:, 2 * b : 2 * b + 2]
        branches.append(
            torch.nn.functional.conv1d(part, c.weight, c.bias, stride, 2 * dilation, dilation)
        )
    branches.append(torch.nn.functional.max_pool1d(h[:, 4:], 3, stride, 1))
    branches.append(conv.point(x[:, ::stride]).transpose(1, 2))
    twin = copy.deepcopy(conv.norm)
    twin.reset_running_stats()
    expected = twin(torch.cat(branches, dim=1).transpose(1, 2))
    expected = expected.relu() if activation else expected
    torch.testing.assert_close(conv(x), expected)
    with pytest.raises(ValueError, match="divisible by 4 branches, got 6"):
        MultiScaleTemporalConv(6, 6)


@pytest.mark.parametrize("stride", [1, 2])
def test_without_padding_the_frames_in_the_middle_are_left(stride):
    padded = MultiScaleTemporalConv(6, 8, stride=stride).eval()
    valid = MultiScaleTemporalConv(6, 8, stride=stride, valid=True).eval()
    valid.load_state_dict(padded.state_dict())
    assert (padded.reach, padded.lost, valid.lost) == (4, 0, 4)
    x = torch.randn(5, 21, 6)
    out = valid(x)
    assert out.size(1) == -(-13 // stride)
    torch.testing.assert_close(out, padded(x)[:, 4 // stride :][:, : out.size(1)])
