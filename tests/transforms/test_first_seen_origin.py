import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import FirstSeenOrigin


def test_the_first_frame_of_the_first_person(ntu_clip):
    data = ntu_clip([0, 0, 1, 1], [1, 0, 1, 0])
    x = data.x.view(2, 25, 4, 3)
    origin = x[0, 1, 2]
    out = FirstSeenOrigin()(data).x.view(2, 25, 4, 3)
    assert_close(out[0, :, 2:], x[0, :, 2:] - origin)
    assert_close(out[1, :, [0, 2]], x[1, :, [0, 2]] - origin)
    assert not out[0, :, :2].any()
    assert not out[1, :, [1, 3]].any()
    assert torch.equal(data.x, x.flatten(0, 1))


def test_nobody(ntu_clip):
    assert not FirstSeenOrigin()(ntu_clip([0, 0])).x.any()


def test_errors(ntu_clip):
    with pytest.raises(ValueError, match=r"FirstSeenOrigin\(joint=25\) got clips of 25 joints"):
        FirstSeenOrigin(25)(ntu_clip([1]))
    with pytest.raises(ValueError, match="FirstSeenOrigin needs clips"):
        FirstSeenOrigin()(Skeleton.get("ntu25").to_data(torch.zeros(25, 3)))
