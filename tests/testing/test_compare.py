from typing import NamedTuple

import pytest
import torch
from torch_geometric.data import Data

from pyg_skeleton.testing import assert_close, named_tensors


class Output(NamedTuple):
    logits: torch.Tensor
    extra: object


def test_named_tensors_finds_the_path_of_every_tensor():
    t = torch.zeros(1)
    value = [Output(t, {"a": (t, 3)}), Data(x=t), None, "text"]
    assert [name for name, _ in named_tensors(value, "v")] == [
        "v[0].logits",
        "v[0].extra['a'][0]",
        "v[1].x",
    ]


def test_assert_close_accepts_what_is_within_tolerance():
    a = torch.tensor([1.0, -2.0, float("inf")])
    assert_close(a, a.clone(), "same")
    assert_close(a, torch.tensor([1.05, -2.1, float("inf")]), "near", rtol=0.1, atol=0.0)
    assert_close(a.new_empty(0), a.new_empty(0), "empty")
    assert_close(a.to_sparse(), a, "sparse")


def test_assert_close_names_tensor_and_largest_deviation():
    a = Output(torch.zeros(2, 3), None)
    b = Output(torch.zeros(2, 3), None)
    b.logits[1, 2] = 0.5
    b.logits[0, 0] = 0.25
    with pytest.raises(AssertionError, match=r"what: output.logits .* 5.000e-01 \(at \(1, 2\)"):
        assert_close(a, b, "what")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_assert_close_never_accepts_what_is_not_finite(bad):
    a, b = torch.tensor([1.0, bad]), torch.tensor([1.0, 2.0])
    with pytest.raises(AssertionError, match="1 of 2 entries"):
        assert_close(a, b, "not finite", rtol=10.0, atol=10.0)
    nan = torch.tensor(float("nan"))
    with pytest.raises(AssertionError, match="nan"):
        assert_close(nan, nan, "nan")


def test_assert_close_refuses_other_shapes_and_other_structures():
    with pytest.raises(AssertionError, match=r"shape \(3,\), expected \(1, 3\)"):
        assert_close(torch.zeros(3), torch.zeros(1, 3), "shape")
    with pytest.raises(AssertionError, match=r"output\[1\]"):
        assert_close([torch.zeros(3)], [torch.zeros(3), torch.zeros(3)], "structure")
