"""Persons and predictions, for all networks."""

import copy
import warnings

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import (
    AGCN,
    CTRGCN,
    STGCN,
    InfoGCN,
    RecognizedClasses,
    SkeletalGNNClassifier,
    SkeletonModel,
    timeline,
)
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import ctrgcn_nw_ucla

KINECT = Skeleton.get("kinect20")


SMALL = {"num_classes": 3, "channels": (8, 16), "strides": (1, 2)}


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


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = CTRGCN(KINECT, num_persons=2, **SMALL)
    model.classes = ["sit", "stand", "throw"]
    for _ in range(2):  # no longer untrained
        model(model.example_input(4))
    return model


@pytest.fixture
def clip():
    return np.random.default_rng(0).normal(size=(8, 20, 3))


def test_predict(model, clip):
    answer = model.predict(clip)
    assert model.training
    assert answer.probability.shape == (1, 3)
    assert answer.probability.sum() == pytest.approx(1)
    assert answer.labels == [model.classes[answer.probability[0].argmax()]]
    table = answer.to_frame(top=2)
    assert list(table.columns) == ["clip", "class", "probability"]
    assert table["class"][0] == answer.labels[0]
    assert table.probability.is_monotonic_decreasing
    model.eval()
    data = KINECT.to_data(torch.from_numpy(clip).float().transpose(0, 1))
    expected = model(data).softmax(1).detach().numpy()
    np.testing.assert_allclose(answer.probability, expected, rtol=1e-5)
    two = np.stack([clip, clip + 1])
    for several in ([clip, data], [data, two], [clip[:5], two, clip]):  # other numbers of frames
        got = model.predict(several).probability
        alone = [model.predict(item).probability for item in several]
        np.testing.assert_allclose(got, np.concatenate(alone), rtol=1e-4)


def test_predict_prepares_raw_clips_as_in_training(model, clip, tmp_path):
    chain = ctrgcn_nw_ucla(train=False, num_frames=12)
    raw = KINECT.to_data(torch.from_numpy(clip).float().transpose(0, 1))
    expected = model.eval()(chain(raw)).softmax(1).detach().numpy()
    model.set_preparation(chain, torch.from_numpy(clip).transpose(0, 1)[None])
    assert "preparation=Chain" in repr(model)
    model.save(tmp_path / "model.pt")
    loaded = CTRGCN.load(tmp_path / "model.pt")
    assert repr(loaded.preparation) == repr(chain)
    for item in (clip, raw, clip.astype(np.float32), torch.from_numpy(clip)):
        assert np.array_equal(loaded.predict(item).probability, expected)
    with pytest.raises(ValueError, match=r"bodies of about .*, got .*; .* millimeters instead of"):
        loaded.predict(1000 * clip)


def test_padding_does_not_change_the_answer(model, clip):
    expected = model.predict(clip).probability
    padded = np.zeros((2, 12, 20, 3))
    padded[0, :8] = clip
    assert np.array_equal(model.predict(padded).probability, expected)
    with pytest.raises(ValueError, match="expected joints, all are zero or missing"):
        model.predict(np.zeros((2, 12, 20, 3)))


def test_predict_converts_layouts(model):
    clip = np.random.default_rng(0).normal(size=(8, 25, 3))
    converter = KINECT.converter_from(Skeleton.get("ntu25"))
    expected = model.predict(converter(clip, dim=1)).probability
    with pytest.warns(UserWarning, match="joints of 'ntu25' taken as those of 'kinect20' by name$"):
        got = model.predict(clip, layout="ntu25")  # told once
    np.testing.assert_allclose(got.probability, expected, rtol=1e-5)
    data = Skeleton.get("ntu25").to_data(torch.from_numpy(clip).float().transpose(0, 1))
    assert np.array_equal(model.predict(data).probability, got.probability)
    with pytest.raises(ValueError, match=r"clips of 'coco17' lack joints of 'kinect20': .*hand"):
        model.predict(clip[:, :17], layout="coco17")


def test_predict_refuses(model, clip):
    with pytest.raises(ValueError, match=r"\(T, 20, 3\) or \(M, T, 20, 3\).*got \(8, 19, 3\)"):
        model.predict(clip[:, :19])
    with pytest.raises(ValueError, match="2 frames or more, got 1"):
        model.predict(clip[:1])
    with pytest.raises(ValueError, match="at least one clip, got an empty list"):
        model.predict([])
    other = Skeleton.get("ntu25").to_data(torch.rand(25, 8, 3))
    other.skeleton = "mine"
    with pytest.raises(ValueError, match="expected data of skeleton 'kinect20', got 'mine'"):
        model.predict(other)
    clip[3, 2, 1] = np.nan
    with pytest.raises(ValueError, match=r"expected finite joints, got nan at \[3, 2, 1\]"):
        model.predict(clip)


