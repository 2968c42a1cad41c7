"""A small undirected graph with named nodes and parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from pyg_skeleton.skeleton import hops
from pyg_skeleton.skeleton.checks import (
    Joint,
    LayoutError,
    check_names,
    check_pairs,
    check_parts,
    suggest,
)
from pyg_skeleton.skeleton.converter import JointConverter, Rules
from pyg_skeleton.skeleton.describe import describe
from pyg_skeleton.skeleton.frozen import Frozen, FrozenMapping
from pyg_skeleton.skeleton.hops import HopMode

if TYPE_CHECKING:
    from pyg_skeleton.data.skeleton_data import SkeletonData


@dataclass(frozen=True, init=False, eq=False, repr=False)
class BodyGraph(Frozen):
    r"""An undirected graph with named nodes, which may be grouped into parts.

    The joints of a body (:class:`~pyg_skeleton.skeleton.Skeleton`), its bones
    (:meth:`~pyg_skeleton.skeleton.Skeleton.dual`) and its parts (:meth:`part_graph`) are all body
    graphs, so a layer works on any of them. A body graph is immutable: it can be hashed, pickled
    and shared, and every tensor it returns is a copy.

    Args:
        name (str): The name of the graph.
        joints (sequence of str): The names of the nodes.
        edges (sequence of pairs): The undirected edges, each listed once, without self-loops. Nodes
            are given by name or by index, here and below.
        parts (dict, optional): The nodes of each part, by the name of the part. If given, each node
            belongs to exactly one part. (default: :obj:`None`)
        part_edges (sequence of pairs of str, optional): The edges between parts. If :obj:`None`,
            two parts are connected if an edge connects their nodes. (default: :obj:`None`)

    Raises:
        LayoutError: If the description is invalid; the message names the node at fault.
    """

    name: str
    joints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    parts: Mapping[str, tuple[int, ...]]
    part_edges: tuple[tuple[str, str], ...] | None

    def __init__(
        self,
        name: str,
        joints: Iterable[str],
        edges: Iterable[Sequence[Joint]],
        parts: Mapping[str, Iterable[Joint]] | None = None,
        part_edges: Iterable[Sequence[str]] | None = None,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise LayoutError(f"name: expected a name, got {name!r}", "name")
        joints = check_names(joints, "joints")
        self._set(name=name, joints=joints, edges=check_pairs(edges, joints, "edges"))
        self._set_parts(parts or {}, part_edges)

    def _set_parts(
        self,
        parts: Mapping[str, Iterable[Joint]],
        part_edges: Iterable[Sequence[str]] | None,
    ) -> None:
        self._set(parts=FrozenMapping(check_parts(parts, self.joints)), part_edges=None)
        if part_edges is not None:
            names = tuple(self.parts)
            pairs = check_pairs(part_edges, names, "part_edges")
            self._set(part_edges=tuple((names[i], names[j]) for i, j in pairs))

    # Size and names ##############################################################################

    @property
    def num_joints(self) -> int:
        """The number of nodes."""
        return len(self.joints)

    def joint_id(self, name: str) -> int:
        """Returns the index of the joint called `name`.

        Raises:
            ValueError: If there is no such joint; the message lists similar names.
        """
        if name not in self.joints:
            raise ValueError(f"{self.name!r} has no joint {name!r}; {suggest(name, self.joints)}")
        return self.joints.index(name)

    # Hops ########################################################################################

    @cached_property
    def _adjacency(self) -> NDArray[np.bool_]:
        return hops.adjacency(self.num_joints, self.edges)

    @cached_property
    def _distances(self) -> NDArray[np.int64]:
        return hops.distances(self._adjacency)

    @property
    def distances(self) -> Tensor:
        """The length of the shortest path between any two nodes, `[V, V]`, -1 if there is none."""
        return self._copy(lambda: self._distances, "distances")

    @property
    def diameter(self) -> int:
        """The length of the longest shortest path between any two connected nodes."""
        return int(self._distances.max(initial=0))

    def _mask(self, k: int, mode: HopMode) -> NDArray[np.bool_]:
        return hops.hop_mask(self._adjacency, self._distances, k, mode)

    def edge_index(self, hop: int = 1, self_loops: bool = False) -> Tensor:
        r"""Returns the edges between nodes at distance `hop`, in both directions.

        Args:
            hop (int, optional): The distance. (default: :obj:`1`)
            self_loops (bool, optional): If set to :obj:`True`, adds an edge from each node to
                itself. (default: :obj:`False`)

        Shapes:
            - **output:** edges :math:`(2, |\mathcal{E}|)`: row 0 the source, row 1 the target,
              sorted by (target, source). Empty beyond the diameter.
        """

        def make() -> NDArray[np.int64]:
            mask = self._mask(hop, "ring")
            return _edges(mask | np.eye(self.num_joints, dtype=np.bool_) if self_loops else mask)

        return self._copy(make, "edge_index", hop, self_loops)

    def hop_edge_index(self, k: int, mode: HopMode = "ring") -> Tensor:
        r"""Returns the edges of the `k`-th hop.

        Args:
            k (int): The hop; 0 gives the self-loops in every mode.
            mode (str, optional): The definition of a hop. :obj:`"ring"`: pairs at distance
                :math:`k`; :obj:`"ball"`: pairs at a distance of at most :math:`k`; :obj:`"power"`:
                the non-zero entries of :math:`(\mathbf{D}^{-1}(\mathbf{A} + \mathbf{I}))^k`.
                (default: :obj:`"ring"`)

        Shapes:
            - **output:** edges :math:`(2, |\mathcal{E}|)`, as in :meth:`edge_index`.
        """
        return self._copy(lambda: _edges(self._mask(k, mode)), "hop_edge_index", k, mode)

    def hop_weight(self, k: int, mode: HopMode = "power") -> Tensor:
        r"""Returns the weights of the edges of :meth:`hop_edge_index` for the same arguments.

        The weights of the incoming edges of a node sum to one.

        Args:
            k (int): The hop.
            mode (str, optional): :obj:`"power"`: the entries of
                :math:`(\mathbf{D}^{-1}(\mathbf{A} + \mathbf{I}))^k` in the row of the target and
                the column of the source; :obj:`"ring"` or :obj:`"ball"`: one divided by the number
                of sources of the target. (default: :obj:`"power"`)

        Shapes:
            - **output:** weights :math:`(|\mathcal{E}|)`, :obj:`torch.float32`.
        """

        def make() -> NDArray[np.float32]:
            mask = self._mask(k, mode)
            if mode == "power":
                weight = hops.power_values(self._adjacency, k)
            else:
                weight = np.broadcast_to(1.0 / mask.sum(axis=1, keepdims=True).clip(1), mask.shape)
            return weight[mask].astype(np.float32)

        return self._copy(make, "hop_weight", k, mode)

    # Parts #######################################################################################

    def _need_parts(self) -> None:
        if not self.parts:
            raise ValueError(f"{self.name!r} has no parts")

    @property
    def part_index(self) -> Tensor:
        """The index of the part of each node, `[V]`."""
        self._need_parts()

        def make() -> NDArray[np.int64]:
            out = np.empty(self.num_joints, dtype=np.int64)
            for part, members in enumerate(self.parts.values()):
                out[list(members)] = part
            return out

        return self._copy(make, "part_index")

    @cached_property
    def _part_edges(self) -> tuple[tuple[str, str], ...]:
        if self.part_edges is not None:
            return self.part_edges
        owner = {joint: pos for pos, part in enumerate(self.parts.values()) for joint in part}
        pairs = (sorted((owner[i], owner[j])) for i, j in self.edges if self.parts)
        names = tuple(self.parts)
        return tuple((names[i], names[j]) for i, j in sorted({(i, j) for i, j in pairs if i != j}))

    def part_graph(self) -> BodyGraph:
        """Returns the graph whose nodes are the parts.

        Its edges are :attr:`part_edges`, or else connect parts whose nodes share an edge.

        Raises:
            ValueError: If there are no parts.
        """
        self._need_parts()
        return BodyGraph(f"{self.name}-parts", tuple(self.parts), self._part_edges)

    def converter_from(
        self, other: BodyGraph, rules: Rules | None = None, derive: bool = True
    ) -> JointConverter:
        """Returns a converter of positions from the joints of `other` to those of this graph.

        See :class:`~pyg_skeleton.skeleton.JointConverter` for the arguments.
        """
        return JointConverter(other, self, rules, derive)

    # Data ########################################################################################

    def to_data(
        self,
        x: Tensor | ArrayLike,
        y: Tensor | ArrayLike | None = None,
        hops: int = 1,
        mode: HopMode = "ring",
        target: Tensor | ArrayLike | None = None,
        **kwargs: Any,
    ) -> SkeletonData:
        r"""Converts a clip to a data object, see :func:`pyg_skeleton.data.to_data`.

        Args:
            x (torch.Tensor or numpy.ndarray): The joints.
            y (int or torch.Tensor, optional): The class. (default: :obj:`None`)
            hops (int, optional): The number of edge sets, `edge_index`, `edge_index_hop2`, …
                (default: :obj:`1`)
            mode (str, optional): The definition of a hop, see :meth:`hop_edge_index`.
                (default: :obj:`"ring"`)
            target (torch.Tensor or numpy.ndarray, optional): The regression target.
                (default: :obj:`None`)
            **kwargs (optional): Additional arguments of :func:`pyg_skeleton.data.to_data`.

        Shapes:
            - **x, target:** :math:`(M, V, T, C)` for :math:`M` persons, or :math:`(V, T, C)`
            - **output:** `x` and `target` as :math:`(M \cdot V, T, C)`
        """
        # Imported here because pyg_skeleton.data imports this package.
        from pyg_skeleton.data.to_data import to_data

        return to_data(self, x, y, hops, mode, target, **kwargs)

    # Identity ####################################################################################

    def to_dict(self) -> dict[str, Any]:
        """Returns a description made of strings, lists and dictionaries."""
        out: dict[str, Any] = {
            "name": self.name,
            "joints": list(self.joints),
            "edges": self._named(self.edges),
        }
        return out | self._parts_to_dict()

    def _named(self, pairs: Iterable[tuple[int, int]]) -> list[list[str]]:
        return [[self.joints[i], self.joints[j]] for i, j in pairs]

    def _parts_to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if self.parts:
            out["parts"] = {k: [self.joints[i] for i in v] for k, v in self.parts.items()}
        if self.part_edges is not None:
            out["part_edges"] = [list(pair) for pair in self.part_edges]
        return out

    def _identity(self) -> dict[str, Any]:
        """Returns the properties that must agree for two graphs to share trained weights."""
        return {
            "joints": list(self.joints),
            "edges": sorted(sorted(pair) for pair in self._named(self.edges)),
            "parts": [[k, sorted(self.joints[i] for i in v)] for k, v in self.parts.items()],
            "part_edges": sorted(sorted(pair) for pair in self._part_edges),
        }

    @cached_property
    def fingerprint(self) -> str:
        """A hash of joints, edges, parts and their order, as 16 hexadecimal digits.

        Skeletons include root, bones and mirror pairs. The name is not part of the hash.
        """
        text = json.dumps(self._identity(), ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def describe_difference(self, other: BodyGraph) -> str:
        """Returns one line on how `other` differs from this graph, empty if it does not."""
        return describe(self._identity(), other._identity())

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.name!r}, joints={self.num_joints}, "
            f"edges={len(self.edges)}, parts={len(self.parts)})"
        )


def _edges(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    target, source = mask.nonzero()
    return np.stack([source, target]).astype(np.int64)
