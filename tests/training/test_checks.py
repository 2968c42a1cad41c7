import re
from types import SimpleNamespace

import pytest
import torch

from pyg_skeleton.training.checks import check_choice, check_classes, check_labels


def test_known_names_pass():
    assert check_choice("recipe", "tiny", ["tiny", "paper"]) == "tiny"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (["tiny", "paper"], "expected recipe tiny or paper, got 'papr' (did you mean 'paper'?)"),
        (["tiny"], "expected recipe tiny, got 'papr'"),
    ],
)
def test_unknown_names(choices, message):
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        check_choice("recipe", "papr", choices)


def test_labels_outside_of_the_classes():
    batch = SimpleNamespace(y=torch.tensor([0, 2, 3]))
    check_labels(batch, 4)
    with pytest.raises(ValueError, match=r"clip 2 of the batch has the label 3, expected .* to 2$"):
        check_labels(batch, 3)
    batch = SimpleNamespace(y=torch.tensor([0, -1]), sample=torch.tensor([8, 9]))
    with pytest.raises(ValueError, match=r"sample 9 has the label -1, expected one from 0 to 2$"):
        check_labels(batch, 3)
    check_labels(SimpleNamespace(y=torch.tensor([0.5, -1.0])), 3)
    check_labels(SimpleNamespace(y=None), 3)


def test_classes():
    check_classes(["a", "b"], ("a", "b"), "the network")
    check_classes(None, ["a"], "the network")
    check_classes(["a"], None, "the network")
    message = "label 1 is 'c' in the data and 'b' in the network (3 and 2 classes); the same"
    with pytest.raises(ValueError, match=re.escape(message)):
        check_classes(["a", "b"], ["a", "c", "b"], "the network")
    message = "label 1 is nothing in the data and 'b' in the network (1 and 2 classes)"
    with pytest.raises(ValueError, match=re.escape(message)):
        check_classes(["a", "b"], ["a"], "the network")
