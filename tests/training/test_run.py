import json
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from pyg_skeleton.training import CoDTRecipe, SavedRun


@dataclass(frozen=True)
class Run(SavedRun):
    recipe: CoDTRecipe
    seed: int
    options: dict[str, Any]

    recipe_class: ClassVar[Any] = CoDTRecipe


RUN = Run(CoDTRecipe(epochs=9, clustering_epoch=4), 3, {"channels": (1, 2)})


def test_written_and_read(tmp_path):
    RUN.write(tmp_path / "new")
    found = Run.read(tmp_path / "new")
    assert found.recipe == RUN.recipe
    assert found.seed == 3
    RUN.check_same(tmp_path / "new")
    replace(RUN, recipe=replace(RUN.recipe, epochs=20)).check_same(tmp_path / "new")
    with pytest.raises(ValueError, match="is another: seed=3 there, 4 here"):
        replace(RUN, seed=4).check_same(tmp_path / "new")


def test_damaged_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run in"):
        Run.read(tmp_path)
    file = tmp_path / "run.json"
    for text in ("{", "[]", json.dumps({"recipe": {"epochs": 0}}), json.dumps({"seed": 1})):
        file.write_text(text)
        with pytest.raises(ValueError, match=r"run\.json holds no settings of a run"):
            Run.read(tmp_path)
