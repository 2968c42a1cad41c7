from itertools import pairwise

import pytest

from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.visualization import plot_layout

# Bodies; with more joints than that, names overlap.
SKELETONS = map(Skeleton.get, list_skeletons())
NAMES = [body.name for body in SKELETONS if body.mirror and body.num_joints <= 50]


@pytest.mark.parametrize("name", NAMES)
def test_names_every_joint_once_and_labels_do_not_overlap(name):
    skeleton = Skeleton.get(name)
    figure = plot_layout(skeleton)
    ax = figure.axes[0]
    assert sorted(text.get_text() for text in ax.texts) == sorted(
        f"{i} {joint}" for i, joint in enumerate(skeleton.joints)
    )
    for side in ("left", "right"):
        rows = sorted(text.get_position()[1] for text in ax.texts if text.get_ha() == side)
        assert min(b - a for a, b in pairwise(rows)) > 0.03
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == [part.replace("_", " ") for part in skeleton.parts] + ["root"]


def test_can_be_saved(skeleton, draws):
    figure = plot_layout(skeleton, numbers=False, title="own title")
    assert figure.axes[0].get_title(loc="left") == "own title"
    assert "left_knee" in [text.get_text() for text in figure.axes[0].texts]
    draws(figure)


def test_layout_of_a_user(draws):
    worm = Skeleton("worm", ["a", "b", "c"], [(1, 0), (2, 1)], root=0, links=[(2, 0)])
    draws(plot_layout(worm))
    draws(plot_layout(Skeleton("point", ["a"], [], root=0)))
