import re
import warnings

import pytest
import torch

from pyg_skeleton.nn.models.inputs import body_size, check_size, read_clip, warn_if_untrained
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("coco17")


def test_padding_is_cut():
    clip = torch.randn(3, 6, 17, 3)
    clip[1] = 0  # nobody
    clip[:, 4:] = 0  # after the end
    x = read_clip(clip, BODY)
    assert torch.equal(x, clip[[0, 2], :4].double())


def test_a_pause_within_a_clip_stays():
    clip = torch.randn(5, 17, 3)
    clip[2] = 0
    assert read_clip(clip, BODY).shape == (1, 5, 17, 3)


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (torch.randn(5, 16, 3), "expected frames of shape (T, 17, 3) or (M, T, 17, 3)"),
        (torch.randn(5, 17, 2), "got (5, 17, 2)"),
        (torch.zeros(5, 17, 3), "expected joints, all are zero or missing"),
        (torch.full((5, 17, 3), torch.inf), "expected finite joints, got inf at [0, 0, 0]"),
    ],
)
def test_refusals(clip, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read_clip(clip, BODY, channels=3)


def test_millimeters_given_as_meters():
    clip = torch.rand(1, 4, 17, 3)
    size = body_size(clip)
    check_size(clip, size)
    check_size(1000 * clip, None)
    with pytest.raises(ValueError, match="such as millimeters instead of meters"):
        check_size(1000 * clip, size)


def test_random_weights_are_warned_about_once():
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
    with pytest.warns(UserWarning, match="Sequential has random weights"):
        warn_if_untrained(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_untrained(model)
        trained = torch.nn.BatchNorm1d(3)
        trained(torch.randn(8, 3))
        warn_if_untrained(trained)
