"""Renders bodies with one capsule per bone."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pyg_skeleton.skeleton import Skeleton

# The radius in meters, by the end of the name of the part of a bone.
_RADII = {
    "head": 0.09,
    "torso": 0.10,
    "upper_arm": 0.05,
    "forearm": 0.04,
    "thigh": 0.075,
    "crus": 0.055,
}
_LIGHT = (
    -0.45,
    -0.75,
    -0.48,
)  # the direction to the lamp: above, left, and on the side of the camera
_AMBIENT = 0.35
_BLOCK = 32


def render_bodies(
    positions: Tensor,
    skeleton: Skeleton,
    corner: Tensor,
    side: Tensor,
    size: int = 64,
    background: float = 0.5,
) -> Tensor:
    r"""Renders bodies with a pinhole camera, each bone as a capsule in the color of its part.

    Surfaces are occluded by closer ones, shaded by a lamp, and lit by a flash at the camera whose
    intensity decreases with the square of the distance. A picture therefore shows which limb is in
    front, which the 2-D joints do not.

    Args:
        positions (Tensor): The joints in camera space (x right, y down, z forward), in meters.
        skeleton (Skeleton): The layout.
        corner (Tensor): The upper left corner of each picture, at distance 1 from the camera.
        side (Tensor): The width and height of each picture, at distance 1 from the camera.
        size (int, optional): The width and height in pixels. (default: :obj:`64`)
        background (float, optional): The gray level of the background. (default: :obj:`0.5`)

    Shapes:
        - **positions:** :math:`(N, V, 3)`
        - **corner:** :math:`(N, 2)`
        - **side:** :math:`(N)`
        - **output:** red, green and blue as bytes, :math:`(N, 3, \text{size}, \text{size})`
    """
    radii, colors = (value.to(positions) for value in _dress(skeleton))
    blocks = []
    for start in range(0, len(positions), _BLOCK):
        part = slice(start, start + _BLOCK)
        joints, scale = positions[part], (side[part] / size)[:, None]
        flash = joints[:, skeleton.root].norm(dim=-1, keepdim=True)
        picture = joints.new_full((len(joints), size * size, 3), background)
        depth = joints.new_full((len(joints), size * size), torch.inf)
        for (child, parent), radius, color in zip(skeleton.bones, radii, colors, strict=True):
            a, b = joints[:, parent], joints[:, child]
            row, column = _window(a, b, radius, corner[part], scale, size)
            pixel = (row.unsqueeze(2) * size + column.unsqueeze(1)).flatten(1)
            place = torch.stack([pixel % size, pixel // size], dim=-1) + 0.5
            rays = corner[part, None] + place * scale.unsqueeze(1)
            rays = F.normalize(F.pad(rays, (0, 1), value=1.0), dim=-1)
            near, normal = _hit(rays, a.unsqueeze(1), b.unsqueeze(1), radius)
            lambert = (normal @ normal.new_tensor(_LIGHT)).clamp(min=0)
            light = (_AMBIENT + (1 - _AMBIENT) * lambert) * (flash / near).square()
            mine = (near < depth.gather(1, pixel)).nonzero(as_tuple=True)
            spot = mine[0], pixel[mine]
            depth[spot] = near[mine]
            picture[spot] = (color * light[mine].unsqueeze(-1)).clamp(max=1)
        picture = (picture * 255).round().to(torch.uint8)
        blocks.append(picture.transpose(1, 2).reshape(-1, 3, size, size))
    return torch.cat(blocks)


def _window(
    a: Tensor, b: Tensor, radius: Tensor, corner: Tensor, scale: Tensor, size: int
) -> tuple[Tensor, Tensor]:
    """Returns the rows and columns of each picture that may contain a bone, of equal size."""
    ends = torch.stack([a, b])
    # In perspective, a sphere appears slightly larger than its radius at its distance.
    reach = 1.2 * radius / (ends[..., 2:] - radius).clamp(min=radius) / scale
    place = (ends[..., :2] / ends[..., 2:] - corner) / scale
    first = (place - reach).amin(0).floor().clamp(0, size - 1)
    last = (place + reach).amax(0).ceil().clamp(1, size)
    extent = (last - first).amax(0).clamp(min=1).long().tolist()
    row, column = (
        torch.minimum(first[:, i], first.new_tensor(size - extent[i])).long()[:, None]
        + torch.arange(extent[i], device=first.device)
        for i in (1, 0)
    )
    return row, column


def _dress(skeleton: Skeleton) -> tuple[Tensor, Tensor]:
    """Returns the radius ``[bones]`` and color ``[bones, 3]`` of each bone."""
    part_of = {joint: part for part, members in skeleton.parts.items() for joint in members}
    names = [part_of.get(child, "torso") for child, _ in skeleton.bones]
    radius = [next((r for k, r in _RADII.items() if n.endswith(k)), 0.06) for n in names]
    # Golden-ratio steps around the color wheel make neighboring hues differ strongly.
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    hue = torch.tensor([(0.618034 * order[name]) % 1 for name in names])
    wheel = (hue.unsqueeze(-1) * 6 - torch.tensor([0.0, 2.0, 4.0])) % 6
    colors = 0.25 + 0.6 * ((wheel - 3).abs() - 1).clamp(0, 1)
    return torch.tensor(radius), colors


def _hit(rays: Tensor, a: Tensor, b: Tensor, radius: Tensor) -> tuple[Tensor, Tensor]:
    """Intersects rays from the origin with capsules: distance (or infinity) and normal."""
    axis = b - a
    length = axis.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    axis = axis / length
    # The cylinder, which is a circle perpendicular to its axis.
    along, start = (rays * axis).sum(-1), (a * axis).sum(-1)
    flat, center = rays - along.unsqueeze(-1) * axis, a - start.unsqueeze(-1) * axis
    square, dot = flat.square().sum(-1).clamp(min=1e-9), (flat * center).sum(-1)
    root = dot.square() - square * (center.square().sum(-1) - radius.square())
    near = (dot - root.clamp(min=0).sqrt()) / square
    height = along * near - start
    on_side = (root > 0) & (height >= 0) & (height <= length.squeeze(-1))
    near = torch.where(on_side, near, torch.inf)
    foot = a + height.unsqueeze(-1) * axis
    for end in (a, b):
        dot = (rays * end).sum(-1)
        root = dot.square() - end.square().sum(-1) + radius.square()
        ball = torch.where(root > 0, dot - root.clamp(min=0).sqrt(), torch.inf)
        foot = torch.where((ball < near).unsqueeze(-1), end, foot)
        near = torch.minimum(ball, near)
    hit = torch.where(near.isfinite(), near, 1.0).unsqueeze(-1) * rays
    return near, (hit - foot) / radius
