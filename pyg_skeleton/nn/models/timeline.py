"""Classes over time: a recognizing network in windows that slide over a long clip."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyg_skeleton.nn.models.inputs import standardize
from pyg_skeleton.nn.models.recognition.model import check_one_class
from pyg_skeleton.skeleton import SkeletonLike


class Timeline(NamedTuple):
    """The output of :func:`timeline`: the classes of windows that slide over a clip.

    Frames are those of the network, at :attr:`frame_rate`.
    """

    probability: NDArray[np.float32]
    """The probability of each class in each window, ``[W, classes]``."""
    classes: list[str]
    """The names of the classes."""
    windows: NDArray[np.int64]
    """The first frame of each window and the frame after its last, ``[W, 2]``."""
    frame_rate: float | None
    """Frames per second, where it is known."""

    @property
    def pieces(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The pieces of time between the ends of windows, ``[P, 2]``, and the probability of each
        class in them, ``[P, classes]``: the mean over the windows that cover the piece.
        """
        ends = np.unique(self.windows)
        pieces = np.stack([ends[:-1], ends[1:]], axis=1)
        start, end = self.windows.T
        covers = (start <= pieces[:, :1]) & (end >= pieces[:, 1:])  # [P, W]
        there = covers.any(axis=1)
        covers = covers[there]
        share = covers / covers.sum(axis=1, keepdims=True)
        return pieces[there], (share @ self.probability).astype(np.float32)

    def spans(self) -> list[tuple[int, int, str, float]]:
        """The first frame, the frame after the last, the likeliest class, and its mean probability:
        neighboring pieces of the same class are one span.
        """
        pieces, probability = self.pieces
        best = probability.argmax(axis=1)
        last = (pieces[1:, 0] != pieces[:-1, 1]) | (best[1:] != best[:-1])
        out = []
        for rows in np.split(np.arange(len(pieces)), np.flatnonzero(last) + 1):
            length, number = np.diff(pieces[rows], axis=1)[:, 0], best[rows[0]]
            score = np.average(probability[rows, number], weights=length)
            ends = int(pieces[rows[0], 0]), int(pieces[rows[-1], 1])
            out.append((*ends, self.classes[number], float(score)))
        return out

    def to_frame(self) -> pd.DataFrame:
        """Returns a row for each span: start and end in seconds (in frames where the frame rate is
        not known), the class and its mean probability.
        """
        table = pd.DataFrame(self.spans(), columns=["start", "end", "class", "probability"])
        if self.frame_rate:
            table[["start", "end"]] = table[["start", "end"]] / self.frame_rate
        return table


def timeline(
    model: Any,
    clip: Any,
    window: int = 50,
    stride: int | None = None,
    layout: SkeletonLike | None = None,
    image_size: tuple[int, int] | None = None,
    unit: str | None = None,
    frame_rate: float | None = None,
    batch_size: int = 64,
) -> Timeline:
    r"""Recognizes what happens when in a long clip: runs a network on windows that slide over it.

    The clip is first brought to the layout, unit, axes and frame rate of the training data, as
    :meth:`predict` does. Windows begin at frames :math:`0, s, 2s, \ldots`, and one ends with the
    clip; each is then prepared by itself, as a clip of the training data. Windows without a person
    are left out. A clip that is shorter than a window is one.

    .. code-block:: python

        spans = timeline(model, pyg_skeleton.read("walk.bvh"), window=50, stride=10)
        print(spans.to_frame())  # start, end, class, probability

    Args:
        model (SkeletonModel): A network that recognizes classes, or clusters.
        clip (numpy.ndarray, SkeletonData or Clip): The clip, see :meth:`RecognitionModel.predict`.
        window (int, optional): The number of frames of a window, at the network's frame rate; about
            as many as the training clips have. (default: :obj:`50`)
        stride (int, optional): The number of frames from window to window. (default: a quarter of
            the window)
        layout (Skeleton or str, optional): The layout of an array. (default: the network's)
        image_size (tuple[int, int], optional): Width and height of the picture in pixels, where the
            clip does not say. (default: :obj:`None`)
        unit (str, optional): The unit, where the clip does not say. (default: the network's)
        frame_rate (float, optional): Frames per second, where the clip does not say.
            (default: the network's)
        batch_size (int, optional): Windows at a time. (default: :obj:`64`)

    Raises:
        ValueError: If a window is shorter than two frames or the network does not yield one class.
    """
    check_one_class(model, "a timeline")
    stride = max(1, window // 4) if stride is None else stride
    if window < 2 or stride < 1:
        raise ValueError(f"expected window >= 2 and stride >= 1, got {window} and {stride}")
    persons = model.num_persons
    whole = standardize(clip, model, layout, image_size, unit, frame_rate, persons)
    V, T = model.skeleton.num_joints, whole.x.size(1)
    bodies, parts, windows = whole.x.view(-1, V, *whole.x.shape[1:]), [], []
    last = max(0, T - window)
    for start in [*range(0, last, stride), last]:
        joints = bodies[:, :, start : start + window]
        present = (joints != 0).flatten(1).any(dim=1)
        if bool(present.any()):
            part = model.skeleton.to_data(joints[present])
            if "image_size" in whole:
                part.image_size = whole.image_size
            parts.append(part)
            windows.append((start, start + joints.size(2)))
    if not parts:
        raise ValueError(f"expected joints, all are zero in {T} frames")
    answer = model.predict(parts, batch_size=batch_size)
    if getattr(answer, "probability", None) is None:
        raise ValueError(f"expected a network that recognizes classes, got {type(model).__name__}")
    names = getattr(answer, "classes", None) or map(str, range(answer.probability.shape[1]))
    rate = getattr(clip, "frame_rate", None) or frame_rate
    rate = model.frame_rate or rate
    return Timeline(answer.probability, list(names), np.array(windows), rate)
