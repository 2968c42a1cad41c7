from pyg_skeleton.cli import format_recognition


def test_by_hand():
    shares = {"walk": 1.0, "run": 0.5, "sit": 0.25, "stand": 0.9, "wave": 0.8, "kick": 0.7}
    result = {"clips": 8, "top1": 0.5, "top5": 0.875, "mean class": 2 / 3, "per_class": shares}
    text = format_recognition({"one": result, "fused": {**result, "top1": 1.0}})
    assert text.splitlines() == [
        "one: top-1 50.00 %, top-5 87.50 %, mean class 66.67 % of 8 clips",
        "  hardest: sit 25.0 %, run 50.0 %, kick 70.0 %, wave 80.0 %, stand 90.0 %",
        "fused: top-1 100.00 %, top-5 87.50 %, mean class 66.67 % of 8 clips",
        "  hardest: sit 25.0 %, run 50.0 %, kick 70.0 %, wave 80.0 %, stand 90.0 %",
    ]
