import json

import pandas as pd
import pytest

from pyg_skeleton.training import fuse_scores, read_scores


@pytest.mark.usefixtures("little", "undrawn")
def test_streams(command, refused, short, tmp_path):
    joint, bone, fused = (tmp_path / name for name in ("joint", "bone", "fused"))
    for stream in (joint, bone):
        line = (*short["recognition"], "--stream", stream.name, "--out", stream)
        assert command("train", "recognition", *line).code == 0
    done = command("fuse", joint, bone, "--weights", 0.6, 0.4, "--out", fused)
    assert done.code == 0, done.err
    names = [str(joint), str(bone), "fused"]
    assert [line.split(": ")[0] for line in done.out.splitlines()[:6:2]] == names
    both = {str(path): read_scores(path) for path in (joint, bone)}
    found = read_scores(fused / "fused.csv")
    pd.testing.assert_frame_equal(found, fuse_scores(both, [0.6, 0.4]), rtol=1e-5)
    assert list(json.loads((fused / "fusion.json").read_text())) == names
    assert refused("fuse", joint, bone, "--weights", 1) == (
        "expected a weight per run, got 1 for 2 runs"
    )


def test_clips_with_several_classes(command, tmp_path):
    for name, scores in (("a", "2,-1"), ("b", "-1,3")):
        text = f"clip,label,walk,wave\nx,walk;wave,{scores}\ny,wave,-2,1\n"
        (tmp_path / f"{name}.csv").write_text(text)
    done = command("fuse", tmp_path / "a.csv", tmp_path / "b.csv", "--out", tmp_path)
    assert done.code == 0, done.err
    assert "fused: mean average precision 100.00 %, all classes right 100.00 %" in done.out
    results = json.loads((tmp_path / "fusion.json").read_text())
    assert [result["exact"] for result in results.values()] == [0.5, 0.5, 1.0]
