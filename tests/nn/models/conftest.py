"""A network that costs nothing, and what the authors' networks answer."""

import pytest
import torch

from pyg_skeleton.nn.models import BlockSpec, SymGNN, create_model

BLOCKS = (BlockSpec(4, 5), BlockSpec(4, 6, stride=2, kernel_size=3, fuse=True), BlockSpec(5, 7))


TWO_BLOCKS = {"channels": (8, 8), "strides": (1, 2)}
TWO_LAYERS = {"hidden_channels": 8, "num_blocks": 1}
#: What makes a network small, and free of bones and a root where it has a choice.
SMALL = {
    **dict.fromkeys(("agcn", "ctr_gcn", "info_gcn", "skeletal_gnn_classifier"), TWO_BLOCKS),
    **dict.fromkeys(("lcn", "sem_gcn", "skeletal_gnn", "res_gcn", "high_order_gcn"), TWO_LAYERS),
    "st_gcn": TWO_BLOCKS,
    "codt": {**TWO_BLOCKS, "num_samples": 60},
    "sym_gnn": {"preset": "tiny", "num_future": 2, "blocks": BLOCKS, "bone": False, "parts": False},
    "si_mlpe": {"num_future": 2, "num_layers": 2},
    "trajectory_gcn": {"num_future": 2, "hidden_channels": 8, "num_blocks": 1},
    "martinez_mlp": {"predict_root": True, "hidden_channels": 8},
    "sr_net": {"hidden_channels": 64},
    "pose_gat": {"hidden_channels": 8},
}


@pytest.fixture
def small():
    """Makes a small network of a name on any graph."""

    def make(name, graph, **options):
        torch.manual_seed(0)
        shared = {"shared": graph} if name == "codt" else {}
        return create_model(name, skeleton=graph, **{**SMALL[name], **shared, **options})

    return make


#: A small one of each network, of a preset.
PRESETS = {
    "sym_gnn": ("tiny", {"num_future": 2, "bone": False, "differences": (0,)}),
    "si_mlpe": ("tiny", {"num_future": 2, "num_layers": 2}),
    "trajectory_gcn": ("tiny", {"num_future": 2, "hidden_channels": 8, "num_blocks": 1}),
    "sem_gcn": ("paper", {"num_blocks": 1, "hidden_channels": 8}),
    "res_gcn": ("paper", {"num_blocks": 1, "hidden_channels": 8}),
    "pose_gat": ("paper", {"num_blocks": 1}),
    "high_order_gcn": ("paper", {"num_blocks": 1}),
    "martinez_mlp": ("paper", {"hidden_channels": 8}),
    "sr_net": ("paper", {"hidden_channels": 16}),
    "lcn": ("hop1", {"num_blocks": 1, "hidden_channels": 8}),
    "skeletal_gnn": ("temporal-dynamic", {"hidden_channels": 8}),
    "codt": ("small", {"num_samples": 60}),
}
FEW = {"channels": (8, 16), "strides": (1, 2)}


@pytest.fixture
def make():
    """Makes a small network of a preset, with weights as after training."""

    def make(name, preset=None, **changes):
        torch.manual_seed(0)
        usual, smaller = PRESETS.get(name, ("ntu60", FEW))
        model = create_model(name, preset or usual, **smaller | changes).eval()
        for value in model.state_dict().values():  # as after training
            if value.is_floating_point():
                value.add_(0.1 * torch.rand_like(value))
        return model

    return make


@pytest.fixture
def make_model(skeleton):
    def make(**kwargs):
        defaults = {
            "num_classes": 3,
            "num_future": 4,
            "blocks": BLOCKS,
            "differences": (0,),
            "order": 2,
            "lambda_act": 0.7,
            "num_iterations": 1,
            "agim_channels": 8,
            "agim_frames": 5,
            "hidden_channels": 6,
            "dropout": 0.0,
        }
        return SymGNN(kwargs.pop("skeleton", skeleton), **{**defaults, **kwargs})

    return make


def nodes_first(x):
    """From the authors' [N, C, T, V, M]."""
    N, C, T, V, M = x.shape
    return x.permute(0, 4, 3, 2, 1).reshape(N * M * V, T, C).contiguous()


@pytest.fixture
def official(shared_dir):
    """Reads weights, an input and outputs of an authors' network; the input with nodes first."""

    def read(name):
        fixture = torch.load(shared_dir / "fixtures" / f"{name}.pt", weights_only=True)
        nodes = {key: nodes_first(fixture[key]) for key in ("x", "grad_x") if key in fixture}
        return {**fixture, "shape": fixture["x"].shape, **nodes}

    return read


@pytest.fixture
def answers(official):
    """Compares a network that has an authors' weights with what theirs answers, forwards and
    backwards; returns the output, the graphs of the last layer and what was expected.
    """

    def check(kind, name, tolerance=1e-4, **options):
        fixture = official(name)
        model = kind.from_official(fixture["state_dict"], "kinect20", **options)
        assert not model.training
        graphs = []
        for layer in model.graph_layers()[-1:]:
            layer.module.register_forward_hook(lambda m, a, out: graphs.append(out))
        clips = (torch.tensor([0, 1]), torch.zeros(2, dtype=torch.long), 2)

        def logits(output):
            return output if isinstance(output, torch.Tensor) else output[0]

        output, expected = model.forward_clips(fixture["x"], *clips), fixture["logits"]
        assert (logits(output) - expected).abs().max() < 1e-4 * expected.abs().max()
        x = fixture["x"].double().requires_grad_()
        logits(model.double().forward_clips(x, *clips)).square().mean().backward()
        grad = fixture["grad_x"].double()
        assert (x.grad - grad).abs().max() < tolerance * grad.abs().max()
        model.float()
        return model, output, graphs, fixture

    return check


@pytest.fixture
def refuses(official):
    """Checks that a network does not take weights that are of something else."""

    def check(kind, name):
        weights = official(name)["state_dict"]
        with pytest.raises(ValueError, match="ntu25"):
            kind.from_official(weights, "ntu25")
        with pytest.raises(ValueError, match="and so on, got mine"):
            kind.from_official({"mine": torch.zeros(1)})
        less = {k: v for k, v in weights.items() if k != "data_bn.bias"}
        with pytest.raises(ValueError, match=r"missing \['norm.bias'\]"):
            kind.from_official(less, "kinect20")

    return check


@pytest.fixture
def small_network():
    """Makes a registered network of a small size, in training mode."""
    narrow = {"channels": (8,), "strides": (1,)}
    sizes = {
        "ctr_gcn": narrow,
        "st_gcn": narrow,
        "agcn": narrow,
        "info_gcn": {**narrow, "hidden_channels": 8},
        "skeletal_gnn_classifier": {"channels": (16,), "strides": (1,)},
        "codt": {**narrow, "num_samples": 60},
        "sym_gnn": {"blocks": ((4, 4), (4, 4)), "agim_channels": 4, "hidden_channels": 4},
        "martinez_mlp": {"hidden_channels": 8},
        "si_mlpe": {"num_layers": 2},
    }

    def make(name, **options):
        torch.manual_seed(0)
        lifting = {"hidden_channels": 8, "num_blocks": 1}
        return create_model(name, **sizes.get(name, lifting), **options)

    return make
