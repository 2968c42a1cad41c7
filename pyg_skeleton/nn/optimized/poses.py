"""Layers of networks that lift poses."""

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import linear

from pyg_skeleton.nn.conv.non_local import NonLocal
from pyg_skeleton.nn.optimized.forms import Affine, Constants, form


class GroupAttention(Constants):
    """A :class:`NonLocal` layer with its norm. All linear maps of joints are one, and so are those
    of groups.
    """

    joint_maps: Tensor
    joint_bias: Tensor
    group_maps: Tensor
    bias: Tensor
    members: Tensor

    def __init__(self, layer: NonLocal) -> None:
        norm, H = Affine.of(layer.norm), layer.hidden_channels
        own, other = torch.split(layer.affinity.weight.double(), H, dim=1)
        value = layer.out.weight.double() * norm.scale.unsqueeze(1) / layer.num_groups
        theta, phi = layer.theta, layer.phi
        weights = [phi.weight, layer.value.weight, own @ theta.weight.double()]
        biases = [phi.bias, layer.value.bias, own @ theta.bias.double()]
        super().__init__(
            theta.weight.dtype,
            joint_maps=torch.cat(weights),
            joint_bias=torch.cat(biases),
            group_maps=torch.block_diag(other, value),
            bias=norm.bias(layer.out.bias),
            members=layer.members,
        )
        self.num_nodes = layer.num_nodes

    def forward(self, x: Tensor) -> Tensor:
        """Adds what each joint gets from all groups."""
        frames = torch.unflatten(x, 0, (-1, self.num_nodes))  # [B, V, *, C]
        if x.dim() > 2:  # each frame is a body
            frames = frames.movedim(1, -2).flatten(0, -3)
        h = linear(frames, self.joint_maps, self.joint_bias)
        query = h[..., -1:]
        group, *others = (h.index_select(1, member) for member in self.members)
        for other in others:
            group = torch.maximum(group, other)
        h = linear(group[..., :-1], self.group_maps)
        key, value = h[..., :1], h[..., 1:]
        out = torch.baddbmm(frames + self.bias, (query + key.mT).relu_(), value)
        if x.dim() == 2:
            return out.flatten(0, 1)
        out = torch.unflatten(out, 0, (x.size(0) // self.num_nodes, *x.shape[1:-1]))
        return out.movedim(-2, 1).flatten(0, 1)


@form.register
def _(layer: NonLocal, norm: Affine | None = None) -> Module:
    return GroupAttention(layer)
