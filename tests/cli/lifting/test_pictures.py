import pytest
import torch

from pyg_skeleton.cli import draw_lifting
from pyg_skeleton.cli.lifting.pictures import _dynamic_graph
from pyg_skeleton.nn.models import SkeletalGNN

pytest.importorskip("matplotlib")


def test_draws_poses_errors_and_edges(bodies, little_sem_gcn, tmp_path):
    data = bodies()
    poses = {"SemGCN": data.positions + 10 * torch.rand(48, 16, 3)}
    metrics = tmp_path / "metrics.csv"
    metrics.write_text("step,loss\n0,1.0\n1,0.5\n")
    written = draw_lifting(poses, data, tmp_path / "out", little_sem_gcn(), metrics)
    assert written == [
        *("curves.png", "error_histogram.png", "lifting.png"),
        *("edge_weights.png", "joint_weights.png"),
    ]
    assert all((tmp_path / "out" / name).stat().st_size > 1000 for name in written)


def test_draws_several_networks(bodies, tmp_path):
    data = bodies()
    poses = {name: data.positions + 10 * torch.rand(48, 16, 3) for name in "ab"}
    written = draw_lifting(poses, data, tmp_path, metrics=tmp_path / "metrics.csv")
    assert written == ["error_histogram.png", "hard_poses.png", "lifting.png"]


@pytest.mark.parametrize("frames", [1, 9])
def test_draws_the_dynamic_graph_of_a_pose(bodies, tmp_path, frames):
    data = bodies("h36m17-lcn", num_frames=frames)
    model = SkeletalGNN(
        data.skeleton, hidden_channels=8, num_frames=frames, dynamic=True, alpha=1.0
    )
    written = draw_lifting({"D-HCSF": data.positions}, data, tmp_path, model)
    assert "dynamic_edges.png" in written
    first, other = (_dynamic_graph(model, data.inputs(torch.tensor([i]))) for i in (0, 20))
    assert first.shape == (17, 17)
    assert not torch.allclose(first, other)
    distance = data.skeleton.distances
    assert (first[distance > 2] == 0).all()
    static = SkeletalGNN(data.skeleton, hidden_channels=8, num_frames=frames)
    assert _dynamic_graph(static, data.inputs(torch.tensor([0]))) is None
