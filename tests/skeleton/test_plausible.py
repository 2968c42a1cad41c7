import warnings

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.plausible import (
    check_coordinates,
    check_image_size,
    warn_if_disordered,
)

LAYOUTS = ["ntu25", "kinect20", "openpose18", "coco17", "h36m17", "h36m16", "smpl24", "cmu38"]


def people(layout):
    data = SyntheticMotion(layout, clips_per_class=1)
    return [item.x.unsqueeze(0) for item in data]


def warns(x, skeleton):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return warn_if_disordered(x, skeleton)


# Values ###########################################################################################


@pytest.mark.parametrize("make", [torch.tensor, np.array])
@pytest.mark.parametrize("number", [1e20, -3e38, float("inf"), 1.001e9])
def test_large_coordinates_are_refused(make, number):
    with pytest.raises(ValueError, match=r"a: the number at \[1\] is .*, expected coordinates up"):
        check_coordinates(make([0.0, number]), "a")
    with pytest.raises(ValueError, match=r"a: the number at \[2\] is .*, expected coordinates up"):
        check_coordinates(make([0.0, float("nan"), number]), "a", missing=True)


def test_missing_coordinates_are_an_option():
    x = torch.tensor([0.0, float("nan"), -1e9])
    check_coordinates(x, "a", missing=True)
    with pytest.raises(ValueError, match=r"a: the number at \[1\] is nan"):
        check_coordinates(x, "a")
    check_coordinates(torch.zeros(0, 3), "a")
    check_coordinates(np.arange(3), "a")


# The picture ######################################################################################


def test_swapped_sizes_are_refused():
    points = torch.rand(100, 2) * torch.tensor([1900.0, 1000.0])
    check_image_size(points, 1920, 1080)
    message = r"got \(1080, 1920\) and joints up to .*: are width and height swapped\?"
    with pytest.raises(ValueError, match=message):
        check_image_size(points, 1080, 1920)
    with pytest.raises(ValueError, match=message):
        check_image_size(points.numpy().reshape(4, 25, 2), 1080, 1920)


def test_a_few_joints_may_lie_outside():
    points = torch.rand(100, 2) * torch.tensor([1000.0, 1000.0])
    points[:5, 0] = 1500
    points[5:9] = float("nan")
    check_image_size(points, 1080, 1920)


# The order ########################################################################################


@pytest.mark.parametrize("layout", LAYOUTS)
def test_people_are_in_order(layout):
    skeleton = Skeleton.get(layout)
    for x in people(layout):
        assert not warn_if_disordered(x, skeleton)
        assert not warn_if_disordered(1000 * x[..., :2], skeleton)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_order_is_noticed(layout):
    skeleton, generator = Skeleton.get(layout), torch.Generator().manual_seed(0)
    found = [
        warns(x[:, torch.randperm(x.size(1), generator=generator)], skeleton)
        for x in people(layout)
        for _ in range(3)
    ]
    assert sum(found) >= 0.9 * len(found)


def test_the_warning_names_the_layout():
    x, coco = people("h36m17")[0], Skeleton.get("coco17")
    with pytest.warns(UserWarning, match="in another order than that of 'coco17': its bones are m"):
        assert warn_if_disordered(x, coco)


def test_what_cannot_be_judged_passes():
    ntu = Skeleton.get("ntu25")
    x = people("ntu25")[0].roll(7, 1)
    assert warns(x, ntu)
    assert not warns(x[:, :, :3], ntu)
    assert not warns(torch.randn(1, 25, 20, 3), ntu)
    centered = x - x[:, ntu.root : ntu.root + 1]
    assert not warns(centered, ntu)
    assert not warns(x.masked_fill(torch.rand(25).view(1, 25, 1, 1) < 0.2, float("nan")), ntu)


def test_real_people_are_in_order(shared_dir):
    from pyg_skeleton.io import read_nw_ucla

    files = sorted((shared_dir / "data" / "nw_ucla").rglob("*.json"))[::20]
    clips = [torch.from_numpy(read_nw_ucla(file)).transpose(0, 1)[None] for file in files]
    kinect = Skeleton.get("kinect20")
    assert len(clips) > 50
    assert not any(warn_if_disordered(clip, kinect) for clip in clips)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    assert sum(warns(clip[:, order], kinect) for clip in clips) > 0.9 * len(clips)
