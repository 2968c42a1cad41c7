"""Shears clips at random."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import clips_of, map_joints


@functional_transform("skeleton_shear")
class Shear(SkeletonTransform):
    r"""Shears a clip, as the `"Collaborating Domain-shared and Target-specific Feature Clustering
    for Cross-domain 3D Action Recognition" <https://arxiv.org/abs/2207.09767>`_ paper does
    (functional name: :obj:`skeleton_shear`).

    .. math::
        \mathbf{x} \leftarrow \mathbf{R} \mathbf{x}, \qquad
        \mathbf{R} = \begin{bmatrix} 1 & a_1 & b_1 \\ a_2 & 1 & b_2 \\ a_3 & b_3 & 1 \end{bmatrix},
        \qquad a_i, b_i \sim \mathcal{U}(-\beta, \beta)

    All persons and frames of a clip and its target share one matrix; each clip of a batch has its
    own. A score as third channel is sheared like a coordinate, as in the authors' code.

    Args:
        amplitude (float, optional): The bound :math:`\beta`: 0.5 in the paper's weak augmentation,
            1 in its strong one. (default: :obj:`0.5`)

    Raises:
        ValueError: If the amplitude is negative.
    """

    def __init__(self, amplitude: float = 0.5) -> None:
        if not amplitude >= 0:
            raise ValueError(f"amplitude must be at least 0, got {amplitude}")
        self.amplitude = amplitude

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Shears a clip."""
        num_clips, clip = clips_of(data)
        channels = data.x.size(-1)
        drawn = torch.empty(num_clips, channels, channels).uniform_(-self.amplitude, self.amplitude)
        turn = drawn.diagonal_scatter(torch.ones(num_clips, channels), dim1=1, dim2=2).to(data.x)
        return map_joints(data, lambda x: shear(x, turn, clip))


def shear(x: Tensor, matrices: Tensor, clip: Tensor) -> Tensor:
    r"""Multiplies each joint by the matrix of its clip.

    Shapes:
        - **x:** :math:`(N, T, C)` or :math:`(N, C)`
        - **matrices:** :math:`(B, C, C)`
        - **clip:** the clip of each joint, :math:`(N)`
        - **output:** as **x**
    """
    turn = matrices.index_select(0, clip).transpose(1, 2)
    return x @ turn if x.dim() == 3 else (x.unsqueeze(1) @ turn).squeeze(1)
