import pytest
import torch

from pyg_skeleton.nn import NonLocal, SemGConv
from pyg_skeleton.nn.models import SemGCN
from pyg_skeleton.nn.models.official import sem_gcn
from pyg_skeleton.skeleton import Skeleton


@pytest.fixture(params=["nl", "ch"])
def official(request, shared_dir):
    """Weights of the authors' network, with what it made of an input."""
    path = shared_dir / "fixtures" / f"semgcn_{request.param}_h36m16.pt"
    return torch.load(path, weights_only=True)


def test_official_weights_give_the_official_output_and_gradients(official):
    model = SemGCN.from_official(official["state_dict"])
    assert not model.training
    assert model.config["non_local"] == (official["model"] == "semgcn_nl")
    assert model.config["channelwise"] != model.config["non_local"]
    x = official["x"].flatten(0, 1).requires_grad_()
    out = model(model.skeleton.to_data(x[:16]))
    expected = official["eval_out"].flatten(0, 1)
    assert (out - expected[:16]).abs().max() < 1e-5 * expected.abs().max()

    out = model.forward_poses(x)
    assert (out - expected).abs().max() < 1e-5 * expected.abs().max()
    out.square().mean().backward()
    grads = dict(model.named_parameters())
    pairs = [(x.grad.view(8, 16, 2), official["grad_x"])]
    theirs = {**official["state_dict"], **official["grads_of_mean_sq"]}
    _, ours = sem_gcn(theirs, model.skeleton)
    pairs += [(parameter.grad, ours[name]) for name, parameter in grads.items()]
    assert len(pairs) == 1 + len(official["grads_of_mean_sq"])
    for ours, theirs in pairs:
        assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()


def test_from_official_refuses_what_does_not_fit(official):
    weights = official["state_dict"]
    with pytest.raises(ValueError, match=r"expected weights of 49 edges for .*'h36m17'.*got 46"):
        SemGCN.from_official(weights, "h36m17")
    with pytest.raises(ValueError, match=r"'gconv_output.W' and so on, got encoder"):
        SemGCN.from_official({"encoder": torch.zeros(1)})
    less = {k: v for k, v in weights.items() if k != "gconv_output.bias"}
    with pytest.raises(ValueError, match=r"missing \['output.bias'\]"):
        SemGCN.from_official(less)
    more = weights | {"gconv_extra.W": torch.zeros(2, 3, 4)}
    with pytest.raises(ValueError, match=r"unknown \['gconv_extra.weight'\]"):
        SemGCN.from_official(more)


def test_structure():
    model = SemGCN(Skeleton.get("h36m16"))
    convs = model.graph_convs()
    assert [(c.in_channels, c.out_channels) for c in convs] == [(128, 128)] * 8
    assert all(isinstance(c, SemGConv) for c in [*convs, model.input.conv, model.output])
    assert [m.num_groups for m in model.non_local] == [8] * 5
    # At first, non-local layers change nothing.
    x = torch.rand(32, 2)
    expected = model.eval().forward_poses(x)
    for i, layer in enumerate(model.non_local):
        assert isinstance(layer, NonLocal)
        model.non_local[i] = torch.nn.Identity()
    assert torch.equal(model.forward_poses(x), expected)


def test_arguments_reach_the_layers():
    model = SemGCN(
        Skeleton.get("ntu25"),
        in_channels=5,
        out_channels=2,
        hidden_channels=12,
        num_blocks=2,
        separate_self=False,
        groups="none",
        dropout=0.3,
        init="glorot",
    )
    assert {m.num_groups for m in model.non_local} == {25}
    assert {conv.weight.size(0) for conv in model.graph_convs()} == {1}
    assert {conv.init for conv in model.graph_convs()} == {"glorot"}
    assert model.input.dropout.p == 0.3
    assert model.forward_poses(torch.rand(50, 5)).shape == (50, 2)
