import pytest
import torch

from pyg_skeleton.nn import HCSFConv, LCNConv
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_fused_equals_propagate,
    max_activation_elements,
)


def groups(skeleton, conv, mode, hop_aware):
    """Returns the (target, source) pairs of each group, from the text of Section 3.2."""
    S, L, d = conv.short_range, conv.long_range, skeleton.distances
    far = [d == k if mode == "ring" else d <= k for k in range(S + 1, L + 1)]
    if not hop_aware and far:
        far = [(d > S) & (d <= L) if mode == "ring" else d <= L]
    return [d <= S, *far]


def reference(skeleton, mode="ring", hop_aware=True):
    """Equations 3 to 6."""

    def fuse(how, features):
        if how == "concat":
            return torch.cat(features, dim=-1)
        total = features[0]
        for h in features[1:]:
            total = total + h if how == "add" else total * h
        return total

    def run(conv, x):
        sums, poses = [], x.unflatten(0, (-1, skeleton.num_joints))
        masks = groups(skeleton, conv, mode, hop_aware)
        for mask, width, weight in zip(masks, conv.widths, conv.weights, strict=True):
            if conv.sharing == "hop":
                W = mask[..., None, None] * weight
            else:
                W = weight.new_zeros((*mask.shape, conv.in_channels, width))
                W[mask] = weight
            sums.append(torch.einsum("ijcd,nj...c->ni...d", W, poses).flatten(0, 1))
        near, *far = sums
        if far and conv.widen_hops is not None:
            far = [m(h) for m, h in zip(conv.widen_hops, far, strict=True)]
        if far:
            near = fuse(conv.fusion, [near, conv.widen_far(fuse(conv.long_fusion, far))])
        out = near @ conv.transform.t()
        return out if conv.bias is None else out + conv.bias

    return run


FUSIONS = [(a, b) for a in ("concat", "add", "mul") for b in ("concat", "add", "mul")]


@pytest.mark.parametrize(("fusion", "long_fusion"), FUSIONS)
def test_fusions(skeleton, assert_equals_reference, fusion, long_fusion):
    options = {"squeeze": 0.5, "fusion": fusion, "long_fusion": long_fusion, "bias": True}
    conv = HCSFConv(3, 8, skeleton, 1, 3, **options)
    assert conv.widths == (8, 4, 2)
    assert_equals_reference(conv, reference(skeleton), torch.randn(3 * 9, 3))
    assert_all_parameters_get_gradients(conv, torch.randn(3 * 9, 3).double())


@pytest.mark.parametrize("copies", [2, 40])
@pytest.mark.parametrize("sharing", ["pair", "hop"])
@pytest.mark.parametrize("hop_aware", [True, False])
@pytest.mark.parametrize("mode", ["ring", "ball"])
def test_readings(skeleton, assert_equals_reference, mode, hop_aware, sharing, copies):
    options = {"hop_mode": mode, "hop_aware": hop_aware, "sharing": sharing}
    conv = HCSFConv(4, 8, skeleton, 1, 4, 0.5, **options)
    x = torch.randn(copies * 9, 4)
    assert_equals_reference(conv, reference(skeleton, mode, hop_aware), x)
    assert conv.widths == ((8, 4, 2, 1) if hop_aware else (8, 4))


@pytest.mark.parametrize("reach", [(0, 0), (0, 2), (2, 2), (3, 4)])
def test_reaches(skeleton, assert_equals_reference, reach):
    conv = HCSFConv(4, 8, skeleton, *reach, squeeze=0.5)
    assert_equals_reference(conv, reference(skeleton), torch.randn(2 * 9, 3, 4))


@pytest.mark.parametrize("fusion", ["concat", "add", "mul"])
def test_without_a_far_range_it_is_lcn_and_a_linear_map(skeleton, fusion):
    conv = HCSFConv(4, 8, skeleton, 2, 2, fusion=fusion, long_fusion=fusion)
    lcn = LCNConv(4, 8, skeleton, 2, bias=False)
    lcn.weights[0].data = conv.weights[0].data
    x = torch.randn(2 * 9, 4)
    torch.testing.assert_close(conv(x), lcn(x) @ conv.transform.t())
    assert conv.transform.shape == (8, 8)
    assert_all_parameters_get_gradients(conv, x)


@pytest.mark.parametrize("copies", [1, 40])
def test_constant_channels_and_sums_are_lcn(skeleton, copies):
    options = {"squeeze": 1.0, "fusion": "add", "long_fusion": "add"}
    conv = HCSFConv(4, 6, skeleton, 1, 4, **options).double()
    conv.transform.data = torch.eye(6).double()
    lcn = LCNConv(4, 6, skeleton, hops=4, bias=False).double()
    source, target = conv.template.edge_index
    places = {tuple(e): n for n, e in enumerate(lcn.template.edge_index.t().tolist())}
    order = [places[j, i] for j, i in zip(source.tolist(), target.tolist(), strict=True)]
    assert sorted(order) == list(range(len(places)))
    lcn.weights[0].data[order] = torch.cat([w.data for w in conv.weights])
    x = torch.randn(copies * 9, 5, 4).double()
    torch.testing.assert_close(conv(x), lcn(x))


