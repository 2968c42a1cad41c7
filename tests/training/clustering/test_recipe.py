from dataclasses import replace

import pytest
import torch

from pyg_skeleton.training import CODT_METHODS, CODT_RECIPES, CoDTRecipe


def test_what_the_paper_and_its_authors_do():
    paper, code = CODT_RECIPES["paper"], CODT_RECIPES["authors_code"]
    assert (paper.sup, paper.dec, paper.cont, paper.ocm, paper.ccm) == (1, 20, 1, 5, 10)
    assert [paper.learning_rate(e) for e in (0, 149, 150, 299)] == [0.1, 0.1, 0.01, 0.01]
    same = {"mask": 0.3, "mask_always": False, "strong": True, "fill_banks": True, "k_means": True}
    assert replace(code, **same) == paper
    group = paper.optimizer([torch.nn.Parameter(torch.zeros(1))]).param_groups[0]
    assert (group["momentum"], group["weight_decay"], group["nesterov"]) == (0.9, 1e-4, False)


def test_the_rows_of_the_tables():
    rows = {name: replace(CoDTRecipe(), **changes) for name, changes in CODT_METHODS.items()}
    assert (rows["bm"].ocm, rows["bm"].ccm) == (0, 0)
    assert (rows["ocm"].ocm, rows["ocm"].ccm) == (5, 0)
    assert rows["codt"] == CoDTRecipe()
    assert [rows[n].pairs for n in ("codt", "ccm-fp", "ccm-pf")] == [
        "predictions",
        "features",
        "cosine",
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epochs": 10}, "clustering_epoch from 0 to 10, got 150"),
        ({"batch_size": 1}, "batch_size >= 2, got 1"),
        ({"lr": 0.0}, "lr > 0, got 0.0"),
        ({"clustering_lr": 0.0}, "clustering_lr > 0, got 0.0"),
        ({"schedule": "cosine"}, "a constant schedule with unit .epoch., got .cosine."),
        ({"ccm": -1.0}, "ccm >= 0, got -1.0"),
        ({"average": 0.9}, "average=0, the teachers are means, got 0.9"),
        ({"pairs": "all"}, "pairs predictions, features or cosine, got 'all'"),
    ],
)
def test_refusals(wrong, message):
    with pytest.raises(ValueError, match=message):
        CoDTRecipe(**wrong)
