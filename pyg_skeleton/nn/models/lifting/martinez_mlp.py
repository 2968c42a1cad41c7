from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.units import ResidualBlock
from pyg_skeleton.nn.models import official
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import GraphLike, SkeletonLike, as_tree


@register_model("martinez_mlp")
class MartinezMLP(LiftingModel):
    r"""The fully connected network of the `"A Simple yet Effective Baseline for 3D Human Pose
    Estimation" <https://arxiv.org/abs/1705.03098>`_ paper, without its normalization of data and
    weights, as SemGCN's authors compare with it (4,288,557 parameters for 16 joints).

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width. (default: :obj:`1024`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`2`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.5`)
        predict_root (bool, optional): Whether the root joint is predicted, too; otherwise it is
            zero, as in a root-relative pose. (default: :obj:`False`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`

    Example:
        >>> model = MartinezMLP("h36m16").eval()
        >>> model(model.skeleton.to_data(torch.randn(16, 2))).shape  # joints, channels
        torch.Size([16, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {"skeleton": "h36m16"}}
    per_joint: ClassVar[dict[str, int | None]] = {
        "input.0.weight": None,
        "output.weight": None,
        "output.bias": None,
    }

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 1024,
        num_blocks: int = 2,
        dropout: float = 0.5,
        predict_root: bool = False,
    ) -> None:
        super().__init__(skeleton, in_channels)
        self.out_channels, self.predict_root = out_channels, predict_root
        V, H = self.skeleton.num_joints, hidden_channels
        if not predict_root:
            self.root = as_tree(self.skeleton, "MartinezMLP with predict_root=False").root

        def unit(width: int) -> torch.nn.Sequential:
            return torch.nn.Sequential(
                torch.nn.Linear(width, H),
                torch.nn.BatchNorm1d(H),
                torch.nn.ReLU(),
                torch.nn.Dropout(dropout),
            )

        self.input = unit(V * in_channels)
        self.blocks = torch.nn.ModuleList(
            ResidualBlock(unit(H), unit(H)) for _ in range(num_blocks)
        )
        self.output = torch.nn.Linear(H, (V if predict_root else V - 1) * out_channels)
        for module in self.modules():
            if isinstance(module, torch.nn.Linear):
                torch.nn.init.kaiming_normal_(module.weight)

    def forward_poses(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        V = self.skeleton.num_joints
        h = self.input(x.reshape(x.size(0) // V, -1))
        for block in self.blocks:
            h = block(h)
        pose = self.output(h).view(h.size(0), -1, self.out_channels)
        if not self.predict_root:
            before, after = torch.split(pose, [self.root, V - 1 - self.root], dim=1)
            pose = torch.cat([before, torch.zeros_like(pose[:, :1]), after], dim=1)
        return pose.flatten(0, 1)

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Any], skeleton: SkeletonLike = "h36m16", **kwargs: Any
    ) -> "MartinezMLP":
        """Builds the network from weights of the PyTorch port that SemGCN's authors use.

        Args:
            state_dict (dict): The weights under the port's names, ``w1.weight`` and so on.
            skeleton (Skeleton or str, optional): The layout. (default: :obj:`"h36m16"`)
            **kwargs (optional): Further arguments, for example :obj:`dropout`.

        Raises:
            ValueError: If a weight is missing, or sizes do not fit the layout.
        """
        return official.build(cls, official.martinez_mlp, state_dict, skeleton, kwargs)
