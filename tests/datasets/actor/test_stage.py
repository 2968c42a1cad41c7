import numpy as np
import pytest
import torch

from pyg_skeleton.datasets.actor.body import Body
from pyg_skeleton.datasets.actor.people import STYLES, Person
from pyg_skeleton.datasets.actor.stage import film
from pyg_skeleton.skeleton import Skeleton


@pytest.fixture(scope="module")
def shoot():
    """Films clips of 20 frames; everybody draws the random numbers of their row."""
    body = Body(Skeleton.get("h36m17"))

    def make(movements=("walking", "waving"), rows=(0, 1), noise=0.0, style="default", spots=None):
        people = [Person.draw(0, row) for row in rows]
        draws = [np.random.default_rng([7, row]) for row in rows]
        spots = torch.zeros(len(rows), 3) if spots is None else spots
        return film(body, movements, people, draws, 20, 25.0, STYLES[style], noise, spots)

    return make


def test_a_clip_does_not_depend_on_those_beside_it(shoot):
    both = shoot()
    assert both.shape == (2, 20, 17, 3)
    assert both.isfinite().all()
    torch.testing.assert_close(shoot(["waving"], [1])[0], both[1], rtol=0, atol=1e-5)
    turned = shoot(["waving", "walking"], [1, 0])
    torch.testing.assert_close(turned.flip(0), both, rtol=0, atol=1e-5)


def test_spots_move_people(shoot):
    spots = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, -2.0]])
    off = shoot(spots=spots) - shoot()
    torch.testing.assert_close(off, spots[:, None, None].expand_as(off), rtol=0, atol=1e-5)


def test_noise_is_in_meters_and_styles_have_some(shoot):
    off = shoot(noise=0.02) - shoot()
    assert float(off.std()) == pytest.approx(0.02, rel=0.1)
    tired = shoot(noise=0.02, style="weary") - shoot(style="weary")
    assert float(tired.std()) == pytest.approx(0.02 * STYLES["weary"].noise, rel=0.1)
    assert not torch.allclose(shoot(style="weary"), shoot())


def test_bones_keep_their_lengths(shoot):
    skeleton = Skeleton.get("h36m17")
    child, parent = torch.tensor(skeleton.bones).t()
    clip = shoot()
    lengths = (clip[:, :, child] - clip[:, :, parent]).norm(dim=-1)
    # The trunk bends between its joints.
    limbs = [i for i, v in enumerate(child.tolist()) if "left" in skeleton.joints[v]]
    assert (lengths.amax(1) / lengths.amin(1))[:, limbs].max() < 1.1
