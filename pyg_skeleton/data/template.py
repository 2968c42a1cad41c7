"""What all clips of a layout share: the edges of one body, and what follows for many bodies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
EdgeBytes = tuple[tuple[str, bytes], ...]


class Copies:
    """The structure of some copies of a template, as the very tensors that a data object holds.

    Whether a data object still is a union of copies is decided by the identity of its tensors and
    their version counters, so that it costs no look at their content, on no device.
    """

    __slots__ = ("_counted", "_versions", "num_bodies", "num_nodes", "template", "tensors")

    def __init__(self, template: Template, num_bodies: int, tensors: dict[str, Tensor]) -> None:
        self.template = template
        self.num_bodies = num_bodies
        self.num_nodes = num_bodies * template.num_joints
        self.tensors = tensors
        # A tensor that was made in inference mode does not count its versions.
        self._counted = [tensor for tensor in tensors.values() if not tensor.is_inference()]
        self._versions = [tensor._version for tensor in self._counted]

    @property
    def intact(self) -> bool:
        """Whether nobody wrote into the tensors."""
        return [tensor._version for tensor in self._counted] == self._versions

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        # Identity does not survive pickling or a deep copy: the copy compares contents instead.
        return type(None), ()


class Clip(Copies):
    """The structure of one clip; the same object for all clips with the same persons."""

    __slots__ = ("comparable", "persons")

    def __init__(
        self, template: Template, persons: tuple[int, ...], tensors: dict[str, Tensor]
    ) -> None:
        super().__init__(template, len(persons), tensors)
        self.persons = persons
        self.comparable = all(tensor.numel() > 1 for tensor in tensors.values())


class Union(Copies):
    """The structure of a batch of clips, with what PyG needs to take the batch apart again."""

    __slots__ = ("incs", "num_graphs", "slices")

    def __init__(self, template: Template, clips: tuple[Clip, ...]) -> None:
        size = template.num_joints
        bodies = torch.tensor([clip.num_bodies for clip in clips], device="cpu")
        first = torch.cat([bodies.new_zeros(1), bodies.cumsum(0)])
        persons = [person for clip in clips for person in clip.persons]
        tensors = dict(template.copies(len(persons)).tensors)
        tensors["person"] = _per_body(persons, size)
        tensors["batch"] = torch.arange(len(clips), device="cpu").repeat_interleave(bodies * size)
        tensors["ptr"] = first * size
        super().__init__(template, len(persons), tensors)
        self.num_graphs = len(clips)
        self.slices = {key: first * edges.size(1) for key, edges in template.edges()}
        self.incs = dict.fromkeys(self.slices, first[:-1] * size)
        for key in ("joint", "person"):
            self.slices[key] = first * size
            self.incs[key] = torch.zeros_like(bodies)


class Template:
    """The edges of one body, of which clips and batches hold copies.

    There is one object per process and content (:meth:`of`), and it caches the copies that it
    makes. Tensors that it hands out are shared; one that somebody wrote into is made anew.
    """

    def __init__(self, num_joints: int, content: EdgeBytes) -> None:
        self.num_joints = num_joints
        self._content = content
        self._copies: OrderedDict[Hashable, Copies] = OrderedDict()
        self._clips: OrderedDict[Hashable, Clip] = OrderedDict()
        self._unions: OrderedDict[Hashable, Union] = OrderedDict()

    @classmethod
    def of(cls, num_joints: int, edges: Mapping[str, Tensor]) -> Template | None:
        """The template with these edges (`[2, E]` on the CPU), None if they leave the body."""
        content = tuple((key, value.contiguous().numpy().tobytes()) for key, value in edges.items())
        if (num_joints, content) not in _TEMPLATES:
            for value in edges.values():
                if value.numel() and not 0 <= int(value.min()) <= int(value.max()) < num_joints:
                    return None
        return cls._shared(num_joints, content)

    @classmethod
    def _shared(cls, num_joints: int, content: EdgeBytes) -> Template:
        return _cached(
            _TEMPLATES, (num_joints, content), 256, lambda: cls(num_joints, content), _always
        )

    def __reduce__(self) -> tuple[Callable[..., Template], tuple[int, EdgeBytes]]:
        return type(self)._shared, (self.num_joints, self._content)

    def __deepcopy__(self, memo: dict[int, Any]) -> Template:
        return self

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}(joints={self.num_joints}, hops={len(self._content)})"

    def edges(self) -> list[tuple[str, Tensor]]:
        """The edges of one body by field name, `[2, E]` each."""
        return [
            (key, torch.frombuffer(bytearray(data), dtype=torch.long).view(2, -1))
            if data
            else (key, torch.empty(2, 0, dtype=torch.long, device="cpu"))
            for key, data in self._content
        ]

    def copies(self, num_bodies: int) -> Copies:
        """The edges and joints of so many bodies, one after the other."""

        def make() -> Copies:
            shift = torch.arange(num_bodies, device="cpu").view(1, -1, 1) * self.num_joints
            tensors = {key: (edges.unsqueeze(1) + shift).view(2, -1) for key, edges in self.edges()}
            tensors["joint"] = torch.arange(self.num_joints, device="cpu").repeat(num_bodies)
            return Copies(self, num_bodies, tensors)

        return _cached(self._copies, num_bodies, 64, make)

    def clip(self, persons: Iterable[int]) -> Clip:
        """The structure of a clip with these persons."""
        key = tuple(persons)

        def make() -> Clip:
            tensors = dict(self.copies(len(key)).tensors)
            tensors["person"] = _per_body(key, self.num_joints)
            return Clip(self, key, tensors)

        return _cached(self._clips, key, 256, make)

    def union(self, clips: tuple[Clip, ...]) -> Union:
        """The structure of a batch of clips."""
        return _cached(self._unions, clips, 32, lambda: Union(self, clips))


def recognize(fields: Mapping[str, Any]) -> Clip | None:
    """The structure that these fields hold the content of, None if they are no copies of one body.

    A body is a block of consecutive nodes whose `joint` counts from zero. All `edge_index*` take
    part. Everything has to be on the CPU.
    """
    joint, person = fields.get("joint"), fields.get("person")
    edges = {key: value for key, value in fields.items() if key.startswith("edge_index")}
    known = [joint, *([] if person is None else [person]), *edges.values()]
    if not edges or not isinstance(joint, Tensor) or joint.dim() != 1 or not joint.numel():
        return None
    if any(type(v) is not Tensor or v.dtype != torch.long or v.device.type != "cpu" for v in known):
        return None
    x = fields.get("x")
    if isinstance(x, Tensor) and x.shape[:1] != joint.shape:
        return None
    size = int(joint[-1]) + 1
    if size <= 0 or joint.numel() % size or (person is not None and person.shape != joint.shape):
        return None
    num_bodies = joint.numel() // size
    if any(v.dim() != 2 or v.size(0) != 2 or v.size(1) % num_bodies for v in edges.values()):
        return None
    body = {key: value[:, : value.size(1) // num_bodies] for key, value in edges.items()}
    template = Template.of(size, body)
    if template is None:
        return None
    clip = template.clip(range(num_bodies) if person is None else person[::size].tolist())
    held = ((fields[key], tensor) for key, tensor in clip.tensors.items() if key in fields)
    return clip if all(torch.equal(value, tensor) for value, tensor in held) else None


_TEMPLATES: OrderedDict[Hashable, Template] = OrderedDict()


def _per_body(values: Iterable[int], num_joints: int) -> Tensor:
    return torch.tensor(list(values), device="cpu").repeat_interleave(num_joints)


def _intact(copies: Any) -> bool:
    return copies.intact


def _always(_: Any) -> bool:
    return True


def _cached(
    cache: OrderedDict[Hashable, T],
    key: Hashable,
    size: int,
    make: Callable[[], T],
    usable: Callable[[T], bool] = _intact,
) -> T:
    """Looks up or makes an entry, and forgets the one that was not used for the longest time."""
    value = cache.get(key)
    if value is None or not usable(value):
        # What outlives a validation loop must be usable in training.
        with torch.inference_mode(False):
            cache[key] = value = make()
        if len(cache) > size:
            cache.popitem(last=False)
    else:
        cache.move_to_end(key)
    return value
