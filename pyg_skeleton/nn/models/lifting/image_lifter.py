"""From an image to a 3-D pose."""

import copy
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from pyg_skeleton.nn.image import ImageBackbone, IntegralHead, JointFeaturePool
from pyg_skeleton.nn.models.freeze import Freezable
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.transfer import Transfer
from pyg_skeleton.skeleton import as_tree


class ImagePose(NamedTuple):
    """The output of :class:`ImageLifter`."""

    pose: Tensor
    """The 3-D pose in the target space of the graph network, ``[B * V, 3]``."""
    keypoints: Tensor
    """The joints in the image, -1 at its left and upper border, ``[B * V, 2]``."""


class ImageLifter(Freezable):
    r"""The framework of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
    <https://arxiv.org/abs/1904.03345>`_ paper (section 4, configuration 2): a 2-D network finds
    the joints in an image, and a graph network lifts them, helped by what the maps of the 2-D
    network show at each joint.

    .. math::
        \mathbf{x}_i = \left[ \mathbf{p}_i - \mathbf{p}_{root}, \;
        \mathrm{RoIAlign}_1(\mathbf{p}_i), \ldots, \mathrm{RoIAlign}_4(\mathbf{p}_i) \right]

    The features are those of all maps of the backbone but the last one (`conv_1` to `conv_4`),
    which the 2-D head reads: 64 + 256 + 512 + 1024 for a ResNet-50, 1858 per joint with the
    coordinates.

    .. code-block:: python

        backbone = ImageBackbone(torchvision.models.resnet50(weights="DEFAULT"))
        channels = 2 + sum(backbone.channels[:-1])
        graph = SemGCN(Skeleton.get("h36m16"), in_channels=channels, channelwise=True)
        pose, keypoints = ImageLifter(backbone, graph)(batch)

    Args:
        backbone (ImageBackbone): The network whose maps are looked at.
        graph (LiftingModel): The network that lifts. With 2 input channels it is given the joints
            alone, without image features.
        head_channels (int, optional): The channels of the 2-D head. (default: :obj:`256`)
        samples (int, optional): Points per direction of RoIAlign's boxes. (default: :obj:`4`)

    Shapes:
        - **input:** :obj:`image` of shape :math:`(B, 3, H, W)`, of one body each
        - **output:** :class:`ImagePose`

    Raises:
        ValueError: If the input channels of the graph network fit neither the joints nor joints
            and features.
    """

    #: See :class:`SkeletonModel`.
    per_joint: ClassVar[dict[str, int | None]] = {"head.out.weight": 0, "head.out.bias": 0}
    classes = None

    def __init__(
        self,
        backbone: ImageBackbone,
        graph: LiftingModel,
        head_channels: int = 256,
        samples: int = 4,
    ) -> None:
        super().__init__()
        self.skeleton = as_tree(graph.skeleton, "ImageLifter")
        #: The report on weights that were taken over from another network.
        self.transfer: Transfer | None = None
        self.backbone, self.graph = backbone, graph
        self.config = {**graph.config, "head_channels": head_channels, "samples": samples}
        self.head = IntegralHead(backbone.channels[-1], self.skeleton.num_joints, head_channels)
        whole = 2 + sum(backbone.channels[:-1])
        if graph.in_channels not in (2, whole):
            raise ValueError(
                f"expected a graph network with {whole} input channels (the coordinates and the "
                f"features of {backbone}) or 2 (without features), got {graph.in_channels}"
            )
        self.pool = (
            None
            if graph.in_channels == 2
            else JointFeaturePool(self.skeleton, backbone.strides[:-1], samples)
        )

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: ``backbone`` and ``head`` of the 2-D
        network, and ``graph``, the network that lifts.
        """
        return {part: [part] for part in ("backbone", "head", "graph")}

    def forward(self, data: Any) -> ImagePose:
        """Estimates 2-D joints and lifts them to 3-D poses."""
        maps, keypoints = self.find_joints(data.image)
        return ImagePose(self.lift(data, maps, keypoints), keypoints)

    def find_joints(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """The 2-D network: the maps of the backbone, and the joints in the images."""
        maps = self.backbone(images)
        return maps, 2 * self.head(maps[-1])

    def lift(self, data: Any, maps: list[Tensor], keypoints: Tensor) -> Tensor:
        """The graph network, for joints in the images."""
        V = self.skeleton.num_joints
        if keypoints.size(0) != data.x.size(0):
            raise ValueError(
                f"expected one image per body of {V} joints, got {keypoints.size(0) // V} images "
                f"for {data.x.size(0)} nodes"
            )
        places = keypoints.view(-1, V, 2)
        x = (places - places[:, self.skeleton.root, None]).flatten(0, 1)
        if self.pool is not None:
            size = data.image.shape[-2:]
            pixels = (keypoints + 1) / 2 * keypoints.new_tensor([size[1], size[0]])
            x = torch.cat([x, self.pool(maps[:-1], pixels)], dim=-1)
        data = copy.copy(data)
        data.x = x
        pose: Tensor = self.graph(data)
        return pose
