import copy
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import read_cameras_json


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cameras.json"


@pytest.fixture(scope="module")
def content(lifting_files):
    return lifting_files.make_cameras()


def refusal(path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read_cameras_json(path)
    message = str(error.value)
    assert re.match(re.escape(f"{path}") + r"(:\d+)?: ", message)
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_reads(path, content, lifting_files):
    path.write_text(json.dumps(content))
    cameras = read_cameras_json(path)
    assert list(cameras) == lifting_files.SUBJECTS  # the empty S2 is left out
    camera, inner = cameras["S5"][2], content["intrinsics"][2]
    assert (camera.name, camera.width, camera.height) == ("58860488", 1000, 1000)
    for got, key in [
        (camera.focal, "focal_length"),
        (camera.center, "center"),
        (camera.radial, "radial_distortion"),
        (camera.tangential, "tangential_distortion"),
    ]:
        np.testing.assert_array_equal(got, inner[key])
    outer = content["extrinsics"]["S5"][2]
    np.testing.assert_allclose(camera.translation * 1000, outer["translation"])
    world = np.random.default_rng(0).normal(size=(6, 3))
    np.testing.assert_allclose(
        (world - camera.translation) @ camera.rotation.T,
        lifting_files.to_camera(world, outer),
        atol=1e-12,
    )


def test_looks_at_the_origin(path, content):
    path.write_text(json.dumps(content))
    for camera in read_cameras_json(path)["S1"]:
        x = camera.rotation @ (np.array([0, 0, 1.0]) - camera.translation)
        np.testing.assert_allclose(x, [0, 0, 5], atol=1e-9)
        up = camera.rotation @ [0, 0, 1]
        np.testing.assert_allclose(up, [0, -1, 0], atol=1e-9)  # y runs down


def change(content, place, value):
    out = holder = copy.deepcopy(content)
    for key in place[:-1]:
        holder = holder[key]
    if value is None:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return json.dumps(out)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (["intrinsics"], None, "has no 'intrinsics' or not of the expected kind"),
        (["extrinsics"], [], "has no 'extrinsics' or not of the expected kind"),
        (["extrinsics", "S9"], [{}], "extrinsics['S9']: expected a list of 4 cameras"),
        (["extrinsics", "S9", 1], {}, "extrinsics['S9'][1]: has no 'orientation' or not of"),
        (["extrinsics", "S9", 1], 3, "extrinsics['S9'][1]: has no 'orientation' or not of"),
        (
            ["extrinsics", "S9", 1, "orientation"],
            [1, 1, 0, 0],
            "extrinsics['S9'][1].orientation: expected a quaternion of length 1",
        ),
        (
            ["extrinsics", "S9", 1, "translation"],
            [1, 2],
            "extrinsics['S9'][1].translation: expected 3 finite numbers, got [1.0, 2.0]",
        ),
        (["intrinsics", 3, "center"], None, "intrinsics[3]: has no 'center'"),
        (
            ["intrinsics", 3, "center"],
            [float("nan"), 1],
            "intrinsics[3].center: expected 2 finite numbers, got [nan, 1.0]",
        ),
        (["intrinsics", 0, "res_w"], "x", "intrinsics[0].res_w: expected 1 numbers"),
        (["intrinsics", 0, "id"], {}, "intrinsics[0]: has no 'id'"),
        (
            ["intrinsics", 0, "res_h"],
            0,
            "intrinsics[0]: expected a positive size and focal length, got 1000 x 0 pixels and [",
        ),
    ],
)
def test_faults(path, content, place, value, message):
    assert refusal(path, change(content, place, value)).startswith(message)


@pytest.mark.parametrize("text", ["", "{", "[1]", "nonsense", "[" * 100_000, "\x00", "1" * 5000])
def test_no_json(path, text):
    refusal(path, text)


def test_unreasonably_large(path):
    assert "more than 10,000,000 bytes" in refusal(path, " " * 10_000_001)


def test_missing(path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_cameras_json(path)


@given(st.integers(0, 2000), st.text(max_size=3), st.integers(0, 30))
def test_mutated(path, content, place, inserted, removed):
    text = json.dumps(content)
    path.write_text(text[:place] + inserted + text[place + removed :], encoding="utf-8")
    try:
        cameras, message = read_cameras_json(path), f"{path}: "
    except ValueError as error:
        cameras, message = {}, str(error)
    assert re.match(re.escape(f"{path}") + r"(:\d+)?: ", message)
    assert "\n" not in message
    assert all(np.isfinite(c.rotation).all() for views in cameras.values() for c in views)


def test_the_published_numbers(shared_dir):
    cameras = read_cameras_json(shared_dir / "facts/h36m_cameras.json")
    assert list(cameras) == ["S1", "S5", "S6", "S7", "S8", "S9", "S11"]
    camera = cameras["S1"][0]
    normalized = [*camera.focal / 500, *(camera.center / 500 - [1, 1.002])]
    np.testing.assert_allclose(normalized, [2.290099, 2.287562, 0.025083, 0.028903], atol=1e-6)
    np.testing.assert_allclose(camera.rotation @ camera.rotation.T, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(camera.translation, [1.841107, 4.955285, 1.563445], atol=1e-6)
