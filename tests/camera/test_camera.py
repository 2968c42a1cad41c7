import copy
import dataclasses
import json
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from pyg_skeleton.camera import Camera
from pyg_skeleton.skeleton import quaternion_to_matrix


def rotate(q, v):
    """The turn of a vector by a quaternion, as the published code of Human3.6M writes it."""
    w, u = q[0], q[1:]
    uv = np.cross(u, v)
    return v + 2 * (w * uv + np.cross(u, uv))


def project_in_numpy(x, f, c, k, p, variant):
    """Pixels, with loops over joints and every product written out."""
    out = np.zeros((len(x), 2))
    for i, (a, b, z) in enumerate(x):
        a, b = a / z, b / z
        r2 = a * a + b * b
        radial = 1 + k[0] * r2 + k[1] * r2**2 + k[2] * r2**3
        if variant == "videopose3d":
            tangential, shift = p[0] * a + p[1] * b, (p[0] * r2, p[1] * r2)
        else:
            tangential, shift = p[0] * b + p[1] * a, (p[1] * r2, p[0] * r2)
        out[i] = (
            f[0] * (a * (radial + tangential) + shift[0]) + c[0],
            f[1] * (b * (radial + tangential) + shift[1]) + c[1],
        )
    return out


def points(count, seed=0, spread=0.5):
    """Positions at 3 to 7 meters, in the picture."""
    generator = torch.Generator().manual_seed(seed)
    rand = torch.rand(count, 3, generator=generator, dtype=torch.double)
    z = 3 + 4 * rand[:, 2:]
    return torch.cat([(2 * rand[:, :2] - 1) * spread * z, z], dim=-1)


@pytest.mark.parametrize("variant", ["videopose3d", "martinez"])
def test_project(camera, variant):
    camera = dataclasses.replace(camera, distortion=variant)
    x = points(50)
    expected = project_in_numpy(
        x.numpy(),
        camera.focal.numpy(),
        camera.center.numpy(),
        camera.radial.numpy(),
        camera.tangential.numpy(),
        variant,
    )
    assert_close(camera.project(x), torch.from_numpy(expected), rtol=0, atol=1e-9)
    linear = torch.tensor([1145.0, 1143.5]) * x[:, :2] / x[:, 2:] + torch.tensor([512.5, 515.25])
    assert_close(camera.project(x, distort=False), linear, rtol=0, atol=1e-9)


def test_project_by_hand():
    camera = Camera(100, 80, [100, 200], [50, 40], [0.5, 0.25, 0.125], [0.01, 0.02])
    x = torch.tensor([[1.0, 0.5, 2.0]])
    # x / z = (0.5, 0.25), r^2 = 0.3125
    radial = 1 + 0.5 * 0.3125 + 0.25 * 0.09765625 + 0.125 * 0.030517578125
    scale = radial + 0.01 * 0.5 + 0.02 * 0.25
    expected = [100 * (0.5 * scale + 0.003125) + 50, 200 * (0.25 * scale + 0.00625) + 40]
    assert_close(camera.project(x), torch.tensor([expected]))
    swapped = dataclasses.replace(camera, tangential=[0.02, 0.01], distortion="martinez")
    assert_close(swapped.project(x), camera.project(x))
    assert camera.project(x, distort=False).tolist() == [[100.0, 90.0]]


def test_the_two_variants_differ(camera):
    x = points(20)
    other = dataclasses.replace(camera, distortion="martinez")
    assert (camera.project(x) - other.project(x)).abs().max() > 0.05


@pytest.mark.parametrize("variant", ["videopose3d", "martinez"])
@given(
    x=st.floats(-0.6, 0.6),
    y=st.floats(-0.6, 0.6),
    z=st.floats(0.5, 20),
    k=st.tuples(*[st.floats(-0.25, 0.3), st.floats(-0.05, 0.3), st.floats(-0.02, 0.02)]),
    p=st.tuples(*[st.floats(-0.01, 0.01)] * 2),
)
def test_unproject_is_the_inverse(variant, x, y, z, k, p):
    camera = Camera(1000, 1002, [1145, 1143], [512, 515], k, p, distortion=variant)
    position = torch.tensor([[x * z, y * z, z]], dtype=torch.double)
    for distort in (True, False):
        uv = camera.project(position, distort)
        assert_close(camera.unproject(uv, position[:, 2], distort), position, rtol=0, atol=1e-9)
    assert_close(
        camera.undistort(camera.project(position)),
        camera.project(position, distort=False),
        rtol=0,
        atol=1e-8,
    )


def test_leading_dimensions_types_and_gradients(camera):
    x = points(24)
    flat = camera.project(x)
    assert torch.equal(camera.project(x.view(2, 3, 4, 3)), flat.view(2, 3, 4, 2))
    assert torch.equal(camera.project(x[0]), flat[0])
    single = camera.project(x.float())
    assert single.dtype == torch.float
    assert_close(single, flat.float(), rtol=0, atol=1e-3)
    back = camera.unproject(single, x[:, 2].float())
    assert_close(back, x.float(), rtol=0, atol=1e-5)
    x.requires_grad_()
    assert torch.autograd.gradcheck(camera.project, x[:3])
    uv = flat[:3].detach().requires_grad_()
    assert torch.autograd.gradcheck(camera.undistort, uv)


def test_videopose3d_keeps_points_between_minus_one_and_one(camera):
    x = torch.tensor([[5.0, -0.2, 1.0], [1.0, -0.2, 1.0]], dtype=torch.double)
    uv = camera.project(x)
    assert torch.equal(uv[0], uv[1])
    uv = dataclasses.replace(camera, distortion="martinez").project(x)
    assert not torch.equal(uv[0], uv[1])


