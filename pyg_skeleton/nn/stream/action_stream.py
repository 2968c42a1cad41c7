"""Streams of networks that recognize actions."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.models.inputs import check_answer
from pyg_skeleton.nn.models.recognition.model import Recognition, check_one_class
from pyg_skeleton.nn.models.recognition.st_network import STNetwork
from pyg_skeleton.nn.stream.frame_network import FrameNetwork
from pyg_skeleton.nn.stream.preparation import FramePreparation, num_frames_of
from pyg_skeleton.nn.stream.stream import Stream

#: The number of frames of a clip where nothing is known about it.
_NUM_FRAMES = 64


class ActionStream(Stream):
    r"""Recognizes actions while they go on: each frame is computed once, as in the `"Continual
    Spatio-Temporal Graph Convolutional Networks" <https://arxiv.org/abs/2203.11009>`_ paper.

    The answer is that of the network without padding in time for the last :attr:`window` frames.
    For a network with :obj:`continual=True` it equals the network's own. See docs/stream for what
    that changes for others. The stream computes with weights into which norms are folded: those of
    the network when the stream is created.

    Args:
        model (STNetwork): The network.
        num_persons (int, optional): The largest number of persons at a time.
            (default: that of the network)
        window (int, optional): The number of frames that an answer depends on: the network's
            :attr:`receptive_field`, and any number of times its :attr:`stride`.
            (default: as many as average as many features as a training clip)
        every (int, optional): The number of frames between two answers. (default: :obj:`1`)
        refresh (int, optional): The number of inputs of a layer for which a graph serves that is
            inferred from all frames of a clip. (default: :obj:`8`)
        **kwargs (optional): :obj:`layout`, :obj:`unit`, :obj:`frame_rate` and :obj:`image_size`,
            see :class:`Stream`.

    Raises:
        TypeError: If a layer has no form frame by frame.
        ValueError: If an argument does not fit, or a transform of the network's preparation has no
            counterpart for single frames.
    """

    def __init__(
        self,
        model: STNetwork,
        num_persons: int | None = None,
        window: int | None = None,
        every: int = 1,
        refresh: int = 8,
        **kwargs: Any,
    ) -> None:
        check_one_class(model, "a stream")
        most = model.num_persons
        num_persons = most if num_persons is None else num_persons
        if num_persons > most:
            raise ValueError(f"expected num_persons <= {most}, got {num_persons}")
        for name, value in (("every", every), ("refresh", refresh)):
            if value < 1:
                raise ValueError(f"expected {name} >= 1, got {value}")
        super().__init__(model, num_persons, **kwargs)
        self.network = FrameNetwork(model, _num_features(model, window), every, refresh)
        self.window = self.network.window
        self._arguments = {
            "num_persons": num_persons,
            "window": self.window,
            "every": every,
            "refresh": refresh,
            **kwargs,
        }
        V = model.skeleton.num_joints
        example = model.skeleton.to_data(torch.zeros(num_persons, V, 1, model.in_channels))
        if self.reader.image_size is not None:
            example.image_size = torch.tensor([self.reader.image_size])
        self.preparation = FramePreparation(model.preparation, example, self.window)
        self._names = model.classes or [str(c) for c in range(model.num_classes)]

    def step(self, x: Tensor, present: list[bool] | None = None) -> Tensor | None:
        r"""Takes a prepared frame and returns logits :math:`(1, \text{classes})`, or :obj:`None`.

        Args:
            x (torch.Tensor): The joints as the network reads them, zero where a person is absent,
                :math:`(M, V, C)`.
            present (list of bool, optional): Who is present. (default: whoever is not zero)
        """
        if present is None:
            present = (x != 0).flatten(1).any(1).tolist()
        return self.steps(x.unsqueeze(0), [present])[0]

    def steps(self, x: Tensor, present: list[list[bool]]) -> list[Tensor | None]:
        r"""Takes several frames as :meth:`step` does, :math:`(T, M, V, C)`."""
        answers: list[Tensor | None]
        answers = self.network(x.to(self.model.device, self.model.dtype), present)
        return answers

    def extend(self, frames: Iterable[Any]) -> list[Recognition | None]:
        """Takes frames that are there already, of a recording for example, and returns the answer
        at each of them. Several are computed at a time, which takes less time than :meth:`push`;
        the place of a person who is gone is free a few frames later.

        Args:
            frames (iterable): See :meth:`push`.
        """
        answers: list[Recognition | None] = []
        waiting: list[tuple[Tensor, list[bool]]] = []
        slots: list[int] = []
        for frame in frames:
            self._check_mode()
            answers.append(None)
            for x, present in self._read(frame):
                if not any(present):
                    self._flush(waiting, slots, answers)
                prepared = self._prepare(x, present)
                if prepared is not None:
                    waiting.append((prepared, present))
                    slots.append(len(answers) - 1)
            if len(waiting) >= self.network.clock.most:
                self._flush(waiting, slots, answers)
        self._flush(waiting, slots, answers)
        return answers

    def _flush(
        self,
        waiting: list[tuple[Tensor, list[bool]]],
        slots: list[int],
        answers: list[Recognition | None],
    ) -> None:
        """Computes the frames that wait."""
        if waiting:
            x, present = zip(*waiting, strict=True)
            for slot, answer in zip(slots, self._run(torch.stack(x), list(present)), strict=True):
                answers[slot] = answer
        waiting.clear()
        slots.clear()

    def _take(self, x: Tensor | None, present: list[bool]) -> Recognition | None:
        prepared = self._prepare(x, present)
        return None if prepared is None else self._run(prepared.unsqueeze(0), [present])[0]

    def _prepare(self, x: Tensor | None, present: list[bool]) -> Tensor | None:
        if x is None or not (any(present) or self.network.persons):
            self.network.clock.now += 1  # there was no person yet
            self._free_places()
            return None
        return self.preparation(x)

    def _run(self, x: Tensor, present: list[list[bool]]) -> list[Recognition | None]:
        logits = self.steps(x, present)
        self._free_places()
        if not self.network.seen:
            self.preparation.reset()
        return [None if answer is None else self._recognition(answer) for answer in logits]

    def _free_places(self) -> None:
        """Frees the places of those who are gone, or were never seen whole."""
        for place in set(self.reader.places.values()) - self.network.seen:
            self.reader.forget(place)

    def _recognition(self, logits: Tensor) -> Recognition:
        check_answer(logits, self.model)
        return Recognition(logits.float().softmax(dim=1).cpu().numpy(), self._names)

    def _forget(self, place: int | None) -> None:
        self.network.reset(place)
        self.preparation.reset(place)

    def _get_state(self) -> dict[str, Any]:
        return {**self.network.get_state(), "preparation": self.preparation.get_state()}

    def _set_state(self, state: Mapping[str, Any]) -> None:
        self.network.set_state(state)
        self.preparation.set_state(state["preparation"])

    def to(self, *args: Any, **kwargs: Any) -> "ActionStream":
        """Moves the stream and its network to a device."""
        super().to(*args, **kwargs)
        self.network.to(*args, **kwargs)
        return self

    def _clone(self) -> "ActionStream":
        other = type(self)(self.model, **self._arguments)
        for own, theirs in zip(other.network.modules(), self.network.modules(), strict=True):
            own._parameters.update(theirs._parameters)
        return other


def _num_features(model: STNetwork, window: int | None) -> int:
    """The number of features that an answer averages."""
    field, step = model.receptive_field, model.stride
    if window is not None:
        if window < field or (window - field) % step:
            near = field + max(0, window - field) // step * step
            raise ValueError(
                f"expected a window of {field} frames and a multiple of {step}, for example "
                f"{near} or {near + step}, got {window}"
            )
        return (window - field) // step + 1
    known = num_frames_of(model.preparation)
    frames = known or _NUM_FRAMES
    if model.continual and known:
        return max(0, known - field) // step + 1
    return -(-frames // step)
