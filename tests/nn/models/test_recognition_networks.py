"""ST-GCN, 2s-AGCN, CTR-GCN and InfoGCN: their authors' weights, persons, predictions."""

import copy

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn import JointBatchNorm
from pyg_skeleton.nn.loss import InfoGCNLoss
from pyg_skeleton.nn.models import AGCN, CTRGCN, STGCN, InfoGCN
from pyg_skeleton.nn.models.info_gcn import bone_matrix
from pyg_skeleton.nn.models.recognition_model import Bodies
from pyg_skeleton.skeleton import Skeleton

KINECT = Skeleton.get("kinect20")
SMALL = {"num_classes": 3, "channels": (8, 16), "strides": (1, 2)}
FIXTURES = {
    "stgcn": (STGCN, {"num_persons": 1}),
    "agcn": (AGCN, {"num_persons": 1}),
    "ctrgcn": (CTRGCN, {}),
    "infogcn": (InfoGCN, {"bone_order": 1, "reversed_bones": True}),
}


def nodes_first(x):
    """From the authors' [N, C, T, V, M]."""
    N, C, T, V, M = x.shape
    return x.permute(0, 4, 3, 2, 1).reshape(N * M * V, T, C).contiguous()


@pytest.mark.parametrize("name", FIXTURES)
def test_official_weights_give_the_official_output(name, shared_dir):
    fixture = torch.load(shared_dir / "fixtures" / f"{name}_kinect20.pt", weights_only=True)
    kind, options = FIXTURES[name]
    model = kind.from_official(fixture["state_dict"], "kinect20", **options)
    assert not model.training
    graphs = []
    for layer in model.graph_layers()[-1:]:
        layer.register_forward_hook(lambda m, a, out: graphs.append(out))
    x = nodes_first(fixture["x"]).requires_grad_()
    clips = (torch.tensor([0, 1]), torch.zeros(2, dtype=torch.long), 2)
    output = model.forward_clips(x, *clips)
    logits = output if isinstance(output, torch.Tensor) else output[0]
    expected = fixture["logits"]
    assert (logits - expected).abs().max() < 1e-4 * expected.abs().max()
    if name == "infogcn":
        torch.testing.assert_close(output.latent, fixture["second_output"], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(model.bones, fixture["A_vector"].float())
    if "graph" in fixture:
        graph = graphs[0].mean(2) if name == "ctrgcn" else graphs[0].transpose(-1, -2)
        error = (graph.flatten(1) - fixture["graph"]).abs().max()
        assert error < 1e-4 * fixture["graph"].abs().max()

    # In single precision the fixture of 2s-AGCN is itself 4e-4 off: its softmax sees huge numbers.
    tolerance = 1e-3 if name == "agcn" else 1e-4
    model = model.double()
    x = nodes_first(fixture["x"]).double().requires_grad_()
    output = model.forward_clips(x, *clips)
    (output if isinstance(output, torch.Tensor) else output[0]).square().mean().backward()
    grad = nodes_first(fixture["grad_x"]).double()
    assert (x.grad - grad).abs().max() < tolerance * grad.abs().max()


def test_the_encoder_of_codt(shared_dir):
    fixture = torch.load(shared_dir / "fixtures" / "codt_encoder_ntu25.pt", weights_only=True)
    model = STGCN.from_official(fixture["state_dict"], pad_persons=True, num_classes=60)
    config = STGCN.from_preset("quarter", strategy="legacy", pad_persons=True).config
    assert {**model.config, "channels": list(model.config["channels"])} == {
        **config,
        "channels": list(config["channels"]),
    }
    assert sum(p.numel() for p in model.parameters()) == 821_380 + 60 * 257
    N, M = fixture["x"].size(0), fixture["x"].size(-1)
    bodies = torch.arange(N * M)
    h, bodies = model.encode(nodes_first(fixture["x"]), Bodies(bodies // M, bodies % M, N))
    pooled = model.pool(h, bodies)
    assert (pooled - fixture["feature"]).abs().max() < 1e-4 * fixture["feature"].abs().max()
    frames = h.view(N * M, 25, -1, 256).mean(1).transpose(1, 2)
    expected = fixture["temporal_features"]
    assert (frames - expected).abs().max() < 1e-4 * expected.abs().max()


@pytest.mark.parametrize("name", FIXTURES)
def test_from_official_refuses_what_does_not_fit(name, shared_dir):
    weights = torch.load(shared_dir / "fixtures" / f"{name}_kinect20.pt", weights_only=True)
    weights = weights["state_dict"]
    kind, _ = FIXTURES[name]
    with pytest.raises(ValueError, match="ntu25"):
        kind.from_official(weights, "ntu25")
    with pytest.raises(ValueError, match="and so on, got mine"):
        kind.from_official({"mine": torch.zeros(1)})
    less = {k: v for k, v in weights.items() if k != "data_bn.bias"}
    with pytest.raises(ValueError, match=r"missing \['norm.bias'\]"):
        kind.from_official(less, "kinect20")


@pytest.mark.parametrize("kind", [STGCN, AGCN, CTRGCN, InfoGCN])
@pytest.mark.parametrize("training", [False, True])
def test_padded_persons_are_persons_of_zeros(kind, training):
    torch.manual_seed(0)
    model = kind(KINECT, num_persons=2, **SMALL, **({"dropout": 0.0} if kind is STGCN else {}))
    model.train(training)
    if kind is InfoGCN:
        model.noise = 0.0
        torch.nn.init.constant_(model.latent_log_std.weight, -1e3)
    padded = copy.deepcopy(model)
    padded.pad_persons = True
    clips = [torch.randn(m, 20, 8, 3) for m in (1, 2, 1)]
    full = [torch.cat([c, torch.zeros(2 - len(c), 20, 8, 3)]) for c in clips]
    batches = [
        next(iter(SkeletonLoader([KINECT.to_data(c) for c in some], batch_size=3)))
        for some in (clips, full)
    ]
    if kind is InfoGCN and training:
        torch.manual_seed(1)
    ours = padded(batches[0])
    if kind is InfoGCN and training:
        torch.manual_seed(1)
    theirs = model(batches[1])
    first = [o if isinstance(o, torch.Tensor) else o[0] for o in (ours, theirs)]
    torch.testing.assert_close(*first)


@pytest.mark.parametrize("kind", [STGCN, AGCN, CTRGCN, InfoGCN])
def test_who_is_not_there_costs_nothing(kind):
    model = kind(KINECT, num_persons=2, **SMALL).eval()
    clips = [KINECT.to_data(torch.randn(m, 20, 8, 3)) for m in (1, 2)]
    seen = []
    model.blocks[0].register_forward_hook(lambda m, a, out: seen.append(out.size(0)))
    output = model(next(iter(SkeletonLoader(clips, batch_size=2))))
    logits = output if isinstance(output, torch.Tensor) else output[0]
    assert seen == [3 * 20]
    alone = [model(clip) for clip in clips]
    alone = [o if isinstance(o, torch.Tensor) else o[0] for o in alone]
    torch.testing.assert_close(logits, torch.cat(alone), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=r"at most 2 persons, got one of 3; .*SelectPersons"):
        model(KINECT.to_data(torch.randn(3, 20, 8, 3)))
    with pytest.raises(ValueError, match=r"x of shape \[B \* V, T, 3\], got \[20, 8, 2\]"):
        model(KINECT.to_data(torch.randn(20, 8, 2)))


@pytest.mark.parametrize("training", [True, False])
def test_norm_by_person(training):
    ours = JointBatchNorm(4, 3, num_persons=2)
    theirs = torch.nn.BatchNorm1d(2 * 4 * 3)
    for norm in (ours, theirs):
        torch.manual_seed(0)
        for name in ("weight", "bias", "running_mean", "running_var"):
            torch.nn.init.uniform_(getattr(norm, name))
        norm.train(training)
    x = torch.randn(5, 2, 4, 7, 3)  # clips, persons, joints, frames, channels
    person = torch.tensor([0, 1]).repeat(5)
    out = ours(x.flatten(0, 2), person).view(x.shape)
    flat = x.permute(0, 1, 2, 4, 3).reshape(5, 24, 7)
    expected = theirs(flat).view(5, 2, 4, 3, 7).transpose(3, 4)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    # A batch without second persons leaves their statistics alone.
    before = ours.running_mean.clone()
    ours(x[:, 0].flatten(0, 1), torch.zeros(5, dtype=torch.long))
    assert torch.equal(ours.running_mean[12:], before[12:])


def test_bones_of_info_gcn():
    ntu = Skeleton.get("ntu25")
    rows = [int((bone_matrix(ntu, k) - torch.eye(25)).any(1).sum()) for k in range(1, 5)]
    assert rows[0] == 24
    assert rows == sorted(rows, reverse=True)
    x = torch.randn(25, 3)
    parents = list(ntu.parents)
    expected = torch.stack([x[v] - (x[p] if p >= 0 else 0) for v, p in enumerate(parents)])
    torch.testing.assert_close(bone_matrix(ntu, 1) @ x, expected)
    assert torch.equal(bone_matrix(ntu, 0), torch.eye(25))
    with pytest.raises(ValueError, match="expected bone_order >= 0, got -1"):
        bone_matrix(ntu, -1)


def test_info_gcn_loss_is_the_printed_sum():
    torch.manual_seed(0)
    loss = InfoGCNLoss(4, latent_channels=6)
    gram = loss.prior @ loss.prior.t()
    torch.testing.assert_close(gram, 9 * torch.eye(4), atol=1e-5, rtol=0)
    logits, z, y = torch.randn(5, 4), torch.randn(5, 6), torch.tensor([0, 0, 2, 2, 2])
    log = logits.log_softmax(1)
    ce = -(0.9 * log[range(5), y] + 0.1 * log.mean(1)).mean()
    off = [((z[y == c].mean(0) - loss.prior[c]) ** 2).mean() for c in (0, 2)]
    expected = ce + 1e-4 * z.mean(0).norm() + 0.1 * sum(off) / 2
    torch.testing.assert_close(loss(logits, z, y), expected)
    assert "prior" in loss.state_dict()
    with pytest.raises(ValueError, match="at most 2 classes"):
        InfoGCNLoss(3, latent_channels=2)


def test_predict():
    model = CTRGCN(KINECT, num_persons=2, **SMALL)
    model.classes = ["sit", "stand", "throw"]
    clip = np.random.default_rng(0).normal(size=(8, 20, 3))
    table = model.predict(clip, top=2)
    assert list(table.columns) == ["class", "probability"]
    assert len(table) == 2
    assert table.probability.is_monotonic_decreasing
    assert set(table["class"]) <= set(model.classes)
    assert model.training
    both = model.predict(np.stack([clip, clip]))
    assert both.probability.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match=r"\(T, 20, 3\) or \(M, T, 20, 3\).*got \(8, 19, 3\)"):
        model.predict(clip[:, :19])
    clip[3, 2, 1] = np.nan
    with pytest.raises(ValueError, match=r"expected finite joints, got nan at \[3, 2, 1\]"):
        model.predict(clip)
