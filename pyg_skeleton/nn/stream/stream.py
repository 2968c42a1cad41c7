"""The base of streams: frames come one by one, and answers leave."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

from torch import Tensor

from pyg_skeleton.nn.models.inputs import warn_if_untrained
from pyg_skeleton.nn.stream.frames import FrameReader
from pyg_skeleton.skeleton import SkeletonLike

S = TypeVar("S", bound="Stream")


class Stream(ABC):
    """The base of streams, which answer while frames still come.

    A stream puts its network into evaluation mode. :func:`copy.copy` and :func:`copy.deepcopy`
    return a stream of the same network, with the same weights in memory, that goes on by itself.

    Args:
        model (SkeletonModel): The network.
        num_persons (int): The largest number of persons at a time.
        layout (Skeleton or str, optional): The layout of the frames; joints are converted by name.
            (default: that of the network)
        unit (str, optional): The unit of the frames. (default: that of the training data)
        frame_rate (float, optional): Frames per second. Where they are not those of the training
            data, frames are left out or taken twice. (default: that of the training data)
        image_size (tuple[int, int], optional): Width and height of the picture, for joints in
            pixels. (default: :obj:`None`)

    Raises:
        ValueError: If the number of persons or the frame rate is not positive.
    """

    #: The number of frames that an answer depends on.
    window: int

    def __init__(
        self,
        model: Any,
        num_persons: int,
        layout: SkeletonLike | None = None,
        unit: str | None = None,
        frame_rate: float | None = None,
        image_size: tuple[int, int] | None = None,
    ) -> None:
        if num_persons < 1:
            raise ValueError(f"expected num_persons >= 1, got {num_persons}")
        if frame_rate is not None and not frame_rate > 0:
            raise ValueError(f"expected frame_rate > 0, got {frame_rate}")
        warn_if_untrained(model)
        self.model = model.eval()
        self.num_persons = num_persons
        self.reader = self.make_reader(layout=layout, unit=unit, image_size=image_size)
        self.rate = 1.0
        if frame_rate and model.frame_rate and abs(frame_rate / model.frame_rate - 1) > 0.01:
            self.rate = model.frame_rate / frame_rate
        #: The number of frames that have come.
        self.num_frames = 0

    def push(self, frame: Any) -> Any:
        r"""Takes a frame, and returns the answer for the last ones.

        Args:
            frame (numpy.ndarray, torch.Tensor, dict or None): A pose :math:`(V, C)`, those of
                several persons :math:`(M, V, C)`, or a dictionary of poses by the names of the
                persons, who may come and go. A person who is not there is left out, zero or NaN; a
                joint that is missing is NaN, and stays where it was. :obj:`None` for a frame that
                is missing: everybody stays.

        Returns:
            As :meth:`predict` of the network for a clip, or :obj:`None` while there are fewer than
            :attr:`window` frames, or no person is there.

        Raises:
            ValueError: If the shape is another, a value is not finite, or the network is in
                training mode.
        """
        self._check_mode()
        answer = None
        for x, present in self._read(frame):
            answer = self._take(x, present)
        return answer

    def _check_mode(self) -> None:
        if self.model.training:
            raise ValueError("expected a network in evaluation mode, call model.eval()")

    def _read(self, frame: Any) -> list[tuple[Tensor | None, list[bool]]]:
        """The frame at the rate of the training data: as often as it is taken."""
        x, present = self.reader.read(frame)
        times = int((self.num_frames + 1) * self.rate) - int(self.num_frames * self.rate)
        self.num_frames += 1
        return [(x, present)] * times

    def make_reader(self, **kwargs: Any) -> FrameReader:
        """Returns what reads frames; the arguments are those of :class:`FrameReader`."""
        return FrameReader(self.model, self.num_persons, **kwargs)

    @abstractmethod
    def _take(self, x: Tensor | None, present: list[bool]) -> Any:
        """Takes a frame at the rate of the training data, and answers."""

    def reset(self, person: Hashable | None = None) -> None:
        """Forgets all frames, or those of one person.

        Args:
            person (optional): The name of the person, or their position in arrays.
                (default: everybody)

        Raises:
            KeyError: If no person of that name is there.
        """
        if person is None:
            self.num_frames = 0
            self.reader.reset()
            self._forget(None)
            return
        places = self.reader.places or {place: place for place in range(self.num_persons)}
        if person not in places:
            raise KeyError(f"expected one of {sorted(map(str, places))}, got {person!r}")
        place = places[person]
        self.reader.forget(place)
        self._forget(place)

    @abstractmethod
    def _forget(self, place: int | None) -> None:
        """Forgets the frames of a person, or everybody's."""

    def state_dict(self) -> dict[str, Any]:
        """Returns what is kept of the frames, without the weights: tensors and plain values, which
        ``torch.load(path, weights_only=True)`` reads again.
        """
        return {
            "num_frames": self.num_frames,
            "frames": self.reader.get_state(),
            "network": self._get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on where another stream of the same network and arguments was.

        Args:
            state (dict): What :meth:`state_dict` returned.

        Raises:
            ValueError: If it is that of another stream.
        """
        if set(state) != {"num_frames", "frames", "network"}:
            raise ValueError(f"expected the state of a stream, got {sorted(state)}")
        self._set_state(state["network"])
        self.num_frames = state["num_frames"]
        self.reader.set_state(state["frames"])

    @abstractmethod
    def _get_state(self) -> dict[str, Any]: ...

    @abstractmethod
    def _set_state(self, state: Mapping[str, Any]) -> None: ...

    def to(self: S, *args: Any, **kwargs: Any) -> S:
        """Moves the network, and with it the stream, to a device."""
        self.model.to(*args, **kwargs)
        return self

    @abstractmethod
    def _clone(self: S) -> S:
        """A new stream with the same arguments."""

    def __copy__(self: S) -> S:
        other = self._clone()
        other.load_state_dict(copy.deepcopy(self.state_dict()))
        return other

    def __deepcopy__(self: S, memo: Any) -> S:
        return copy.copy(self)
