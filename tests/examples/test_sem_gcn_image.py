from pathlib import Path

import pytest
import torch

from pyg_skeleton.datasets import SyntheticLifting
from pyg_skeleton.metrics import mpjpe
from pyg_skeleton.nn.models import ImageLifter, create_model
from pyg_skeleton.skeleton import Skeleton


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("sem_gcn_image")


@pytest.mark.parametrize("features", [True, False])
def test_network_is_that_of_the_preset(example, features):
    skeleton = Skeleton.get("h36m16")
    finder = example.JointFinder(16).eval()
    lifter = example.ImageSemGCN(skeleton, finder.backbone, features).eval()
    width = 2 + sum(finder.backbone.channels[:-1]) if features else 2
    graph = create_model("sem_gcn", "channelwise", in_channels=width)
    numbers = [sum(p.numel() for p in network.parameters()) for network in (lifter, graph)]
    assert numbers[0] == numbers[1]
    assert features or numbers[0] == 487_373

    preset = ImageLifter(finder.backbone, graph, head_channels=64).eval()
    preset.head = finder.head
    graph.load_state_dict(dict(lifter.named_parameters()), strict=False)
    images = few_images(example, "test")
    (batch,) = example.SkeletonLoader([images[i] for i in range(2)], batch_size=2)
    maps, keypoints = finder(batch.image)
    expected = preset(batch)
    torch.testing.assert_close(keypoints, expected.keypoints)
    torch.testing.assert_close(lifter(keypoints, maps, 32), expected.pose)


def test_second_stage_leaves_the_first_network_as_it_is(example):
    data = example.SkeletonLoader(few_images(example, "train"), batch_size=16)
    finder = example.JointFinder(16)
    lifter = example.ImageSemGCN(Skeleton.get("h36m16"), finder.backbone)
    before = [{k: v.clone() for k, v in m.state_dict().items()} for m in (finder, lifter)]
    example.train(2, finder, lifter, data, 1, 1e-3, "cpu")
    for name, value in finder.state_dict().items():
        torch.testing.assert_close(value, before[0][name], rtol=0, atol=0)
    weight = "output.weight"
    assert not torch.equal(lifter.state_dict()[weight], before[1][weight])


def few_images(example, split, *args):
    poses = SyntheticLifting(
        split, "h36m16", clips_per_class=12, classes=["walking", "waving"], num_cameras=2
    )
    return example.RenderedPoses(poses.sequences, poses.skeleton, stride=5, image_size=32)


def test_learns(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "render", lambda root, split, size: few_images(example, split))
    error = example.main(["--epochs", "3", "4", "1"])
    train, test = few_images(example, "train"), few_images(example, "test")
    mean = train.positions.mean(0).expand_as(test.positions)
    assert error < 0.9 * float(mpjpe(mean, test.positions, test.skeleton.root).mean())
    assert f"pixels, MPJPE {error:.1f} mm" in capsys.readouterr().out


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
