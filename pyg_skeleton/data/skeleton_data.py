"""The data object of a clip."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.data.data import DataEdgeAttr, DataTensorAttr
from torch_geometric.data.storage import GlobalStorage

from pyg_skeleton.data.template import Copies, Template, recognize


class SkeletonData(Data):
    r"""A clip of one or more bodies that share a layout, as a :class:`~torch_geometric.data.Data`.

    Nodes are person-major: a clip of :math:`M` persons and :math:`V` joints has node
    :math:`m \cdot V + v` for joint :math:`v` of the :math:`m`-th person. Build it with
    :meth:`~pyg_skeleton.skeleton.BodyGraph.to_data`. Fields with `index` in their name are shifted
    by the number of nodes when clips are batched, as always in PyG; so are the edges of each hop.

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
        - **visible, target_visible:** which joints were seen in which frame, where some are
          missing, :math:`(M \cdot V, T)`
        - **skeleton:** the name of the layout (:obj:`str`)
    """

    @property
    def template(self) -> Template | None:
        """The body of which all edges are copies.

        :obj:`None` if there is none, or if that cannot be told without a look at the edges on the
        device: a data object on a device knows its template if it was moved there with
        :meth:`to` and the like.
        """
        copies = self._known_copies()
        if copies is None:
            copies = recognize(self._store._mapping)
            self.__dict__["_copies"] = None if copies is None else self._marked_as(copies)
        return None if copies is None else copies.template

    def _known_copies(self) -> Copies | None:
        """What the tensors are known to be copies of, if they still are the same tensors."""
        copies: Copies | None = self.__dict__.get("_copies")
        if copies is None or not copies.intact:
            return None
        fields = self._store._mapping
        for key, value in fields.items():
            if key.startswith("edge_index") and value is not copies.tensors.get(key):
                return None
        x = fields.get("x")
        return None if x is not None and x.size(0) != copies.num_nodes else copies

    def _marked_as(self, copies: Copies) -> Copies:
        fields = self._store._mapping
        tensors = {key: fields[key] for key in copies.tensors if key in fields}
        return Copies(copies.template, copies.num_bodies, tensors)

    @property
    def num_joints(self) -> int:
        """The number of joints of one body."""
        template = self.template
        if template is not None:
            return template.num_joints
        if not isinstance(self._store.get("joint"), Tensor) or not self.joint.numel():
            raise ValueError(f"num_joints needs the field 'joint', got {self}")
        return int(self.joint.max()) + 1

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
        """Whether the object is well-formed, see :meth:`torch_geometric.data.Data.validate`.

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

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_copies"}


def _keeps_copies(method: Callable[..., Any]) -> Callable[..., Any]:
    """Moving or copying tensors leaves their content, so the template stays known."""

    @wraps(method)
    def wrapper(self: SkeletonData, *args: Any, **kwargs: Any) -> Any:
        copies = self._known_copies()
        out = method(self, *args, **kwargs)
        if copies is not None:
            out.__dict__["_copies"] = out._marked_as(copies)
        return out

    return wrapper


for _name in ("clone", "contiguous", "cpu", "cuda", "detach", "detach_", "pin_memory", "to"):
    setattr(SkeletonData, _name, _keeps_copies(getattr(Data, _name)))

# What a pickled data object consists of, for `torch.load(weights_only=True)`.
torch.serialization.add_safe_globals([SkeletonData, DataEdgeAttr, DataTensorAttr, GlobalStorage])
