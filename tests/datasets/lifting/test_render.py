import math

import pytest
import torch

from pyg_skeleton.datasets import render_bodies
from pyg_skeleton.skeleton import Skeleton

H36M = Skeleton.get("h36m16")
STICK = Skeleton("stick", ["a", "b"], [("b", "a")], "a")
# The picture shows x and y from -0.5 to 0.5 at distance 1, 64 pixels wide.
CORNER, SIDE = torch.tensor([[-0.5, -0.5]]), torch.tensor([1.0])
GRAY = 128


def draw(*joints, skeleton=STICK, size=64):
    positions = torch.tensor(joints).view(1, -1, 3)
    return render_bodies(positions, skeleton, CORNER, SIDE, size)[0].int()


def is_body(picture):
    return (picture != GRAY).any(0)


def march(ray, a, b, radius):
    """Where a ray first comes as near to a bone as its radius, by walking along it."""
    steps = torch.arange(0.5, 4.0, 1e-3, dtype=torch.double)
    points = steps.unsqueeze(1) * ray
    along = ((points - a) @ (b - a) / (b - a).square().sum()).clamp(0, 1).unsqueeze(1)
    inside = (points - (a + along * (b - a))).norm(dim=1) < radius
    return float(steps[inside.to(torch.uint8).argmax()]) if bool(inside.any()) else math.inf


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((-0.3, 0.1, 1.6), (0.4, -0.2, 1.9)),
        ((0.1, 0.1, 1.2), (0.15, 0.12, 2.2)),  # almost along the view
        ((0.0, 0.0, 1.5), (0.0, 0.0, 1.9)),  # exactly so
    ],
)
def test_the_outline_is_that_of_a_capsule(a, b):
    size = 24
    picture = draw(a, b, size=size)
    a, b = torch.tensor(a).double(), torch.tensor(b).double()
    for row in range(size):
        for column in range(size):
            x, y = ((i + 0.5) / size - 0.5 for i in (column, row))
            ray = torch.tensor([x, y, 1.0]).double()
            ray = ray / ray.norm()
            inner, outer = march(ray, a, b, 0.098), march(ray, a, b, 0.102)
            if (inner < math.inf) == (outer < math.inf):  # else too close to call
                assert bool(is_body(picture)[row, column]) == (inner < math.inf)


@pytest.mark.parametrize("forward", [-0.3, 0.3])
def test_what_is_nearer_hides_what_is_behind(forward):
    """A bone in one color downwards, one in another across; only their distances differ."""
    cross = Skeleton(
        "cross",
        ["root", "down", "left", "right"],
        [("down", "root"), ("left", "root"), ("right", "left")],
        "root",
        parts={"torso": ["root"], "left_forearm": ["down"], "right_thigh": ["left", "right"]},
    )
    z = 2.0 - forward
    picture = draw((0.0, -0.3, 2.0), (0.0, 0.3, 2.0), (-0.4, 0.1, z), (0.4, 0.1, z), skeleton=cross)
    row, column = round((0.1 / z + 0.5) * 64), 32
    hidden, seen = picture[:, 25, column], picture[:, row, 48]
    if forward < 0:
        hidden, seen = seen, hidden
    middle = picture[:, row, column]
    assert middle.argsort().tolist() == seen.argsort().tolist()
    assert middle.argsort().tolist() != hidden.argsort().tolist()


def test_the_order_of_bones_does_not_matter():
    generator = torch.Generator().manual_seed(0)
    positions = torch.rand(4, 16, 3, generator=generator) - 0.5
    positions[..., 2] += 2.5
    names = [H36M.joints[i] for i in range(16)]
    turned = Skeleton("turned", names, tuple(reversed(H36M.bones)), "pelvis", parts=H36M.parts)
    corner, side = CORNER.expand(4, 2), SIDE.expand(4)
    one = render_bodies(positions, H36M, corner, side)
    two = render_bodies(positions, turned, corner, side)
    assert torch.equal(is_body(one.transpose(0, 1)), is_body(two.transpose(0, 1)))


def test_light_falls_off_and_comes_from_above():
    # The second bone is as far from the camera as the flash is set for; the first one is nearer.
    near = draw((0.0, 0.3, 2.0), (0.0, 0.3, 1.4))
    far = draw((0.0, 0.3, 2.0), (0.0, 0.3, 2.6))
    assert float(near[:, is_body(near)].float().mean()) > float(far[:, is_body(far)].float().mean())
    lying = draw((-0.3, 0.0, 1.5), (0.3, 0.0, 1.5))
    rows = is_body(lying)[:, 32].nonzero().flatten()
    shade = lying[:, rows, 32].sum(0)
    assert int(shade[1]) > int(shade[-2])


def test_size_and_background():
    picture = draw((5.0, 0.0, 2.0), (6.0, 0.0, 2.0), size=10)  # out of sight
    assert picture.shape == (3, 10, 10)
    assert not bool(is_body(picture).any())
    positions = torch.tensor([[[5.0, 0.0, 2.0], [6.0, 0.0, 2.0]]])
    black = render_bodies(positions, STICK, CORNER, SIDE, 10, background=0.0)
    assert black.dtype == torch.uint8
    assert int(black.max()) == 0


def test_bodies_have_nothing_to_do_with_each_other():
    generator = torch.Generator().manual_seed(0)
    positions = torch.rand(40, 16, 3, generator=generator) - 0.5  # more than are drawn at a time
    positions[..., 2] += 2.5
    corner, side = CORNER.expand(40, 2), SIDE.expand(40)
    together = render_bodies(positions, H36M, corner, side, 16)
    alone = [render_bodies(x[None], H36M, CORNER, SIDE, 16) for x in positions]
    assert torch.equal(together, torch.cat(alone))


@pytest.mark.parametrize("name", ["coco17", "ntu25", "cmu38"])
def test_any_layout(name):
    skeleton = Skeleton.get(name)
    positions = torch.rand(1, skeleton.num_joints, 3) + torch.tensor([-0.5, -0.5, 2.0])
    picture = render_bodies(positions, skeleton, CORNER, SIDE, 16)
    assert bool((picture != GRAY).any())
