import torch
from torch import Tensor

from pyg_skeleton.nn.pool.joint_to_part_pool import JointToPartPool
from pyg_skeleton.nn.pool.part_to_joint_unpool import PartToJointUnpool
from pyg_skeleton.skeleton.edges import GraphLike


class BidirectionalFusion(torch.nn.Module):
    r"""The bidirectional fusion of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based
    Human Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper
    (section 5.1.2, Fig. 5): each scale gets the other's features beside its own.

    .. math::
        \mathbf{x}_i' = [\mathbf{x}_i, \mathbf{x}_{p(i)}], \qquad
        \mathbf{x}_p' = \Bigl[ \mathbf{x}_p, \frac{1}{|\mathcal{P}_p|} \sum_{i \in \mathcal{P}_p}
        \mathbf{x}_i \Bigr]

    Args:
        skeleton (BodyGraph or str): The body with :math:`V` joints and :math:`P` parts.

    Shapes:
        - **input:** joints :math:`(B \cdot V, *, C)` and parts :math:`(B \cdot P, *, C')`
        - **output:** joints and parts, both with :math:`C + C'` channels

    Example:
        >>> fusion = BidirectionalFusion("ntu25")
        >>> joints, parts = fusion(torch.randn(25, 60, 64), torch.randn(10, 60, 64))
        >>> joints.shape, parts.shape
        (torch.Size([25, 60, 128]), torch.Size([10, 60, 128]))
    """

    def __init__(self, skeleton: GraphLike) -> None:
        super().__init__()
        self.pool = JointToPartPool(skeleton)
        self.unpool = PartToJointUnpool(skeleton)

    def forward(self, joints: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        """Concatenates the features of both scales."""
        return (
            torch.cat([joints, self.unpool(parts)], dim=-1),
            torch.cat([parts, self.pool(joints)], dim=-1),
        )
