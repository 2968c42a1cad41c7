"""Networks that recognize actions, frame by frame."""

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.models.bodies import Bodies
from pyg_skeleton.nn.models.recognition.st_network import STNetwork
from pyg_skeleton.nn.models.skeleton_model import first_tensor
from pyg_skeleton.nn.optimized.forms import form
from pyg_skeleton.nn.stream.blocks import frame_block, shallow_copy
from pyg_skeleton.nn.stream.memory import Clock, Memory, NotDue, Rate, Ring


class FrameNetwork(torch.nn.Module):
    """A network that recognizes actions, frame by frame: from prepared frames to logits. It has the
    layers of the network itself, without padding in time, and norms are folded into weights.

    Args:
        model (STNetwork): The network.
        num_features (int): The number of features, one in :obj:`model.stride` frames, that an
            answer averages.
        every (int, optional): The number of frames between two answers. (default: :obj:`1`)
        refresh (int, optional): The number of inputs of a layer that a graph serves if the layer
            infers it from all frames. (default: :obj:`8`)
        most (int, optional): The largest number of frames that are computed at a time.
            (default: :obj:`16`)

    Raises:
        TypeError: If a layer has no form frame by frame.
    """

    def __init__(
        self,
        model: STNetwork,
        num_features: int,
        every: int = 1,
        refresh: int = 8,
        most: int = 16,
    ) -> None:
        super().__init__()
        self.clock, self.every = Clock(most), every
        self.model = shallow_copy(model)
        self.model.continual = False  # it sees one frame at a time
        #: The number of frames that an answer depends on.
        self.window = model.receptive_field + model.stride * (num_features - 1)
        frames, rate, blocks = model.stride * num_features, Rate(), torch.nn.Sequential()
        for block in model.blocks:
            after = rate.after(int(block.stride), every)  # type: ignore[arg-type]
            blocks.append(frame_block(block, self.clock, rate, after.period, frames, refresh))
            rate = after
        self.model._modules["blocks"] = blocks
        self.model._modules["norm"] = form(copy.deepcopy(model.norm)).requires_grad_(False)
        self.ring = Ring((num_features - 1) * rate.dilation + 1, self.clock, rate.period)
        ago = [rate.dilation * k for k in range(num_features)]
        self.register_buffer("table", self.ring.taps(ago), persistent=False)
        self.memories = [m for m in self.modules() if isinstance(m, Memory)]
        #: The persons that are followed, by their number.
        self.persons: list[int] = []
        self._last_seen: dict[int, int] = {}

    table: Tensor

    @torch.inference_mode()
    def forward(self, x: Tensor, present: Sequence[Sequence[bool]]) -> list[Tensor | None]:
        r"""Takes frames, and returns the logits :math:`(1, \text{classes})` at each of them:
        :obj:`None` if no answer is due, there were fewer frames than an answer needs, or no person
        in them.

        Args:
            x (torch.Tensor): The joints, zero where a person is absent, :math:`(T, M, V, C)`.
            present (sequence of sequence of bool): Whether each person is present in each frame.
        """
        first, now = 0, self.clock.now
        persons = [self._persons(now + t + 1, there) for t, there in enumerate(present)]
        answers: list[Tensor | None] = []
        for t in range(1, len(persons) + 1):
            whole = t - first == self.clock.most or t == len(persons)
            if whole or persons[t] != persons[first]:
                self.follow(persons[first])
                self.clock.now, self.clock.count = now + t, t - first
                answers += self._answers(x[first:t])
                first = t
        return answers

    def _persons(self, now: int, present: Sequence[bool]) -> list[int]:
        """The persons who are followed in a frame."""
        self._last_seen |= {person: now for person, there in enumerate(present) if there}
        if self.model.pad_persons:
            return list(range(len(present)))
        return sorted(p for p, seen in self._last_seen.items() if seen > now - self.window)

    def _answers(self, x: Tensor) -> list[Tensor | None]:
        frames = self.clock.frames(1)
        if not self.persons:
            return [None] * len(frames)
        places = torch.tensor(self.persons, device=x.device)
        if not self._advance(x.index_select(1, places), self.persons):
            return [None] * len(frames)
        due = [f for f in frames if f >= self.window and f % self.every == 0]
        if not due:
            return [None] * len(frames)
        features = self.ring.look(self.table, due).mean((0, 2))
        logits = torch.split(first_tensor(self.model.classify(features)), 1)
        found = dict(zip(due, logits, strict=True))
        return [found.get(frame) for frame in frames]

    def _advance(self, x: Tensor, persons: Sequence[int]) -> bool:
        """Computes the features of frames; :obj:`False` if none are due."""
        T, M, V, _ = x.shape
        x = x.view(T, M * V, -1).transpose(0, 1) if T > 1 else x.view(M * V, 1, -1)
        try:
            h = self.model.features(x, self._bodies(tuple(persons), x.device))
        except NotDue:
            return False
        features = h.view(M, V, *h.shape[1:]).mean(1)
        self.ring.push(features, self.clock.frames(self.ring.period))
        return True

    @staticmethod
    @lru_cache
    def _bodies(persons: tuple[int, ...], device: torch.device) -> Bodies:
        """The bodies of some persons."""
        numbers = torch.tensor(persons, device=device)
        return Bodies(torch.zeros_like(numbers), numbers, 1)

    @property
    def seen(self) -> set[int]:
        """The persons who were present in the last :attr:`window` frames."""
        first = self.clock.now - self.window
        return {person for person, frame in self._last_seen.items() if frame > first}

    def follow(self, persons: Sequence[int]) -> None:
        """Follows some persons from now on. Those who were not followed before were absent."""
        if list(persons) == self.persons:
            return
        kept = [p for p in self.persons if p in persons]
        new = [p for p in persons if p not in self.persons]
        order = [*kept, *new]
        order = [order.index(p) for p in persons]
        rows = [self.persons.index(p) for p in kept]
        values = [memory.value for memory in self.memories]
        for memory in self.memories:
            memory.value = None
        if new:
            clock, model = self.clock, self.model
            now, clock.now, clock.count = clock.now, 0, 1  # all layers have an output at 0
            shape = (1, len(new), model.skeleton.num_joints, model.in_channels)
            self._advance(torch.zeros(shape, device=model.device, dtype=model.dtype), new)
            clock.now = now
        for memory, value in zip(self.memories, values, strict=True):
            more, memory.value = memory.value, value
            value = memory.take(rows, len(self.persons), more)
            memory.value = value
            memory.value = None if value is None else memory.take(order, len(order), None)
        self.persons = list(persons)

    def reset(self, person: int | None = None) -> None:
        """Forgets all frames, or those of a person."""
        if person is None:
            self.follow([])
            self._last_seen.clear()
            self.clock.now = 0
        else:
            self.follow([p for p in self.persons if p != person])
            self._last_seen.pop(person, None)

    def get_state(self) -> dict[str, Any]:
        """Returns what is kept of the frames, as plain values and tensors."""
        return {
            "clock": self.clock.now,
            "persons": list(self.persons),
            "last_seen": dict(self._last_seen),
            "memories": [None if m.value is None else m.value.clone() for m in self.memories],
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what :meth:`get_state` returned."""
        if len(state["memories"]) != len(self.memories):
            raise ValueError("the state is that of another stream")
        self.clock.now = state["clock"]
        self.persons, self._last_seen = list(state["persons"]), dict(state["last_seen"])
        for memory, value in zip(self.memories, state["memories"], strict=True):
            memory.value = None if value is None else value.to(self.model.device, copy=True)
