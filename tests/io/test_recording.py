import numpy as np
import pytest

from pyg_skeleton.io import Recording
from pyg_skeleton.skeleton import Skeleton


def test_the_layout_by_name_or_description():
    joints = np.zeros((1, 2, 17, 3), np.float32)
    assert Recording(joints, "coco17").skeleton == Skeleton.get("coco17")
    described = {"name": "two", "joints": {"a": None, "b": "a"}}
    assert Recording(joints, described).skeleton.joints == ("a", "b")


def test_a_layout_that_is_not_known():
    recording = Recording(np.zeros((1, 2, 17, 3), np.float32))
    with pytest.raises(ValueError, match="the layout of the 17 joints is not known"):
        recording.skeleton  # noqa: B018
