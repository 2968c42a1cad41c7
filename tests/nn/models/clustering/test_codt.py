import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.loss import same_top_features
from pyg_skeleton.nn.models import CoDT, TargetViews
from pyg_skeleton.nn.models.bodies import bodies_of
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")
TINY = {
    "num_classes": 3,
    "num_clusters": 4,
    "num_samples": 10,
    "channels": (8, 16),
    "strides": (1, 2),
    "dropout": 0.0,
}


def make(**options):
    torch.manual_seed(0)
    return CoDT(NTU, **{"shared": "shared15", **TINY, **options})


def batch(persons=(1, 1, 2, 1, 1, 1)):
    torch.manual_seed(1)
    clips = [NTU.to_data(torch.randn(m, 25, 13, 3), y=i % 3) for i, m in enumerate(persons)]
    return next(iter(SkeletonLoader(clips, batch_size=len(clips))))


def views(model, data, teacher0=True):
    x0 = model.to_shared(data.x)
    return TargetViews(x0, x0, x0 if teacher0 else None, data.x, data.x)


@pytest.mark.parametrize("preset", ["paper", "authors_code"])
def test_the_sizes_are_those_of_the_authors(preset):
    model = CoDT.from_preset(preset)
    counts = [p.numel() for p in model.parameters()]
    assert sum(counts) == 3_504_227
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == 1_802_357
    assert sum(p.numel() for p in model.decoder.parameters()) == 85_067
    assert model.b0.bank.shape == model.b1.bank.shape == (18_841, 256)


def test_output_checkpoint_and_layouts(tmp_path):
    model = make().eval()
    data = batch()
    out = model(data)
    assert [tuple(t.shape) for t in out] == [(6, 4), (6, 4), (6, 16), (6, 16)]
    model.save(tmp_path / "model.pt")
    loaded = CoDT.load(tmp_path / "model.pt")
    for ours, theirs in zip(out, loaded(data), strict=True):
        torch.testing.assert_close(ours, theirs)
    # B0 sees the shared joints alone: what only the target has does not matter to it.
    data.x.view(-1, 25, 13, 3)[:, NTU.joint_id("left_thumb")] += 1
    other = model(data)
    torch.testing.assert_close(other.shared_logits, out.shared_logits)
    assert (other.features - out.features).abs().max() > 1e-3 * out.features.abs().max()


