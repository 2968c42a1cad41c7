import pytest
import torch

from pyg_skeleton.cli.reports import lifting as report
from pyg_skeleton.cli.reports.pictures import draw
from pyg_skeleton.nn import DynamicHCSFConv
from pyg_skeleton.nn.models import SkeletalGNN
from pyg_skeleton.training import evaluate_lifting

pytest.importorskip("matplotlib")


def test_draws_poses_errors_and_edges(bodies, little_sem_gcn, tmp_path):
    data = bodies()
    poses = {"SemGCN": data.positions + 10 * torch.rand(48, 16, 3)}
    written = draw(report.pictures(poses, data, little_sem_gcn()), tmp_path / "out")
    assert list(written) == [
        *("error_histogram.png", "lifting.png"),
        *("edge_weights.png", "joint_weights.png"),
    ]
    assert all((tmp_path / "out" / name).stat().st_size > 1000 for name in written)


def test_draws_several_networks(bodies, tmp_path):
    data = bodies()
    poses = {name: data.positions + 10 * torch.rand(48, 16, 3) for name in "ab"}
    written = draw(report.pictures(poses, data), tmp_path)
    assert list(written) == ["error_histogram.png", "hard_poses.png", "lifting.png"]


@pytest.mark.parametrize("frames", [1, 9])
def test_draws_the_dynamic_graph_of_a_pose(bodies, tmp_path, frames):
    data = bodies("h36m17-lcn", num_frames=frames)
    model = SkeletalGNN(
        data.skeleton, hidden_channels=8, num_frames=frames, dynamic=True, alpha=1.0
    )
    written = draw(report.pictures({"D-HCSF": data.positions}, data, model), tmp_path)
    assert "dynamic_edges.png" in written
    layer = [m for m in model.modules() if isinstance(m, DynamicHCSFConv)][-1]
    first, other = (
        report._dynamic_graph(model, layer, data.inputs(torch.tensor([i]))) for i in (0, 20)
    )
    assert first.shape == (17, 17)
    assert not torch.allclose(first, other)
    distance = data.skeleton.distances
    assert (first[distance > 2] == 0).all()
    static = SkeletalGNN(data.skeleton, hidden_channels=8, num_frames=frames)
    assert "dynamic_edges.png" not in report.pictures({"HCSF": data.positions}, data, static)


def test_players_of_the_hardest_recordings(bodies, little_sem_gcn):
    data = bodies()
    poses = data.positions.clone()
    poses[3], poses[-1] = poses[3] + 50, poses[-1] * 2
    poses[:, data.skeleton.root] = 0
    players = report.players(poses, data, "ours", little_sem_gcn(), count=2)
    assert len(players) == 2
    scene = next(iter(players.values()))().scene
    shapes = {clip["label"]: clip["shape"] for clip in scene["clips"]}
    frames = data.sequences[0].num_frames
    assert shapes == {
        "truth": [frames, 1, 16, 3], "ours": [frames, 1, 16, 3], "keypoints": [frames, 1, 16, 2]
    }  # fmt: skip
    assert scene["edges"].keys() == {"conv 1", "conv 2"}
    assert scene["fits"].keys() == {"flat", "solid"}


def test_text(bodies):
    data = bodies()
    poses = data.positions.clone()
    poses[:, 1:] += torch.tensor([100.0, 0, 0])
    result = evaluate_lifting(poses, data, ["gt 2-D"])
    lines = report.text({"ours": result, "theirs": result}).splitlines()
    assert lines[0] == "ours: 48 frames, 48 poses in 4 sequences of subjects S9, 2 actions"
    assert lines[1] == "  [1] MPJPE (16 joints, root-aligned, root-relative, gt 2-D) mm"
    head = next(i for i, line in enumerate(lines) if line.split()[:2] == ["[1]", "[2]"])
    assert lines[head].split() == ["[1]", "[2]", "[3]", "[4]", "[5]", "[6]"]
    rows = [line.split() for line in lines[head + 1 : head + 6]]
    assert rows[0][:2] == ["sitting", "93.8"]  # fifteen of sixteen joints are 100 mm off
    assert rows[1][0] == "walking"
    assert rows[2][:4] == ["average", "over", "actions", "93.8"]
    assert rows[3][:4] == ["average", "over", "poses", "93.8"]
    assert rows[4] == ["waiting", "(no", "test", "recording)"]
    assert lines[head + 6] == (
        "poses by [1]: > 60 mm 100.0%, > 40 mm 100.0%, < 30 mm 0.0%; mean of the worst 5 %: 93.8 mm"
    )
    assert lines[head + 7] == ""
    assert lines[head + 8].startswith("theirs: 48 frames")
    assert len({len(line) for line in lines[head : head + 5]}) == 1
