import pytest
import torch

from pyg_skeleton.nn.loss import perturbation_ratio
from pyg_skeleton.training import evaluate_motion, forecast
from pyg_skeleton.training.motion.robustness import frames_per_20ms, perturbation_table


@pytest.fixture
def model(tiny):
    model = tiny.tiny_model().eval()
    model.set_normalization(*tiny.Swinging().statistics)
    return model


def test_perturbation_table(tiny, model):
    data = tiny.Swinging(6)
    table = perturbation_table(model, data, seed=3)
    assert list(table) == ["sigma", "top1", "error", "ratio"]
    assert table["sigma"].tolist() == [i / 100 for i in range(11)]
    clean = evaluate_motion(forecast(model, data), data)
    errors = clean["prediction"]["per_action"]["average"].values()
    assert table["error"][0] == pytest.approx(sum(errors) / len(errors))
    assert table["top1"][0] == clean["recognition"]["top1"]
    assert table["ratio"].isna().tolist() == [True] + [False] * 10
    assert (table["ratio"][1:] > 0).all()
    assert table.equals(perturbation_table(model, data, seed=3))
    assert not table.equals(perturbation_table(model, data, seed=4))


def test_ratio_of_the_table(tiny, model):
    data = tiny.Swinging(6)
    table = perturbation_table(model, data, seed=3)
    mean, std = (v[:, None] for v in data.statistics)
    x = torch.cat([(clip.x - mean) / std for clip in data])
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(3))
    noisy = x + 0.05 * noise
    with torch.no_grad():
        graphs = model.actional_graph(x), model.actional_graph(noisy)
    ratio = float(perturbation_ratio(x, noisy, *graphs))
    assert table["ratio"][5] == pytest.approx(ratio, rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"prediction": False}, ["sigma", "top1", "ratio"]),
        ({"recognition": False}, ["sigma", "error", "ratio"]),
        ({"actional": False}, ["sigma", "top1", "error"]),
    ],
)
def test_perturbation_table_has_what_the_network_has(tiny, changes, columns):
    model = tiny.tiny_model(**changes)
    assert list(perturbation_table(model, tiny.Swinging(3))) == columns


def test_frames_per_20ms(model, monkeypatch):
    """A clock that a forward pass moves by 5 ms, and the first one by a second."""
    clock, passes = [0.0], []
    real = model.forward_clips

    def forward(x, num_future):
        assert x.shape == (5, 8, 3)
        assert not model.training
        clock[0] += 0.005 if passes else 1.0
        passes.append(num_future)
        return real(x, num_future=num_future)

    monkeypatch.setattr(model, "forward_clips", forward)
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    model.train()
    assert frames_per_20ms(model, 8, num_future=10, runs=3) == pytest.approx(40.0)
    assert passes == [10] * 4
    assert model.training
