"""What every network shares: presets, normalization, checkpoints."""

import os
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor

from pyg_skeleton.skeleton import Skeleton

S = TypeVar("S", bound="SkeletonModel")
_FORMAT = "pyg_skeleton.model/1"


class SkeletonModel(torch.nn.Module):
    """The base of the networks: knows its body, its configuration, and how its data were scaled.

    Args:
        skeleton (Skeleton): The layout of every body that it will see.
        config (dict): The other arguments of the constructor, plain values only.
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    #: The attributes beside weights and configuration that a checkpoint keeps, plain values only.
    kept: ClassVar[tuple[str, ...]] = ("classes",)

    mean: Tensor
    std: Tensor

    def __init__(self, skeleton: Skeleton, config: dict[str, Any], channels: int) -> None:
        super().__init__()
        self.skeleton = skeleton
        self.config = config
        self.classes: list[str] | None = None
        shape = (skeleton.num_joints, channels)
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("std", torch.ones(shape))

    @classmethod
    def from_preset(
        cls: type[S],
        preset: str | None = None,
        skeleton: Skeleton | str | None = None,
        **overrides: Any,
    ) -> S:
        """Creates the network in one of its :attr:`presets`, changed by :obj:`overrides`.

        Raises:
            ValueError: If there is no such preset.
        """
        preset = cls.check_preset(preset)
        arguments = {**cls.presets[preset], **overrides}
        layout = arguments.pop("skeleton")
        layout = layout if skeleton is None else skeleton
        return cls(Skeleton.get(layout) if isinstance(layout, str) else layout, **arguments)

    @classmethod
    def check_preset(cls, preset: str | None) -> str:
        """Returns the name of a preset, the first one for :obj:`None`.

        Raises:
            ValueError: If there is no such preset.
        """
        if preset is None:
            return next(iter(cls.presets))
        if preset not in cls.presets:
            known = ", ".join(cls.presets)
            raise ValueError(
                f"unknown preset {preset!r} of {cls.__name__}, expected one of {known}"
            )
        return preset

    def set_normalization(self, mean: Tensor, std: Tensor) -> None:
        r"""Tells how the training data were standardized, for :meth:`predict` and checkpoints.

        Args:
            mean (torch.Tensor): The mean of each joint and channel, :math:`(V, C)`.
            std (torch.Tensor): The deviation of each joint and channel, :math:`(V, C)`.

        Raises:
            ValueError: If the shapes are not those of the skeleton.
        """
        for name, value in (("mean", mean), ("std", std)):
            if value.shape != self.mean.shape:
                expected, got = tuple(self.mean.shape), tuple(value.shape)
                raise ValueError(f"expected {name} of shape {expected}, got {got}")
        self.mean.copy_(mean)
        self.std.copy_(std)

    def check_bodies(self, data: Any) -> None:
        """Refuses data of another layout.

        Raises:
            ValueError: If :obj:`data` names another layout or its nodes are no whole bodies.
        """
        named = getattr(data, "skeleton", None)
        named = named[0] if isinstance(named, (list, tuple)) and named else named
        if isinstance(named, str) and named != self.skeleton.name:
            raise ValueError(
                f"this {type(self).__name__} was built for skeleton {self.skeleton.name!r}, "
                f"the data are {named!r}"
            )
        if data.x.size(0) % self.skeleton.num_joints != 0:
            raise ValueError(
                f"expected whole bodies of {self.skeleton.num_joints} joints "
                f"({self.skeleton.name}), got {data.x.size(0)} nodes"
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes weights, configuration, skeleton, edges, classes and normalization to one file.

        The file appears whole or not at all.
        """
        content = {
            "format": _FORMAT,
            "model": type(self).__name__,
            "config": self.config,
            "skeleton": self.skeleton.to_dict(),
            "fingerprint": self.skeleton.fingerprint,
            "edge_index": self.skeleton.edge_index(),
            **{name: getattr(self, name) for name in self.kept},
            "state_dict": self.state_dict(),
        }
        partial = Path(f"{os.fspath(path)}.partial")
        torch.save(content, partial)
        os.replace(partial, path)

    @classmethod
    def load(cls: type[S], path: str | os.PathLike[str], skeleton: Skeleton | None = None) -> S:
        """Reads what :meth:`save` wrote; a base class reads the networks of all its subclasses.

        Args:
            path (str): The file.
            skeleton (Skeleton, optional): The layout that the caller's data have; a file of
                another one is refused. (default: :obj:`None`)

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is none of :meth:`save`, is of another network, or of another
                skeleton (the message says where the two differ).
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"no checkpoint at {path}")
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{path} is no readable checkpoint: {error}".split("\n")[0]) from error
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise ValueError(f"{path} is no checkpoint that {cls.__name__}.save wrote")
        classes = {kind.__name__: kind for kind in _family(cls)}
        if content["model"] not in classes:
            raise ValueError(f"{path} holds a {content['model']}, expected a {cls.__name__}")
        saved = Skeleton.from_dict(content["skeleton"])
        if skeleton is not None and saved.fingerprint != skeleton.fingerprint:
            raise ValueError(
                f"{path} was trained on skeleton {saved.name!r}, expected {skeleton.name!r}: "
                + saved.describe_difference(skeleton)
            )
        model = classes[content["model"]](saved, **content["config"])
        model.load_state_dict(content["state_dict"])
        for name in model.kept:
            setattr(model, name, content[name])
        return model.eval()


def _family(cls: type[S]) -> list[type[S]]:
    """A class and all that are derived from it."""
    return [cls, *(kind for below in cls.__subclasses__() for kind in _family(below))]
