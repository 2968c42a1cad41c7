"""The people of the embedded data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.datasets.actor.movements import MOVEMENTS

NUM_HABITS = 40
_SUBJECTS, _SPLITS = 1_000_003, 1_000_033


class Style(NamedTuple):
    """The style of all movements in a domain."""

    tempo: float = 1.0
    amplitude: float = 1.0
    stoop: float = 0.0
    """Degrees that the back is bent."""
    noise: float = 1.0
    """Factor on the sensor noise."""


STYLES = {
    "default": Style(),
    "energetic": Style(tempo=1.2, amplitude=1.15, stoop=-3.0),
    "weary": Style(tempo=0.8, amplitude=0.75, stoop=16.0),
    "shaky": Style(noise=3.0),
}


@dataclass(frozen=True)
class Person:
    """The properties of a person, constant in all clips."""

    size: tuple[float, float, float]
    """Factors on trunk, arms and legs."""
    tempo: float
    amplitude: float
    left_handed: float
    """The share of clips in which the left side leads."""
    habits: NDArray[np.float64]
    """Uniform numbers for each movement, ``[movements, K]``."""

    @staticmethod
    def draw(seed: int, subject: int) -> Person:
        """Draws the person with a given number."""
        rng = np.random.default_rng([seed, _SUBJECTS, subject])
        height = np.exp(0.06 * rng.standard_normal())
        trunk, arms, legs = height * np.exp(0.03 * rng.standard_normal(3))
        tempo, amplitude = np.exp([0.10, 0.15] * rng.standard_normal(2).clip(-2, 2))
        left_handed = 0.9 if rng.random() < 0.3 else 0.1
        habits = rng.random((len(MOVEMENTS), NUM_HABITS))
        size = (float(trunk), float(arms), float(legs))
        return Person(size, float(tempo), float(amplitude), left_handed, habits)


def split_people(seed: int, number: int) -> dict[str, list[int]]:
    """Splits people into about 60, 20 and 20 percent, at least one each."""
    order = np.random.default_rng([seed, _SPLITS]).permutation(number).tolist()
    held = max(1, round(0.2 * number))
    return {"train": order[2 * held :], "val": order[:held], "test": order[held : 2 * held]}
