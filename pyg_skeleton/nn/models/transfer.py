"""Weights of one network in another one, with other classes or joints."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.stc_attention import STCAttention
from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.conv.hop_conv import HopConv
from pyg_skeleton.nn.conv.lcn_conv import LCNConv
from pyg_skeleton.nn.conv.self_attention_graph_conv import SelfAttentionGraphConv
from pyg_skeleton.nn.conv.spatial_graph_conv import SpatialGraphConv
from pyg_skeleton.nn.norm import JointBatchNorm
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.skeleton import BodyGraph

#: Weights of all pairs of joints, by the class of the module.
_GRAPHS: dict[type[torch.nn.Module], str] = {
    AdaptiveGraphConv: "learned",
    CTRGConv: "shared",
    SelfAttentionGraphConv: "shared",
    SpatialGraphConv: "importance",
}


class Transfer(NamedTuple):
    """A report on weights that were loaded into a network with other classes or joints."""

    taken: list[str]
    """Weights taken from the file."""
    partly: list[str]
    """Weights per joint, edge or class, taken for those that both networks have."""
    made: list[str]
    """Weights that start anew."""
    left: list[str]
    """Weights of the file without a counterpart."""

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{len(self.taken)} weights taken from the file",
                f"{len(self.partly)} taken for the joints, edges and classes that both have",
                f"{len(self.made)} start anew: {', '.join(self.made) or 'none'}",
                f"{len(self.left)} left in the file: {', '.join(self.left) or 'none'}",
            ]
        )


class _Places(NamedTuple):
    """A dimension of a weight that has one entry per joint, pair of joints, or edge."""

    shape: tuple[int, ...]
    """The shape in which the dimension stands alone."""
    dim: int
    labels: Sequence[Hashable]
    """The name of each entry."""


@torch.no_grad()
def transfer_weights(source: Any, target: Any) -> Transfer:
    """Copies the weights of a network to one with other classes, joints or layers.

    Weights of the same name and shape are copied. Between skeletons, weights per joint go from
    joint to joint of the same name, and weights per edge from edge to edge. Where both networks
    know the names of their classes, weights per class go from class to class of the same name. The
    other joints, edges and classes of the target keep their weights.

    Args:
        source (SkeletonModel): The network with trained weights.
        target (SkeletonModel): The network to change.

    Raises:
        ValueError: If the skeletons have no joint in common.
    """
    before, after = source.skeleton, target.skeleton
    same = before.fingerprint == after.fingerprint
    if not set(before.joints) & set(after.joints):
        raise ValueError(f"skeletons {before.name!r} and {after.name!r} have no joint in common")
    theirs, ours = source.state_dict(), target.state_dict()
    there = {} if same else dict(_places(source, "", before))
    here = {} if same else dict(_places(target, "", after))
    if source.classes and target.classes and source.classes != target.classes:
        there |= _class_places(source)
        here |= _class_places(target)
    out = Transfer([], [], [], [name for name in theirs if name not in ours])
    for name, value in ours.items():
        given = theirs.get(name)
        if given is not None and name in here and name in there:
            copied = _copy_places(given, value, there[name], here[name])
            (out.partly if copied else out.made).append(name)
        elif given is not None and given.shape == value.shape and name not in here:
            value.copy_(given)
            out.taken.append(name)
        else:
            out.made.append(name)
    return out


def _copy_places(given: Tensor, value: Tensor, old: _Places, new: _Places) -> bool:
    """Copies the entries that both have; whether there are any."""
    position = {label: i for i, label in enumerate(old.labels)}
    common = [(position[label], i) for i, label in enumerate(new.labels) if label in position]
    source, target = given.reshape(old.shape), value.view(new.shape)
    sizes = (
        [n for d, n in enumerate(t.shape) if d != p.dim] for t, p in ((source, old), (target, new))
    )
    if not common or next(sizes) != next(sizes):
        return False
    rows = torch.tensor(common)
    target.index_copy_(new.dim, rows[:, 1], source.index_select(old.dim, rows[:, 0]))
    return True


def _class_places(model: Any) -> dict[str, _Places]:
    """The weights per class of a network."""
    weights, places = model.state_dict(), {}
    for name in (f"{layer}.{part}" for layer in model.class_layers for part in ("weight", "bias")):
        if name in weights:
            places[name] = _Places(tuple(weights[name].shape), 0, model.classes)
    return places


def _places(
    module: torch.nn.Module, prefix: str, skeleton: BodyGraph
) -> Iterator[tuple[str, _Places]]:
    """The weights per joint or edge of a network and its parts; those that only make sense on one
    layout have no labels.
    """
    own = getattr(module, "skeleton", None)  # of a network in a network, of bones, of parts
    skeleton = own if isinstance(own, BodyGraph) else skeleton
    joints, V = skeleton.joints, skeleton.num_joints
    for key, dim in getattr(module, "per_joint", {}).items():
        shape = tuple(module.state_dict()[key].shape)
        yield prefix + key, _Places(shape, dim or 0, [] if dim is None else joints)
    if isinstance(module, STCAttention):
        yield prefix + "joint.weight", _Places(tuple(module.joint.weight.shape), 0, [])
    if isinstance(module, JointBatchNorm):
        for key in ("weight", "bias", "running_mean", "running_var"):
            yield prefix + key, _Places((module.num_persons, V, module.num_channels), 1, joints)
    if isinstance(module, LCNConv) and module.bias is not None:
        yield prefix + "bias", _Places((V, module.out_channels), 0, joints)
    if type(module) in _GRAPHS:
        key = _GRAPHS[type(module)]
        graph = getattr(module, key)
        if graph is not None:
            pairs = [(target, source) for target in joints for source in joints]
            yield prefix + key, _Places((graph.size(0), V * V), 1, pairs)
    template = getattr(module, "template", None)
    if isinstance(template, EdgeTemplate):
        labels = _edge_labels(template, skeleton)
        for key, value in module.named_parameters():
            if key in ("edge_weight", "graph.base"):
                yield prefix + key, _Places(tuple(value.shape), value.dim() - 1, labels)
        if isinstance(module, HopConv) and module.sharing == "pair":
            for g, (weight, size) in enumerate(zip(module.weights, template.sizes, strict=True)):
                first = sum(template.sizes[:g])
                places = _Places(tuple(weight.shape), 0, labels[first : first + size])
                yield f"{prefix}weights.{g}", places
    for name, child in module.named_children():
        yield from _places(child, f"{prefix}{name}.", skeleton)


def _edge_labels(template: EdgeTemplate, skeleton: BodyGraph) -> list[Hashable]:
    """Relation, target and source of each edge, by name."""
    names = skeleton.joints
    relations = [g for g, size in enumerate(template.sizes) for _ in range(size)]
    pairs = zip(*template.edge_index.tolist(), strict=True)
    return [(g, names[j], names[i]) for g, (i, j) in zip(relations, pairs, strict=True)]
