from pyg_skeleton.cli import format_errors

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
    assert format_errors({"zero-velocity": BASELINE, "Sym-GNN": NETWORK}).splitlines() == [
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
    lines = format_errors({"zero-velocity": BASELINE}).splitlines()
    assert lines[0] == "zero-velocity: mean angle error (rad)"
    only = {"clips": 40, "recognition": NETWORK["recognition"]}
    assert format_errors({"Sym-GNN": only}) == "Sym-GNN: top-1 62.5%, top-5 100.0% of 40 clips"
    assert format_errors({"Sym-GNN": {"clips": 3}}) == ""
