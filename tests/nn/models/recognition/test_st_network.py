"""The hooks of the networks that stack blocks."""

import pytest
import torch

from pyg_skeleton.nn import CTRGConv, SpatialGraphConv
from pyg_skeleton.nn.models import AGCN, CTRGCN, STGCN, InfoGCN, SkeletalGNNClassifier, STNetwork

SMALL = {"channels": (8, 16), "strides": (1, 2), "num_persons": 1}
KINDS = [AGCN, CTRGCN, STGCN, InfoGCN, SkeletalGNNClassifier]


@pytest.mark.parametrize("kind", [*KINDS, STNetwork])
def test_the_convolution_is_an_argument(kind):
    options = {"hidden_channels": 8} if kind is InfoGCN else {}
    model = kind("kinect20", 3, conv=SpatialGraphConv, **SMALL, **options)
    assert [type(block.conv) for block in model.blocks] == [SpatialGraphConv] * 2
    output = model(model.example_input(2, num_frames=8))
    assert (output if isinstance(output, torch.Tensor) else output[0]).shape == (2, 3)
    assert model.graph_layers() == model.graph_parameters() == []


def test_the_convolution_is_a_method():
    class Mixed(CTRGCN):
        def make_conv(self, in_channels, out_channels):
            kind = SpatialGraphConv if out_channels < 16 else CTRGConv
            return kind(in_channels, out_channels, self.skeleton)

    model = Mixed("kinect20", 3, **SMALL)
    assert [type(block.conv) for block in model.blocks] == [SpatialGraphConv, CTRGConv]
    assert [layer.module for layer in model.graph_layers()] == [model.blocks[1].conv.refinement]
    assert model(model.example_input()).shape == (1, 3)


@pytest.mark.parametrize(
    ("kind", "name", "options"),
    [
        (AGCN, "learned", {}),
        (AGCN, "learned", {"attention": True}),
        (CTRGCN, "shared", {}),
        (InfoGCN, "shared", {}),
        (STGCN, None, {}),
        (SkeletalGNNClassifier, None, {}),
    ],
)
def test_graph_parameters(kind, name, options):
    """One graph per block and subset, targets in the rows."""
    model = kind("kinect20", 3, **SMALL, **options)
    graphs = model.graph_parameters()
    assert len(graphs) == (0 if name is None else 2)
    assert all(graph.shape[1:] == (20, 20) for graph in graphs)
    own = [p for n, p in model.named_parameters() if name and n.endswith(f".{name}")]
    assert [id(p) for p in own] == [id(p) for p in graphs]


@pytest.mark.parametrize("kind", [AGCN, CTRGCN, InfoGCN])
def test_graph_layers_tell_the_size_of_their_output(kind):
    model = kind("kinect20", 3, **SMALL)
    for module, size, averaged in model.graph_layers():
        graphs = []
        module.register_forward_hook(lambda m, args, output, graphs=graphs: graphs.append(output))
        model(model.example_input(num_frames=8))
        graph = graphs[0] if averaged is None else graphs[0].mean(averaged)
        assert graph.flatten(1).shape == (1, size)


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_classifier_starts_near_the_log_of_the_classes(kind):
    torch.manual_seed(0)
    model = kind("kinect20", 2, **SMALL, classifier_std=0.01)
    data = model.example_input(8)
    output = model(data)
    logits = output if isinstance(output, torch.Tensor) else output[0]
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(8) % 2)
    assert abs(float(loss.detach()) - 0.693) < 0.1


def test_wrong_shapes_raise():
    with pytest.raises(ValueError, match=r"a stride per block, got \(8,\) and \(1, 2\)"):
        STNetwork("kinect20", 3, channels=(8,), strides=(1, 2))
    with pytest.raises(ValueError, match="expected conv, a graph convolution for STNetwork"):
        STNetwork("kinect20", 3)
    with pytest.raises(ValueError, match="expected num_classes >= 1, got 0"):
        CTRGCN("kinect20", 0)
