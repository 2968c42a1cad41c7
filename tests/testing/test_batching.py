import pytest

from pyg_skeleton.testing import assert_union_equals_static


def test_accepts_a_layer_with_and_without_edges(layers, skeleton):
    edges = skeleton.edge_index()
    assert_union_equals_static(layers.TemplateConv(skeleton), skeleton, 4)
    assert_union_equals_static(layers.TemplateConv(skeleton), skeleton, 4, edge_index=edges)
    assert_union_equals_static(layers.PlainConv(), skeleton, 4, edge_index=edges)


def test_refuses_a_layer_that_takes_the_union_for_a_static_batch(layers, skeleton):
    class Interleaved(layers.TemplateConv):
        def forward(self, x, edge_index=None):
            if x.dim() == 3:  # Takes node n for joint n // copies.
                x = x.view(self.num_joints, -1, *x.shape[1:]).transpose(0, 1).flatten(0, 1)
            return super().forward(x)

    with pytest.raises(AssertionError, match="union and static batch differ: output deviates by"):
        assert_union_equals_static(Interleaved(skeleton), skeleton, 4)


def test_refuses_a_layer_through_which_clips_leak(layers, skeleton):
    class Leaking(layers.TemplateConv):
        def forward(self, x, edge_index=None):
            out = super().forward(x)
            mean = (0, 1) if x.dim() == 4 else (0,)
            return out - out.mean(mean, keepdim=True)

    with pytest.raises(AssertionError, match="clip 0 of the union and alone differ"):
        assert_union_equals_static(Leaking(skeleton), skeleton, 4)


def test_refuses_an_output_of_another_layout(layers, skeleton):
    class Pooling(layers.TemplateConv):
        def forward(self, x, edge_index=None):
            return super().forward(x).mean(0)

    with pytest.raises(AssertionError, match=r"came back as \(3, 5, 3\)"):
        assert_union_equals_static(Pooling(skeleton), skeleton, 4)
