import pytest
import torch

from pyg_skeleton.datasets import HumanEva, RenderedPoses, SyntheticLifting
from pyg_skeleton.metrics import mpjpe, mpjve, pa_mpjpe
from pyg_skeleton.nn import ImageBackbone, SmallResNet
from pyg_skeleton.nn.models import ImageLifter, SemGCN
from pyg_skeleton.skeleton import total_bone_length
from pyg_skeleton.training import evaluate_lifting, lift, lift_images


@pytest.mark.parametrize("space", ["root-relative", "pixel-depth"])
def test_lifts_to_millimeters(bodies, little_sem_gcn, space):
    data, model = bodies(target_space=space), little_sem_gcn()
    model.target_space = space
    poses = lift(model, data, flip=False, batch_size=20)
    predicted = model.lift(data.keypoints)
    assert torch.allclose(poses, data.to_millimeters(predicted), atol=1e-3)
    assert torch.equal(poses[:, 0], torch.zeros(48, 3))
    both = lift(model, data)
    expected = data.to_millimeters(model.lift(data.keypoints, flip=True))
    assert torch.allclose(both, expected, atol=1e-3)
    assert not torch.allclose(both, poses)


def test_calibrates_by_the_bones_of_the_training(bodies, little_sem_gcn):
    data, model = bodies(), little_sem_gcn()
    with pytest.raises(ValueError, match="without the bone_length of its training poses"):
        lift(model, data, calibrate=True)
    model.bone_length = 3900.0
    poses, raw = lift(model, data, calibrate=True), lift(model, data)
    assert total_bone_length(poses, data.skeleton).tolist() == pytest.approx([3900.0] * 48)
    factor = poses.flatten(1).norm(dim=1) / raw.flatten(1).norm(dim=1)
    assert torch.allclose(poses, raw * factor.view(-1, 1, 1), atol=0.1)


def test_refuses_other_poses_than_those_of_the_training(bodies, little_sem_gcn):
    model = little_sem_gcn()
    message = "trained on the 16 joints of 'h36m16', the poses have the 17 of 'h36m17': joints: "
    with pytest.raises(ValueError, match=message):
        lift(model, bodies("h36m17"))
    with pytest.raises(ValueError, match=r"target_space='root-relative', as .* 'pixel-depth'"):
        lift(model, bodies(target_space="pixel-depth"))
    with pytest.raises(ValueError, match="num_frames=1, as the network was trained, got 3"):
        lift(model, bodies(num_frames=3))


def test_names_the_protocol_of_each_number(bodies):
    data = bodies()
    result = evaluate_lifting(data.positions, data, ["h36m gt 2-D", "flip"])
    assert list(result["metrics"]) == [
        "MPJPE (16 joints, root-aligned, root-relative, h36m gt 2-D, flip) mm",
        "PA-MPJPE (16 joints, rigidly aligned, root-relative, h36m gt 2-D, flip) mm",
        "N-MPJPE (16 joints, scaled, root-relative, h36m gt 2-D, flip) mm",
        "PCK@150mm (16 joints, root-aligned, root-relative, h36m gt 2-D, flip)",
        "AUC@0-150mm (16 joints, root-aligned, root-relative, h36m gt 2-D, flip)",
        "MPJVE (16 joints, root-aligned, root-relative, h36m gt 2-D, flip) mm/frame",
    ]
    perfect = [table["average over poses"] for table in result["metrics"].values()]
    assert perfect == pytest.approx([0, 0, 0, 1, 30 / 31, 0], abs=1e-3)
    other = evaluate_lifting(data.positions, bodies("h36m16", target_space="pixel-depth"))
    assert next(iter(other["metrics"])) == "MPJPE (16 joints, root-aligned, pixel-depth) mm"


