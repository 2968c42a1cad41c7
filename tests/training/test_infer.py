from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from pyg_skeleton.training import infer


class Output(NamedTuple):
    joints: Tensor
    clips: Tensor
    none: None
    pair: tuple[Tensor, Tensor]


class Network(torch.nn.Module):
    def forward(self, batch):
        assert not self.training
        assert not torch.is_grad_enabled()
        first = batch.x[:, 0]
        return Output(first, batch.y, None, (first + 1, batch.y + 1))


def test_the_output_for_all_clips_in_order(tiny):
    data, network = tiny.Swinging(7), Network()
    result = infer(network, data, batch_size=3)
    assert network.training
    expected = torch.cat([data[i].x[:, 0] for i in range(7)])
    assert torch.equal(result.joints, expected)
    assert result.clips.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert result.none is None
    assert torch.equal(result.pair[0], expected + 1)
    labels = infer(network, data, 2, step=lambda batch: batch.y)
    assert torch.equal(labels, result.clips)


def test_the_mode_is_restored_after_an_error(tiny):
    network = Network()
    with pytest.raises(ZeroDivisionError):
        infer(network, tiny.Swinging(2), step=lambda batch: 1 / 0)
    assert network.training
