"""Names in the files that `test_human36m.py` does not cover."""

import pytest

from pyg_skeleton.datasets.lifting.human36m_files import split_take


@pytest.mark.parametrize(
    ("take", "action", "name"),
    [
        ("Directions", "Directions", "Directions"),
        ("SittingDown 2", "SittingDown", "SittingDown 2"),
        ("Sitting_1", "Sitting", "Sitting 1"),
        ("TakingPhoto 1", "Photo", "Photo 1"),
        ("WalkingDog", "WalkDog", "WalkDog"),
        ("WalkTogether 1", "WalkTogether", "WalkTogether 1"),
        ("Photographing", "Photographing", "Photographing"),
    ],
)
def test_names_of_takes(take, action, name):
    assert split_take(take) == (action, name)
