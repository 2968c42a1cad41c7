"""Images: backbones, the 2-D head, and features at each joint."""

from pyg_skeleton.nn.image.image_backbone import ImageBackbone
from pyg_skeleton.nn.image.integral import integral_loss, soft_argmax
from pyg_skeleton.nn.image.integral_head import IntegralHead
from pyg_skeleton.nn.image.joint_feature_pool import JointFeaturePool
from pyg_skeleton.nn.image.roi_align import roi_align
from pyg_skeleton.nn.image.small_resnet import SmallResNet

__all__ = [
    "ImageBackbone",
    "IntegralHead",
    "JointFeaturePool",
    "SmallResNet",
    "integral_loss",
    "roi_align",
    "soft_argmax",
]
