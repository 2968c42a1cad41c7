"""Errors on hard poses, the poses with the largest errors of a model, from Section 4.2 of the
`"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
<https://arxiv.org/abs/2108.07181>`_ paper.

All functions take the error of each pose, such as the output of
:func:`~pyg_skeleton.metrics.mpjpe`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor


def error_shares(
    errors: Tensor, above: Sequence[float] = (60, 40), below: Sequence[float] = (30,)
) -> dict[str, float]:
    r"""Computes the fractions of poses with large and with small errors (Fig. 6 of the
    `"Skeletal-GNN" <https://arxiv.org/abs/2108.07181>`_ paper).

    Args:
        errors (Tensor): The error of each pose in millimeters, :math:`(N)`.
        above (sequence of float, optional): Counts the errors above these. (default: :obj:`(60,
            40)`)
        below (sequence of float, optional): Counts the errors below these. (default: :obj:`(30,)`)

    Returns:
        dict: From ``"> 60 mm"``, ``"< 30 mm"``, ... to a fraction from 0 to 1.

    Raises:
        ValueError: If **errors** is not ``[N]`` or is empty.
    """
    _check(errors, "errors")
    shares = {f"> {limit:g} mm": errors > limit for limit in above}
    shares |= {f"< {limit:g} mm": errors < limit for limit in below}
    return {name: hits.double().mean().item() for name, hits in shares.items()}


def hardest_poses(errors: Tensor, share: float = 0.05) -> Tensor:
    r"""Returns the :math:`\lceil \mathrm{share} \cdot N \rceil` poses with the largest errors, the
    worst first.

    Args:
        errors (Tensor): The error of each pose, :math:`(N)`.
        share (float, optional): The fraction of the poses, more than 0 and at most 1.
            (default: :obj:`0.05`)

    Raises:
        ValueError: If **errors** is not ``[N]`` or is empty, or **share** is out of range.
    """
    _check(errors, "errors")
    if not 0 < share <= 1:
        raise ValueError(f"share must be more than 0 and at most 1, got {share}")
    # The product may be slightly too large: 0.07 * 100 is 7.000000000000001.
    return errors.topk(math.ceil(round(share * len(errors), 6)) or 1).indices


def worst_mean(errors: Tensor, share: float = 0.05) -> float:
    """Computes the mean error of the hardest poses, the worst 5% in Fig. 7 of the `"Skeletal-GNN"
    <https://arxiv.org/abs/2108.07181>`_ paper, see :func:`hardest_poses`.
    """
    return errors[hardest_poses(errors, share)].double().mean().item()


def hard_pose_table(
    errors: Mapping[str, Tensor],
    shares: Sequence[float] = (0.5, 0.4, 0.3, 0.2, 0.1, 0.05),
) -> pd.DataFrame:
    r"""Computes the error of all models on the hardest poses of each model, as in Fig. 1 of the
    supplement of the `"Skeletal-GNN" <https://arxiv.org/abs/2108.07181>`_ paper: each model has its
    own hard poses.

    Args:
        errors (dict): The error of each pose, :math:`(N)`, by the name of the model, all for the
            same poses.
        shares (sequence of float, optional): The fractions of hardest poses.
            (default: :obj:`(0.5, 0.4, 0.3, 0.2, 0.1, 0.05)`)

    Returns:
        pandas.DataFrame: The mean error, with one row for each model that defines the hardest poses
        (``"hardest for"``) and each fraction in percent (``"share"``), and one column for each
        evaluated model.

    Raises:
        ValueError: If there is no model, the numbers of poses differ, or a fraction is out of
            range.
    """
    for name, error in errors.items():
        _check(error, f"errors[{name!r}]")
    if len({len(error) for error in errors.values()}) != 1:
        sizes = {name: len(error) for name, error in errors.items()}
        raise ValueError(f"the models must have errors for the same poses, got {sizes}")
    rows = {
        (chosen, round(100 * share, 6)): [
            error[hardest_poses(errors[chosen], share)].double().mean().item()
            for error in errors.values()
        ]
        for chosen in errors
        for share in shares
    }
    index = pd.MultiIndex.from_tuples(rows, names=["hardest for", "share"])
    columns = pd.Index(errors, name="model")
    return pd.DataFrame(list(rows.values()), index=index, columns=columns)


def _check(errors: Tensor, name: str) -> None:
    if errors.dim() != 1 or not len(errors) or not bool(torch.isfinite(errors).all()):
        raise ValueError(f"{name} must hold a finite error for each pose, [N], got {_show(errors)}")


def _show(errors: Tensor) -> str:
    bad = int((~torch.isfinite(errors)).sum())
    return f"{list(errors.shape)}" + (f" with {bad} that are not finite" if bad else "")
