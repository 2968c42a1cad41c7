import pytest
import torch

from pyg_skeleton.datasets import AnyBody, CMUMocap
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("shared15")
PELVIS = BODY.joint_id("pelvis")


@pytest.fixture(scope="module")
def people():
    """The embedded people alone."""
    return {split: AnyBody(None, split) for split in ("train", "test")}


def lengths(x):
    return BODY.bone_vectors(x).norm(dim=-1)


def test_items(people):
    for split, data in people.items():
        item = data[0]
        assert item.x.shape == (15, 20, 3)
        assert item.target.shape == (15, 25, 3)
        assert item.y.item() == len(CMUMocap.actions)
        assert data.classes[item.y.item()] == "walking"
        assert item.x[PELVIS].abs().max() < 1e-6
        assert item.target[PELVIS].abs().max() < 1e-6
        assert len(data) == len(data._windows) > 300, split
    assert AnyBody(None, "test")[7].x.equal(people["test"][7].x)


def test_training_varies_bodies_and_directions(people):
    data = people["train"]
    torch.manual_seed(0)
    one, two = data[0], data[0]
    shares = lengths(one.target)[:, 0] / lengths(two.target)[:, 0]
    assert shares.std() > 0.01
    assert ((shares > 0.7) & (shares < 1.4)).all()
    for item in (one, two):  # rigid bones of equal length on both sides
        assert lengths(item.target).std(dim=1).max() < 1e-3
        left, right = (BODY.joint_id(f"{side}_elbow") for side in ("left", "right"))
        bones = [child for child, _ in BODY.bones]
        pair = lengths(item.target)[[bones.index(left), bones.index(right)], 0]
        torch.testing.assert_close(*pair)
    hips = [BODY.joint_id(f"{side}_hip") for side in ("left", "right")]
    faces = torch.stack([data[0].target[hips, 0].diff(dim=0)[0] for _ in range(40)])
    assert (faces[:, [0, 2]].amin(dim=0) < -0.1).all()
    assert (faces[:, [0, 2]].amax(dim=0) > 0.1).all()


def test_mirrored_bodies_stay_bodies(people):
    """Left stays left: shoulders and the direction of the nose agree."""
    data = people["train"]
    ids = {name: BODY.joint_id(name) for name in ("left_hip", "right_hip", "left_ankle")}
    label = data.classes.index("walking")
    rows = (data._windows[:, 2] == label).nonzero().flatten()[::40]
    knee, ankle = BODY.joint_id("left_knee"), BODY.joint_id("left_ankle")
    for row in rows.tolist():
        x = data[row].target
        across = (x[ids["left_hip"]] - x[ids["right_hip"]]).mean(0)
        front = torch.linalg.cross(across, torch.tensor([0.0, 1.0, 0.0]))
        bend = (x[knee] - x[ankle]).mean(0)  # knees bend to the front
        assert float(front @ bend) > 0


def test_statistics_preparation_and_weights(people):
    data = people["train"]
    mean, std = data.statistics
    assert mean[:, [0, 2]].eq(0).all()
    assert std[PELVIS].eq(1).all()
    assert std.gt(0).all()
    moved = BODY.to_data(data.recordings[0] + torch.tensor([5.0, 1.0, -3.0]))
    out = data.preparation()(moved)
    torch.testing.assert_close(out.x, data.recordings[0][:, -20:], atol=1e-5, rtol=0)
    weights, labels = data.window_weights(), data._windows[:, 2]
    sums = torch.stack([weights[labels == label].sum() for label in labels.unique()])
    torch.testing.assert_close(sums, torch.full_like(sums, 1 / len(sums)))


def test_cmu(shared_dir):
    data = AnyBody(shared_dir / "data" / "cmu_mocap", "test")
    walking = next(x for x, w in zip(data.recordings, data._windows, strict=False) if w[2] == 0)
    assert walking.shape[1] == pytest.approx(359 / 120 * 25, abs=1)
    # Half a stride, from the distance of the ankles: 0.55 s.
    ankles = [BODY.joint_id(f"{side}_ankle") for side in ("left", "right")]
    apart = walking[ankles].diff(dim=0)[0].norm(dim=-1)
    apart = apart - apart.mean()
    similar = [float(apart[:-lag] @ apart[lag:]) / (len(apart) - lag) for lag in range(5, 25)]
    assert 5 + similar.index(max(similar)) == pytest.approx(0.55 * 25, abs=1)


def test_arguments(tmp_path):
    with pytest.raises(ValueError, match="split must be 'train' or 'test', got 'val'"):
        AnyBody(None, "val")
    with pytest.raises(ValueError, match="expected num_observed >= 3 and num_future >= 1, got 2"):
        AnyBody(None, num_observed=2)
    with pytest.raises(FileNotFoundError, match="no file of CMU Mocap, looked for train/walking"):
        AnyBody(tmp_path)
