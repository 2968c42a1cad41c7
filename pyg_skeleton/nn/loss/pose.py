"""Losses of pose regression: joints, bones and both."""

from torch import Tensor

from pyg_skeleton.skeleton import Skeleton


def pose_loss(
    prediction: Tensor,
    target: Tensor,
    skeleton: Skeleton,
    bone_weight: float = 1.0,
    norm: str = "squared",
    reduction: str = "sum",
) -> Tensor:
    r"""The loss of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
    <https://arxiv.org/abs/1904.03345>`_ paper (equation 7), averaged over the :math:`N` poses.

    .. math::
        \mathcal{L} = \frac{1}{N} \sum_{n=1}^{N} \Bigl( \sum_{i=1}^{V} \| \tilde{\mathbf{J}}_{n,i} -
        \mathbf{J}_{n,i} \|^2 + w \sum_{k=1}^{M} \| \tilde{\mathbf{B}}_{n,k} - \mathbf{B}_{n,k}
        \|^2 \Bigr), \qquad \mathbf{B}_k = \mathbf{J}_{\mathrm{parent}(k)} - \mathbf{J}_k

    The paper sums over the joints and the bones of one pose and gives both the same weight; it has
    the bones in its second configuration only (:obj:`bone_weight=0` is the first). It does
    not say how a batch is reduced. Its released code has joints only, with
    :obj:`reduction="mean"`.

    Args:
        prediction (torch.Tensor): The predicted joints.
        target (torch.Tensor): The true joints.
        skeleton (Skeleton): The layout; its bones count, its links do not.
        bone_weight (float, optional): The weight :math:`w` of the bones; with 0 they are not
            computed. (default: :obj:`1.0`)
        norm (str, optional): :obj:`"squared"` for squared differences as printed, or :obj:`"l1"`
            for absolute differences of the coordinates, as in the `"Skeletal-GNN"
            <https://arxiv.org/abs/2108.07181>`_ paper. (default: :obj:`"squared"`)
        reduction (str, optional): :obj:`"sum"` over joints and coordinates as printed, or
            :obj:`"mean"` over them, as in :class:`torch.nn.MSELoss` and
            :class:`torch.nn.L1Loss`. Poses are always averaged. (default: :obj:`"sum"`)

    Raises:
        ValueError: If the shapes differ or do not fit the skeleton, or **norm** or **reduction** is
            unknown.

    Shapes:
        - **prediction, target:** :math:`(N \cdot V, C)`
        - **output:** :math:`()`
    """
    loss = joint_loss(prediction, target, skeleton, norm, reduction)
    if bone_weight:
        loss = loss + bone_weight * bone_loss(prediction, target, skeleton, norm, reduction)
    return loss


def joint_loss(
    prediction: Tensor,
    target: Tensor,
    skeleton: Skeleton,
    norm: str = "squared",
    reduction: str = "sum",
) -> Tensor:
    """The joints' term of :func:`pose_loss`."""
    return _reduce(_difference(prediction, target, skeleton), norm, reduction)


def bone_loss(
    prediction: Tensor,
    target: Tensor,
    skeleton: Skeleton,
    norm: str = "squared",
    reduction: str = "sum",
) -> Tensor:
    """The bones' term of :func:`pose_loss`."""
    # The difference of the bones is the bone of the difference, whichever way it points.
    bones = skeleton.bone_vectors(_difference(prediction, target, skeleton), dim=1)
    return _reduce(bones, norm, reduction)


def _difference(prediction: Tensor, target: Tensor, skeleton: Skeleton) -> Tensor:
    """Returns the error of each joint, ``[N, V, C]``."""
    V = skeleton.num_joints
    if prediction.shape != target.shape or target.dim() != 2 or target.size(0) % V:
        got = f"{list(prediction.shape)} and {list(target.shape)}"
        raise ValueError(
            f"prediction and target must both be [N * {V}, C] ({skeleton.name!r}), got {got}"
        )
    return (prediction - target).view(-1, V, target.size(1))


def _reduce(difference: Tensor, norm: str, reduction: str) -> Tensor:
    if norm not in ("squared", "l1"):
        raise ValueError(f"expected norm 'squared' or 'l1', got {norm!r}")
    if reduction not in ("sum", "mean"):
        raise ValueError(f"expected reduction 'sum' or 'mean', got {reduction!r}")
    error = difference.square() if norm == "squared" else difference.abs()
    return error.mean() if reduction == "mean" else error.sum() / error.size(0)
