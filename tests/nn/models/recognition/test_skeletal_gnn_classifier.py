import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn import MixHopConv
from pyg_skeleton.nn.models import SkeletalGNNClassifier
from pyg_skeleton.skeleton import Skeleton


def test_classifier_shapes_of_the_paper():
    model = SkeletalGNNClassifier.from_preset("ntu60")
    convs = [block.conv for block in model.blocks]
    assert [conv.out_channels for conv in convs] == [64] * 3 + [128] * 3 + [256] * 3
    assert {conv.widths for conv in convs} == {(64, 8, 1), (128, 16, 2), (256, 32, 4)}
    assert [block.temporal.stride[0] for block in model.blocks] == [1, 1, 1, 2, 1, 1, 2, 1, 1]
    graph_weights = sum(w.numel() for conv in convs for w in conv.weights)
    graph_weights += sum(conv.transform.numel() for conv in convs)
    assert round(graph_weights / 1e6, 2) == 0.54


def test_classifier_averages_the_persons_of_a_clip():
    model = SkeletalGNNClassifier(
        Skeleton.get("ntu25"), num_classes=5, channels=(8, 8), strides=(1, 2)
    ).eval()
    persons = torch.rand(3, 25, 10, 3)
    one, two = (model.skeleton.to_data(persons[p]) for p in ([0], [1, 2]))
    logits = model(next(iter(SkeletonLoader([one, two], batch_size=2))))
    alone = [model(model.skeleton.to_data(p)) for p in persons]
    torch.testing.assert_close(logits[:1], alone[0])
    torch.testing.assert_close(logits[1:], (alone[1] + alone[2]) / 2)
    with pytest.raises(ValueError, match=r"a stride per block, got \(8,\) and \(1, 2\)"):
        SkeletalGNNClassifier(Skeleton.get("ntu25"), 5, channels=(8,), strides=(1, 2))


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize(("fusion", "widths"), [("concat", (3, 3, 2)), ("mean", (8, 8, 8))])
def test_classifier_with_balls_of_hops(fusion, widths, dynamic):
    options = {"channels": (8, 8), "strides": (1, 2), "reaches": (1, 5, 7), "fusion": fusion}
    model = SkeletalGNNClassifier("ntu25", 5, dynamic=dynamic, **options).eval()
    for block in model.blocks:
        assert isinstance(block.conv, MixHopConv)
        assert block.conv.widths == widths
        assert (block.conv.graph is not None) == dynamic
    clips = [model.skeleton.to_data(x) for x in torch.rand(2, 25, 10, 3)]
    both = model(next(iter(SkeletonLoader(clips, batch_size=2))))
    torch.testing.assert_close(both, torch.cat([model(clip) for clip in clips]))
