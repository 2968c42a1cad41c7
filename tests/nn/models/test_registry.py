import re

import numpy as np
import pytest
import torch
from torch_geometric.loader import DataLoader

from pyg_skeleton.data import Clip, SkeletonLoader
from pyg_skeleton.nn import HopGraph, NonLocal, models
from pyg_skeleton.nn.models import create_model, list_models, model_class, register_model
from pyg_skeleton.nn.models.skeleton_model import first_tensor
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.testing import assert_close, named_tensors

# Every preset of every network, with its number of parameters.
PARAMETERS = {
    ("sym_gnn", "ntu"): 31_449_323,
    ("sym_gnn", "kinetics"): 31_879_981,
    ("sym_gnn", "h36m"): 12_913_308,
    ("sym_gnn", "cmu"): 12_906_653,
    ("sym_gnn", "tiny"): 692_391,
    ("si_mlpe", "h36m"): 136_512,
    ("si_mlpe", "cmu"): 44_796,
    ("si_mlpe", "tiny"): 44_796,
    ("trajectory_gcn", "h36m"): 247_866,
    ("trajectory_gcn", "cmu"): 251_156,
    ("trajectory_gcn", "tiny"): 251_156,
    ("sem_gcn", "paper"): 434_703,
    ("sem_gcn", "no-non-local"): 267_343,
    ("sem_gcn", "channelwise"): 487_373,
    ("sem_gcn", "channelwise-no-non-local"): 320_013,
    ("res_gcn", "paper"): 135_171,
    ("res_gcn", "non-local"): 302_531,
    ("res_gcn", "two-matrix"): 266_883,
    ("res_gcn", "st-gcn"): 266_883 + 10 * 46,
    ("pose_gat", "paper"): 137_481,
    ("high_order_gcn", "paper"): 1_197_931 - 876,  # without what the authors' network never reads
    ("martinez_mlp", "paper"): 4_288_557,
    ("sr_net", "paper"): 896_490,
    ("lcn", "paper"): 4_365_363,
    ("lcn", "hop2"): 2_772_019,
    ("lcn", "hop1"): 1_427_635,
    ("skeletal_gnn", "paper"): 4_309_619,
    ("skeletal_gnn", "dynamic"): 4_376_611,
    ("skeletal_gnn", "ablation"): 1_087_315,
    ("skeletal_gnn", "temporal"): 2_282_355,
    ("skeletal_gnn", "temporal-dynamic"): 2_382_147,
    ("skeletal_gnn_classifier", "ntu60"): 3_890_291,
    ("skeletal_gnn_classifier", "ntu120"): 3_905_711,
    ("st_gcn", "ntu60"): 3_098_832,
    ("st_gcn", "ntu120"): 3_098_832 + 60 * 257,
    ("st_gcn", "nw-ucla"): 3_079_202,
    ("st_gcn", "kinetics"): 3_177_140,
    ("st_gcn", "quarter"): 821_380 + 60 * 257,
    ("agcn", "ntu60"): 3_469_510,
    ("agcn", "ntu120"): 3_469_510 + 60 * 257,
    ("agcn", "nw-ucla"): 3_449_730,
    ("agcn", "aagcn-ntu60"): 3_781_668,
    ("agcn", "aagcn-ntu120"): 3_781_668 + 60 * 257,
    ("agcn", "aagcn-nw-ucla"): 3_753_440,
    ("ctr_gcn", "ntu60"): 1_446_672,
    ("ctr_gcn", "ntu120"): 1_446_672 + 60 * 257,
    ("ctr_gcn", "nw-ucla"): 1_426_892,
    ("ctr_gcn", "nw-ucla-small"): 234_744,
    ("info_gcn", "ntu60"): 1_556_807,
    ("info_gcn", "ntu120"): 1_556_807 + 60 * 257,
    ("info_gcn", "nw-ucla"): 1_533_722,
    ("codt", "paper"): 3_504_227,
    ("codt", "authors_code"): 3_504_227,
    ("codt", "small"): 305_743,
}
ALL = [(name, preset) for name in list_models() for preset in model_class(name).presets]
# Networks that continue poses and recognize nothing.
POSES = ("si_mlpe", "trajectory_gcn")
# A small one of each network, and what makes it smaller where a test need not see all of it.
SMALL = {
    "sym_gnn": ("tiny", {"bone": False, "differences": (0,)}),
    "si_mlpe": ("tiny", {"num_layers": 2}),
    "trajectory_gcn": ("tiny", {"hidden_channels": 8, "num_blocks": 1}),
    "sem_gcn": ("channelwise", {"num_blocks": 1}),
    "res_gcn": ("st-gcn", {"num_blocks": 1}),
    "pose_gat": ("paper", {"num_blocks": 1}),
    "high_order_gcn": ("paper", {"num_blocks": 1}),
    "martinez_mlp": ("paper", {"hidden_channels": 64}),
    "sr_net": ("paper", {"hidden_channels": 64}),
    "lcn": ("hop1", {"num_blocks": 1}),
    "skeletal_gnn": ("temporal-dynamic", {"hidden_channels": 16}),
    "skeletal_gnn_classifier": ("ntu60", {"channels": (8, 16), "strides": (1, 2)}),
    "st_gcn": ("ntu60", {"channels": (8, 16), "strides": (1, 2)}),
    "agcn": ("aagcn-ntu60", {"channels": (8, 16), "strides": (1, 2)}),
    "ctr_gcn": ("ntu60", {"channels": (8, 16), "strides": (1, 2)}),
    "codt": ("small", {"num_samples": 60}),
    "info_gcn": ("ntu60", {"channels": (8, 16), "strides": (1, 2), "hidden_channels": 8}),
}


