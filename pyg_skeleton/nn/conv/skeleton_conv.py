r"""The base of every operator on body graphs, which chooses how messages are summed.

An operator states *what* it sums, as edge weights. *How* is chosen by :meth:`SkeletonConv.given`:
a fused form of :mod:`pyg_skeleton.nn.sums`, which never materializes a message, or PyG's
:meth:`propagate`, over any edges and for explainers and hooks.
"""

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, Optional

import torch
from torch import Tensor
from torch.nn.functional import linear
from torch_geometric import is_compiling
from torch_geometric.data import Data
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn.conv.lazy_conv import lazy
from pyg_skeleton.nn.sums.copies import as_union, num_copies
from pyg_skeleton.nn.sums.graphs import Edges, GivenEdges, Graphs
from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.skeleton import BodyGraph


def convolve(layer: torch.nn.Module, x: Tensor, edges: Edges | None) -> Tensor:
    """Calls an operator or a block on given edges, on its own for :obj:`None`.

    A layer whose :meth:`forward` has no parameter :obj:`edges` or :obj:`edge_index` (a convolution
    of a user's own) is called without; one of PyG's gets the edges of the first hop.
    """
    accepts = None if edges is None else _edge_parameter(type(layer))  # type: ignore[arg-type]
    if edges is None or accepts is None:
        return layer(x)
    whole = accepts == "edges" or isinstance(layer, SkeletonConv)
    return layer(x, **{accepts: edges if whole else edges.hops[0]})


@lru_cache
def _edge_parameter(kind: type[torch.nn.Module]) -> str | None:
    """The name of the parameter of a layer's :meth:`forward` that takes edges."""
    parameters = inspect.signature(kind.forward).parameters
    return next((name for name in ("edges", "edge_index") if name in parameters), None)


_PROPAGATE = MessagePassing.propagate


