import re

import pytest

from pyg_skeleton.training.checks import check_choice


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