def make(name, preset=None, **overrides):
    if preset is None:
        preset, smaller = SMALL[name]
        overrides = {**smaller, **overrides}
    if name in ("sym_gnn", *POSES):
        overrides["num_future"] = 2
    if name == "codt" and "skeleton" in overrides:
        overrides["shared"] = overrides["skeleton"]
    return create_model(name, preset, **overrides)


def clips(model, num=2, persons=1):
    """Data for the network: clips of some persons, or poses."""
    if isinstance(model, models.LiftingModel):
        return [model.example_input() for _ in range(num)]
    shape = (persons, model.skeleton.num_joints, 12, model.in_channels)
    return [model.skeleton.to_data(torch.rand(shape)) for _ in range(num)]


def test_names_are_sorted_and_known():
    assert list_models() == sorted(list_models())
    assert set(SMALL) == set(list_models())
    assert model_class("sym_gnn") is models.SymGNN
    assert set(ALL) == set(PARAMETERS)


@pytest.mark.parametrize(("name", "preset"), ALL)
def test_forward_and_backward(name, preset):
    model = make(name, preset)
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name, preset]
    for module in model.modules():  # those that start as the identity get no gradient
        if isinstance(module, NonLocal):
            torch.nn.init.ones_(module.norm.weight)
        elif isinstance(module, HopGraph) and module.embed is not None:
            torch.nn.init.ones_(module.alpha)
    batch = next(iter(SkeletonLoader(clips(model), batch_size=2)))
    output = model(batch)
    assert first_tensor(output).isfinite().all()
    total = sum(
        (t.float() * torch.randn_like(t)).sum() for _, t in named_tensors(output) if t.requires_grad
    )
    total.backward()
    for parameter, p in model.named_parameters():
        if name == "codt" and not re.search(r"student\.(encoder|clusters)", parameter):
            continue  # only in the losses, or a running mean
        assert p.grad is not None, parameter
        assert p.grad.isfinite().all(), parameter


@pytest.mark.parametrize("name", SMALL)
def test_checkpoint_round_trip(name, tmp_path):
    model = make(name).eval()
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.mul_(1 + 0.1 * torch.rand_like(value))
    model.save(tmp_path / "model.pt")
    loaded = model_class(name).load(tmp_path / "model.pt")
    assert loaded.config == model.config
    assert not loaded.training
    with torch.no_grad():
        batch = next(iter(DataLoader(clips(model), batch_size=2)))
        assert_close(loaded(batch), model(batch), "loaded and saved differ", rtol=0, atol=0)


@pytest.mark.parametrize("name", SMALL)
def test_double_precision_is_exact(name):
    """A network converted to double precision keeps no constants of single precision."""
    model = make(name).double().eval()
    torch.set_default_dtype(torch.float64)
    try:
        expected = make(name).eval()
    finally:
        torch.set_default_dtype(torch.float32)
    expected.load_state_dict(model.state_dict())
    batch = next(iter(DataLoader(clips(model), batch_size=2)))
    batch.x = batch.x.double()
    with torch.no_grad():
        # Sym-GNN's powers of the graph are in single precision.
        close = 1e-9 if name == "sym_gnn" else 1e-12
        assert_close(model(batch), expected(batch), "double precision", rtol=close, atol=close)


