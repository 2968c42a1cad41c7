import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import CMUMocap
from pyg_skeleton.io import write_exp_map
from pyg_skeleton.training import Forecast, evaluate_motion, forecast
from pyg_skeleton.transforms import Standardize


@pytest.fixture
def model(tiny):
    model = tiny.tiny_model()
    model.set_normalization(*tiny.Swinging().statistics)
    torch.nn.init.normal_(model.decoder.out[2].weight)
    return model


def test_forecast_is_what_the_network_predicts(tiny, model):
    data = tiny.Swinging(5)
    result = forecast(model, data, batch_size=2)
    assert result.observed.shape == (5, 8, 5, 3)
    assert result.target.shape == result.prediction.shape == (5, 4, 5, 3)
    assert result.logits.shape == (5, 3)
    assert result.actional.shape == (5, 25)
    assert result.label.tolist() == [0, 1, 2, 0, 1]
    assert result.clip.tolist() == result.clip.sort().values.tolist() == [0, 1, 2, 3, 4]
    torch.testing.assert_close(result.actional.view(5, 5, 5).sum(2), torch.ones(5, 5))
    for i, clip in enumerate(data):
        assert torch.equal(result.observed[i], clip.x.transpose(0, 1))
        assert torch.equal(result.target[i], clip.target.transpose(0, 1))
        alone = model.predict(result.observed[i].numpy())
        np.testing.assert_allclose(result.prediction[i], alone.future, atol=1e-5)
        np.testing.assert_allclose(result.logits[i].softmax(0), alone.probability, atol=1e-5)


def test_forecast_leaves_network_and_data_as_they_are(tiny, model):
    data = tiny.Swinging(5)
    data.transform = Standardize(*data.statistics)
    one = forecast(model.train(), data)
    assert model.training
    assert isinstance(data.transform, Standardize)
    data.transform = None
    assert torch.equal(one.prediction, forecast(model.eval(), data).prediction)
    assert not model.training


def test_forecast_of_nobody_is_the_last_pose(tiny):
    result = forecast(None, tiny.Swinging(5))
    assert torch.equal(result.prediction, result.observed[:, -1:].expand(-1, 4, -1, -1))
    assert result.logits is None
    assert result.actional is None


def test_as_many_frames_as_the_data_have(tiny, model):
    assert forecast(model, tiny.Swinging(3, num_future=2)).prediction.shape == (3, 2, 5, 3)
    assert forecast(model, tiny.Swinging(3, num_future=6)).prediction.shape == (3, 6, 5, 3)


def test_data_without_a_target(tiny, model):
    data = tiny.Swinging(3, num_future=0)
    result = forecast(model, data)
    assert result.target.shape == (3, 0, 5, 3)
    assert result.prediction.shape == (3, 4, 5, 3)
    assert set(evaluate_motion(result, data)) == {"clips", "recognition"}
    assert evaluate_motion(forecast(None, data), data) == {"clips": 3}


def test_data_without_labels(tiny, model):
    data = tiny.Swinging(3, labels=False)
    result = forecast(model, data)
    assert result.label.tolist() == [-1, -1, -1]
    measured = evaluate_motion(result, data)
    assert "recognition" not in measured
    assert list(measured["prediction"]["per_action"]) == ["average"]


def test_two_persons_per_clip(tiny, model):
    data = tiny.Swinging(5, persons=2)
    result = forecast(model, data, batch_size=2)
    assert result.prediction.shape == (10, 4, 5, 3)
    assert result.logits.shape == (5, 3)
    assert result.label.tolist() == [0, 1, 2, 0, 1]
    assert result.clip.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert result.body_label.tolist() == [0, 0, 1, 1, 2, 2, 0, 0, 1, 1]
    past = torch.stack([data[i].x for i in range(5)]).view(10, 5, 8, 3)
    assert torch.equal(result.observed, past.transpose(1, 2))
    pair = model.predict(result.observed[4:6].numpy())
    np.testing.assert_allclose(result.prediction[4:6], pair.future, atol=1e-5)
    np.testing.assert_allclose(result.logits[2].softmax(0), pair.probability, atol=1e-5)
    measured = evaluate_motion(result, data)
    assert measured["clips"] == 5
    errors = (result.prediction - result.target).norm(dim=-1).mean(2)[:, 1]
    slow = errors[[0, 1, 6, 7]].mean()
    assert measured["prediction"]["per_action"]["slow"]["80"] == pytest.approx(float(slow))


def test_perturbs_the_standardized_input(tiny, model):
    seen = []

    def double(x):
        seen.append(x)
        return 2 * x

    data = tiny.Swinging(12)
    result = forecast(model, data, perturb=double)
    frames = seen[0].view(12, 5, 8, 3)
    assert abs(float(frames.mean())) < 0.2
    mean, std = data.statistics
    doubled = 2 * (result.observed - mean) / std * std + mean
    alone = model.predict(doubled[3].numpy())
    np.testing.assert_allclose(result.prediction[3], alone.future, atol=1e-4)


# Measures #########################################################################################


def a_forecast(prediction, target, label, logits=None):
    bodies = len(target)
    return Forecast(target[:, :1], target, prediction, logits, label, torch.arange(bodies), None)


class Positions:
    def __init__(self, skeleton, fps=25.0):
        self.skeleton, self.fps, self.classes = skeleton, fps, ["sit", "stand", "lie"]


