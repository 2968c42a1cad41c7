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
    written = draw(report.pictures(forecast(model, data), data), tmp_path)
    assert list(written) == [
        "actional_edges.png", "actional_tsne.png", "strip.png", "prediction.gif", "confusion.png",
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
    written = draw(report.pictures(result, data), tmp_path)
    assert list(written) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(expected)


def test_pictures_of_two_persons_and_of_a_single_frame(tiny, model, tmp_path):
    data = tiny.Swinging(4, persons=2, num_future=1)
    written = draw(report.pictures(forecast(model, data), data), tmp_path)
    assert list(written) == ["actional_edges.png", "confusion.png"]


def test_players_of_the_largest_errors(tiny, model):
    data = tiny.Swinging(12)
    result = forecast(model, data)
    players = report.players(result, data, "ours", count=2)
    error = (result.prediction - result.target).norm(dim=-1).mean(dim=(1, 2))
    worst = int(error.argmax())
    action = data.classes[int(result.body_label[worst])]
    assert next(iter(players)) == f"1. clip {worst}, {action}"
    scene = players[f"1. clip {worst}, {action}"]().scene
    observed, length = result.observed.size(1), result.observed.size(1) + result.target.size(1)
    assert scene["spans"] == [[0, observed, "observed"], [observed, length, "future"]]
    assert [clip["label"] for clip in scene["clips"]] == ["truth", "ours"]
    assert scene["edges"].keys() == {"actional graph"}


def test_a_player_without_predictions(tiny):
    data = tiny.Swinging(4)
    result = forecast(tiny.tiny_model(prediction=False), data)
    (player,) = report.players(result, data).values()
    assert len(player().scene["clips"]) == 1