@pytest.mark.parametrize("name", SMALL)
def test_any_layout(name):
    for layout in ("openpose18", Skeleton.get("smpl24")):
        model = make(name, skeleton=layout).eval()
        assert model.skeleton == (Skeleton.get(layout) if isinstance(layout, str) else layout)
        batch = next(iter(DataLoader(clips(model), batch_size=2)))
        with torch.no_grad():
            output = model(batch)
        lifts = isinstance(model, models.LiftingModel)
        rows = len(batch.x) if lifts or name in POSES else 2
        assert first_tensor(output).size(0) == rows


@pytest.mark.parametrize("name", SMALL)
def test_fine_tuning_on_another_layout(name, tmp_path):
    """Every network changes its layout and back; what the file holds of common joints stays."""
    model = make(name, skeleton="ntu25")
    model.save(tmp_path / "model.pt")
    changes = {"shared": "kinect20"} if name == "codt" else {}
    other = model_class(name).load(tmp_path / "model.pt", skeleton="kinect20", **changes)
    assert other.skeleton == Skeleton.get("kinect20")
    assert set(other.state_dict()) == {
        *other.transfer.taken,
        *other.transfer.partly,
        *other.transfer.made,
    }
    assert other.transfer.taken
    old, new = model.state_dict(), other.state_dict()
    assert all(torch.equal(new[weight], old[weight]) for weight in other.transfer.taken)
    assert "start anew" in str(other.transfer)


@pytest.mark.parametrize("name", SMALL)
def test_any_loader(name):
    model = make(name).eval()
    data = clips(model, 3)
    if not isinstance(model, models.LiftingModel):
        data += clips(model, 1, persons=2)
    ours, theirs = (
        next(iter(loader(data, batch_size=4))) for loader in (SkeletonLoader, DataLoader)
    )
    with torch.no_grad():
        assert_close(model(ours), model(theirs), "loaders differ", rtol=0, atol=0)
        alone = [next(t for _, t in named_tensors(model(clip))) for clip in data]
        together = next(t for _, t in named_tensors(model(ours)))
        torch.testing.assert_close(torch.cat(alone), together, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", SMALL)
def test_every_network_predicts_and_embeds_what_users_have(name, dtype):
    """Arrays of any type, one or several persons, data objects, clips, and lists of them."""
    model = make(name)
    for _ in range(2):
        model(next(iter(DataLoader(clips(model), batch_size=2))))
    model = model.to(dtype)
    lifts = isinstance(model, models.LiftingModel)
    V, C = model.skeleton.num_joints, model.in_channels
    joints = rest_pose(model.skeleton)[..., :C] + 0.02 * torch.randn(2, 12, V, C)
    if lifts:
        joints = 100 + 200 * joints
    options = {"image_size": (640, 480)} if lifts else {}
    one, two = joints[0].numpy(), joints.numpy()
    data = model.skeleton.to_data(joints.transpose(1, 2))
    clip = Clip(joints, model.skeleton, 25.0, unit="px" if lifts else "m")
    several = [one.astype(np.float64), joints[0], two, data, clip]
    output = model.predict(several, **options)
    features = model.embed(several, **options)
    assert len(features) == 5
    assert np.isfinite(features).all()
    rough = {torch.float16: 1e-2, torch.bfloat16: 5e-2}.get(dtype, 1e-4)
    np.testing.assert_allclose(features[1], features[0], rtol=rough, atol=rough)
    for i in (3, 4):
        np.testing.assert_allclose(features[i], features[2], rtol=rough, atol=rough)
    table = output.poses_to_frame() if name in POSES else output.to_frame()
    assert set(table["clip"]) == set(range(5))
    alone = model.predict(one, **options)
    if lifts:
        assert alone.poses.shape == (12, V, 3)
        assert [p.shape for p in output.poses[2:]] == [(2, 12, V, 3)] * 3
        np.testing.assert_allclose(output.poses[0], alone.poses, rtol=10 * rough, atol=1e3 * rough)
        assert model.predict(one[0], **options).poses.shape == (V, 3)
    elif name in ("sym_gnn", *POSES):
        assert alone.future.shape == (2, V, 3)
        assert [f.shape for f in output.future] == [(1, 2, V, 3)] * 2 + [(2, 2, V, 3)] * 3
    else:
        np.testing.assert_allclose(output.probability[0], alone.probability[0], atol=rough)


def test_unknown_names_raise():
    with pytest.raises(ValueError, match="unknown model 'SymGNN'; did you mean 'sym_gnn'"):
        create_model("SymGNN")
    with pytest.raises(ValueError, match="unknown preset 'NTU' of SymGNN; did you mean 'ntu'"):
        create_model("sym_gnn", "NTU")
    with pytest.raises(ValueError, match=r"unknown preset 'x' of SymGNN; expected one of \['ntu'"):
        create_model("sym_gnn", "x")
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