def test_losses_by_hand():
    model = make(pad_persons=False)
    data = batch()
    bodies, y0 = bodies_of(data, 25), torch.tensor([0, 1, 0, 1, 2, 3])
    y1 = torch.tensor([3, 3, 0, 1, 1, 2])
    sample = torch.arange(6) + 2
    labels = {id(model.b0): y0, id(model.b1): y1}
    for branch in (model.b0, model.b1):
        every = torch.zeros(10, dtype=torch.long)
        every[sample] = labels[id(branch)]
        branch.pseudo_labels = lambda sharpness, every=every: every
    model.eval()  # no statistics that move between two passes
    losses = model.target_losses(views(model, data), bodies, sample, True, "predictions")
    out = model(data)
    expected = F.cross_entropy(out.shared_logits, y0) + F.cross_entropy(out.logits, y1)
    torch.testing.assert_close(losses["ocm"], expected)
    ccm = 0.0
    for logits, y in ((out.logits, y0), (out.shared_logits, y1)):
        p = logits.softmax(1)
        share = (p @ p.t()) / (p @ p.t()).sum(1, keepdim=True)
        for i in range(6):
            friends = [j for j in range(6) if y[j] == y[i]]
            ccm = ccm - torch.stack([share[i, j].log() for j in friends]).mean() / 6
    torch.testing.assert_close(losses["ccm"], ccm)

    frames = model.b0.student(model.to_shared(data.x), bodies)[1]  # [7, 7, 16]
    target = model.to_shared(data.x).view(7, 15, 13, 3)
    bins = [(13 * i // 7, -(-13 * (i + 1) // 7)) for i in range(7)]
    pooled = torch.stack([target[:, :, a:b].mean(2) for a, b in bins], dim=1)  # [7, 7, 15, 3]
    torch.testing.assert_close(losses["dec"], F.mse_loss(model.decoder(frames), pooled.flatten(2)))


def test_fifty_frames_are_pooled_into_the_papers_bins():
    model = make(channels=(8, 8, 8), strides=(1, 2, 2))
    x = torch.arange(50.0).view(1, 50, 1).expand(15, 50, 3).contiguous()
    bodies = bodies_of(NTU.to_data(torch.zeros(1, 25, 2, 3)), 25)
    decoded = {}
    model.decoder = torch.nn.Module()
    model.decoder.forward = lambda h: decoded.setdefault("zero", torch.zeros(1, 13, 45))
    error = model._decoding_error(torch.zeros(1, 13, 8), x, bodies)
    starts = (0, 3, 7, 11, 15, 19, 23, 26, 30, 34, 38, 42, 46)
    ends = (4, 8, 12, 16, 20, 24, 27, 31, 35, 39, 43, 47, 50)
    means = [torch.arange(float(a), float(b)).mean() for a, b in zip(starts, ends, strict=True)]
    torch.testing.assert_close(error, torch.stack(means).square().mean())


@pytest.mark.parametrize("pairs", ["predictions", "features", "cosine"])
def test_what_makes_a_pair(pairs, monkeypatch):
    seen = []
    module = "pyg_skeleton.nn.models.clustering.codt.collaborative_loss"
    monkeypatch.setattr(module, lambda s, g: seen.append((s, g)) or s.sum() * 0)
    model, data = make(), batch()
    model.target_losses(views(model, data), bodies_of(data, 25), torch.arange(6), True, pairs)
    (s1, g0), (s0, g1) = seen
    for similarity in (s0, s1):
        assert similarity.shape == (6, 6)
        assert bool((similarity >= 0).all())
    if pairs == "cosine":
        torch.testing.assert_close(s0.diag(), torch.ones(6))
    if pairs == "features":
        assert torch.equal(g1, same_top_features(model.b1.bank[:6]))
    else:
        labels = [b.pseudo_labels(model.sharpness)[:6] for b in (model.b0, model.b1)]
        assert torch.equal(g0, labels[0][:, None] == labels[0])
        assert torch.equal(g1, labels[1][:, None] == labels[1])


def test_teachers_follow_and_banks_remember():
    model, data = make(momentum=0.9), batch()
    sample = torch.tensor([9, 7, 5, 3, 1, 0])
    with torch.no_grad():
        for p in model.b1.student.parameters():
            p.add_(1.0)
    before = [p.clone() for p in model.b1.teacher.parameters()]
    banks = [model.b0.bank.clone(), model.b1.bank.clone()]
    losses = model.target_losses(views(model, data, teacher0=False), bodies_of(data, 25), sample)
    assert set(losses) == {"dec", "cont"}
    after = model.b1.teacher.parameters()
    for old, new, student in zip(before, after, model.b1.student.parameters(), strict=True):
        torch.testing.assert_close(new, 0.9 * old + 0.1 * student)
    assert torch.equal(model.b0.bank, banks[0])  # nobody saw its view
    features, _ = model.b1.teacher(data.x, bodies_of(data, 25))
    torch.testing.assert_close(model.b1.bank[sample], features)
    assert torch.equal(model.b1.bank[[2, 4, 6, 8]], banks[1][[2, 4, 6, 8]])
    with pytest.raises(ValueError, match=r"needs views\.teacher0"):
        model.target_losses(
            views(model, data, teacher0=False), bodies_of(data, 25), sample, online=True
        )


@pytest.mark.parametrize("own", [False, True])
def test_whose_statistics_b0_is_tested_with(own):
    model, data = make(target_statistics=own), batch()
    bodies, norm = bodies_of(data, 25), model.b0.student.encoder.norm
    before = norm.running_mean.clone()
    x0 = model.to_shared(data.x) + 5
    model.source_losses(x0, x0, bodies, data.y)
    assert torch.equal(norm.running_mean, before) == own
    assert norm.momentum == 0.1
    model.target_losses(views(model, data), bodies, torch.arange(6))
    assert not torch.equal(norm.running_mean, before)


def test_every_trained_weight_learns_and_no_teacher_does():
    model, data = make(), batch()
    bodies, x0 = bodies_of(data, 25), model.to_shared(data.x)
    losses = [model.source_losses(x0, x0, bodies, data.y)]
    losses.append(
        model.target_losses(views(model, data), bodies, torch.arange(6), True, "predictions")
    )
    sum(loss for terms in losses for loss in terms.values()).backward()
    for name, p in model.named_parameters():
        assert (p.grad is None) == (".teacher." in name), name


def test_padded_persons_are_decoded_as_zeros():
    model, data = make(pad_persons=True), batch()
    x0 = model.to_shared(data.x)
    loss = model.source_losses(x0, x0, bodies_of(data, 25), data.y)["dec"]
    assert loss.isfinite()
    whole = make(pad_persons=False)
    whole.load_state_dict(model.state_dict())
    other = whole.source_losses(x0, x0, bodies_of(data, 25), data.y)["dec"]
    assert loss < other  # six of twelve bodies are nobody


def test_refusals():
    with pytest.raises(ValueError, match=r"from 1 to 10 clusters .*, got 11"):
        make(num_clusters=11)
    with pytest.raises(ValueError, match="'coco17' lacks joints of the shared layout 'ntu25'"):
        CoDT(Skeleton.get("coco17"), **{**TINY, "shared": "ntu25"})
