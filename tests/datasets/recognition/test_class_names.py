import pytest

from pyg_skeleton.datasets.recognition.class_names import (
    NTU120_CLASSES,
    PKU_MMD_CLASSES,
    UTD_MHAD_CLASSES,
)


@pytest.mark.parametrize(
    ("names", "number"), [(NTU120_CLASSES, 120), (PKU_MMD_CLASSES, 51), (UTD_MHAD_CLASSES, 27)]
)
def test_every_class_has_a_name_of_its_own(names, number):
    assert len(names) == len(set(names)) == number
    assert all(name == name.strip() and name for name in names)


def test_places_in_the_lists():
    # The files of NTU RGB+D count from one: A023, A058 and A120.
    assert NTU120_CLASSES[22] == "hand waving"
    assert NTU120_CLASSES[57] == "handshaking"
    assert NTU120_CLASSES[58] == "walking towards each other"
    assert NTU120_CLASSES[119].startswith("finger-guessing game")
    assert (PKU_MMD_CLASSES[0], PKU_MMD_CLASSES[50]) == ("bow", "writing")
    assert (UTD_MHAD_CLASSES[0], UTD_MHAD_CLASSES[26]) == ("swipe left", "squat")
