"""A body with joints, bones, parts and mirror pairs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.skeleton.arrays import ArrayOrTensor, check_size, select
from pyg_skeleton.skeleton.body_graph import BodyGraph
from pyg_skeleton.skeleton.checks import (
    Joint,
    LayoutError,
    check_joint,
    check_mirror,
    check_names,
    check_pairs,
    check_tree,
    show,
)
from pyg_skeleton.skeleton.layout_file import read_dict, read_yaml, write_yaml
from pyg_skeleton.skeleton.registry import get_skeleton


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Skeleton(BodyGraph):
    r"""A body: a tree of bones with a root joint, parts and mirror pairs.

    Joints are given by name or by index. All layouts of this package use the same joint names, so
    :meth:`converter_from` can match joints by name.

    Args:
        name (str): The name of the layout.
        joints (sequence of str): The names of the joints, in the order of the data.
        bones (sequence of pairs): (child, parent) for every joint but the root.
        root (str or int): The joint without a parent.
        parts (dict, optional): The joints of each part, by the name of the part. If given, each
            joint belongs to exactly one part. (default: :obj:`None`)
        mirror (sequence of pairs, optional): (left, right) joints that are swapped when the body is
            mirrored. (default: :obj:`()`)
        links (sequence of pairs, optional): Additional edges that are not bones; they count as
            hops. (default: :obj:`()`)
        part_edges (sequence of pairs of str, optional): The edges between parts. If :obj:`None`,
            two parts are connected if an edge connects their joints. (default: :obj:`None`)

    Raises:
        LayoutError: If the description is invalid; the message names the joint at fault.

    Example:
        >>> skeleton = Skeleton.get("ntu25")
        >>> skeleton.num_joints, skeleton.joints[skeleton.root]
        (25, 'spine_shoulder')
        >>> skeleton.edge_index().shape, skeleton.hop_edge_index(2).shape
        (torch.Size([2, 48]), torch.Size([2, 54]))
        >>> skeleton.to_data(torch.randn(25, 60, 3))  # joints, frames, channels
        SkeletonData(x=[25, 60, 3], edge_index=[2, 48], joint=[25], person=[25], skeleton='ntu25')
    """

    edges: tuple[tuple[int, int], ...] = field(init=False)
    bones: tuple[tuple[int, int], ...]
    root: int
    mirror: tuple[tuple[int, int], ...]
    links: tuple[tuple[int, int], ...]

    def __init__(
        self,
        name: str,
        joints: Iterable[str],
        bones: Iterable[Sequence[Joint]],
        root: Joint,
        parts: Mapping[str, Iterable[Joint]] | None = None,
        mirror: Iterable[Sequence[Joint]] = (),
        links: Iterable[Sequence[Joint]] = (),
        part_edges: Iterable[Sequence[str]] | None = None,
    ) -> None:
        joints = check_names(joints, "joints")
        if not joints:
            raise LayoutError("joints: a skeleton has at least one joint", "joints")
        bones = check_pairs(bones, joints, "bones")
        root = check_joint(root, joints, "root")
        check_tree(bones, root, joints)
        links = check_pairs(links, joints, "links")
        check_pairs(bones + links, joints, "links")
        mirror = check_pairs(mirror, joints, "mirror")
        check_mirror(mirror, joints)
        super().__init__(name, joints, bones + links, parts, part_edges)
        self._set(bones=bones, root=root, mirror=mirror, links=links)

    @classmethod
    def get(cls, name: str) -> Skeleton:
        """Returns the layout of a name, see :func:`~pyg_skeleton.skeleton.list_skeletons`.

        Raises:
            ValueError: If there is no such layout; the message lists similar names.
        """
        return get_skeleton(name)

    @classmethod
    def of(cls, layout: SkeletonLike) -> Skeleton:
        """Returns the skeleton that `layout` describes.

        Args:
            layout (Skeleton, str, path or dict): A skeleton, which is returned unchanged; the name
                of a layout, see :meth:`get`; the path of a YAML file (a path object, or a string
                that ends in `.yaml` or `.yml`), see :meth:`from_yaml`; or a description, see
                :meth:`from_dict`.

        Raises:
            TypeError: If `layout` is of any other type.
            ValueError: If there is no layout with this name.
        """
        if isinstance(layout, Skeleton):
            return layout
        if isinstance(layout, os.PathLike) or (
            isinstance(layout, str) and layout.endswith((".yaml", ".yml"))
        ):
            return cls.from_yaml(os.fspath(layout))
        if isinstance(layout, str):
            return get_skeleton(layout)
        if isinstance(layout, Mapping):
            return cls.from_dict(layout)
        raise TypeError(
            f"expected a skeleton, the name of a layout, a path or a description, got "
            f"{show(layout)}"
        )

    @property
    def parents(self) -> tuple[int, ...]:
        """The parent of each joint, -1 for the root."""
        parent = dict(self.bones)
        return tuple(parent.get(joint, -1) for joint in range(self.num_joints))

    @property
    def mirror_index(self) -> Tensor:
        """The permutation of the joints that swaps left and right, `[V]`."""

        def make() -> NDArray[np.int64]:
            out = np.arange(self.num_joints, dtype=np.int64)
            for left, right in self.mirror:
                out[left], out[right] = right, left
            return out

        return self._copy(make, "mirror_index")

    @cached_property
    def _dual(self) -> BodyGraph:
        names = [f"{self.joints[parent]}-{self.joints[child]}" for child, parent in self.bones]
        if len(set(names)) < len(names):  # Joint names may contain dashes.
            names = [f"{name}#{pos}" for pos, name in enumerate(names)]
        ends = [set(bone) for bone in self.bones]
        edges = [(i, j) for j in range(len(ends)) for i in range(j) if ends[i] & ends[j]]
        bone_of = {child: pos for pos, (child, _) in enumerate(self.bones)}
        parts = {
            part: sorted(bone_of[joint] for joint in members if joint in bone_of)
            for part, members in self.parts.items()
        }
        parts = {part: members for part, members in parts.items() if members}
        return BodyGraph(f"{self.name}-dual", names, edges, parts)

    def dual(self) -> BodyGraph:
        """Returns the graph whose nodes are the bones, connected if they share a joint.

        A bone is named after its ends, parent first (`left_elbow-left_wrist`), and belongs to the
        part of its child. Parts without a bone are left out, and two parts are connected if an edge
        of the dual connects their bones.
        """
        return self._dual

    def bone_vectors(self, x: ArrayOrTensor, dim: int = 0) -> ArrayOrTensor:
        """Returns the vectors from parent to child of all bones, in the units of `x`.

        Args:
            x (torch.Tensor or numpy.ndarray): The positions, joints along `dim`.
            dim (int, optional): The dimension of the joints. (default: :obj:`0`)

        Raises:
            ValueError: If the number of joints of `x` differs from the skeleton's.
        """
        check_size(x, dim, self.num_joints, self.name)
        child = np.array([bone[0] for bone in self.bones], dtype=np.int64)
        parent = np.array([bone[1] for bone in self.bones], dtype=np.int64)
        return select(x, child, dim) - select(x, parent, dim)

    @classmethod
    def from_dict(cls, description: Mapping[str, Any]) -> Skeleton:
        """Builds a skeleton from strings, lists and dictionaries, the inverse of :meth:`to_dict`.

        Args:
            description (dict): `joints` is either a list of names, with `bones` a list of
                [child, parent], or a dictionary from each joint to its parent (:obj:`None` for the
                root). `name` is required; `root`, `parts`, `links` and `part_edges` are optional.
                `mirror` is a list of [left, right]; without it each `left_x` is paired with its
                `right_x`.

        Raises:
            LayoutError: If the description is invalid; the message names the joint at fault.
        """
        return cls(**read_dict(description))

    @classmethod
    def from_yaml(cls, path_or_text: str | os.PathLike[str]) -> Skeleton:
        """Builds a skeleton from a YAML file or a string of YAML.

        Args:
            path_or_text (str or path): A string that has several lines or starts with a brace is
                parsed as YAML; any other is the path of a file. The keys are those of
                :meth:`from_dict`.

        Raises:
            FileNotFoundError: If there is no such file.
            LayoutError: If the description is invalid; the message names file, line and joint.
        """
        return read_yaml(path_or_text, cls.from_dict)

    def to_yaml(self, path: str | os.PathLike[str] | None = None) -> str:
        """Returns the YAML text for :meth:`from_yaml` and writes it to `path` if given."""
        return write_yaml(self.to_dict(), path)

    def to_dict(self) -> dict[str, Any]:
        """Returns a description made of strings, lists and dictionaries, see :meth:`from_dict`."""
        out: dict[str, Any] = {
            "name": self.name,
            "joints": list(self.joints),
            "root": self.joints[self.root],
            "bones": self._named(self.bones),
            "mirror": self._named(self.mirror),
        }
        if self.links:
            out["links"] = self._named(self.links)
        return out | self._parts_to_dict()

    def _identity(self) -> dict[str, Any]:
        return super()._identity() | {
            "root": self.joints[self.root],
            "bones": self._named(self.bones),
            "mirror": sorted(self._named(self.mirror)),
        }

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.name!r}, joints={self.num_joints}, "
            f"bones={len(self.bones)}, root={self.joints[self.root]!r}, parts={len(self.parts)})"
        )

    def _repr_html_(self) -> str | None:
        from pyg_skeleton.visualization.viewer.view import notebook_html

        return notebook_html(self)


#: The types that :meth:`Skeleton.of` accepts.
SkeletonLike: TypeAlias = Skeleton | str | os.PathLike[str] | Mapping[str, Any]