@pytest.mark.parametrize("copies", [1, 40])
def test_hops_beyond_the_diameter_are_zero(skeleton, copies):
    conv = HCSFConv(4, 16, skeleton, 1, skeleton.diameter + 2)
    assert conv.template.sizes[-2:] == [0, 0]
    x = torch.randn(copies * 9, 4)
    sums = conv.hop_sums(x)
    assert [h.size(-1) for h in sums] == list(conv.widths)
    assert not sums[-1].any()
    assert sums[1].any()
    assert_fused_equals_propagate(conv, x)


def test_joints_without_a_ring(lcn17):
    """The graph of the paper has joints without any joint 5 or 6 hops away."""
    conv = HCSFConv(4, 16, lcn17, 1, 6, squeeze=0.5).double()
    h = conv.hop_sums(torch.randn(40 * 17, 4).double())
    alone = [~(g.view(40, 17, -1) != 0).any(-1).any(0) for g in h]
    names = [[v for v in range(17) if a[v]] for a in alone]
    assert names[5] == [v for v in range(17) if not (lcn17.distances[v] == 6).any()]
    assert {0, 1, 4, 7, 8, 11, 14} <= set(names[4])
    assert names[:3] == [[], [], []]


@pytest.mark.parametrize(
    ("S", "L", "d", "C", "widths"),
    [
        (1, 2, 1 / 8, 64, (64, 8)),
        (1, 2, 1 / 8, 128, (128, 16)),
        (1, 6, 1 / 16, 64, (64, 4, 1, 1, 1, 1)),
        (5, 7, 1 / 8, 128, (128, 16, 2)),
        (5, 7, 1 / 8, 256, (256, 32, 4)),
        (0, 2, 1.0, 3, (3, 3, 3)),
    ],
)
def test_widths_of_the_papers_settings(lcn17, S, L, d, C, widths):
    conv = HCSFConv(2, C, lcn17, S, L, d)
    assert conv.widths == widths
    assert conv.transform.shape == (C, sum(widths))


@pytest.mark.parametrize(("C", "ring", "ball"), [(64, 1.087, 1.204), (128, 4.308, 4.777)])
def test_parameters_of_the_network(lcn17, C, ring, ball):
    for mode, millions in (("ring", ring), ("ball", ball)):
        layers = [HCSFConv(w, C, lcn17, hop_mode=mode) for w in (2, C, C, C, C)]
        layers.append(LCNConv(C, 3, lcn17, 1, bias=False))
        count = sum(p.numel() for m in layers for p in m.parameters()) + 5 * 2 * C
        assert count / 1e6 == pytest.approx(millions, abs=2e-3)


def test_the_measured_dense_form_is_the_same(lifting, lcn17):
    conv = HCSFConv(4, 16, lcn17, 1, 3, squeeze=0.25)
    x = torch.randn(40 * 17, 4)
    dense = lifting.HCSFConv(conv)(x.view(40, 17, 4)).flatten(0, 1)
    torch.testing.assert_close(conv(x), dense)


@pytest.mark.parametrize("copies", [1, 40])
def test_memory_grows_with_the_edges(lcn17, copies):
    conv, x = HCSFConv(32, 32, lcn17), torch.randn(copies * 17, 32)
    allowed = 57 * 32 * max(copies, 32)  # the near group; the far one is narrow
    assert max_activation_elements(conv, x, backward=True) <= allowed


def test_words_and_numbers(skeleton):
    assert str(HCSFConv(4, 8, skeleton)) == "HCSFConv(4, 8, S=1, L=2, d=0.125)"
    for options, message in (
        ({"short_range": -1}, "0 <= short_range <= long_range, got -1 and 2"),
        ({"squeeze": 0}, r"expected squeeze in \(0, 1\], got 0"),
        ({"long_fusion": "max"}, "expected long_fusion 'concat', 'add' or 'mul', got 'max'"),
    ):
        with pytest.raises(ValueError, match=message):
            HCSFConv(4, 8, skeleton, **options)


@pytest.mark.parametrize("lead", [(), (3,)])
@pytest.mark.parametrize("copies", [2, 40])
def test_empty_rings_of_large_batches(skeleton, assert_equals_reference, copies, lead):
    """Forward and backward, where the fused form is the one for many poses and where not."""
    conv = HCSFConv(4, 16, skeleton, 1, skeleton.diameter + 2, squeeze=0.5)
    assert conv.weights[-1].shape == (0, 4, conv.widths[-1])
    assert_equals_reference(conv, reference(skeleton), torch.randn(copies * 9, *lead, 4))
    assert conv(torch.randn(copies * 9, *lead, 4).double()).isfinite().all()
