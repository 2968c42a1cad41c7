"""Decimal numbers in text, many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ZEROS = np.uint64(0x3030303030303030)
_NO_DIGIT = np.uint64(0x7676767676767676)
_SIGNS = np.uint64(0x8080808080808080)
_EIGHT, _SIXTEEN, _HALF = np.uint64(8), np.uint64(16), np.uint64(32)
_TEN, _PAIRS = np.uint64(10), np.uint64(0x000000FF000000FF)
_UPPER, _LOWER = np.uint64(0x000F424000000064), np.uint64(0x0000271000000001)

#: Keeps the last so many bytes of eight.
_LAST = np.array([(1 << 64) - (1 << 8 * (8 - size)) for size in range(9)], dtype=np.uint64)
_POWERS = 10.0 ** np.arange(17)


def parse_decimals(
    buffer: NDArray[np.uint8], begins: NDArray[np.int64], count: int, window: int
) -> NDArray[np.float64] | None:
    r"""The first numbers of some lines, each as :func:`float` reads it.

    Numbers are of the form ``-12.345``, with one space after each; up to 8 digits before the
    decimal point, 1 to 16 behind it, and at most 15 that count. The digits are looked up eight at a
    time, as 64-bit integers.

    Args:
        buffer (ndarray): The text, as bytes, with at least :obj:`window` bytes behind the last
            begin, and 16 before the first decimal point.
        begins (ndarray): Where the lines begin.
        count (int): How many numbers of each line.
        window (int): The most bytes that they take, with the spaces.

    Returns:
        The numbers, ``[len(begins), count]``, None if one is written in any other way.
    """
    if not len(begins):
        return np.empty((0, count))
    ends = _find_spaces(buffer, begins, count, window)
    if ends is None:
        return None
    starts = np.empty_like(ends)
    starts[:, 0] = begins
    starts[:, 1:] = ends[:, :-1] + 1
    start, end = starts.ravel(), ends.ravel()
    negative = buffer[start] == ord("-")
    first = start + negative
    dot = first + 1
    for _ in range(8):
        late = buffer[dot] != ord(".")
        if not late.any():
            break
        dot += late
    whole, fraction = dot - first, end - dot - 1
    if whole.max() > 8 or fraction.min() < 1 or fraction.max() > 16:
        return None
    words: NDArray[np.uint64] = np.ndarray(
        (len(buffer) - 7,), "<u8", buffer, strides=(1,)
    )  # the eight bytes from any place on
    left = _digits(words, dot, whole)
    right = _digits(words, end, np.minimum(fraction, 8))
    if left is None or right is None:
        return None
    if (long := np.flatnonzero(fraction > 8)).size:
        upper = _digits(words, end[long] - 8, fraction[long] - 8)
        if upper is None:
            return None
        right[long] += upper * 1e8
    scale = _POWERS[fraction]
    digits = left * scale + right
    # Below that, digits and scale are exact, and so one division rounds as float() does.
    if digits.max() >= 1e15:
        return None
    digits /= scale
    np.negative(digits, out=digits, where=negative)
    return digits.reshape(-1, count)


def _find_spaces(
    buffer: NDArray[np.uint8], begins: NDArray[np.int64], count: int, window: int
) -> NDArray[np.int64] | None:
    """The first so many spaces from each place on, None if there are fewer within the window."""
    windows = np.lib.stride_tricks.sliding_window_view(buffer, window)[begins]
    places = np.flatnonzero(windows == ord(" "))
    rows = np.arange(len(begins)) * window
    first = np.searchsorted(places, rows)
    if first[-1] + count > len(places):
        return None
    columns = places[first[:, None] + np.arange(count)] - rows[:, None]
    return columns + begins[:, None] if columns.max() < window else None


def _digits(
    words: NDArray[np.uint64], end: NDArray[np.int64], size: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """The numbers of 1 to 8 digits that end before a place, None if there is anything else."""
    word = (words[end - 8] ^ _ZEROS) & _LAST[size]
    if (((word + _NO_DIGIT) | word) & _SIGNS).any():
        return None
    # Neighbours to pairs, pairs to fours, fours to eight.
    word = word * _TEN + (word >> _EIGHT)
    word = ((word & _PAIRS) * _UPPER + ((word >> _SIXTEEN) & _PAIRS) * _LOWER) >> _HALF
    return word.astype(np.float64)
