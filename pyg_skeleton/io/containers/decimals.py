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
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    r"""The first numbers of some lines, each as :func:`float` reads it.

    Numbers are of the form ``-12.345``, with one space after each; up to 8 digits before the
    decimal point, 1 to 16 behind it, and at most 15 that count. The digits are looked up eight at a
    time, as 64-bit integers.

    Args:
        buffer (ndarray): The text, as bytes, with at least :obj:`window` bytes behind the last
            begin and 8 before the first.
        begins (ndarray): Where the lines begin.
        count (int): How many numbers of each line.
        window (int): The most bytes that they take, with the spaces.

    Returns:
        The numbers, ``[len(begins), count]``, and which lines are of that form, ``[len(begins)]``;
        the numbers of the others mean nothing.
    """
    ends, fine = _find_spaces(buffer, begins, count, window)
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
    regular = (whole <= 8) & (fraction >= 1) & (fraction <= 16)
    if not regular.all():
        whole, fraction = whole.clip(max=8), fraction.clip(1, 16)
    # The eight bytes from any place on.
    words: NDArray[np.uint64] = np.ndarray((len(buffer) - 7,), "<u8", buffer, strides=(1,))
    left = _digits(words, dot, whole, regular)
    right = _digits(words, end, np.minimum(fraction, 8), regular)
    long = np.flatnonzero(fraction > 8)
    if long.size:
        good = np.ones(long.size, dtype=bool)
        right[long] += 1e8 * _digits(words, end[long] - 8, fraction[long] - 8, good)
        regular[long] &= good
    scale = _POWERS[fraction]
    digits = left * scale + right
    # Below that, digits and scale are exact, and so one division rounds as float() does.
    regular &= digits < 1e15
    digits /= scale
    np.negative(digits, out=digits, where=negative)
    return digits.reshape(-1, count), fine & regular.reshape(-1, count).all(1)


def _find_spaces(
    buffer: NDArray[np.uint8], begins: NDArray[np.int64], count: int, window: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The first so many spaces from each place on, and whether they are within the window."""
    windows = np.lib.stride_tricks.sliding_window_view(buffer, window)[begins]
    windows[:, -1] = ord(" ")  # so that there is one to be found
    places = np.flatnonzero(windows == ord(" "))
    rows = np.arange(len(begins)) * window
    which = np.searchsorted(places, rows)[:, None] + np.arange(count)
    columns = places[which.clip(max=max(len(places) - 1, 0))] - rows[:, None]
    fine = columns[:, -1] < window - 1
    return begins[:, None] + columns.clip(1, window), fine


def _digits(
    words: NDArray[np.uint64],
    end: NDArray[np.int64],
    size: NDArray[np.int64],
    fine: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """The numbers of 1 to 8 digits that end before a place; what is not fine is noted."""
    word = (words[end - 8] ^ _ZEROS) & _LAST[size]
    fine &= (((word + _NO_DIGIT) | word) & _SIGNS) == 0
    # Neighbors to pairs, pairs to fours, fours to eight.
    word = word * _TEN + (word >> _EIGHT)
    word = ((word & _PAIRS) * _UPPER + ((word >> _SIXTEEN) & _PAIRS) * _LOWER) >> _HALF
    return word.astype(np.float64)
