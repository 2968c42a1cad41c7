import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.training import fuse_scores


def table(values, label=(0, 1), clips=("x", "y"), classes=("walk", "sit")):
    scores = pd.DataFrame(values, pd.Index(clips, name="clip"), list(classes), dtype=float)
    scores.insert(0, "label", label)
    return scores


def test_weighted_sum_whatever_the_order():
    one = table([[1, 2], [3, 4]])
    two = table([[30, 40], [10, 20]], label=(1, 0), clips=("y", "x"))
    fused = fuse_scores({"one": one, "two": two}, [0.6, 0.4])
    pd.testing.assert_frame_equal(fused, table([[4.6, 9.2], [13.8, 18.4]]))
    pd.testing.assert_frame_equal(fuse_scores({"one": one}), one)
    assert one.equals(table([[1, 2], [3, 4]]))


def test_probabilities():
    one, two = table([[0, np.log(3)], [1000, 0]]), table([[0, 0], [0, 1000]])
    fused = fuse_scores({"one": one, "two": two}, probabilities=True)
    pd.testing.assert_frame_equal(fused, table([[0.75, 1.25], [1, 1]]))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (table([[1, 2], [3, 4]], classes=("walk", "run")), "two and one have other classes"),
        (table([[1, 2]], [0], ["x"]), "two and one have other clips: 1 are in one of .* 'y' say"),
        (table([[1, 2], [3, 4]], label=(0, 0)), "two and one have other labels for clip 'y'"),
    ],
)
def test_refuses_other_clips_labels_or_classes(other, message):
    with pytest.raises(ValueError, match=message):
        fuse_scores({"one": table([[1, 2], [3, 4]]), "two": other})


def test_refuses_weights_that_do_not_fit():
    with pytest.raises(ValueError, match="expected a weight per run, got 2 for 1 runs"):
        fuse_scores({"one": table([[1, 2], [3, 4]])}, [1, 2])
