import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton.arrays import check_size, select


def test_select_copies_and_differentiates() -> None:
    ids = np.array([2, 0])
    array = np.arange(12.0).reshape(4, 3)
    out = select(array, ids, -1)
    np.testing.assert_array_equal(out, array[:, [2, 0]])
    out[:] = -1
    assert array.min() == 0

    x = torch.arange(12.0).view(4, 3).requires_grad_()
    select(x, ids, 1).sum().backward()
    assert x.grad is not None
    assert x.grad[0].tolist() == [1, 0, 1]


def test_check_size() -> None:
    check_size(torch.zeros(2, 25), -1, 25, "ntu25")
    with pytest.raises(ValueError, match=r"25 joints \('ntu25'\) along dimension 1, got 17 in"):
        check_size(np.zeros((2, 17)), 1, 25, "ntu25")
    with pytest.raises(ValueError, match=r"dimension of the shape \(2, 17\), got dimension 2"):
        check_size(np.zeros((2, 17)), 2, 25, "ntu25")
    with pytest.raises(TypeError, match="expected a tensor or an array, got"):
        check_size([[0.0]], 0, 1, "dot")  # type: ignore[arg-type]
