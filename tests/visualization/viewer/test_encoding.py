import base64
import re
from io import BytesIO

import numpy as np
import pytest
import torch
from matplotlib.image import imread

from pyg_skeleton.visualization.viewer.encoding import (
    encode_confidence,
    encode_image,
    encode_joints,
    to_base64,
)


def decode(content):
    """The joints [M, T, V, C] of an encoding, read as the player does."""
    raw = base64.b64decode(content["values"])
    if "scale" not in content:
        x = np.frombuffer(raw, "<f4").astype(float)
    else:
        steps = np.frombuffer(raw, "<i2").astype(float)
        x = np.where(steps == -32768, np.nan, steps * content["scale"])
    x = x.reshape(content["shape"]) + content.get("offset", 0)
    return x.transpose(1, 0, 2, 3)


@pytest.mark.parametrize("reach", [0.0, 1.0, 10.0])
def test_joints_are_exact_to_a_thousandth_of_a_body(reach):
    x = np.random.default_rng(0).normal(size=(2, 7, 5, 3)) + reach * np.arange(7)[:, None, None]
    content = encode_joints(x, size=2.0)
    assert content["shape"] == [7, 2, 5, 3]
    assert "scale" in content
    assert np.abs(decode(content) - x).max() <= 0.002


def test_a_body_far_away_needs_more_digits():
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 3))
    x[0, 0, 0, 0] = 1e6
    content = encode_joints(x, size=2.0)
    assert "scale" not in content
    np.testing.assert_allclose(decode(content), x, rtol=1e-6)


@pytest.mark.parametrize("far", [0.0, 1e6])
def test_missing_joints_stay_missing(far):
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 2))
    x[0, 1, 2, 0], x[0, 0, 0, 0] = np.nan, x[0, 0, 0, 0] + far
    out = decode(encode_joints(x, size=1.0))
    assert np.isnan(out).sum() == 2  # both coordinates
    assert np.isnan(out[0, 1, 2]).all()


def test_a_clip_without_extent_or_joints():
    assert (
        decode(encode_joints(np.full((1, 2, 3, 3), 4.0), 1.0)).tolist()
        == np.full((1, 2, 3, 3), 4.0).tolist()
    )
    assert np.isnan(decode(encode_joints(np.full((1, 2, 3, 3), np.nan), 1.0))).all()


def test_confidence():
    confidence = torch.rand(2, 3, 4).double().numpy()
    raw = np.frombuffer(base64.b64decode(encode_confidence(confidence)), np.uint8)
    out = raw.reshape(3, 2, 4).transpose(1, 0, 2) / 255
    np.testing.assert_allclose(out, confidence, atol=0.002)


def test_no_base64_looks_like_an_address():
    content = base64.b64decode("httpHTTPxxxx")
    text = to_base64(content)
    assert not re.search("http", text, re.IGNORECASE)
    assert base64.b64decode(text.replace(" ", "")) == content


def test_pixels_become_a_png():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    kind, _, text = encode_image(pixels).partition(",")
    assert kind == "data:image/png;base64"
    out = imread(BytesIO(base64.b64decode(text)), format="png")
    np.testing.assert_array_equal(np.round(255 * out[..., :3]), pixels)
    assert encode_image(torch.from_numpy(pixels / 255.0)) == encode_image(pixels)


def test_a_picture_file(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8")
    assert encode_image(path) == "data:image/jpeg;base64,/9g="
    with pytest.raises(ValueError, match=r"expected a picture, got '.*a.npy'"):
        encode_image(tmp_path / "a.npy")
    with pytest.raises(
        ValueError, match=r"expected pixels \[H, W, 3\] or \[H, W\], got \[2, 2, 4\]"
    ):
        encode_image(np.zeros((2, 2, 4)))
