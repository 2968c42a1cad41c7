import torch

from pyg_skeleton.nn import STCAttention


def test_equals_the_equations_joint_by_joint():
    torch.manual_seed(0)
    attention = STCAttention(4, 5)
    for parameter in attention.parameters():
        torch.nn.init.normal_(parameter)
    x = torch.randn(2, 5, 7, 4)  # [B, V, T, C]
    expected = []
    for body in x:
        gate = attention.joint(body.mean(1).t()[None])[0, 0].sigmoid()
        h = body + body * gate[:, None, None]
        gate = attention.frame(h.mean(0).t()[None])[0, 0].sigmoid()
        h = h + h * gate[None, :, None]
        gate = attention.channel(attention.squeeze(h.mean((0, 1))).relu()).sigmoid()
        expected.append(h + h * gate)
    out = attention(x.flatten(0, 1))
    torch.testing.assert_close(out, torch.cat(expected))


def test_bodies_do_not_see_each_other():
    attention, x = STCAttention(4, 6), torch.randn(12, 7, 4)
    torch.testing.assert_close(attention(x)[6:], attention(x[6:]))


def test_a_new_one_weighs_frames_and_channels_by_a_half():
    attention = STCAttention(4, 5)
    torch.nn.init.zeros_(attention.joint.weight)
    x = torch.randn(5, 7, 4)
    torch.testing.assert_close(attention(x), x * 1.5**3)
