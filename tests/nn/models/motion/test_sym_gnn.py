import pytest
import torch
from torch_geometric.loader import DataLoader

from pyg_skeleton.nn import ActionalGraph
from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.skeleton import difference
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_close,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
)


class Clips(torch.nn.Module):
    """The network on plain tensors, and what of its output is a tensor of clips or nodes."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x, clip):
        output = self.model.forward_clips(x, clip, 2)
        found = {"logits": output.logits, "prediction": output.prediction}
        return {k: v for k, v in found.items() if v is not None}


def without_influence(model):
    """Biases that batch norm or a softmax take away."""
    ends = ("temporal.bias", "residual.0.bias", "source_embedding.1.bias")
    ends += ("source_embedding.0.norm.bias",)
    return [name for name, _ in model.named_parameters() if name.endswith(ends)]


ARGS = (torch.randn(2 * 9, 8, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1]))


@pytest.mark.parametrize("training", [True, False])
def test_equals_dense(dense, assert_equals_dense, make_model, training):
    model = make_model(bone_weight=0.6, differences=(0, 2)).train(training)
    reference = dense.DenseSymGNN(model).train(training)
    x = torch.randn(3 * 9, 8, 3, dtype=torch.float64)

    class Ours(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model.forward_clips(x, torch.arange(3), 3)[:2]

    class Theirs(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = reference

        def forward(self, x):
            return self.model(x)

    assert_equals_dense(
        Ours(), Theirs(), (x,), (dense.to_dense(x, 9),), lambda o: (o[0], dense.from_dense(o[1]))
    )


def test_output(make_model, skeleton):
    model = make_model()
    clips = [skeleton.to_data(torch.randn(m, 9, 8, 3), y=0) for m in (1, 2)]
    output = model(next(iter(DataLoader(clips, batch_size=2))))
    assert output.logits.shape == (2, 3)
    assert output.prediction.shape == (3 * 9, 4, 3)
    assert isinstance(output.actional, ActionalGraph)
    assert output.actional.adjacency().shape == (3, 9, 9)
    assert model(clips[0], num_future=7).prediction.shape == (9, 7, 3)
    assert model(clips[1]).logits.shape == (1, 3)


ABLATIONS = {
    "full": {"bone": True, "differences": (0, 1, 2)},
    "only J-S": {"actional": False, "parts": False},
    "only J-A": {"structural": False, "parts": False},
    "only P": {"joints": False},
    "no parts": {"parts": False},
    "no bone": {"bone": False},
    "only bone": {"bone": True, "joint_scores": False},
    "no prediction": {"prediction": False},
    "no recognition": {"recognition": False},
    "order 1": {"order": 1},
    "order 4": {"order": 4},
    "ring": {"mode": "ring"},
    "lambda 0": {"lambda_act": 0.0},
    "K 0": {"num_iterations": 0},
    "K 3": {"num_iterations": 3},
    "velocity and acceleration": {"differences": (1, 2)},
    "detached": {"detach_classes": True},
    "convolved": {"carry": "convolved"},
}


@pytest.mark.parametrize("name", ABLATIONS)
def test_ablations_run_and_train(make_model, name):
    switches = {"bone": False, **ABLATIONS[name]}
    model = Clips(make_model(**switches))
    output = model(*ARGS)
    assert ("logits" in output) == switches.get("recognition", True)
    assert ("prediction" in output) == switches.get("prediction", True)
    allow_zero = without_influence(model)
    if name in ("only P", "lambda 0"):  # no actional graph has a say
        allow_zero += [n for n, _ in model.named_parameters() if "agim" in n]
        allow_zero += [n for n, _ in model.named_parameters() if "actional" in n]
    if name == "only bone":
        assert model.model.joint_net.head is None
    assert_all_parameters_get_gradients(model, *ARGS, allow_zero=allow_zero)


def test_switches_remove_what_they_name(make_model):
    only_p = make_model(joints=False)
    assert only_p.joint_net.agim is None
    assert not [n for n, _ in only_p.named_parameters() if "joint_blocks" in n or "actional" in n]
    only_j = make_model(parts=False)
    assert not [n for n, _ in only_j.named_parameters() if "part" in n]
    assert make_model(actional=False).joint_net.agim is None
    assert make_model(bone=False).bone_net is None
    assert make_model(recognition=False).bone_net is None
    assert make_model(prediction=False).decoder is None
    assert make_model(recognition=False).joint_net.head is None
    assert make_model(recognition=False).decoder.gru.weight_ih.size(1) == 9
    assert make_model().decoder.gru.weight_ih.size(1) == 9 + 3


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_iterations": -1}, r"num_iterations \(K\) >= 0, got -1"),
        ({"recognition": False, "prediction": False}, "recognition or prediction or both"),
        ({"joints": False, "parts": False}, "joints or parts or both"),
        ({"joint_scores": False, "bone": False}, "scores from joints or bones"),
        ({"differences": ()}, "difference orders"),
        ({"differences": (0, -1)}, r"difference orders >= 0, got \(0, -1\)"),
        ({"order": 0}, "order >= 1, got 0"),
        ({"structural": False, "actional": False}, "structural or actional"),
    ],
)
def test_impossible_arguments_raise(make_model, kwargs, message):
    with pytest.raises(ValueError, match=message):
        make_model(**kwargs)


def test_two_persons_of_a_clip(make_model, skeleton):
    model = make_model().eval()
    persons = [torch.randn(1, 9, 8, 3) for _ in range(2)]
    both = model(skeleton.to_data(torch.cat(persons)))
    single = [model(skeleton.to_data(x)) for x in persons]
    # Each person has its own graph; the class is the clip's, and the motion follows the class.
    for i in range(2):
        adjacency = both.actional.adjacency()[i]
        torch.testing.assert_close(adjacency, single[i].actional.adjacency()[0])
    features = [s.logits for s in single]
    torch.testing.assert_close(both.logits, (features[0] + features[1]) / 2)  # linear on the mean
    twice = model(skeleton.to_data(persons[0].expand(2, -1, -1, -1)))
    torch.testing.assert_close(twice.logits, single[0].logits)
    torch.testing.assert_close(twice.prediction, single[0].prediction.repeat(2, 1, 1))


def test_clips_do_not_see_each_other(make_model):
    model = make_model().eval()
    x = torch.randn(3 * 9, 8, 3)
    batch = model.forward_clips(x, torch.arange(3), 3)
    alone = model.forward_clips(x[9:18])
    torch.testing.assert_close(batch.logits[1:2], alone.logits)
    torch.testing.assert_close(batch.prediction[9:18], alone.prediction, rtol=1e-4, atol=1e-5)


def test_branches_read_differences(make_model):
    model, seen = make_model(bone=False, differences=(0, 1, 2)), []
    for branch in model.joint_net.branches:
        branch.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    x = torch.randn(9, 8, 3)
    model.forward_clips(x)
    assert len(seen) == 3
    for order, value in enumerate(seen):
        assert torch.equal(value, difference(x, order, dim=1))


def test_bones_are_read_in_the_data_s_units(make_model, skeleton):
    model, seen = make_model(), []
    mean, std = torch.randn(9, 3), torch.rand(9, 3) + 0.5
    model.set_normalization(mean, std)
    model.bone_net.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    x = torch.randn(2 * 9, 8, 3)
    model.forward_clips(x)
    poses = x.view(2, 9, 8, 3) * std[:, None] + mean[:, None]
    expected = skeleton.bone_vectors(poses, dim=1).flatten(0, 1)
    torch.testing.assert_close(seen[0], expected)


def test_detached_classes_stop_the_prediction_loss(make_model):
    for detach in (True, False):
        model = make_model(detach_classes=detach)
        output = model.forward_clips(*ARGS, 2)
        head = model.joint_net.head.classifier.weight
        (grad,) = torch.autograd.grad(output.prediction.sum(), [head], allow_unused=True)
        assert (grad is None) == detach


def test_backbone_parameters(make_model):
    model = make_model()
    names = {id(p): n for n, p in model.named_parameters()}
    shared = [names[id(p)] for p in model.backbone_parameters()]
    assert len(set(shared)) == len(shared)
    expected = [n for n in names.values() if ".agim." in n or ".branches." in n]
    assert set(shared) == set(expected)
    assert {n.split(".")[0] for n in shared} == {"joint_net", "bone_net"}


def test_agim_reads_frames_sampled_evenly(make_model):
    model, seen = make_model(), []
    model.joint_net.agim.register_forward_pre_hook(lambda m, args: seen.append(args[0]))
    x = torch.randn(9, 9, 3)
    model.forward_clips(x)
    torch.testing.assert_close(seen[0], x[:, [0, 2, 4, 6, 8]].flatten(1))
    torch.testing.assert_close(
        model.eval().actional_graph(x).edge_weight, model.forward_clips(x).actional.edge_weight
    )
    assert make_model(actional=False).actional_graph(x) is None


@pytest.mark.parametrize("shape", [(9, 2, 3), (9, 3), (9, 8, 3, 1)])
def test_too_few_frames_raise(make_model, shape):
    with pytest.raises(ValueError, match=r"x \[nodes, T >= 3, channels\], got"):
        make_model().forward_clips(torch.randn(shape))


def test_usual_checks(make_model):
    model = Clips(make_model())
    assert_fused_equals_propagate(model, *ARGS)
    assert_state_dict_round_trip(lambda: Clips(make_model()), *ARGS)
    assert_compiles(Clips(make_model(bone=False, num_future=1)), *ARGS)
    buffers = ("edge_index", "slot", "lookup", "pairs", "edges", "base_weight")
    assert not [n for n in model.state_dict() if n.endswith(buffers)]


def test_autocast(make_model):
    model = make_model(bone=False, num_future=1).eval()
    assert_autocast(Clips(model), *ARGS)


def test_config_rebuilds_the_network(make_model, skeleton):
    model = make_model(differences=(0, 2), mode="ball")
    again = SymGNN(skeleton, **model.config)
    assert again.config == model.config
    again.load_state_dict(model.state_dict())
    assert_close(
        again.eval().forward_clips(ARGS[0])[:2],
        model.eval().forward_clips(ARGS[0])[:2],
        "rebuilt network differs",
    )
