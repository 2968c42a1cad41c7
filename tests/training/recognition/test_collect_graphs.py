import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import AGCN, CTRGCN, STGCN, InfoGCN, SkeletonGCL, SymGNN
from pyg_skeleton.training import collect_graphs

PERSONS = (1, 2, 1, 2, 2)


def clips(tiny, persons=PERSONS):
    torch.manual_seed(0)
    return ClipDataset(
        [torch.randn(count, 5, 8, 3) for count in persons],
        [i % 3 for i in range(len(persons))],
        [f"clip {i}" for i in range(len(persons))],
        tiny.STICK,
        ("slow", "medium", "fast"),
    )


def network(tiny, kind, **options):
    torch.manual_seed(1)
    options = {"channels": (8, 8), "strides": (1, 2), "num_persons": 2} | options
    model = kind(tiny.STICK, 3, **options)
    for name, parameter in model.named_parameters():
        if name.endswith("alpha"):
            torch.nn.init.constant_(parameter, 0.5)
    return model


@pytest.mark.parametrize("kind", [AGCN, CTRGCN, InfoGCN])
@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize("layer", [0, -1])
def test_equals_clip_by_clip(tiny, kind, pad, layer):
    data, model = clips(tiny), network(tiny, kind, pad_persons=pad)
    found = collect_graphs(model, data, layer, batch_size=2)
    assert model.training
    assert not model.graph_layers()[layer].module._forward_hooks
    assert not model.classifier._forward_pre_hooks
    model.eval()
    for i, count in enumerate(PERSONS):
        kept = []
        handle = model.graph_layers()[layer].module.register_forward_hook(
            lambda module, args, output, kept=kept: kept.append(output)
        )
        with torch.no_grad():
            output = model(next(iter(SkeletonLoader(data[i : i + 1], 1))))
        handle.remove()
        logits = output if isinstance(output, torch.Tensor) else output[0]
        graph = kept[0].detach()  # of each body: [M, subsets, V, V] and channels or frames
        assert len(graph) == (2 if pad else count)
        while graph.dim() > 2:
            graph = graph.mean(0)
        torch.testing.assert_close(found.graph[i], graph, rtol=1e-4, atol=1e-5)
        assert found.prediction[i] == logits.argmax()
        ours = model.classifier(found.feature[i])
        torch.testing.assert_close(ours, logits[0], rtol=1e-4, atol=1e-5)
    assert found.label.tolist() == [0, 1, 2, 0, 1]


def test_takes_the_network_out_of_the_contrast(tiny):
    data, model = clips(tiny), network(tiny, CTRGCN)
    plain = collect_graphs(model, data)
    gcl = SkeletonGCL(model, 3, channels=4, per_class=2)
    found = collect_graphs(gcl, data)
    assert torch.equal(found.graph, plain.graph)
    assert int(gcl.instances.read()[2].sum()) == 0


def test_networks_without_learned_graphs(tiny):
    with pytest.raises(ValueError, match="STGCN learns no graphs of its clips"):
        collect_graphs(network(tiny, STGCN), clips(tiny))
    with pytest.raises(ValueError, match="SymGNN learns no graphs of its clips"):
        collect_graphs(SymGNN(tiny.STICK, 3, 0, prediction=False), clips(tiny))
    with pytest.raises(ValueError, match="CTRGCN has 2 layers that learn graphs, got layer 2"):
        collect_graphs(network(tiny, CTRGCN), clips(tiny), layer=2)