class SkeletonConv(MessagePassing):
    r"""A :class:`~torch_geometric.nn.conv.MessagePassing` layer over nodes first, channels last.

    Sums run over incoming edges of :obj:`x` :math:`[|\mathcal{V}|, *, C]`, where :math:`*` (time,
    copies of a static graph) rides along.

    A subclass sets :attr:`skeleton` and :attr:`in_channels`, its first argument, for which -1 takes
    the number of the first input, as in PyG. Its :meth:`forward` calls :meth:`given` and hands the
    result to its weights and to :meth:`sum_edges`.

    Args:
        aggr (str, optional): How messages are aggregated. (default: :obj:`"sum"`)
        **kwargs: Arguments of :class:`torch_geometric.nn.conv.MessagePassing` but
            :obj:`node_dim`, which is 0.

    Raises:
        ValueError: If the flow is not from source to target.
    """

    #: The aggregations that the fused form computes.
    fused_aggr: ClassVar[tuple[str, ...]] = ("sum", "add")
    #: Whether messages are mapped before they are aggregated; else where that makes them narrower.
    maps_first: ClassVar[bool] = True
    skeleton: BodyGraph
    in_channels: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Of __new__ and __init__, inspect and help() would show the former.
        own = inspect.signature(cls.__init__)
        cls.__signature__ = own.replace(parameters=[*own.parameters.values()][1:])

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """With -1 input channels, the layer waits for its first input."""
        channels = args[0] if args else kwargs.get("in_channels")
        if isinstance(channels, tuple):
            raise TypeError(
                f"expected in_channels as one number, got {channels}: {cls.__name__} sums within "
                f"bodies of one layout; between two node types use a layer like SAGEConv"
            )
        waits = type(channels) is int and channels == -1
        return super().__new__(lazy(cls) if waits else cls)  # type: ignore[arg-type]

    def __init__(self, aggr: Any = "sum", **kwargs: Any) -> None:
        super().__init__(aggr, node_dim=0, **kwargs)
        # PyG takes the form that explainers need from the class above, where it finds a generated
        # one if that class (StructuralConv, say, above PartConv) was instantiated before.
        type(self)._orig_propagate = _PROPAGATE
        if self.flow != "source_to_target":
            raise ValueError(f"expected flow 'source_to_target', got {self.flow!r}")
        self.fuse = True
        self._mask_is_weight = False

    @property
    def fused(self) -> bool:
        """Whether the fused form may run: :attr:`fuse` is set, the aggregation is that of the
        equation, and nothing (an explainer, a hook) inspects individual messages.
        """
        return self._may_fuse()

    def _may_fuse(self) -> bool:
        # No property: in torch 2.10 torch.compile cannot call that of a base class.
        if not self.fuse or self.explain or self.aggr not in self.fused_aggr:
            return False
        if is_compiling():  # hooks do not run in a compiled graph, as in PyG
            return True
        return not (
            self._propagate_forward_pre_hooks
            or self._propagate_forward_hooks
            or self._message_forward_pre_hooks
            or self._message_forward_hooks
            or self._aggregate_forward_pre_hooks
            or self._aggregate_forward_hooks
            or self._edge_update_forward_pre_hooks
            or self._edge_update_forward_hooks
        )

    @property
    def explain(self) -> bool | None:
        """Whether an explainer looks at messages."""
        return self._explain

    @explain.setter
    def explain(self, explain: bool | None) -> None:
        if not explain:
            # A mask that was a parameter would make PyG cut the next explainer's from its graph.
            self._parameters.pop("_edge_mask", None)
        MessagePassing.explain.fset(self, explain)

    @property
    def uses_edges(self) -> bool:
        """Whether the layer's answer depends on unweighted edges."""
        return True

    def given(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Graphs | None:
        r"""Returns the graphs to sum over message by message, or :obj:`None` for the fused form.

        This is the one place that chooses. The fused form runs where the edges are those of the
        layer's own graph: none are given, or they are known to be copies of it.

        Args:
            x (torch.Tensor): The features.
            edge_index (torch.Tensor or list or Edges, optional): The edges, see :class:`Edges`.
                (default: those of :attr:`skeleton`)
            edge_weight (torch.Tensor, optional): A factor for each edge. (default: :obj:`None`)

        Raises:
            TypeError: If :obj:`x` is not a tensor.
            ValueError: If :obj:`x` has another number of channels, or the edges leave the bodies.
        """
        self.check_input(x)
        if self.explain:
            self._mask_is_weight = True
        if edge_index is None:
            if edge_weight is not None:
                raise ValueError("expected edge_index beside edge_weight, got None")
            if self.fused:
                return None
            copies = num_copies(x, self.skeleton.num_joints)
            own = self.skeleton.edge_index().to(x.device)
            return Graphs(Edges((own,)), self.skeleton.num_joints, 1).repeated(copies)
        edges, V = Edges.of(edge_index, edge_weight), self.skeleton.num_joints
        copies = num_copies(x, V)
        if self.fused and not self.uses_edges and edges.weight is None:
            return None
        if self.fused and edges.are_own(self.skeleton, copies):
            return None
        if self.explain and self._edge_mask is not None:
            mask = self._edge_mask.sigmoid() if self._apply_sigmoid else self._edge_mask
            edges = Edges.of(edges, mask if edges.weight is None else mask * edges.weight)
        return Graphs(edges, V, copies)

    def union(
        self, x: Tensor, edge_index: GivenEdges, edge_weight: Tensor | None
    ) -> tuple[Tensor, Edges | None]:
        """Lays a static batch out as a union of copies, and its edges."""
        edges = None if edge_index is None else Edges.of(edge_index, edge_weight)
        if x.dim() != 4:
            return x, edges
        return as_union(x), None if edges is None else edges.repeat(x.size(1), x.size(0))

    def check_input(self, x: Tensor) -> None:
        """Refuses features of another kind or size.

        Raises:
            TypeError: If :obj:`x` is not a tensor.
            ValueError: If it has another number of channels.
        """
        if isinstance(x, Data):
            raise TypeError(
                f"expected features as a tensor, got {type(x).__name__}: call "
                f"{type(self).__name__} with data.x and data.edge_index"
            )
        if not isinstance(x, Tensor):
            raise TypeError(
                f"expected the features of bodies as a tensor, got {type(x).__name__}: "
                f"{type(self).__name__} sums within bodies of one layout; between two node types "
                f"use a layer like SAGEConv"
            )
        if x.size(-1) != self.in_channels:
            raise ValueError(
                f"expected x with {self.in_channels} channels in its last dimension, got shape "
                f"{list(x.shape)}"
            )

    def sum_edges(
        self,
        x: Tensor,
        adj: Tensor,
        weight: Tensor,
        graphs: Graphs | None = None,
        support: Tensor | None = None,
        bias: Tensor | None = None,
        inner_bias: Tensor | None = None,
        channelwise: bool = False,
        fused: Callable[..., Tensor] = relational_sum,
    ) -> Tensor:
        r"""Sums over sources and relations, :math:`\mathbf{y}_i = \mathbf{b} + \sum_g \sum_j
        A^{(g)}_{ij} \mathbf{W}^{(g)} \mathbf{x}_j`.

        Args:
            x (torch.Tensor): The features.
            adj (torch.Tensor): The weight of each pair, targets in the rows.
            weight (torch.Tensor): The linear map of each relation.
            graphs (Graphs, optional): What :meth:`given` returned. (default: :obj:`None`)
            support (torch.Tensor, optional): The pairs that are edges. (default: all)
            bias (torch.Tensor, optional): What every sum starts from. (default: :obj:`None`)
            inner_bias (torch.Tensor, optional): The bias of each linear map, which only a
                message-by-message sum takes. (default: :obj:`None`)
            channelwise (bool, optional): Whether :obj:`adj` has a graph for each output channel in
                the dimension before :math:`G`. (default: :obj:`False`)
            fused (callable, optional): The fused form, a function of :obj:`x`, :obj:`adj`,
                :obj:`weight` and :obj:`bias`.

        Shapes:
            - **x:** :math:`(B \cdot V, *, C)`
            - **adj:** :math:`(G, V, V)`, :math:`(B, G, V, V)` or :math:`(B, T, G, V, V)`
            - **weight:** :math:`(G, D, C)`
            - **support:** :math:`(G, V, V)` or :math:`(B, G, V, V)`; all relations may share one
            - **output:** :math:`(B \cdot V, *, D)`
        """
        if graphs is None:
            return fused(x, adj, weight, bias)
        G, D, C = weight.shape
        if support is None:
            support = adj.new_ones((1, *adj.shape[-2:]), dtype=torch.bool)
        support = support.expand(*support.shape[:-3], G, -1, -1)
        out = x.new_zeros(D) if bias is None else bias
        for g in range(G):
            edges, (copy, target, source) = graphs.messages(support[..., g, :, :])
            a = adj[..., g, :, :]
            if is_compiling():  # all pairs are edges there
                pairs = support[..., g, :, :]
                a = a * (pairs.unsqueeze(-3) if a.dim() > 3 else pairs)
            if a.dim() > 2:
                a = a.expand(graphs.copies, *a.shape[1:])
            edge_weight = a[target, source] if a.dim() == 2 else a[copy, ..., target, source]
            if channelwise:  # [E, 1, D], as wide as messages
                edge_weight = edge_weight.view(-1, *(1 for _ in x.shape[2:]), D)
            # The narrower side travels.
            first = self.maps_first or D < C
            h = x
            if first:
                h = linear(x, weight[g], None if inner_bias is None else inner_bias[g])
            h = self.sum_messages(edges, h, edge_weight)
            out = out + (h if first else linear(h, weight[g]))
        return out

    def sum_messages(self, edge_index: Tensor, x: Tensor, edge_weight: Tensor) -> Tensor:
        r"""Sums weighted messages with :meth:`propagate`.

        Shapes:
            - **edge_index:** :math:`(2, E)`
            - **x:** :math:`(N, *, C)`
            - **edge_weight:** :math:`(E)`, or any shape that broadcasts against messages
              :math:`(E, *, C)` from the left
            - **output:** :math:`(N, *, C)`
        """
        # propagate_type: (x: Tensor, edge_weight: Tensor)
        return self.propagate(edge_index, x=x, edge_weight=edge_weight, size=(x.size(0), x.size(0)))

    def message(self, x_j: Tensor, edge_weight: Tensor) -> Tensor:
        """Weighs the source features; :obj:`edge_weight` broadcasts over trailing dimensions."""
        missing = x_j.dim() - edge_weight.dim()
        return x_j * edge_weight.reshape(edge_weight.shape + (1,) * missing)

    def explain_message(
        self,
        inputs: Tensor,
        dim_size: Optional[int],  # noqa: UP045  (PyG reads it)
    ) -> Tensor:
        """Multiplies messages by the explainer's mask, unless :meth:`given` made weights of it, or
        it is for other edges.
        """
        mask = self._edge_mask
        if self._mask_is_weight or mask is None or len(mask) != len(inputs):
            return inputs
        return super().explain_message(inputs, dim_size)
