"""Poses that a trained network finds in images."""

import torch
from torch import Tensor

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.nn.models import ImageLifter


@torch.no_grad()
def lift_images(
    model: ImageLifter, dataset: LiftingDataset, batch_size: int = 128
) -> tuple[Tensor, Tensor]:
    r"""Finds and lifts the poses in all images of a data set, in evaluation mode.

    Args:
        model (ImageLifter): A trained network.
        dataset (LiftingDataset): The images, :class:`~pyg_skeleton.datasets.RenderedPoses` say.
        batch_size (int, optional): Images at a time. (default: :obj:`128`)

    Returns:
        The poses relative to the root in millimeters, :math:`(N, V, 3)`, for
        :func:`evaluate_lifting`, and the joints in the images from -1 to 1, :math:`(N, V, 2)`;
        both on the CPU.
    """
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    try:
        found = [model(batch.to(device)) for batch in SkeletonLoader(dataset, batch_size)]
    finally:
        model.train(training)
    V = model.skeleton.num_joints
    poses = torch.cat([pose for pose, _ in found]).view(-1, V, 3).float().cpu()
    keypoints = torch.cat([keypoints for _, keypoints in found]).view(-1, V, 2).float().cpu()
    return dataset.to_millimeters(poses), keypoints
