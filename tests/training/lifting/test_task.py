import json

import pytest
import torch

from pyg_skeleton.datasets import HumanEva
from pyg_skeleton.nn.models import MartinezMLP
from pyg_skeleton.training import TASKS, Hardware, LiftingRecipe, Run, train


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


@pytest.mark.filterwarnings("ignore:::lightning.*", "ignore:.*LeafSpec:")
@pytest.mark.parametrize("where", ["beside the joints", "elsewhere"])
def test_trains_with_cameras_whose_intrinsics_are_fitted(lifting_files, tmp_path, where):
    files = lifting_files.write_humaneva(tmp_path / "files")
    options = {"target_space": "pixel-depth"}  # of cameras
    expected = HumanEva(files.root, **options).targets
    cameras = files.root / "cameras.json"
    content = json.loads(cameras.read_text())
    keep = ("id", "res_w", "res_h")
    content["intrinsics"] = [{key: c[key] for key in keep} for c in content["intrinsics"]]
    cameras.write_text(json.dumps(content))
    if where == "elsewhere":
        options["cameras"] = cameras.rename(tmp_path / "mine.json")
    data, test = (HumanEva(files.root, split, **options) for split in ("train", "test"))
    torch.testing.assert_close(data.targets, expected, rtol=0, atol=0.02)
    little = run("sem_gcn", hidden_channels=4, num_blocks=1)
    model = train(little, data, None, tmp_path / "run", hardware=Hardware("cpu"), quiet=True)
    result = TASKS["lifting"].evaluate(model, test)
    for table in result["metrics"].values():
        assert set(table["per_subject"]) == {"S1", "S2"}
        assert torch.tensor(table["average over poses"]).isfinite()
