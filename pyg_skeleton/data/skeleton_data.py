"""The data object of a clip."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.data.data import DataEdgeAttr, DataTensorAttr
from torch_geometric.data.storage import GlobalStorage

from pyg_skeleton.skeleton import BodyGraph
from pyg_skeleton.skeleton.edges import note_copy, origin, repeat_edges, union_edges


class SkeletonData(Data):
    r"""A clip of one or more bodies that share a layout, as a :class:`~torch_geometric.data.Data`.

    Nodes are person-major: a clip of :math:`M` persons and :math:`V` joints has node
    :math:`m \cdot V + v` for joint :math:`v` of the :math:`m`-th person. Build it with
    :meth:`~pyg_skeleton.skeleton.BodyGraph.to_data`. Fields with `index` in their name are shifted
    by the number of nodes when clips are batched, as always in PyG; so are the edges of each hop.

    Edges are the bones in both directions without self-loops. Operators add self-loops and further
    hops where their equations have them, so that :obj:`conv(data.x, data.edge_index)` equals
    :obj:`conv(data.x)` for an operator on the same layout.

    Args:
        x (torch.Tensor, optional): The joints. (default: :obj:`None`)
        edge_index (torch.Tensor, optional): The edges of the first hop. (default: :obj:`None`)
        **kwargs (optional): Further fields, see below.

    Shapes:
        - **x:** :math:`(M \cdot V, T, C)`, or :math:`(M \cdot V, C)` for a pose
        - **edge_index, edge_index_hop2, ...:** :math:`(2, |\mathcal{E}|)`
        - **joint, person:** the joint and the person of each node, :math:`(M \cdot V)`
        - **y:** a class, :math:`(1)`
        - **target:** what a regression has to produce, :math:`(M \cdot V, T^{\prime}, C)`
        - **visible, target_visible:** whether a joint was seen in a frame, where some are missing,
          :math:`(M \cdot V, T)`
        - **skeleton:** the name of the layout (:obj:`str`)

    Example:
        >>> skeleton = Skeleton.get("ntu25")
        >>> two = torch.randn(2, 25, 60, 3)  # persons, joints, frames, channels
        >>> data = skeleton.to_data(two, y=7)
        >>> data.x.shape, data.person.tolist()[::25], data.y
        (torch.Size([50, 60, 3]), [0, 1], tensor([7]))
    """

    @property
    def graph(self) -> BodyGraph | None:
        """The layout whose edges these are known to be, by identity and without a look at them;
        :obj:`None` if that is unknown.
        """
        edges = [value for key, value in self._store.items() if key.startswith("edge_index")]
        known = [origin(value) if isinstance(value, Tensor) else None for value in edges]
        if not known or known[0] is None:
            return None
        graph, copies = known[0].graph, known[0].copies
        same = all(o is not None and (o.graph, o.copies) == (graph, copies) for o in known)
        x = self._store.get("x")
        whole = x is None or x.size(0) == copies * graph.num_joints
        return graph if same and whole else None

    @property
    def num_joints(self) -> int:
        """The number of joints of one body."""
        if (graph := self.graph) is not None:
            return graph.num_joints
        joint = self._store.get("joint")
        if not isinstance(joint, Tensor) or not joint.numel():
            raise ValueError(f"num_joints needs the field 'joint', got {self}")
        return int(joint.max()) + 1

    @property
    def num_bodies(self) -> int:
        """The number of bodies, over all clips of a batch."""
        return (self.num_nodes or 0) // self.num_joints

    @property
    def num_persons(self) -> int:
        """The number of persons in the clip, in a batch the largest number in a clip."""
        ptr = self._store.get("ptr")
        if ptr is None:
            return self.num_bodies
        return int(ptr.diff().max()) // self.num_joints

    @property
    def body_batch(self) -> Tensor:
        """The clip of each body, :math:`(M)`."""
        batch = self._store.get("batch")
        if batch is None:
            batch = torch.zeros(self.num_nodes or 0, dtype=torch.long, device=self.x.device)
        return batch[:: self.num_joints]

    @property
    def num_frames(self) -> int:
        """The number of frames, 1 for a pose."""
        return self.x.size(1) if self.x.dim() > 2 else 1

    @property
    def num_hops(self) -> int:
        """The number of edge sets."""
        return sum(key.startswith("edge_index") for key in self._store)

    def validate(self, raise_on_error: bool = True) -> bool:
        """Returns :obj:`True` if valid, see :meth:`torch_geometric.data.Data.validate`.

        Raises:
            ValueError: If it is not and :obj:`raise_on_error` is set.
        """
        status = super().validate(raise_on_error)
        joint, nodes = self._store.get("joint"), self.num_nodes or 0
        problem = ""
        if not isinstance(joint, Tensor) or joint.shape != (nodes,) or nodes == 0:
            problem = f"'joint' needs to be of shape [{nodes}] in '{self.__class__.__name__}'"
        else:
            size = int(joint.max()) + 1
            block = torch.arange(size, device=joint.device)
            if nodes % size or not torch.equal(joint, block.repeat(nodes // size)):
                problem = f"the nodes are not in blocks of {size} joints each"
        if problem and raise_on_error:
            raise ValueError(problem)
        if problem:
            warnings.warn(problem, stacklevel=2)
        return status and not problem

    def set_persons(self, persons: Sequence[int]) -> None:
        """Replaces edges, `joint` and `person` by those of other persons of the same layout.

        Args:
            persons (sequence of int): The number of each person.

        Raises:
            ValueError: If the edges are not copies of those of one body.
        """
        V, M, device = self.num_joints, self.num_bodies, self.x.device
        for key in [key for key in self._store if key.startswith("edge_index")]:
            edges, known = self[key], origin(self[key])
            if known is not None and known.copies == M:
                union = union_edges(known.graph, len(persons), known.hop, known.mode)
                self[key] = union.to(device)
                note_copy(self[key], union)
                continue
            body = edges[:, : edges.size(1) // M]
            if not torch.equal(repeat_edges(body, M, V, V), edges):
                raise ValueError(f"expected copies of the edges of one body in {key!r}, got {self}")
            self[key] = repeat_edges(body, len(persons), V, V)
        self.joint = torch.arange(V, device=device).repeat(len(persons))
        self.person = torch.tensor(persons, device=device).repeat_interleave(V)

    def _repr_html_(self) -> str | None:
        from pyg_skeleton.visualization.viewer.view import notebook_html

        return notebook_html(self)


def _notes_copies(method: Callable[..., Any]) -> Callable[..., Any]:
    """Moving or copying edges leaves their content, so that they stay known."""

    @wraps(method)
    def wrapper(self: SkeletonData, *args: Any, **kwargs: Any) -> Any:
        keys = [key for key in self._store if key.startswith("edge_index")]
        before = {key: self._store[key] for key in keys}
        out = method(self, *args, **kwargs)
        for key, edges in before.items():
            if isinstance(edges, Tensor):
                note_copy(out._store[key], edges)
        return out

    return wrapper


for _name in ("clone", "contiguous", "cpu", "cuda", "detach", "detach_", "pin_memory", "to"):
    setattr(SkeletonData, _name, _notes_copies(getattr(Data, _name)))

# What a pickled data object consists of, for `torch.load(weights_only=True)`.
torch.serialization.add_safe_globals([SkeletonData, DataEdgeAttr, DataTensorAttr, GlobalStorage])