def test_world_to_camera(camera):
    q = np.array([0.14, -0.15, -0.76, 0.62])
    q = q / np.linalg.norm(q)
    x = np.random.default_rng(0).normal(size=(5, 3))
    inverse = q * [1, -1, -1, -1]
    expected = np.array([rotate(inverse, v - [1.8, 4.9, 1.6]) for v in x])
    seen = camera.world_to_camera(torch.from_numpy(x))
    assert_close(seen, torch.from_numpy(expected))
    assert_close(camera.camera_to_world(seen), torch.from_numpy(x))
    clip = torch.from_numpy(x).expand(2, 3, 5, 3)
    assert_close(camera.camera_to_world(camera.world_to_camera(clip)), clip)


@pytest.mark.parametrize("subject", ["S1", "S5", "S9", "S11"])
def test_cameras_of_human36m_look_at_the_subject(h36m_camera, subject):
    # Somebody of 1.7 m in the middle of the room, whose z goes up.
    body = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 1.7]])
    for number in range(4):
        camera = h36m_camera(subject, number)
        seen = camera.world_to_camera(body)
        assert 3 < float(seen[0, 2]) < 7
        feet, head = camera.project(seen)
        assert 0 < head[1] < feet[1] < 1000
        assert 0 < feet[0] < 1000
        assert_close(camera.unproject(camera.project(seen), seen[:, 2]), seen)


def test_intrinsics_of_human36m(h36m_camera):
    expected = [
        2.290099, 2.287562, 0.025083, 0.028903, -0.207099, 0.247775, -0.003075, -0.000976,
        -0.001424,
    ]  # fmt: skip
    camera = h36m_camera("S1", 0)
    assert_close(camera.intrinsics.float(), torch.tensor(expected), rtol=0, atol=6e-7)
    assert str(camera) == "Camera('54138969', 1000 x 1002)"


def test_defaults_and_copies(camera):
    plain = Camera(640, 480, torch.tensor([500.0, 501.0]), (320, 240))
    assert torch.equal(plain.rotation, torch.eye(3, dtype=torch.double))
    assert not any(t.any() for t in (plain.radial, plain.tangential, plain.translation))
    x = points(3)
    assert torch.equal(plain.world_to_camera(x), x)
    for twin in (copy.copy(camera), copy.deepcopy(camera), pickle.loads(pickle.dumps(camera))):
        assert torch.equal(twin.project(x), camera.project(x))
        assert str(twin) == str(camera)
    with pytest.raises(dataclasses.FrozenInstanceError):
        camera.width = 3
    focal = torch.tensor([500.0, 501.0])
    kept = Camera(640, 480, focal, (320, 240))
    focal[0] = 0
    assert kept.focal[0] == 500


def test_missing_positions_stay_missing(camera):
    x = points(3)
    x[1] = float("nan")
    uv = camera.project(x)
    assert uv.isnan().any(-1).tolist() == [False, True, False]
    assert camera.undistort(uv).isnan().any(-1).tolist() == [False, True, False]


def test_errors(camera):
    good = {"width": 10, "height": 10, "focal": [1, 1], "center": [5, 5]}
    for change, message in (
        ({"width": 0}, "an image has a positive size, got 0 x 10"),
        ({"focal": [1.0]}, r"focal must be finite numbers \[2\], got \[1.0\]"),
        ({"focal": [1.0, -1.0]}, r"focal must be positive, got \[1.0, -1.0\]"),
        ({"center": [1.0, float("nan")]}, r"center must be finite"),
        ({"radial": [0.0, 0.0]}, r"radial must be finite numbers \[3\]"),
        ({"rotation": torch.eye(4)}, r"rotation must be finite numbers \[3, 3\]"),
        ({"rotation": 2 * torch.eye(3)}, "rotation is no rotation matrix"),
        ({"rotation": -torch.eye(3)}, "rotation is no rotation matrix"),
        ({"distortion": "opencv"}, "unknown distortion 'opencv', expected one of videopose3d, mar"),
    ):
        with pytest.raises(ValueError, match=message):
            Camera(**{**good, **change})
    with pytest.raises(ValueError, match="1 of 2 positions are not in front of the camera 'left'"):
        camera.project(torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]))
    with pytest.raises(ValueError, match=r"x must be floating-point numbers \[..., 3\], got .*2\]"):
        camera.project(torch.zeros(4, 2))
    with pytest.raises(ValueError, match=r"got torch.int64 \[4, 3\]"):
        camera.world_to_camera(torch.zeros(4, 3, dtype=torch.long))
    with pytest.raises(ValueError, match=r"uv must be floating-point numbers \[..., 2\]"):
        camera.unproject(torch.zeros(4, 3), torch.ones(4))
    barrel = Camera(1000, 1000, [1000, 1000], [500, 500], [-0.5, 0, 0], name="barrel")
    with pytest.raises(ValueError, match=r"nothing .* is shown at 4\.5, 0 \("):
        barrel.undistort(torch.tensor([[500.0, 500.0], [5000.0, 500.0]]))


def test_the_table_of_facts_is_what_it_says(shared_dir, h36m_camera):
    table = json.loads((shared_dir / "facts" / "h36m_cameras.json").read_text())
    q = torch.tensor(table["extrinsics"]["S1"][0]["orientation"], dtype=torch.double)
    assert_close(h36m_camera("S1", 0).rotation.T, quaternion_to_matrix(q))
