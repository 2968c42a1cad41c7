import re
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.skeleton import Skeleton


@register_model("martinez_mlp")
class MartinezMLP(LiftingModel):
    r"""The fully connected network of the `"A Simple yet Effective Baseline for 3D Human Pose
    Estimation" <https://arxiv.org/abs/1705.03098>`_ paper, without its normalization of data and
    weights, as SemGCN's authors compare with it (4,288,557 parameters for 16 joints).

    Args:
        skeleton (Skeleton): The layout.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width. (default: :obj:`1024`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`2`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.5`)
        predict_root (bool, optional): Whether the root joint is predicted, too; otherwise it is
            zero, as it is in a root-relative pose. (default: :obj:`False`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {"skeleton": "h36m16"}}

    def __init__(
        self,
        skeleton: Skeleton,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 1024,
        num_blocks: int = 2,
        dropout: float = 0.5,
        predict_root: bool = False,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(skeleton, config, in_channels)
        self.out_channels, self.predict_root = out_channels, predict_root
        V, H = skeleton.num_joints, hidden_channels

        def unit(width: int) -> torch.nn.Sequential:
            return torch.nn.Sequential(
                torch.nn.Linear(width, H),
                torch.nn.BatchNorm1d(H),
                torch.nn.ReLU(),
                torch.nn.Dropout(dropout),
            )

        self.input = unit(V * in_channels)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(unit(H), unit(H)) for _ in range(num_blocks)
        )
        self.output = torch.nn.Linear(H, (V if predict_root else V - 1) * out_channels)
        for module in self.modules():
            if isinstance(module, torch.nn.Linear):
                torch.nn.init.kaiming_normal_(module.weight)

    def forward(self, data: Any) -> Tensor:
        """Runs the forward pass of the module."""
        self.check_bodies(data)
        return self.forward_poses(data.x)

    def forward_poses(self, x: Tensor) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        V, root = self.skeleton.num_joints, self.skeleton.root
        h = self.input(x.reshape(x.size(0) // V, -1))
        for block in self.blocks:
            h = h + block(h)
        pose = self.output(h).view(h.size(0), -1, self.out_channels)
        if not self.predict_root:
            before, after = torch.split(pose, [root, V - 1 - root], dim=1)
            pose = torch.cat([before, torch.zeros_like(pose[:, :1]), after], dim=1)
        return pose.flatten(0, 1)

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Tensor], skeleton: Skeleton | str = "h36m16"
    ) -> "MartinezMLP":
        """Builds the network from weights of the PyTorch port that SemGCN's authors use.

        Args:
            state_dict (dict): The weights under the port's names, ``w1.weight`` and so on.
            skeleton (Skeleton or str, optional): The layout. (default: :obj:`"h36m16"`)

        Raises:
            ValueError: If a weight is missing, or sizes do not fit the layout.
        """
        skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        names = (
            (r"^w1\.", "input.0."),
            (r"^batch_norm1\.", "input.1."),
            (r"^w2\.", "output."),
            (r"^linear_stages\.(\d+)\.w([12])\.", r"blocks.\1.\2.0."),
            (r"^linear_stages\.(\d+)\.batch_norm([12])\.", r"blocks.\1.\2.1."),
            (r"^(blocks\.\d+)\.1\.", r"\1.0."),
            (r"^(blocks\.\d+)\.2\.", r"\1.1."),
        )
        ours = {}
        for name, value in state_dict.items():
            for pattern, replacement in names:
                name = re.sub(pattern, replacement, name)
            ours[name] = value
        if "input.0.weight" not in ours or "output.weight" not in ours:
            some = ", ".join(sorted(state_dict)[:3])
            raise ValueError(f"expected weights 'w1.weight', 'w2.weight' and so on, got {some}, …")
        width, channels = ours["input.0.weight"].shape
        V, outputs = skeleton.num_joints, ours["output.weight"].size(0)
        if channels != 2 * V or outputs not in (3 * V, 3 * (V - 1)):
            raise ValueError(
                f"expected weights from {2 * V} to {3 * V} or {3 * (V - 1)} numbers for skeleton "
                f"{skeleton.name!r} ({V} joints), got {channels} to {outputs}"
            )
        blocks = len({name.split(".")[1] for name in ours if name.startswith("blocks.")})
        model = cls(
            skeleton,
            hidden_channels=width,
            num_blocks=blocks,
            predict_root=outputs == 3 * V,
        )
        missing = [name for name, _ in model.named_parameters() if name not in ours]
        if missing:
            raise ValueError(f"weights missing: {', '.join(missing)}")
        model.load_state_dict(ours | {"mean": model.mean, "std": model.std})
        return model.eval()
