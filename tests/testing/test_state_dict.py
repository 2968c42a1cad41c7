import pytest
import torch

from pyg_skeleton.testing import assert_state_dict_round_trip


def test_accepts_a_layer(layers, skeleton, graph):
    assert_state_dict_round_trip(layers.PlainConv, *graph)
    assert_state_dict_round_trip(lambda: layers.TemplateConv(skeleton), torch.randn(8, 2, 4))


def test_refuses_what_is_kept_beside_the_state(layers, graph):
    class Hidden(layers.PlainConv):
        def __init__(self):
            super().__init__()
            self.hidden = torch.rand(3)

        def forward(self, x, edge_index):
            return super().forward(x, edge_index) + self.hidden

    with pytest.raises(AssertionError, match="loaded and stored module differ: output deviates"):
        assert_state_dict_round_trip(Hidden, *graph)


def test_refuses_a_state_of_other_keys(layers, graph):
    class Growing(layers.PlainConv):
        made = 0

        def __init__(self):
            super().__init__()
            type(self).made += 1
            self.register_buffer(f"buffer_{self.made}", torch.zeros(1))

    with pytest.raises(AssertionError, match=r"lacks \['buffer_2'\] and has \['buffer_1'\]"):
        assert_state_dict_round_trip(Growing, *graph)
