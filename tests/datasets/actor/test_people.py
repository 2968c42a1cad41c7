import numpy as np
import pytest

from pyg_skeleton.datasets.actor.people import STYLES, Person, split_people


@pytest.mark.parametrize("number", [3, 4, 10, 20, 41])
def test_everybody_is_in_one_split(number):
    splits = split_people(0, number)
    everybody = sorted(who for split in splits.values() for who in split)
    assert everybody == list(range(number))
    assert all(splits.values())
    assert len(splits["train"]) >= number // 2 or number < 5


def test_people_differ_and_stay_the_same():
    one, again, other = Person.draw(0, 3), Person.draw(0, 3), Person.draw(0, 4)
    assert (one.size, one.tempo, one.amplitude) == (again.size, again.tempo, again.amplitude)
    assert np.array_equal(one.habits, again.habits)
    assert one.size != other.size
    assert Person.draw(1, 3).size != one.size
    crowd = [Person.draw(0, who) for who in range(200)]
    assert 0.15 < np.mean([p.left_handed > 0.5 for p in crowd]) < 0.45
    assert 0.9 < np.mean([p.size[2] for p in crowd]) < 1.1
    assert max(p.size[2] for p in crowd) < 1.35


def test_default_style_changes_nothing():
    assert STYLES["default"] == (1.0, 1.0, 0.0, 1.0)
