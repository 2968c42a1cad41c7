"""The multi-branch multi-scale backbone of Sym-GNN."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.jgtc_block import JGTCBlock
from pyg_skeleton.nn.blocks.pgtc_block import PGTCBlock
from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.pool import BidirectionalFusion, JointToPartPool, PartToJointUnpool
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph


class BlockSpec(NamedTuple):
    """One row of the paper's tables: a J-GTC block and, from the second on, a P-GTC block."""

    conv_channels: int
    out_channels: int
    stride: int = 1
    kernel_size: int = 9
    fuse: bool = False
    """If set to :obj:`True`, bidirectional fusion follows, which doubles the next input."""


#: Table 17: nine blocks for NTU RGB+D and Kinetics. Its typos are resolved by its own shapes: part
#: features have 150 frames after block 3 and :math:`M_p` nodes in blocks 4 to 6.
NINE_BLOCKS = (
    BlockSpec(64, 64),
    BlockSpec(64, 64),
    BlockSpec(64, 128, stride=2, fuse=True),
    BlockSpec(128, 128),
    BlockSpec(128, 128),
    BlockSpec(128, 256, stride=2, fuse=True),
    BlockSpec(256, 256),
    BlockSpec(256, 256),
    BlockSpec(256, 256),
)

#: Table 18: four blocks for Human3.6M and CMU Mocap. Block 2 starts at 50 frames; block 3 reads
#: 128 channels because fusion has doubled 64.
FOUR_BLOCKS = (
    BlockSpec(32, 32),
    BlockSpec(32, 64, stride=2, fuse=True),
    BlockSpec(128, 128, stride=2, fuse=True),
    BlockSpec(256, 256, stride=2, kernel_size=7),
)

#: Three blocks at a quarter to a half of the width, for two cores.
TINY_BLOCKS = (
    BlockSpec(16, 16),
    BlockSpec(16, 32, stride=2, fuse=True),
    BlockSpec(64, 64, stride=2, kernel_size=7),
)


class MultiScaleGCN(torch.nn.Module):
    r"""One branch of the backbone of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based
    Human Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper
    (section 5.1.2, Tables 17 and 18).

    A first block on joints; joint2part pooling; then blocks on joints and on parts side by side
    with bidirectional fusion between some; the sum of both scales, averaged over time. With
    :obj:`joints=False` ("Only P") parts are pooled from the input and run through every block.

    Args:
        in_channels (int): Size of each input feature.
        skeleton (BodyGraph): The body.
        blocks (tuple[BlockSpec]): The rows of the table.
        joints (bool, optional): Whether there is a joint scale. (default: :obj:`True`)
        parts (bool, optional): Whether there is a part scale. (default: :obj:`True`)
        dropout (float, optional): Dropout probability in the blocks. (default: :obj:`0.0`)
        **kwargs (optional): Arguments of :class:`~pyg_skeleton.nn.JointConv`.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)` and the actional graph
        - **output:** :math:`(B \cdot V, D)`
    """

    def __init__(
        self,
        in_channels: int,
        skeleton: BodyGraph,
        blocks: tuple[BlockSpec, ...],
        joints: bool = True,
        parts: bool = True,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        if not (joints or parts):
            raise ValueError("expected joints or parts or both, got neither")
        self.out_channels = blocks[-1].out_channels
        self.joint_blocks = torch.nn.ModuleList()
        self.part_blocks = torch.nn.ModuleList()
        self.fuse_after: list[bool] = []
        both = joints and parts
        channels = in_channels
        for i, spec in enumerate(blocks):
            common: dict[str, Any] = {
                "kernel_size": spec.kernel_size,
                "stride": spec.stride,
                "dropout": dropout,
                "residual": i > 0,  # the paper is silent; AS-GCN has none on raw coordinates
            }
            hidden, out = spec.conv_channels, spec.out_channels
            if joints:
                self.joint_blocks.append(
                    JGTCBlock(channels, hidden, out, skeleton, **common, **kwargs)
                )
            if parts and (i > 0 or not joints):
                self.part_blocks.append(PGTCBlock(channels, hidden, out, skeleton, **common))
            self.fuse_after.append(both and spec.fuse and i > 0)
            channels = out * (2 if self.fuse_after[-1] else 1)
        self.pool = JointToPartPool(skeleton) if parts else None
        self.unpool = PartToJointUnpool(skeleton) if parts else None
        self.fusion = BidirectionalFusion(skeleton) if both else None

    def forward(
        self, x: Tensor, actional: ActionalGraph | None = None, edges: Edges | None = None
    ) -> Tensor:
        """Returns the features of each joint; :obj:`edges` are those of the joints' structural
        graph.
        """
        if len(self.part_blocks) == 0:
            for block in self.joint_blocks:
                x = block(x, actional, edges)
            return x.mean(dim=-2)
        assert self.pool is not None
        assert self.unpool is not None
        if len(self.joint_blocks) == 0:
            x = self.pool(x)
            for block in self.part_blocks:
                x = block(x)
            return self.unpool(x.mean(dim=-2))
        assert self.fusion is not None
        x = self.joint_blocks[0](x, actional, edges)
        p = self.pool(x)
        blocks = zip(self.joint_blocks[1:], self.part_blocks, self.fuse_after[1:], strict=True)
        for joint_block, part_block, fuse in blocks:
            x, p = joint_block(x, actional, edges), part_block(p)
            if fuse:
                x, p = self.fusion(x, p)
        return x.mean(dim=-2) + self.unpool(p.mean(dim=-2))
