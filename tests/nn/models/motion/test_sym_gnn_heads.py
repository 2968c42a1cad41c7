import pytest
import torch

from pyg_skeleton.nn.models import PredictionHead, RecognitionHead
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_close,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
)


def make(skeleton, num_classes=5, **kwargs):
    head = PredictionHead(8, 6, 3, num_classes, skeleton, order=2, lambda_act=0.7, **kwargs)
    torch.nn.init.normal_(head.out[2].weight)
    return head


def arguments(complete_graph, dtype=torch.float32, num_classes=5):
    probability = torch.rand(3, num_classes, dtype=dtype).softmax(dim=-1) if num_classes else None
    return (
        torch.randn(3 * 9, 8, dtype=dtype),
        torch.randn(3 * 9, 4, 3, dtype=dtype),
        complete_graph(9, 3, dtype=dtype),
        None if probability is None else probability.repeat_interleave(9, dim=0),
        5,
    )


@pytest.mark.parametrize("carry", ["hidden", "convolved"])
def test_prediction_equals_dense(dense, assert_equals_dense, skeleton, complete_graph, carry):
    head = make(skeleton, carry=carry)
    args = arguments(complete_graph, torch.float64)
    h, x, graph, probability, frames = args
    dense_args = (
        h.view(3, 9, 8).transpose(1, 2),
        dense.to_dense(x, 9),
        graph.adjacency(),
        probability[::9],
        frames,
    )
    assert_equals_dense(head, dense.Prediction(head, skeleton), args, dense_args)


@pytest.mark.parametrize("num_classes", [0, 5])
def test_one_step_of_equation_10(skeleton, complete_graph, num_classes):
    head = make(skeleton, num_classes, carry="convolved")
    h, x, graph, probability, _ = arguments(complete_graph, num_classes=num_classes)
    state = head.conv(head.embed(h), graph)
    last, before = x[:, -1], x[:, -2]
    motion = [last, last - before, last - 2 * before + x[:, -3]]
    motion += [] if probability is None else [probability]
    state = head.gru(torch.cat(motion, dim=-1), state)
    expected = last + head.out(state)
    torch.testing.assert_close(head(h, x, graph, probability, 1)[:, 0], expected)


def test_unknown_carry_raises(skeleton):
    with pytest.raises(ValueError, match="carry 'hidden' or 'convolved', got 'nothing'"):
        make(skeleton, carry="nothing")


def test_a_longer_prediction_begins_with_the_shorter_one(skeleton, complete_graph):
    head, args = make(skeleton), arguments(complete_graph)[:-1]
    long, short = head(*args, 7), head(*args, 2)
    assert long.shape == (27, 7, 3)
    torch.testing.assert_close(long[:, :2], short)


def test_untrained_head_predicts_the_last_pose(skeleton, complete_graph):
    head = PredictionHead(8, 6, 3, 5, skeleton)
    args = arguments(complete_graph)
    deviation = (head(*args) - args[1][:, -1:]).abs().max()
    assert 0 < deviation < 0.1


SWITCHES = [
    {},
    {"actional": False},
    {"structural": False},
    {"structural": False, "actional": False},
]


@pytest.mark.parametrize("switches", SWITCHES)
@pytest.mark.parametrize("num_classes", [0, 5])
def test_prediction_head(skeleton, complete_graph, switches, num_classes):
    head, args = (
        make(skeleton, num_classes, **switches),
        arguments(complete_graph, num_classes=num_classes),
    )
    assert_fused_equals_propagate(head, *args)
    assert_all_parameters_get_gradients(head, *args)
    assert_state_dict_round_trip(lambda: make(skeleton, num_classes, **switches), *args)
    gru = {"gru.weight_ih", "gru.weight_hh", "gru.bias_ih", "gru.bias_hh"}
    assert gru <= head.state_dict().keys()


def test_prediction_head_in_low_precision_and_compiled(skeleton, complete_graph):
    head, args = make(skeleton), arguments(complete_graph)
    assert_autocast(head, *args[:-1], 2)
    assert_compiles(head, *args[:-1], 3)


def test_hooks_of_the_convolution_see_every_step(skeleton, complete_graph):
    head, args, seen = make(skeleton), arguments(complete_graph), []
    expected = head(*args)
    hook = head.conv.actional.register_message_forward_hook(lambda *a: seen.append(1))
    assert_close(head(*args), expected, "hooked form differs", rtol=1e-4, atol=1e-5)
    assert len(seen) == 5
    hook.remove()


def test_recognition_head():
    head = RecognitionHead(4, 6, 3, num_nodes=5)
    h = torch.randn(4 * 5, 4)
    clip = torch.tensor([0, 1, 1, 2])
    out = head(h, clip, 3)
    body = torch.nn.functional.linear(h, head.hidden.weight, head.hidden.bias).relu()
    body = body.view(4, 5, 6).mean(dim=1)
    for i, persons in enumerate(([0], [1, 2], [3])):
        torch.testing.assert_close(out[i], head.classifier(body[persons].mean(dim=0)))
    assert_all_parameters_get_gradients(head, h, clip, 3)
    assert_state_dict_round_trip(lambda: RecognitionHead(4, 6, 3, 5), h, clip, 3)
    assert_autocast(head, h, clip, 3)
    assert_compiles(head, h, clip, 3)
