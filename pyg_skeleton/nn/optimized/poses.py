"""Layers of networks that lift poses."""

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import linear

from pyg_skeleton.nn.conv.non_local import NonLocal
from pyg_skeleton.nn.optimized.forms import Affine, Constants, as_defined, followed, form


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
        # Of the numbers of a group, the query of its members has no part in key and value.
        group_maps = value.new_zeros(1 + value.size(0), 2 * H + 1)
        group_maps[:1, :H], group_maps[1:, H:-1] = other, value
        super().__init__(
            theta.weight.dtype,
            joint_maps=torch.cat(weights),
            joint_bias=torch.cat(biases),
            group_maps=group_maps,
            bias=norm.bias(layer.out.bias),
            members=layer.members.flatten(),
        )
        self.num_nodes, self.grouping = layer.num_nodes, tuple(layer.members.shape)

    def forward(self, x: Tensor) -> Tensor:
        """Adds what each joint gets from all groups."""
        V, C, size = self.num_nodes, x.size(-1), x.shape[1:-1]
        if not size:
            return self._poses(x.view(-1, V, C)).view(x.shape)
        frames = torch.unflatten(x.flatten(1, -2), 0, (-1, V)).transpose(1, 2)  # each is a body
        out = self._poses(frames.reshape(-1, V, C))
        return out.view(-1, x[0, ..., 0].numel(), V, C).transpose(1, 2).reshape(x.shape)

    def _poses(self, x: Tensor) -> Tensor:
        joint_maps, joint_bias, group_maps, bias = self.values
        h = linear(x, joint_maps, joint_bias)
        size, count = self.grouping
        groups = h.index_select(1, self.members).view(-1, size, count, h.size(2)).amax(1)
        query, value = torch.split(linear(groups, group_maps), [1, x.size(2)], 2)
        affinity = (h.narrow(2, h.size(2) - 1, 1) + query.mT).relu_()
        return torch.baddbmm(x + bias, affinity, value)


@form.register
@as_defined
def _(layer: NonLocal, norm: Affine | None = None) -> Module:
    return followed(GroupAttention(layer), norm)
