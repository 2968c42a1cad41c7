"""The windows of a recording: all of them for training, seeded ones for testing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

#: The literature observes 50 frames; with fewer, the last of them are used.
CONTEXT = 50

_PROTOCOLS = {"literature": 8, "sturdy": 256}


def split_frames(
    num_observed: int,
    num_future: int | None,
    observation_ratio: float | None,
    default: int = 25,
) -> tuple[int, int]:
    """The numbers of observed and predicted frames.

    Args:
        num_observed (int): The number of observed frames.
        num_future (int, optional): The number of frames to predict; :obj:`default` if
            :obj:`None`, or with :obj:`observation_ratio` the frames that are not observed.
        observation_ratio (float, optional): The share of :obj:`num_observed + default` frames that
            is observed, at least three and not all of them.
        default (int, optional): The number of frames to predict by default. (default: :obj:`25`)

    Raises:
        ValueError: If the share is not between 0 and 1.
    """
    future = default
    if observation_ratio is not None:
        if not 0 < observation_ratio < 1:
            raise ValueError(f"expected 0 < observation_ratio < 1, got {observation_ratio}")
        frames = num_observed + future
        num_observed = min(max(3, round(observation_ratio * frames)), frames - 1)
        future = frames - num_observed
    return num_observed, future if num_future is None else num_future


def check_windows(
    split: str, num_observed: int, num_future: int, protocol: str, num_windows: int | None
) -> int:
    """Checks the arguments of a data set and returns its number of test windows per action."""
    if protocol not in _PROTOCOLS:
        known = ", ".join(_PROTOCOLS)
        raise ValueError(f"unknown protocol {protocol!r}, expected one of {known}")
    if num_observed < 1:
        raise ValueError(f"num_observed must be at least 1, got {num_observed}")
    if num_future < 0:
        raise ValueError(f"num_future must be at least 0, got {num_future}")
    windows = _PROTOCOLS[protocol] if num_windows is None else num_windows
    if windows < 1:
        raise ValueError(f"num_windows must be at least 1, got {num_windows}")
    if protocol == "literature":
        if windows != _PROTOCOLS[protocol]:
            raise ValueError(
                f"protocol 'literature' means num_windows=8, got {windows}; use protocol='sturdy'"
            )
        if split == "test" and num_observed > CONTEXT:
            raise ValueError(
                f"protocol 'literature' observes at most {CONTEXT} frames, got {num_observed}"
            )
    return windows


def seeded_starts(ranges: Sequence[tuple[int, int]], num_windows: int = 8) -> list[tuple[int, int]]:
    r"""The test windows of one action as the whole literature draws them.

    A fresh legacy generator with the seed 1234567890 draws the start of window :math:`i` from the
    range of recording :math:`i \bmod R`.

    Args:
        ranges (sequence of pairs): For each of the :math:`R` recordings of the action, the first
            start and the one after the last.
        num_windows (int, optional): The number of windows. (default: :obj:`8`)

    Returns:
        Pairs of recording and start.
    """
    generator = np.random.RandomState(1234567890)
    starts = []
    for i in range(num_windows):
        recording = i % len(ranges)
        low, high = ranges[recording]
        starts.append((recording, int(generator.randint(low, high, dtype=np.int64))))
    return starts


def every_start(ranges: Sequence[tuple[int, int]]) -> Tensor:
    """All starts of all recordings as rows (recording, start), ``[N, 2]``."""
    rows = [
        (which, start) for which, (low, high) in enumerate(ranges) for start in range(low, high)
    ]
    return torch.tensor(rows, dtype=torch.long).view(-1, 2)
