import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import AGCN, CTRGCN, InfoGCN, SkeletonGCL
from pyg_skeleton.skeleton import Skeleton

KINECT = Skeleton.get("kinect20")
SMALL = {"num_classes": 3, "channels": (8, 16), "strides": (1, 2), "num_persons": 2}
FEW = {"num_positives": 2, "num_hard": 3, "num_random": 3}


def network(kind=CTRGCN, **kwargs):
    torch.manual_seed(0)
    return kind(KINECT, **{**SMALL, **kwargs})


def batch(size=6, persons=(1, 2, 1, 2, 1, 1), seed=0):
    torch.manual_seed(seed)
    clips = [
        KINECT.to_data(torch.randn(m, 20, 8, 3), y=i % 3, sample=torch.tensor([i]))
        for i, m in enumerate(persons[:size])
    ]
    return next(iter(SkeletonLoader(clips, batch_size=size)))


def logits(output):
    return output if isinstance(output, torch.Tensor) else output[0]


@pytest.mark.parametrize("kind", [AGCN, CTRGCN, InfoGCN])
@pytest.mark.parametrize("recipe", ["paper", "authors_code"])
@pytest.mark.parametrize("pad_persons", [False, True])
def test_contrast_of_our_networks(kind, recipe, pad_persons):
    options = {"hidden_channels": 8} if kind is InfoGCN else {}
    model = network(kind, pad_persons=pad_persons, **options)
    gcl = SkeletonGCL(model, 3, recipe=recipe, num_samples=6, **FEW | {"num_positives": 1})
    data = batch()
    first, contrast = gcl(data)
    assert logits(first).shape == (6, 3)
    if recipe == "paper":
        assert float(contrast.detach()) == 0  # nobody to compare with
        contrast = gcl(data).contrast
    assert float(contrast.detach()) > 0
    contrast.backward()
    used = [p for p in model.graph_layers()[-1].module.parameters() if p.grad is not None]
    assert used
    assert any(p.grad.any() for p in used)
    assert all((p.grad is None) == (recipe == "authors_code") for p in gcl.head.parameters())
    assert model.classifier.weight.grad is None  # the graph is not the way to the classes


def test_nothing_is_left_at_test_time():
    model = network().eval()
    alone = model(batch())
    gcl = SkeletonGCL(model, 3, **FEW).eval()
    output, contrast = gcl(batch())
    assert contrast is None
    assert torch.equal(output, alone)
    assert gcl._graph is None
    assert gcl.instances.count.sum() == 0
    assert set(model.state_dict()) == set(network().state_dict())


def test_embedding_averages_channels_then_persons():
    model = network()
    gcl = SkeletonGCL(model, 3, **FEW)
    data = batch()
    graphs = []
    model.graph_layers()[-1].module.register_forward_hook(lambda m, a, out: graphs.append(out))
    gcl(data)
    graph = graphs[0].mean(2).flatten(1)  # [8 bodies, 3 * 20 * 20]
    clips = [[0], [1, 2], [3], [4, 5], [6], [7]]
    mean = torch.stack([graph[bodies].mean(0) for bodies in clips])
    expected = F.normalize(gcl.head(mean))
    torch.testing.assert_close(gcl.embed(graphs[0], data), expected)
    stored, _, there = gcl.instances.read()
    assert int(there.sum()) == 6
    torch.testing.assert_close(stored[there], expected[[0, 3, 1, 4, 2, 5]])


def test_any_layer_and_anybodys_network():
    model = network()
    assert SkeletonGCL(model, 3, layer=0).graph_size == 3 * 20 * 20

    class Mine(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = torch.nn.Linear(60, 9)
            self.out = torch.nn.Linear(9, 3)

        def forward(self, data):
            return self.out(self.lin(data.x.mean(1).view(-1, 60)))

    clips = batch(persons=(1,) * 6)
    for layer in ("lin", Mine().lin):
        mine = Mine()
        layer = mine.lin if isinstance(layer, torch.nn.Module) else layer
        gcl = SkeletonGCL(mine, 3, layer=layer, graph_size=9, **FEW)
        gcl(clips)
        assert float(gcl(clips).contrast.detach()) > 0
    feature = SkeletonGCL(model, 3, layer="feature", **FEW)
    assert feature.graph_size == 16
    feature(clips)
    assert float(feature(clips).contrast.detach()) > 0
    with pytest.raises(ValueError, match="there is no module 'nobody' in Mine"):
        SkeletonGCL(Mine(), 3, layer="nobody")
    with pytest.raises(ValueError, match="Mine has 0 layers that learn graphs, got layer -1"):
        SkeletonGCL(Mine(), 3)
    with pytest.raises(ValueError, match=r"expected graph_size, .* of Linear"):
        SkeletonGCL(Mine(), 3, layer="lin")
    with pytest.raises(ValueError, match="expected graphs of 7 numbers, got 9"):
        SkeletonGCL(Mine(), 3, layer="lin", graph_size=7)(clips)


@pytest.mark.parametrize(
    "variant",
    [
        {"bank": "none"},
        {"bank": "instance"},
        {"bank": "semantic"},
        {"objective": "triplet"},
        {"objective": "cross_entropy"},
        {"head": "none"},
        {"head": "mlp"},
        {"positives": "random", "negatives": "hard"},
        {"positives": "both", "negatives": "random"},
    ],
)
def test_variants_of_the_tables(variant):
    model = network()
    gcl = SkeletonGCL(model, 3, **FEW, **variant)
    data = batch()
    gcl(data)
    contrast = gcl(data).contrast
    assert contrast.isfinite()
    assert float(contrast.detach()) > 0
    contrast.backward()
    assert any(p.grad is not None and p.grad.any() for p in model.parameters())


def test_a_resumed_run_goes_on_with_full_banks():
    gcl = SkeletonGCL(network(), 3, **FEW)
    gcl(batch(seed=1))
    again = SkeletonGCL(network(), 3, **FEW)
    again.load_state_dict(gcl.state_dict())
    torch.manual_seed(5)
    one = gcl(batch(seed=2)).contrast
    torch.manual_seed(5)
    two = again(batch(seed=2)).contrast
    assert torch.equal(one, two)
    assert float(one.detach()) > 0


def test_mixed_precision_is_safe():
    gcl = SkeletonGCL(network(), 3, **FEW)
    with torch.autocast("cpu", torch.bfloat16):
        gcl(batch())
        contrast = gcl(batch()).contrast
    assert contrast.dtype == torch.float32
    contrast.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in gcl.parameters())


def test_wrong_arguments_raise():
    for kwargs, message in (
        ({"recipe": "mine"}, "expected recipe paper or authors_code, got 'mine'"),
        ({"bank": "big"}, "expected bank both, instance, .*, got 'big'"),
        ({"objective": "mse"}, "expected objective infonce, .*, got 'mse'"),
        ({"head": "big"}, "expected head fc, mlp, none, got 'big'"),
        ({"recipe": "authors_code"}, "needs num_samples"),
        ({"layer": 2}, "CTRGCN has 2 layers that learn graphs, got layer 2"),
    ):
        with pytest.raises(ValueError, match=message):
            SkeletonGCL(network(), 3, **kwargs)
    gcl = SkeletonGCL(network(), 3, recipe="authors_code", num_samples=6)
    data = batch()
    del data.sample
    with pytest.raises(ValueError, match=r"needs data.sample"):
        gcl(data)
