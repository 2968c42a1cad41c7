import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.data import Clip
from pyg_skeleton.nn.models import Timeline, create_model, timeline
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose

KINECT = Skeleton.get("kinect20")


def network():
    torch.manual_seed(0)
    model = create_model("st_gcn", "quarter", KINECT, num_classes=3)
    model.classes = ["walk", "wave", "sit"]
    torch.nn.init.normal_(model.classifier.weight)
    model.frame_rate, model.unit, model.up = 25.0, "m", "y"
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean.fill_(0.01)
    return model.eval()


def walk(frames=200, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sway = 0.005 * torch.randn(1, frames, 20, 3, generator=generator).cumsum(1)
    return rest_pose(KINECT).expand(1, frames, 20, 3) + sway


def test_windows_are_those_of_predict():
    model, joints = network(), walk(130)
    found = timeline(model, joints, window=50, stride=20)
    assert found.windows.tolist() == [[s, s + 50] for s in (0, 20, 40, 60, 80)]
    expected = model.predict([joints[:, s:e] for s, e in found.windows]).probability
    np.testing.assert_allclose(found.probability, expected, atol=1e-6)
    assert found.classes == model.classes
    assert found.frame_rate == 25
    # The last one ends with the clip; a short clip is one window.
    found = timeline(model, joints[:, :105], window=50, stride=20)
    assert found.windows[:, 0].tolist() == [0, 20, 40, 55]
    assert timeline(model, joints[:, :30], window=50).windows.tolist() == [[0, 30]]


def test_a_clip_of_another_rate_unit_and_layout():
    model = network()
    clip = Clip(walk(100), KINECT, 25, unit="m", up="y")
    expected = timeline(model, clip, window=40, stride=10)
    with pytest.warns(UserWarning, match="joints converted from 'mm' to 'm'"):
        found = timeline(model, clip.to_unit("mm"), window=40, stride=10)
    np.testing.assert_allclose(found.probability, expected.probability, atol=1e-4)
    with pytest.warns(UserWarning, match="frames resampled from 50 to 25"):
        found = timeline(model, clip.resample(50), window=40, stride=10)
    np.testing.assert_array_equal(found.windows, expected.windows)
    np.testing.assert_allclose(found.probability, expected.probability, atol=1e-4)


def test_persons_who_come_and_go():
    """A window has the persons who are in it, and there is none where nobody is."""
    model = network()
    joints = torch.cat([walk(200), walk(200, seed=1)])
    joints[1, :100] = 0
    joints[:, 120:160] = 0
    found = timeline(model, joints, window=20, stride=20)
    assert found.windows[:, 0].tolist() == [0, 20, 40, 60, 80, 100, 160, 180]
    one, two = model.predict([joints[:1, :20], joints[:, 100:120]]).probability
    np.testing.assert_allclose(found.probability[0], one, atol=1e-6)
    np.testing.assert_allclose(found.probability[5], two, atol=1e-6)


def test_spans_of_time():
    """By hand: windows of 50 frames from 0, 25 and 100 on."""
    probability = np.array([[0.9, 0.1], [0.3, 0.7], [0.1, 0.9]], np.float32)
    windows = np.array([[0, 50], [25, 75], [100, 150]])
    line = Timeline(probability, ["sit", "run"], windows, 25.0)
    pieces, means = line.pieces
    assert pieces.tolist() == [[0, 25], [25, 50], [50, 75], [100, 150]]
    np.testing.assert_allclose(means[:, 0], [0.9, 0.6, 0.3, 0.1], atol=1e-6)
    expected = pd.DataFrame(
        {
            "start": [0.0, 2.0, 4.0],
            "end": [2.0, 3.0, 6.0],
            "class": ["sit", "run", "run"],
            "probability": [0.75, 0.7, 0.9],
        }
    )
    pd.testing.assert_frame_equal(line.to_frame(), expected, atol=1e-6)
    frames = line._replace(frame_rate=None).to_frame()
    assert frames["end"].tolist() == [50, 75, 150]
    assert line.spans()[0][:3] == (0, 50, "sit")


def test_other_networks_and_arguments():
    model = network()
    with pytest.raises(ValueError, match="expected window >= 2 and stride >= 1, got 1 and 1"):
        timeline(model, walk(), window=1)
    with pytest.raises(ValueError, match="expected window >= 2 and stride >= 1, got 9 and 0"):
        timeline(model, walk(), window=9, stride=0)
    motion = create_model("sym_gnn", "tiny", KINECT, num_classes=2, recognition=False)
    with pytest.raises(ValueError, match="expected a network that recognizes classes, got SymGNN"):
        timeline(motion.eval(), walk(60), window=30)
    motion = create_model("sym_gnn", "tiny", KINECT, num_classes=2, prediction=False)
    found = timeline(motion.eval(), walk(60), window=30)
    assert found.probability.shape == (6, 2)
    assert found.classes == ["0", "1"]
