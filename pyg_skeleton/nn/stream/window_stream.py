"""Streams of networks that read the last frames together: those that predict motion, and those
that lift poses.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.nn.models.lifting.model import LiftedPoses, LiftingModel
from pyg_skeleton.nn.models.lifting.own_keypoints import convert_keypoints
from pyg_skeleton.nn.models.motion.model import MotionModel, SymGNNForecast
from pyg_skeleton.nn.stream.frames import FrameReader
from pyg_skeleton.nn.stream.stream import Stream
from pyg_skeleton.skeleton import as_tree


class WindowStream(Stream):
    """The base of streams that keep the last frames and call the network on all of them. The
    answers are exactly those of the network.
    """

    def __init__(
        self, model: Any, num_persons: int, window: int, every: int = 1, **kwargs: Any
    ) -> None:
        if every < 1:
            raise ValueError(f"expected every >= 1, got {every}")
        super().__init__(model, num_persons, **kwargs)
        self.window, self.every = window, every
        self._frames: list[Tensor] = []
        self._taken = 0
        self._arguments: dict[str, Any] = {}

    def _given(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        return {"num_persons": self.num_persons, "every": self.every, **kwargs}

    @property
    def frames(self) -> Tensor:
        r"""The last frames, :math:`(M, T, V, C)`, zero where a person is absent."""
        return torch.stack(self._frames, dim=1)

    def _take(self, x: Tensor | None, present: list[bool]) -> Any:
        self._taken += 1
        if x is None:
            return None
        self._frames = [*self._frames, x][-self.window :]
        gone = ~self.frames.flatten(1).any(1)
        for place in set(self.reader.places.values()):
            if bool(gone[place]):
                self.reader.forget(place)
        if len(self._frames) < self.window or not any(present) or self._taken % self.every:
            return None
        return self.answer(self.frames)

    def _clone(self) -> Any:
        return type(self)(self.model, **self._arguments)

    @abstractmethod
    def answer(self, frames: Tensor) -> Any:
        r"""Returns the answer for the last frames, :math:`(M, T, V, C)`."""

    def _forget(self, place: int | None) -> None:
        if place is None:
            self._frames, self._taken = [], 0
        rows = [] if place is None else [place]
        self._frames = [x.index_fill(0, torch.tensor(rows), 0.0) for x in self._frames]

    def _get_state(self) -> dict[str, Any]:
        return {"frames": [x.clone() for x in self._frames], "taken": self._taken}

    def _set_state(self, state: Mapping[str, Any]) -> None:
        self._frames, self._taken = [x.clone() for x in state["frames"]], state["taken"]


class MotionStream(WindowStream):
    """Predicts motion from the last frames, as :meth:`MotionModel.predict` does: the window slides.

    Args:
        model (MotionModel): The network.
        num_persons (int, optional): The largest number of persons at a time. (default: :obj:`1`)
        window (int, optional): The number of observed frames. (default: as in training)
        every (int, optional): The number of frames between two answers. (default: :obj:`1`)
        num_future (int, optional): The number of frames to predict. (default: the network's)
        **kwargs (optional): :obj:`layout`, :obj:`unit` and :obj:`frame_rate`, see :class:`Stream`.

    Raises:
        ValueError: If the network was not trained and there is no window.
    """

    def __init__(
        self,
        model: MotionModel,
        num_persons: int = 1,
        window: int | None = None,
        every: int = 1,
        num_future: int | None = None,
        **kwargs: Any,
    ) -> None:
        window = model.num_observed if window is None else window
        if window is None:
            raise ValueError("expected window=..., the number of frames that the network observes")
        super().__init__(model, num_persons, window, every, **kwargs)
        self.num_future = num_future
        self._arguments = {"window": window, "num_future": num_future, **self._given(kwargs)}

    def answer(self, frames: Tensor) -> SymGNNForecast:
        """Returns the prediction for the last frames."""
        model: MotionModel = self.model
        return model.predict(frames, self.num_future)


class KeypointReader(FrameReader):
    """Reads keypoints in pictures, in the layout of the detector; the network converts them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = (2, 3)

    def joints(self, poses: Tensor) -> Tensor:
        """Fills keypoints that were not seen: those with a score of zero, or both coordinates
        zero.
        """
        unseen = (poses[..., :2] == 0).all(-1) | ~(poses[..., 2:] > 0).all(-1)
        x = self.filled(poses[..., :2].masked_fill(unseen.unsqueeze(-1), torch.nan))
        # Zero is not seen, too; whether the network needs such a joint is not known here.
        return torch.where(x.isnan().flatten(1).all(1)[:, None, None], x, x.nan_to_num())


class LiftingStream(WindowStream):
    """Lifts poses while they come, as :meth:`LiftingModel.predict` does. A network that reads
    several frames lifts the one in the middle of them.

    Args:
        model (LiftingModel): The network.
        num_persons (int, optional): The largest number of persons at a time. (default: :obj:`1`)
        every (int, optional): The number of frames between two answers. (default: :obj:`1`)
        flip (bool, optional): Whether to average with what the mirrored pose gives.
            (default: :obj:`False`)
        **kwargs (optional): :obj:`layout`, :obj:`unit`, :obj:`frame_rate` and :obj:`image_size`,
            see :class:`Stream`.
    """

    def __init__(
        self,
        model: LiftingModel,
        num_persons: int = 1,
        every: int = 1,
        flip: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(model, num_persons, model.num_frames, every, **kwargs)
        model.check_target_space()
        self.flip, self.body = flip, as_tree(model.skeleton, "stream")
        self._arguments = {"flip": flip, **self._given(kwargs)}

    def make_reader(self, **kwargs: Any) -> FrameReader:
        """Returns the reader of keypoints."""
        return KeypointReader(self.model, self.num_persons, **kwargs)

    def answer(self, frames: Tensor) -> LiftedPoses | None:
        """Returns the poses ``[M, V, 3]`` of the persons who are there and have been seen whole."""
        model, reader, body = self.model, self.reader, self.body
        seen = frames.masked_fill((frames == 0).all(-1, keepdim=True), torch.nan).numpy()
        there = [
            place
            for place, person in enumerate(seen)
            if reader.present[place] and _is_whole(convert_keypoints(person, reader.source, body))
        ]
        if not there:
            return None
        own = (reader.source, reader.image_size, reader.unit)
        keypoints = model.read_clips(seen[there], *own)[0].x
        middle = keypoints.unflatten(0, (len(there), -1))[:, self.window // 2]
        poses = model.to_millimeters(model.lift(middle, self.flip)).numpy()
        return LiftedPoses(poses, body.joints, body, (model.frame_rate,))


def _is_whole(keypoints: NDArray[Any]) -> bool:
    """Whether each joint ``[T, V, 2]`` was seen in some frame."""
    return not np.isnan(keypoints).any(axis=2).all(axis=0).any()
