import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn import DynamicHCSFConv, HCSFConv, LCNConv, TemporalConv
from pyg_skeleton.nn.models import SkeletalGNN
from pyg_skeleton.skeleton import Skeleton

LCN17 = Skeleton.get("h36m17-lcn")
SMALL = {"hidden_channels": 8}


@pytest.mark.parametrize(
    ("hidden_channels", "mode", "millions"),
    [(64, "ring", 1.087), (128, "ring", 4.308), (64, "ball", 1.204), (128, "ball", 4.777)],
)
def test_weights_of_the_printed_configuration(hidden_channels, mode, millions):
    """Matrices of joint pairs and W_a, without norms and the last bias."""
    model = SkeletalGNN(LCN17, hidden_channels=hidden_channels, hop_mode=mode)
    convs = [m for m in model.modules() if isinstance(m, (HCSFConv, LCNConv))]
    count = sum(p.numel() for m in convs for p in m.parameters()) - model.output.bias.numel()
    assert round(count / 1e6, 3) == millions
    assert [type(m) for m in convs] == [HCSFConv] * 5 + [LCNConv]  # six layers


def test_blocks_of_clips():
    model = SkeletalGNN(LCN17, num_frames=9, dynamic=True, graph_kernel=3, **SMALL).eval()
    temporal = [m for m in model.blocks.modules() if isinstance(m, TemporalConv)]
    temporal = [m for m in temporal if m.kernel_size == (3,) and m.padding == (0,)]
    assert [m.dilation for m in temporal] == [(1,), (3,)]
    x = torch.rand(2 * 17, 9, 2, requires_grad=True)
    pose = model.forward_poses(x)
    assert pose.shape == (34, 3)
    pose.sum().backward()
    assert x.grad.flatten(2).any(dim=2).all(dim=0).all()  # all nine frames have a say
    with pytest.raises(ValueError, match="expected num_frames 1 or 9 for 2 blocks, got 5"):
        SkeletalGNN(LCN17, num_frames=5)


def test_a_clip_that_stands_still_is_one_pose():
    torch.manual_seed(1)
    clip = SkeletalGNN(LCN17, num_frames=9, **SMALL).double().eval()
    pose = torch.rand(17, 1, 2, dtype=torch.float64)
    h = clip.input(pose)
    for block in clip.blocks:
        unit = block[1]
        kernel = unit.conv.weight.sum(dim=2)
        still = F.linear(block[0](h), kernel, unit.conv.bias)
        h = h + F.leaky_relu(unit.norm(still), 0.2)
    expected = clip.output(h.squeeze(1))
    torch.testing.assert_close(clip.forward_poses(pose.expand(-1, 9, -1)), expected)


def test_keypoints_are_added_in_the_image_only():
    model = SkeletalGNN(LCN17, num_frames=9, **SMALL).eval()
    x = torch.rand(17, 9, 2)
    relative = model.forward_poses(x)
    model.target_space = "pixel-depth"
    torch.testing.assert_close(model.forward_poses(x), relative + F.pad(x[:, 4], (0, 1)))


def test_arguments_reach_the_layers():
    model = SkeletalGNN(
        LCN17,
        hidden_channels=32,
        short_range=0,
        long_range=3,
        squeeze=0.5,
        fusion="add",
        long_fusion="mul",
        hop_mode="ball",
        sharing="hop",
        dynamic=True,
        graph_init="rand",
        alpha=1.0,
        learn_alpha=False,
        support="free",
        dropout=0.1,
    )
    conv = model.input.conv
    assert isinstance(conv, DynamicHCSFConv)
    assert conv.widths == (32, 16, 8, 4)
    assert (conv.fusion, conv.long_fusion, conv.sharing) == ("add", "mul", "hop")
    assert conv.template.sizes == [17 * 17] * 4
    assert conv.graph.init == "rand"
    assert float(conv.graph.alpha) == 1.0
    assert not any("alpha" in name for name, _ in model.named_parameters())
    assert model.input.dropout.p == 0.1
    fixed = SkeletalGNN(LCN17, dynamic=True, offset=False, graph_init="dense", **SMALL)
    assert fixed.input.conv.graph.embed is None
