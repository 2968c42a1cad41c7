import pytest
import torch

from pyg_skeleton.metrics import error_shares, hard_pose_table, hardest_poses, worst_mean


def test_shares_are_strict():
    errors = torch.tensor([10.0, 29.9, 30.0, 40.0, 40.1, 60.0, 61.0, 100.0])
    assert error_shares(errors) == {"> 60 mm": 2 / 8, "> 40 mm": 4 / 8, "< 30 mm": 2 / 8}
    assert error_shares(errors, above=[99.5], below=()) == {"> 99.5 mm": 1 / 8}


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(100, 0.05, 5), (100, 0.07, 7), (101, 0.05, 6), (3, 0.05, 1), (7, 1.0, 7), (30, 0.1, 3)],
)
def test_hardest_are_rounded_up(count, share, expected):
    errors = torch.randperm(count).double()
    worst = hardest_poses(errors, share)
    assert errors[worst].tolist() == list(range(count - 1, count - 1 - expected, -1))
    assert worst_mean(errors, share) == pytest.approx(count - 1 - (expected - 1) / 2)


def test_table_by_hand():
    errors = {
        "A": torch.tensor([80.0, 60.0, 40.0, 20.0]),
        "B": torch.tensor([10.0, 70.0, 30.0, 50.0]),
    }
    table = hard_pose_table(errors, shares=(0.5, 0.25))
    assert list(table.columns) == ["A", "B"]
    assert table.index.names == ["hardest for", "share"]
    assert table.loc["A"].to_dict("index") == {
        50: {"A": 70.0, "B": 40.0},  # poses 0 and 1
        25: {"A": 80.0, "B": 10.0},  # pose 0
    }
    assert table.loc["B"].to_dict("index") == {
        50: {"A": 40.0, "B": 60.0},  # poses 1 and 3
        25: {"A": 60.0, "B": 70.0},  # pose 1
    }


def test_every_model_is_worst_on_its_own_hardest_poses_of_all_selections():
    generator = torch.Generator().manual_seed(0)
    errors = {name: 50 * torch.rand(200, generator=generator) for name in "abc"}
    table = hard_pose_table(errors)
    assert table.shape == (3 * 6, 3)
    assert table.loc["a"].index.tolist() == [50, 40, 30, 20, 10, 5]
    for name in errors:
        assert table[name].unstack("share").idxmax().unique().tolist() == [name]
        assert table.loc[name][name].is_monotonic_increasing
        assert table.loc[(name, 5), name] == pytest.approx(worst_mean(errors[name]))


def test_wrong_input():
    with pytest.raises(ValueError, match=r"errors must hold a finite error .* got \[2, 3\]"):
        error_shares(torch.ones(2, 3))
    with pytest.raises(ValueError, match=r"errors must hold .* got \[0\]"):
        worst_mean(torch.ones(0))
    with pytest.raises(ValueError, match=r"got \[3\] with 1 that are not finite"):
        worst_mean(torch.tensor([1.0, torch.nan, 2.0]))
    for share in (0, 1.1):
        with pytest.raises(ValueError, match="share must be more than 0 and at most 1, got"):
            hardest_poses(torch.ones(3), share)
    with pytest.raises(ValueError, match=r"errors for the same poses, got \{'a': 3, 'b': 4\}"):
        hard_pose_table({"a": torch.ones(3), "b": torch.ones(4)})
    with pytest.raises(ValueError, match=r"errors for the same poses, got \{\}"):
        hard_pose_table({})
