import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from pyg_skeleton.camera import Camera, camera_ring, look_at


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def body(*places):
    """A person of 1.7 m at several positions on the floor."""
    rows = torch.tensor([[0.3, 0.0, 0.0], [-0.3, 1.7, 0.0], [0.0, 0.9, 0.2]])
    return rows + torch.tensor([[x, 0.0, z] for x, z in places])[:, None]


def test_look_at_by_hand():
    # Looking along -z with y up, the world's axes are those of the image but for y and z.
    expected = torch.diag(torch.tensor([1.0, -1.0, -1.0])).double()
    assert_close(look_at([0.0, 1.0, 5.0], [0.0, 1.0, 0.0]), expected)
    # From +x with z up: what is at +y is on the right.
    turn = look_at([4.0, 0.0, 0.0], [0.0, 0.0, 0.0], up=[0.0, 0.0, 1.0])
    assert_close(turn, torch.tensor([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]]).double())


@given(st.integers(0, 2**31))
def test_look_at(seed):
    eye, point, up = torch.randn(3, 3, generator=generator(seed), dtype=torch.double)
    turn = look_at(eye, point, up)
    assert_close(turn @ turn.T, torch.eye(3).double())
    assert_close(torch.linalg.det(turn), torch.tensor(1.0).double())
    camera = Camera(100, 100, [50, 50], [50, 50], rotation=turn, translation=eye)
    there, above = camera.world_to_camera(torch.stack([point, point + 1e-3 * up]))
    assert_close(there, torch.stack([eye.new_zeros(()), eye.new_zeros(()), (point - eye).norm()]))
    assert above[1] < 0
    assert abs(above[0]) < 1e-12


def test_the_ring():
    cameras = camera_ring(body((1.0, -2.0)), generator=generator())
    assert [camera.name for camera in cameras] == ["0", "1", "2", "3"]
    middle = torch.tensor([1.0, 0.85, -1.9], dtype=torch.double)
    angles = []
    for camera in cameras:
        assert (camera.width, camera.height) == (1000, 1000)
        assert ((camera.focal > 1135) & (camera.focal < 1156)).all()
        assert ((camera.center - 500).abs() <= 15).all()
        assert not camera.radial.any()
        assert 1.3 <= camera.translation[1] <= 1.7
        away = (camera.translation - middle)[[0, 2]]
        assert 4.5 <= away.norm() <= 5.5
        angles.append(math.degrees(math.atan2(away[0], away[1])))
        assert_close(
            camera.project(camera.world_to_camera(middle)), camera.center, rtol=0, atol=1e-4
        )
        feet, head = camera.project(camera.world_to_camera(body((1.0, -2.0))[0, :2]))
        assert head[1] < feet[1] - 300
    turns = [(b - a) % 360 for a, b in zip(angles, angles[1:] + angles[:1], strict=True)]
    assert all(60 <= turn <= 120 for turn in turns)
    assert len(camera_ring(body((0, 0)), 1)) == 1


@settings(max_examples=20)
@given(
    st.integers(0, 1000),
    st.lists(st.tuples(*[st.floats(-6, 6)] * 2), min_size=1, max_size=3),
)
def test_everything_is_in_the_image(seed, places):
    points = body(*places)
    for camera in camera_ring(points, 3, generator(seed)):
        uv = camera.project(camera.world_to_camera(points))
        assert uv.min() >= 20 - 1e-3
        assert uv.max() <= 980 + 1e-3


def test_the_generator_decides():
    points = body((0.0, 0.0), (1.0, 0.0))
    one, same, other = (camera_ring(points, generator=generator(seed)) for seed in (0, 0, 1))
    for a, b, c in zip(one, same, other, strict=True):
        assert torch.equal(a.translation, b.translation)
        assert torch.equal(a.focal, b.focal)
        assert not torch.equal(a.translation, c.translation)


def test_errors():
    with pytest.raises(ValueError, match="num_cameras must be at least 1, got 0"):
        camera_ring(body((0, 0)), 0)
    with pytest.raises(ValueError, match=r"points must be \[..., 3\] and not empty, got \[0, 3\]"):
        camera_ring(torch.zeros(0, 3))
    with pytest.raises(ValueError, match="points must be finite"):
        camera_ring(torch.full((2, 3), float("nan")))
    for point in ([0.0, 5.0, 0.0], [0.0, 0.0, 0.0]):
        with pytest.raises(ValueError, match="has no upright image for up ="):
            look_at([0.0, 0.0, 0.0], point)
