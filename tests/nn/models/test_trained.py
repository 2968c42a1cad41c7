import re

import numpy as np
import pytest
import torch

from pyg_skeleton.data import Clip
from pyg_skeleton.datasets import AnyBody, SyntheticMotion
from pyg_skeleton.nn.models import (
    SkeletonModel,
    create_model,
    list_models,
    list_weights,
    model_class,
    weights_card,
)
from pyg_skeleton.training import TASKS


@pytest.mark.parametrize("name", list_weights())
def test_cards_say_all(name):
    card = weights_card(name)
    assert card.task in TASKS
    assert card.path.is_file()
    assert card.path.stat().st_size < 2_000_000
    for text in (card.purpose, card.data, card.license, card.limits):
        assert text.endswith(".")
    assert card.command.startswith(f"pyg-skeleton train {card.task} ")
    assert "--seed" in card.command
    assert card.errors
    model = SkeletonModel.load(card.path)
    assert type(model).__name__ == card.network
    assert all(p.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("name", list_weights())
def test_a_network_by_name(name):
    card = weights_card(name)
    kind = next(n for n in list_models() if model_class(n).__name__ == card.network)
    model = create_model(kind, weights=name)
    assert not model.training
    weights = SkeletonModel.load(card.path).state_dict()
    assert all(torch.equal(value, weights[key]) for key, value in model.state_dict().items())
    with pytest.raises(ValueError, match="expected a preset or weights, got 'a' and "):
        create_model(kind, "a", weights=name)


def test_unknown_names():
    with pytest.raises(
        ValueError, match=re.escape("unknown weights 'lifte'; did you mean 'lifter'?")
    ):
        weights_card("lifte")


def test_lifter_stands_on_poses_of_people_and_cameras_that_it_has_not_seen():
    """The embedded people, none of whose poses it was trained on."""
    from pyg_skeleton.datasets import SyntheticLifting
    from pyg_skeleton.metrics import mpjpe, pa_mpjpe

    data = SyntheticLifting("test", "h36m17", clips_per_class=2)
    model = create_model("sem_gcn", weights="lifter")
    # In pixels of any size: neither focal length nor the place in the picture matters.
    pixels = 500 * (data.keypoints[::5].numpy() + 1) + 70
    poses = torch.from_numpy(model.predict(pixels).poses)
    truth = data.positions[::5]
    card = weights_card("lifter").errors
    measured = {"MPJPE": mpjpe(poses, truth).mean(), "PA-MPJPE": pa_mpjpe(poses, truth).mean()}
    for key, value in measured.items():
        expected = card[f"{key} (mm) of embedded people, true keypoints"]
        assert float(value) == pytest.approx(expected, rel=0.02)


def test_the_lifter_takes_detections_of_coco():
    generator = np.random.default_rng(0)
    model = create_model("sem_gcn", weights="lifter")
    keypoints = 100 * generator.random((4, 17, 2)) + 300
    poses = model.predict(keypoints, layout="coco17").poses
    assert poses.shape == (4, 17, 3)
    moved = model.predict(2 * keypoints + 50, layout="coco17").poses
    np.testing.assert_allclose(moved, poses, atol=0.5)


@pytest.mark.parametrize(
    ("layout", "error"),
    [
        ("ntu25", "error (%) of 240 clips of them as ntu25"),
        ("h36m17", "error (%) of 240 clips of them as h36m17"),
        ("coco17", "error (%) of 240 clips of them as coco17 in 3-D"),
    ],
)
@pytest.mark.filterwarnings("ignore:joints of")
def test_recognizer_stands_on_people_that_it_has_not_seen(layout, error):
    """From any layout, in any direction."""
    people = SyntheticMotion(layout, "test", 50, 0, clips_per_class=20, noise=0.02)
    turn = torch.tensor([[0.6, 0, 0.8], [0, 1, 0], [-0.8, 0, 0.6]])
    joints = [people.clip(row).transpose(1, 2) @ turn + 1 for row in range(len(people))]
    clips = [Clip(x, people.skeleton, 25, unit="m", up="y") for x in joints]
    found = create_model("ctr_gcn", weights="recognizer").predict(clips).probability.argmax(axis=1)
    wrong = 100 * float((found != np.arange(240) % 12).mean())
    # Two clips are 0.8 %.
    assert wrong == pytest.approx(weights_card("recognizer").errors[error], abs=0.9)


@pytest.mark.filterwarnings("ignore:joints of")
def test_predictor_stands_on_people_that_it_has_not_seen():
    """Clips of any length, anywhere: better than the last pose held still."""
    clips = AnyBody(None, "test")
    model = create_model("sym_gnn", weights="predictor")
    past = [clips[row].x.transpose(0, 1) for row in range(len(clips))]
    target = torch.stack([clips[row].target.transpose(0, 1) for row in range(len(clips))])
    longer = [torch.cat([x[:5], x]) + torch.tensor([2.0, 0, 1]) for x in past]
    future = torch.from_numpy(np.stack(model.predict([x.numpy() for x in longer]).future))[:, 0]
    still = torch.stack([x[-1:] for x in past])
    card = weights_card("predictor").errors
    for ms, frame in ((400, 9), (1000, 24)):
        name = f"MPJPE (mm) after {ms} ms, embedded test people"
        for poses, key in ((future, name), (still, f"{name}, the last pose held still")):
            error = 1000 * (poses.expand_as(target) - target).norm(dim=-1)[:, frame].mean()
            assert float(error) == pytest.approx(card[key], rel=0.01)