def test_errors_of_each_subject(bodies, monkeypatch):
    data = bodies()
    assert "per_subject" not in next(
        iter(evaluate_lifting(data.positions, data)["metrics"].values())
    )
    monkeypatch.setattr(type(data), "by_subject", True)
    for number, sequence in enumerate(data.sequences):
        object.__setattr__(sequence, "subject", f"S{number // 2}")
    data.subjects = ("S0", "S1")
    poses = data.positions + 10 * torch.randn(
        data.positions.shape, generator=torch.Generator().manual_seed(0)
    )
    tables = evaluate_lifting(poses, data)["metrics"]
    errors = mpjpe(poses, data.positions, data.skeleton.root)
    for subject in (0, 1):
        mine = (data.sequence_ids // 2 == subject).nonzero().squeeze(1)
        walking = mine[data.action_ids[mine] == data.actions.index("walking")]
        rows = next(iter(tables.values()))["per_subject"][f"S{subject}"]
        assert rows["walking"] == pytest.approx(float(errors[walking].mean()))
        assert set(rows) == {"sitting", "walking", "average over actions"}


def test_subjects_of_human_eva(lifting_files, tmp_path):
    takes = [f"{action} 1 chunk0" for action in ("Box", "Jog", "Walking")]
    lifting_files.write_humaneva(tmp_path, Validate=takes)
    data = HumanEva(tmp_path, "test")
    poses = data.positions + 10 * torch.randn(data.positions.shape)
    result = evaluate_lifting(poses, data)
    name, table = next(iter(result["metrics"].items()))
    assert name == "MPJPE (15 joints, root-aligned, root-relative) mm"
    assert all("per_subject" in table for table in result["metrics"].values())
    errors = mpjpe(poses, data.positions, data.skeleton.root)
    assert list(table["per_subject"]) == ["S1", "S2"]
    for subject, rows in table["per_subject"].items():
        expected = {}
        for action in ("Box", "Jog", "Walking"):
            mine = [s.subject == subject and s.action == action for s in data.sequences]
            expected[action] = float(errors[torch.tensor(mine)[data.sequence_ids]].mean())
        expected["average over actions"] = sum(expected.values()) / 3
        assert rows == pytest.approx(expected)


def test_numbers_by_hand(bodies):
    data = bodies()
    generator = torch.Generator().manual_seed(0)
    poses = data.positions + 30 * torch.randn(data.positions.shape, generator=generator)
    poses[:10] += 200 * torch.rand(10, 16, 3, generator=generator)
    result = evaluate_lifting(poses, data)
    tables = list(result["metrics"].values())
    error = mpjpe(poses, data.positions)
    assert tables[0]["average over poses"] == pytest.approx(float(error.mean()))
    assert tables[1]["average over poses"] == pytest.approx(
        float(pa_mpjpe(poses, data.positions).mean())
    )
    speed = mpjve(poses, data.positions, data.sequence_ids)
    assert tables[5]["average over poses"] == pytest.approx(float(speed.mean()))
    rows = {name: float(error[data.action_ids == i].mean()) for i, name in enumerate(data.actions)}
    del rows["waiting"]  # of which there is none
    assert tables[0]["per_action"] == pytest.approx(rows)
    average = sum(rows.values()) / 2
    assert tables[0]["average over actions"] == pytest.approx(average)
    assert result["hard_poses"] == {
        "of": "MPJPE (16 joints, root-aligned, root-relative) mm",
        "> 60 mm": pytest.approx(float((error > 60).double().mean())),
        "> 40 mm": pytest.approx(float((error > 40).double().mean())),
        "< 30 mm": pytest.approx(float((error < 30).double().mean())),
        "worst 5 %": pytest.approx(float(error.sort().values[-3:].mean())),
    }


def test_says_what_was_found(bodies):
    data = bodies(frames=9, stride=2)
    assert evaluate_lifting(data.positions, data)["found"] == {
        "frames": 36,
        "poses": 20,
        "sequences": 4,
        "subjects": ["S9"],
        "actions": ["sitting", "walking"],
        "missing_actions": ["waiting"],
    }


def test_velocities_need_successive_frames(bodies):
    for data in (bodies(stride=2), bodies()[torch.randperm(48)], bodies()[::3]):
        names = evaluate_lifting(data.positions, data)["metrics"]
        assert not any(name.startswith("MPJVE") for name in names)
        assert len(names) == 5


@pytest.fixture(scope="module")
def pictures():
    options = {"clips_per_class": 1, "clip_length": 5, "num_subjects": 3, "num_cameras": 1}
    poses = SyntheticLifting("test", "h36m16", classes=["bowing"], **options)
    return RenderedPoses(poses.sequences, poses.skeleton, image_size=32)


def a_model(pictures):
    torch.manual_seed(0)
    graph = SemGCN(pictures.skeleton, 2, hidden_channels=8, num_blocks=1)
    return ImageLifter(ImageBackbone(SmallResNet((4, 4, 4))), graph, head_channels=4)


@pytest.mark.parametrize("batch_size", [2, 128])
def test_one_by_one(pictures, batch_size):
    model = a_model(pictures)
    poses, keypoints = lift_images(model, pictures, batch_size)
    assert poses.shape == (5, 16, 3)
    assert keypoints.shape == (5, 16, 2)
    assert model.training  # as it was before
    model.eval()
    for i in range(5):
        pose, places = model(pictures[i])
        torch.testing.assert_close(poses[i], 1000 * (pose - pose[:1]), rtol=1e-4, atol=1e-2)
        torch.testing.assert_close(keypoints[i], places, rtol=1e-4, atol=1e-5)


def test_no_gradients(pictures):
    assert not lift_images(a_model(pictures), pictures)[0].requires_grad
