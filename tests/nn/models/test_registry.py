import pytest
import torch
from torch_geometric.loader import DataLoader

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn import models
from pyg_skeleton.nn.models import create_model, list_models, model_class, register_model
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import assert_close, named_tensors

# Every preset of every network, with its number of parameters.
PARAMETERS = {
    ("sym_gnn", "ntu"): 31_449_323,
    ("sym_gnn", "kinetics"): 31_879_981,
    ("sym_gnn", "h36m"): 12_913_308,
    ("sym_gnn", "cmu"): 12_906_653,
    ("sym_gnn", "tiny"): 692_391,
}
ALL = [(name, preset) for name in list_models() for preset in model_class(name).presets]
SMALL = [("sym_gnn", "tiny")]
# One branch of the same blocks, where a test need not see them all.
ONE_BRANCH = {"bone": False, "differences": (0,)}


def make(name, preset, **overrides):
    return create_model(name, preset, num_future=2, **overrides)


def clips(skeleton, num=2, frames=12, persons=1):
    return [
        skeleton.to_data(torch.randn(persons, skeleton.num_joints, frames, 3)) for _ in range(num)
    ]


def test_names_are_sorted_and_known():
    assert list_models() == sorted(list_models())
    assert "sym_gnn" in list_models()
    assert model_class("sym_gnn") is models.SymGNN
    assert set(ALL) == set(PARAMETERS)


@pytest.mark.parametrize(("name", "preset"), ALL)
def test_forward_and_backward(name, preset):
    model = make(name, preset)
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name, preset]
    batch = next(iter(SkeletonLoader(clips(model.skeleton, frames=6), batch_size=2)))
    output = model(batch)
    first = output if isinstance(output, torch.Tensor) else output[0]
    assert first.isfinite().all()
    total = sum(
        (t.float() * torch.randn_like(t)).sum() for _, t in named_tensors(output) if t.requires_grad
    )
    total.backward()
    for parameter, p in model.named_parameters():
        assert p.grad is not None, parameter
        assert p.grad.isfinite().all(), parameter


@pytest.mark.parametrize(("name", "preset"), ALL)
def test_checkpoint_round_trip(name, preset, tmp_path):
    model = make(name, preset, **ONE_BRANCH).eval()
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.mul_(1 + 0.1 * torch.rand_like(value))
    model.save(tmp_path / "model.pt")
    loaded = model_class(name).load(tmp_path / "model.pt", skeleton=model.skeleton)
    assert loaded.config == model.config
    assert not loaded.training
    with torch.no_grad():
        batch = next(iter(DataLoader(clips(model.skeleton), batch_size=2)))
        assert_close(loaded(batch), model(batch), "loaded and saved differ", rtol=0, atol=0)
    other = Skeleton.get("smpl24")
    with pytest.raises(ValueError, match=f"{model.skeleton.name}.*expected 'smpl24': .*joints"):
        model_class(name).load(tmp_path / "model.pt", skeleton=other)


class Clips(torch.nn.Module):
    """What is exported: plain tensors in and out."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x, clip):
        output = self.model.forward_clips(x, clip, 2)
        return output.logits, output.prediction


@pytest.mark.parametrize(("name", "preset"), ALL)
def test_export(name, preset):
    model = Clips(make(name, preset, **ONE_BRANCH).eval())
    args = torch.randn(2 * model.model.skeleton.num_joints, 12, 3), torch.tensor([0, 1])
    exported = torch.export.export(model, args)
    with torch.no_grad():
        args = torch.randn_like(args[0]), torch.tensor([1, 0])
        assert_close(
            exported.module()(*args), model(*args), "exported differs", rtol=1e-4, atol=1e-4
        )


@pytest.mark.parametrize(("name", "preset"), SMALL)
def test_any_layout(name, preset):
    for layout in ("openpose18", Skeleton.get("smpl24")):
        model = make(name, preset, skeleton=layout).eval()
        assert model.skeleton == (Skeleton.get(layout) if isinstance(layout, str) else layout)
        batch = next(iter(DataLoader(clips(model.skeleton), batch_size=2)))
        with torch.no_grad():
            assert model(batch)[0].size(0) == 2


@pytest.mark.parametrize(("name", "preset"), SMALL)
def test_any_loader(name, preset):
    model = make(name, preset).eval()
    data = [*clips(model.skeleton, 2), *clips(model.skeleton, 1, persons=2)]
    ours, theirs = (
        next(iter(loader(data, batch_size=3))) for loader in (SkeletonLoader, DataLoader)
    )
    with torch.no_grad():
        assert_close(model(ours), model(theirs), "loaders differ", rtol=0, atol=0)
        alone = [model(clip)[0] for clip in data]
        torch.testing.assert_close(torch.cat(alone), model(ours)[0], rtol=1e-4, atol=1e-5)


def test_unknown_names_raise():
    with pytest.raises(ValueError, match=r"unknown model 'symgnn'.*sym_gnn"):
        create_model("symgnn")
    with pytest.raises(ValueError, match="unknown preset 'large' of SymGNN, expected one of ntu"):
        create_model("sym_gnn", "large")
    with pytest.raises(ValueError, match="nobody"):
        create_model("sym_gnn", "tiny", "nobody")


def test_register_model():
    registered = dict(models.registry._MODELS)
    try:

        @register_model("mine")
        class Mine(models.SkeletonModel):
            pass

        assert model_class("mine") is Mine
        assert register_model("mine")(Mine) is Mine
        with pytest.raises(ValueError, match="named 'mine' is registered already"):
            register_model("mine")(models.SymGNN)
    finally:
        models.registry._MODELS.clear()
        models.registry._MODELS.update(registered)
