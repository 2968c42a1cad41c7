import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from pyg_skeleton.camera import denormalize_keypoints, normalize_body, normalize_keypoints


def test_the_corners_of_the_image():
    corners = torch.tensor([[0.0, 0.0], [1920.0, 0.0], [960.0, 540.0], [1920.0, 1080.0]])
    out = normalize_keypoints(corners, 1920, 1080)
    expected = [[-1, -0.5625], [1, -0.5625], [0, 0], [1, 0.5625]]
    assert_close(out, torch.tensor(expected))
    assert_close(denormalize_keypoints(out, 1920, 1080), corners)


def test_by_hand():
    # 512.54 / 1000 * 2 - 1 and 515.45 / 1000 * 2 - 1.002
    out = normalize_keypoints(torch.tensor([[[512.54, 515.45]]], dtype=torch.double), 1000, 1002)
    assert_close(out, torch.tensor([[[0.02508, 0.0289]]], dtype=torch.double))


@given(
    st.lists(st.tuples(*[st.floats(-5000, 5000)] * 2), min_size=1, max_size=4),
    st.integers(1, 4000),
    st.integers(1, 4000),
)
def test_round_trip(rows, width, height):
    uv = torch.tensor(rows, dtype=torch.double)
    there = normalize_keypoints(uv, width, height)
    assert_close(denormalize_keypoints(there, width, height), uv, rtol=1e-12, atol=1e-9)


def test_errors():
    for function in (normalize_keypoints, denormalize_keypoints):
        with pytest.raises(ValueError, match=r"keypoints must be .* \[..., 2\], got .* \[17, 3\]"):
            function(torch.zeros(17, 3), 10, 10)
        with pytest.raises(ValueError, match=r"got torch\.int64"):
            function(torch.zeros(17, 2, dtype=torch.long), 10, 10)
        with pytest.raises(ValueError, match="width and height must be positive, got 10 and 0"):
            function(torch.zeros(17, 2), 10, 0)


def test_normalized_by_the_body():
    body = torch.randn(3, 17, 2, dtype=torch.double)
    out = normalize_body(body)
    assert_close(out.mean(dim=1), torch.zeros(3, 2, dtype=torch.double))
    assert_close(out.square().sum(-1).mean(-1), torch.ones(3, dtype=torch.double))
    assert_close(normalize_body(7 * body + 300), out)
    assert torch.equal(normalize_body(torch.full((17, 2), 5.0)), torch.zeros(17, 2))