def test_random_weights_are_told_once(clip):
    model = CTRGCN(KINECT, num_persons=2, **SMALL)
    with pytest.warns(UserWarning, match=r"this CTRGCN has random weights; .*CTRGCN.load\(path\)"):
        model.predict(clip)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(clip)


def test_embed_is_what_the_classifier_reads(model, clip):
    features = model.embed([clip, clip[:5]])
    assert features.shape == (2, 16)
    logits = model.classifier(torch.from_numpy(features))
    expected = model.predict([clip, clip[:5]]).probability
    np.testing.assert_allclose(logits.softmax(1).detach().numpy(), expected, rtol=1e-4)


@pytest.mark.parametrize("kind", [STGCN, AGCN, InfoGCN, SkeletalGNNClassifier])
def test_every_network_predicts_and_embeds(kind, clip):
    model = kind(KINECT, num_persons=2, **SMALL)
    assert model.predict(clip).probability.shape == (1, 3)
    assert model.embed(clip).shape == (1, 16)


# Several classes, and scores ######################################################################


def other_target(target, tmp_path):
    """A network from its file."""
    torch.manual_seed(0)
    options = {**SMALL, "num_classes": 1 if target == "score" else 3}
    model = STGCN(KINECT, num_persons=1, **options).eval()
    torch.nn.init.normal_(model.classifier.weight, std=20.0)
    model.classes = ["score"] if target == "score" else ["a", "b", "c"]
    model.target, model.score_mean, model.score_std = target, 100.0, 10.0
    model.save(tmp_path / "model.pt")
    return model, SkeletonModel.load(tmp_path / "model.pt")


def test_probabilities_of_several_classes(tmp_path):
    model, loaded = other_target("classes", tmp_path)
    clips = [torch.randn(8, 20, 3, generator=torch.Generator().manual_seed(i)) for i in range(4)]
    answer = loaded.predict(clips)
    model.target = "class"
    logits = np.log(model.predict(clips).probability)
    odds = np.log(answer.probability) - np.log1p(-answer.probability)
    # Both are of the same logits, up to a constant of each clip.
    np.testing.assert_allclose(
        odds - odds.mean(1, keepdims=True), logits - logits.mean(1, keepdims=True), atol=1e-3
    )


def test_the_table_of_several_classes():
    answer = RecognizedClasses(np.array([[0.6, 0.2, 0.9], [0.4, 0.5, 0.1]]), ["a", "b", "c"])
    assert answer.labels == ["a;c", ""]
    frame = answer.to_frame()
    assert frame["clip"].tolist() == [0, 0, 1]
    assert frame["class"].tolist() == ["c", "a", ""]
    assert frame["probability"].tolist()[:2] == [0.9, 0.6]
    assert np.isnan(frame["probability"].iloc[2])
    assert answer.to_frame(top=1)["class"].tolist() == ["c", ""]


def test_scores_are_in_the_unit_of_the_table(tmp_path):
    model, loaded = other_target("score", tmp_path)
    clips = torch.randn(2, 1, 8, 20, 3)
    logits = model.forward_plain(clips)[:, 0].detach().numpy()
    answer = loaded.predict(list(clips))
    np.testing.assert_allclose(answer.score, 100 + 10 * logits, rtol=1e-4)
    frame = answer.to_frame()
    assert list(frame) == ["clip", "score"]
    assert answer.labels[0] == f"{answer.score[0]:.4g}"
    np.testing.assert_allclose(loaded.optimized().predict(list(clips)).score, answer.score, 1e-3)
    other = SkeletonModel.load(tmp_path / "model.pt", classes=["a", "b"])
    with pytest.raises(ValueError, match="a score is one output, this network has 2: set its targ"):
        other.predict(list(clips))
    other.target = "class"
    assert other.predict(list(clips)).probability.shape == (2, 2)


@pytest.mark.parametrize("target", ["classes", "score"])
def test_what_needs_one_class_of_each_clip(tmp_path, target):
    _, model = other_target(target, tmp_path)
    with pytest.raises(ValueError, match="a timeline needs a network for one class of each clip"):
        timeline(model, torch.randn(60, 20, 3))
    with pytest.raises(ValueError, match="a stream needs a network for one class of each clip"):
        model.stream()
