import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.metrics import mpjpe


def test_by_hand():
    target = torch.tensor([[[0.0, 0, 0], [100, 0, 0], [0, 200, 0]]]).repeat(2, 1, 1)
    prediction = target + torch.tensor([[[0.0, 0, 0], [3, 4, 0], [0, 0, 7]], [[0, 0, 1]] * 3])
    assert mpjpe(prediction, target).tolist() == [4.0, 0.0]  # (0 + 5 + 7) / 3, a mere shift


def test_equals_a_plain_reference():
    prediction, target = (100 * torch.randn(2, 6, 17, 3)).double()
    for root in (0, 14):
        for n, error in enumerate(mpjpe(prediction, target, root).tolist()):
            p, g = (x[n].tolist() for x in (prediction, target))
            lengths = [
                math.dist(
                    [a - b for a, b in zip(p[v], p[root], strict=True)],
                    [a - b for a, b in zip(g[v], g[root], strict=True)],
                )
                for v in range(17)
            ]
            assert abs(error - sum(lengths) / 17) < 1e-9


@settings(max_examples=30)
@given(shift=st.lists(st.floats(-5000, 5000), min_size=6, max_size=6), seed=st.integers(0, 99))
def test_is_invariant_to_translation_of_either_side(shift, seed):
    generator = torch.Generator().manual_seed(seed)
    prediction, target = 300 * torch.randn(2, 4, 16, 3, generator=generator).double()
    one, two = torch.tensor(shift, dtype=torch.float64).view(2, 3)
    torch.testing.assert_close(mpjpe(prediction + one, target + two), mpjpe(prediction, target))
