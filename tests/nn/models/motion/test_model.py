import numpy as np
import pytest
import torch

from pyg_skeleton.nn.models import SymGNNForecast
from pyg_skeleton.skeleton import Skeleton


def test_set_normalization(make_model):
    model = make_model()
    assert not model.mean.any()
    assert (model.std == 1).all()
    mean, std = torch.randn(9, 3), torch.rand(9, 3) + 0.1
    model.set_normalization(mean, std)
    assert torch.equal(model.mean, mean)
    assert model.mean is not mean
    with pytest.raises(ValueError, match=r"std of shape \(9, 3\), got \(3,\)"):
        model.set_normalization(mean, std[0])
    with pytest.raises(ValueError, match=r"mean of shape \(9, 3\), got \(8, 3\)"):
        model.set_normalization(mean[1:], std)
    std[2, 1] = 0
    with pytest.raises(ValueError, match=r"positive .*, got 0.0 of channel 1 of joint .* give 1"):
        model.set_normalization(mean, std)


def test_predict_equals_the_network_on_standardized_poses(make_model, skeleton):
    model = make_model()
    model.classes = ["walk", "run", "sit"]
    mean, std = torch.randn(9, 3), torch.rand(9, 3) + 0.5
    model.set_normalization(mean, std)
    array = np.random.default_rng(0).normal(size=(2, 8, 9, 3))
    forecast = model.predict(array)
    assert model.training
    poses = (torch.from_numpy(array).float() - mean) / std
    output = model.eval()(skeleton.to_data(poses.transpose(1, 2)))
    assert forecast.classes == ["walk", "run", "sit"]
    assert forecast.probability.shape == (3,)
    np.testing.assert_allclose(forecast.probability.sum(), 1, rtol=1e-5)
    expected = output.logits.softmax(dim=-1)[0].detach().numpy()
    np.testing.assert_allclose(forecast.probability, expected, rtol=1e-4)
    future = output.prediction.view(2, 9, 4, 3).transpose(1, 2) * std + mean
    assert forecast.future.shape == (2, 4, 9, 3)
    np.testing.assert_allclose(forecast.future, future.detach().numpy(), rtol=1e-4, atol=1e-5)
    one = model.predict(array[0], num_future=6)
    assert one.future.shape == (6, 9, 3)


def test_predict_takes_any_array(make_model):
    model = make_model()
    array = np.random.default_rng(0).normal(size=(8, 9, 3)).astype(np.float32)
    expected = model.predict(array).future
    frozen = array.copy()
    frozen.flags.writeable = False
    turned = np.asfortranarray(array[::-1])[::-1]
    for same in (frozen, turned, array.tolist(), array.astype(np.float64), torch.from_numpy(array)):
        np.testing.assert_allclose(model.predict(same).future, expected, rtol=1e-5, atol=1e-6)
    assert model.predict(np.ones((8, 9, 3), dtype=int)).future.shape == (4, 9, 3)


def test_predict_returns_what_the_network_has(make_model):
    array = np.ones((8, 9, 3))
    forecast = make_model(recognition=False).predict(array)
    assert forecast.probability is None
    assert forecast.future.shape == (4, 9, 3)
    forecast = make_model(prediction=False).predict(array)
    assert forecast.future is None
    assert forecast.probability.shape == (3,)


def test_predict_refuses_what_it_cannot_read(make_model):
    model = make_model()
    for shape in [(8, 9), (8, 7, 3), (8, 9, 2), (1, 1, 8, 9, 3)]:
        with pytest.raises(ValueError, match=r"expected frames of shape \(T, 9, 3\) or \(M, T, 9"):
            model.predict(np.zeros(shape))
    array = np.ones((8, 9, 3))
    array[4, 2, 1] = np.nan
    with pytest.raises(ValueError, match=r"finite joints, got nan at \[4, 2, 1\]"):
        model.predict(array)
    with pytest.raises(ValueError, match="expected 3 frames or more"):
        model.predict(array[:2])
    assert model.training


def test_constant_components_are_set_to_their_mean(make_model, skeleton):
    model = make_model()
    constant = torch.zeros(9, 3, dtype=torch.bool)
    constant[2, 1] = True
    model.set_normalization(torch.zeros(9, 3), torch.ones(9, 3), constant)
    assert model.constant == [(skeleton.joints[2], 1)]
    array = np.random.default_rng(0).normal(size=(8, 9, 3))
    moved = array.copy()
    moved[:, 2, 1] += 5
    np.testing.assert_array_equal(model.predict(moved).future, model.predict(array).future)


def test_other_units_are_refused(make_model):
    with pytest.raises(ValueError, match="are these millimeters instead of meters"):
        make_model().predict(np.random.default_rng(0).normal(size=(8, 9, 3)) * 1000)


# What it answers ##############################################################################

STICK = Skeleton("stick", ("a", "b"), [(1, 0)], 0)
FUTURE = np.arange(12.0).reshape(1, 2, 2, 3)


def test_a_forecast_as_a_clip():
    known = {"skeleton": STICK, "frame_rate": 25.0, "unit": "m", "up": "y"}
    forecast = SymGNNForecast(None, None, [FUTURE, FUTURE + 1], observed=[-FUTURE] * 2, **known)
    clip = forecast.to_clip(1)
    np.testing.assert_array_equal(clip.joints, FUTURE + 1)
    assert (clip.skeleton, clip.frame_rate, clip.unit, clip.up) == (STICK, 25.0, "m", "y")
    whole = forecast.to_clip(observed=True)
    np.testing.assert_array_equal(whole.joints, np.concatenate([-FUTURE, FUTURE], 1))
    with pytest.raises(ValueError, match="expected positions, this network predicts axis-angle"):
        forecast._replace(unit="rad").to_clip()


def test_a_forecast_as_a_table():
    forecast = SymGNNForecast(np.array([0.2, 0.8]), ["walk", "wave"], FUTURE, STICK)
    assert forecast.to_frame(top=1)["class"].tolist() == ["wave"]
    poses = forecast.poses_to_frame()
    assert poses["joint"].tolist() == ["a", "b", "a", "b"]
    np.testing.assert_array_equal(poses[["x", "y", "z"]], FUTURE.reshape(4, 3))
    with pytest.raises(ValueError, match="this network recognizes actions alone"):
        forecast._replace(future=None).poses_to_frame()
    with pytest.raises(ValueError, match="this network predicts motion alone"):
        forecast._replace(probability=None).to_frame()
