import pytest
import torch

from pyg_skeleton.nn.models import MartinezMLP
from pyg_skeleton.training import TASKS, LiftingRecipe, Run


def run(model, **network):
    recipe = LiftingRecipe(max_steps=2, batch_size=8, lr=0.01)
    return Run("lifting", {"name": "h36m"}, model, "paper", recipe, network)


@pytest.mark.parametrize("space", ["root-relative", "pixel-depth"])
def test_the_root_of_martinez_is_zero_among_root_relative_positions_only(bodies, space):
    data, task = bodies(target_space=space), TASKS["lifting"]
    torch.manual_seed(0)
    model = task.create_network(run("martinez_mlp", hidden_channels=8), data)
    assert isinstance(model, MartinezMLP)
    assert model.predict_root == (space == "pixel-depth")
    # The network can learn the data: with a root of zero, decoding would move all joints.
    with torch.no_grad():
        model.output.weight.zero_()
        wanted = data.targets.mean(0)[0 if model.predict_root else 1 :]
        model.output.bias.copy_(wanted.flatten())
    root = model.eval().lift(data.keypoints[:1])[0, 0]
    torch.testing.assert_close(root, data.targets.mean(0)[0])


def test_a_fixed_root_is_refused_in_pixel_depth(bodies):
    data = bodies(target_space="pixel-depth")
    with pytest.raises(ValueError, match="'pixel-depth' needs predict_root=True"):
        TASKS["lifting"].create_network(run("martinez_mlp", predict_root=False), data)


@pytest.mark.parametrize(
    ("data", "model", "preset", "recipe"),
    [
        ("h36m", "skeletal_gnn", "paper", "hcsf"),
        ("h36m", "sem_gcn", "paper", "sem-gcn-code"),
        ("h36m", "martinez_mlp", "paper", "martinez"),
        ("h36m", "lcn", "paper", "lcn"),
        ("embedded", "sem_gcn", "paper", "tiny"),
    ],
)
def test_defaults_fit_the_data(data, model, preset, recipe):
    task = TASKS["lifting"]
    assert task.plan(data, model) == (preset, task.recipes[recipe])
