"""Losses of motion prediction."""

from torch import Tensor


def motion_l1(prediction: Tensor, target: Tensor, num_clips: int, reduction: str = "sum") -> Tensor:
    r"""The prediction loss of the `"Symbiotic Graph Neural Networks"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 12).

    .. math::
        \mathcal{L}_{pred} = \frac{1}{N} \sum_{n=1}^{N} \| \mathcal{X}_n - \hat{\mathcal{X}}_n
        \|_1

    Args:
        prediction (torch.Tensor): The predicted frames, :math:`(\text{nodes}, T, C)`.
        target (torch.Tensor): The true frames.
        num_clips (int): The number :math:`N` of clips.
        reduction (str, optional): :obj:`"sum"` over joints, frames and channels as printed, or
            :obj:`"mean"`, which keeps the loss's scale from depending on the length.
            (default: :obj:`"sum"`)

    Raises:
        ValueError: If the shapes differ or the reduction is unknown.
    """
    if prediction.shape != target.shape:
        got, expected = tuple(prediction.shape), tuple(target.shape)
        raise ValueError(f"expected a prediction of the target's shape {expected}, got {got}")
    if reduction not in ("sum", "mean"):
        raise ValueError(f"expected reduction 'sum' or 'mean', got {reduction!r}")
    error = (prediction - target).abs()
    return error.mean() if reduction == "mean" else error.sum() / num_clips
