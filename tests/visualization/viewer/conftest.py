"""Clips to show."""

from functools import partial

import pytest

from pyg_skeleton.data import Clip
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose


@pytest.fixture
def walk(skeleton, clip):
    """A clip in meters."""
    return Clip(clip[None], skeleton, 10.0, unit="m", up="y", name="walk")


@pytest.fixture
def keypoints():
    """A flat clip in pixels of a small picture."""
    coco = Skeleton.get("coco17")
    pose = rest_pose(coco, spread=30)[:, :2] * 40
    pose[:, 0] += 50
    pose[:, 1] = 90 - pose[:, 1]
    make = partial(Clip, skeleton=coco, frame_rate=5.0, unit="px", up="-y", image_size=(100, 100))
    return make(pose.repeat(1, 6, 1, 1), name="keypoints")
