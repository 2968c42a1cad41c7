import matplotlib.image
import pytest

from pyg_skeleton.cli.reports import motion as report
from pyg_skeleton.cli.reports.pictures import draw
from pyg_skeleton.training import forecast

BASELINE = {
    "clips": 40,
    "prediction": {
        "metric": "mean angle error (rad)",
        "per_action": {
            "walking": {"80": 0.4071, "1000": 1.338},
            "average": {"80": 0.4071, "1000": 1.338},
        },
        "missing_actions": ["running"],
    },
}
NETWORK = {
    "clips": 40,
    "recognition": {"top1": 0.625, "top5": 1.0},
    "prediction": {"metric": "MPJPE (m)", "per_action": {"average": {"80": 0.05}}},
}


def test_layout():
    assert report.text({"zero-velocity": BASELINE, "Sym-GNN": NETWORK}).splitlines() == [
        "Sym-GNN: top-1 62.5%, top-5 100.0% of 40 clips",
        "",
        "zero-velocity: mean angle error (rad)",
        "                  ms      80    1000",
        "             walking   0.407   1.338",
        "             average   0.407   1.338",
        "             running (no test recording)",
        "",
        "Sym-GNN: MPJPE (m)",
        "                  ms      80",
        "             average   0.050",
    ]


def test_begins_with_what_there_is():
    lines = report.text({"zero-velocity": BASELINE}).splitlines()
    assert lines[0] == "zero-velocity: mean angle error (rad)"
    only = {"clips": 40, "recognition": NETWORK["recognition"]}
    assert report.text({"Sym-GNN": only}) == "Sym-GNN: top-1 62.5%, top-5 100.0% of 40 clips"
    assert report.text({"Sym-GNN": {"clips": 3}}) == ""


@pytest.fixture
def model(tiny):
    model = tiny.tiny_model().eval()
    model.set_normalization(*tiny.Swinging().statistics)
    return model


def is_picture(path):
    return matplotlib.image.imread(path).std() > 0


def test_pictures_of_a_run(tiny, model, tmp_path):
    data = tiny.Swinging(12)
    metrics = tmp_path / "metrics.csv"
    metrics.write_text("step,loss_recg,loss_pred,lambda\n0,1.1,0.5,0.2\n1,1.0,0.4,0.3\n")
    written = draw(report.pictures(forecast(model, data), data, tmp_path), tmp_path)
    assert written == [
        "curves.png", "actional_edges.png", "actional_tsne.png", "strip.png", "prediction.gif",
        "confusion.png",
    ]  # fmt: skip
    assert all(is_picture(tmp_path / name) for name in written if name.endswith("png"))
    assert (tmp_path / "prediction.gif").read_bytes().startswith(b"GIF8")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"prediction": False}, ["actional_edges.png", "confusion.png"]),
        ({"recognition": False, "actional": False}, ["strip.png", "prediction.gif"]),
        ({"joints": False, "prediction": False}, ["confusion.png"]),
    ],
)
def test_pictures_of_what_there_is(tiny, tmp_path, changes, expected):
    data = tiny.Swinging(4)
    result = forecast(tiny.tiny_model(**changes), data)
    written = draw(report.pictures(result, data, tmp_path), tmp_path)
    assert written == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(expected)


def test_pictures_of_two_persons_and_of_a_single_frame(tiny, model, tmp_path):
    data = tiny.Swinging(4, persons=2, num_future=1)
    written = draw(report.pictures(forecast(model, data), data, tmp_path), tmp_path)
    assert written == ["actional_edges.png", "confusion.png"]
