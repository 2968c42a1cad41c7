import numpy as np
import pytest

from pyg_skeleton.datasets.motion.exp_map_windows import check_windows, every_start, seeded_starts


def test_the_draws_of_the_literature():
    """Known without the data."""
    starts = seeded_starts([(16, 1350)])
    assert starts == [(0, s) for s in (1087, 1180, 1329, 955, 1145, 332, 660, 304)]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((1500, 1261), [1087, 955, 1145, 332, 660, 304, 201, 54]),
        ((1638, 1166), [1426, 374, 1087, 156, 1329, 955, 1145, 332]),
        ((1601, 1711), [1426, 1398, 1087, 1180, 1329, 955, 1145, 332]),
        ((737, 1600), [402, 1398, 63, 1180, 305, 955, 121, 332]),
        ((1639, 1043), [1426, 374, 1087, 156, 1329, 121, 332, 414]),
        ((1123, 943), [402, 374, 63, 156, 835, 305, 955, 121]),
        ((1240, 1562), [1087, 1180, 955, 1145, 332, 660, 304, 201]),
        ((1969, 1939), [1426, 1398, 1087, 1180, 1329, 955, 1145, 332]),
        ((1663, 1391), [1426, 1087, 1180, 955, 1145, 332, 1438, 660]),
        ((969, 1068), [402, 374, 63, 156, 305, 121, 332, 414]),
        ((1508, 1492), [1087, 1180, 1329, 955, 1145, 332, 660, 304]),
    ],
)
def test_the_windows_of_human36m(lengths, expected):
    """Two recordings in turn; their lengths and the starts are facts of subject 5."""
    starts = seeded_starts([(16, length - 150) for length in lengths])
    assert starts == [(i % 2, start) for i, start in enumerate(expected)]


def test_more_windows_begin_with_the_same():
    assert seeded_starts([(0, 99), (5, 50)], 256)[:8] == seeded_starts([(0, 99), (5, 50)])


def test_does_not_touch_the_global_generator():
    np.random.seed(3)
    first = np.random.random()
    np.random.seed(3)
    seeded_starts([(0, 99)])
    assert np.random.random() == first


def test_every_start():
    windows = every_start([(16, 18), (3, 3), (5, 2), (0, 1)])
    assert windows.tolist() == [[0, 16], [0, 17], [3, 0]]
    assert every_start([(1, 1)]).shape == (0, 2)


def test_number_of_windows():
    assert check_windows("test", 50, 25, "literature", None) == 8
    assert check_windows("test", 50, 25, "sturdy", None) == 256
    assert check_windows("test", 50, 25, "sturdy", 64) == 64
    assert check_windows("train", 60, 25, "literature", None) == 8