def test_errors_of_positions(tiny):
    """The error of frame t is t + 1 cm for "sit" and twice that for "stand"."""
    target = torch.randn(4, 25, 5, 3)
    grows = torch.arange(1, 26).view(1, 25, 1) / 100
    size = torch.tensor([1.0, 1.0, 2.0, 2.0]).view(4, 1, 1)
    prediction = target.clone()
    prediction[..., 1] += size * grows
    result = a_forecast(prediction, target, torch.tensor([0, 0, 1, 1]))
    measured = evaluate_motion(result, Positions(tiny.STICK))
    frames = {"80": 2, "160": 4, "320": 8, "400": 10, "560": 14, "1000": 25}
    rows = measured["prediction"]["per_action"]
    assert list(rows) == ["sit", "stand", "average"]
    assert rows["sit"] == pytest.approx({ms: t / 100 for ms, t in frames.items()}, abs=1e-6)
    assert rows["stand"] == pytest.approx({ms: t / 50 for ms, t in frames.items()}, abs=1e-6)
    assert rows["average"] == pytest.approx({ms: 1.5 * t / 100 for ms, t in frames.items()})
    assert "m)" in measured["prediction"]["metric"]


def test_horizons_by_the_rate_of_the_data(tiny):
    target = torch.zeros(1, 25, 5, 3)
    prediction = target + torch.arange(1, 26).view(1, 25, 1, 1) * torch.eye(3)[0]
    measured = [
        evaluate_motion(
            a_forecast(prediction[:, :T], target[:, :T], torch.tensor([0])),
            Positions(tiny.STICK, fps),
        )["prediction"]["per_action"]["average"]
        for T, fps in ((25, 50.0), (3, 25.0), (1, 25.0), (1, 10.0))
    ]
    assert measured[0] == {"80": 4.0, "160": 8.0, "320": 16.0, "400": 20.0}
    assert measured[1] == {"80": 2.0}
    assert measured[2] == {"40": 1.0}  # none of the usual ones
    assert measured[3] == {"80": 1.0}


def test_keypoints_within_a_twentieth_of_the_torso(tiny):
    target = torch.zeros(1, 2, 5, 3)
    target[:, :, 1, 1] = 1.0  # the neck is a meter above the pelvis
    prediction = target.clone()
    prediction[0, 1, 0, 0] = 0.049
    prediction[0, 1, 2, 0] = 0.051
    prediction[0, 1, 3, 0] = 0.5
    result = a_forecast(prediction, target, torch.tensor([0]))
    measured = evaluate_motion(result, Positions(tiny.STICK))["prediction"]
    assert measured["pck@0.05 torso"] == {"80": pytest.approx(3 / 5)}


def test_recognition(tiny):
    logits = torch.tensor([[3.0, 2, 1], [1, 2, 3], [1, 3, 2], [9, 1, 0]])
    motion = torch.zeros(4, 0, 5, 3)
    result = a_forecast(None, motion, torch.tensor([0, 2, 2, 1]), logits)
    measured = evaluate_motion(result, Positions(tiny.STICK))
    assert measured == {"clips": 4, "recognition": {"top1": 0.5, "top5": 1.0}}
    many = torch.eye(8)[[0, 1]] + torch.arange(8.0) / 100
    result = a_forecast(None, motion[:2], torch.tensor([0, 0]), many)
    assert evaluate_motion(result, Positions(tiny.STICK))["recognition"] == {
        "top1": 0.5, "top5": 0.5,
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:CMUMocap")
def test_errors_of_angles(tmp_path):
    """One joint turns at 0.5 degrees a row; another rotates only while training."""
    for name, rows in (("train/walking/walking_1", 400), ("test/walking/walking_1", 400)):
        table = np.zeros((rows, 117))
        table[:, 9] = np.radians(0.5) * np.arange(rows) * (1 if "test" in name else -1) % 0.7
        table[:, 10] = np.linspace(0, 0.5, rows) if "train" in name else 0.0
        (tmp_path / name).parent.mkdir(parents=True)
        write_exp_map(tmp_path / f"{name}.txt", table)
    data = CMUMocap(tmp_path, "test", num_observed=10, num_future=10)
    result = forecast(None, data)
    measured = evaluate_motion(result, data)
    prediction = measured["prediction"]
    assert "literature" in prediction["metric"]
    assert "8 windows" in prediction["metric"]
    assert len(prediction["missing_actions"]) == 7
    assert prediction["per_action"]["walking"] == prediction["per_action"]["average"]
    angle = result.target[:, :, :, 0].abs().amax(2) - result.observed[:, -1:, :, 0].abs().amax(2)
    expected = {"80": 1, "160": 3, "320": 7, "400": 9}
    assert prediction["per_action"]["walking"] == pytest.approx(
        {ms: float(angle[:, t].abs().mean()) for ms, t in expected.items()}, abs=1e-5
    )
    # Where no window wraps around, a frame is two rows, so a degree.
    steady = angle.abs().amax(1) < 0.2
    assert steady.any()
    assert angle[steady][:, 3].abs() == pytest.approx(np.radians(4.0), abs=1e-4)


def test_other_classes_are_not_compared(tiny, model):
    model.classes = ["fast", "medium", "slow"]
    with pytest.raises(ValueError, match="label 0 is 'slow' in the data and 'fast' in the network"):
        forecast(model, tiny.Swinging(3))
