"""Lifted poses of a trained network, and their errors."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.datasets import MPIINF3DHP, LiftingDataset
from pyg_skeleton.metrics import (
    AUC,
    MPJPE,
    MPJVE,
    NMPJPE,
    PAMPJPE,
    PCK3D,
    PerAction,
    PoseMetric,
    error_shares,
    mpjpe,
    worst_mean,
)
from pyg_skeleton.nn.models import ImageLifter, LiftingModel
from pyg_skeleton.skeleton import calibrate_bone_length
from pyg_skeleton.training.infer import infer


def lift(
    model: LiftingModel,
    dataset: LiftingDataset,
    flip: bool = True,
    calibrate: bool = False,
    batch_size: int = 1024,
) -> Tensor:
    r"""Lifts all poses of a data set.

    Args:
        model (LiftingModel): A trained network.
        dataset (LiftingDataset): The poses; its transform is left out.
        flip (bool, optional): Whether to average with the result for the mirrored poses, as the
            `"Skeletal-GNN" <https://arxiv.org/abs/2108.07181>`_ paper does and `"SemGCN"
            <https://arxiv.org/abs/1904.03345>`_ does not. (default: :obj:`True`)
        calibrate (bool, optional): Whether to scale each pose to the total bone length of a mean
            training pose, as the SemGCN paper says and its code does not do.
            (default: :obj:`False`)
        batch_size (int, optional): Poses at a time. (default: :obj:`1024`)

    Shapes:
        - **output:** positions relative to the root in millimeters, :math:`(N, V, 3)`, on the CPU

    Raises:
        ValueError: If the network was trained for another layout, number of frames or target space,
            or does not know the bone length.
    """
    _check(model, dataset)
    ids = torch.split(torch.arange(len(dataset)), batch_size)
    predicted = torch.cat([model.lift(dataset.inputs(part), flip, batch_size) for part in ids])
    poses = dataset.to_millimeters(predicted)
    if not calibrate:
        return poses
    if model.bone_length is None:
        raise ValueError("the network was saved without the bone_length of its training poses")
    return calibrate_bone_length(poses, dataset.skeleton, model.bone_length)


def lift_images(
    model: ImageLifter, dataset: LiftingDataset, batch_size: int = 128
) -> tuple[Tensor, Tensor]:
    r"""Finds and lifts the poses in all images of a data set, in evaluation mode.

    Args:
        model (ImageLifter): A trained network.
        dataset (LiftingDataset): The images, for example
            :class:`~pyg_skeleton.datasets.RenderedPoses`.
        batch_size (int, optional): Images at a time. (default: :obj:`128`)

    Returns:
        The poses relative to the root in millimeters, :math:`(N, V, 3)`, for
        :func:`evaluate_lifting`, and the joints in the images from -1 to 1, :math:`(N, V, 2)`;
        both on the CPU.
    """
    pose, keypoints = infer(model, dataset, batch_size)
    V = model.skeleton.num_joints
    return dataset.to_millimeters(pose.view(-1, V, 3).float()), keypoints.view(-1, V, 2).float()


def _check(model: LiftingModel, dataset: LiftingDataset) -> None:
    difference = model.skeleton.describe_difference(dataset.skeleton)
    if difference:
        raise ValueError(
            f"the network was trained on the {model.skeleton.num_joints} joints of "
            f"{model.skeleton.name!r}, the poses have the {dataset.skeleton.num_joints} of "
            f"{dataset.skeleton.name!r}: {difference}"
        )
    for name in ("target_space", "input_space", "num_frames"):
        expected, got = getattr(model, name), getattr(dataset, name)
        if expected != got:
            raise ValueError(
                f"expected a data set with {name}={expected!r}, as the network was trained, "
                f"got {got!r}"
            )


def evaluate_lifting(
    poses: Tensor, dataset: LiftingDataset, notes: Sequence[str] = ()
) -> dict[str, Any]:
    r"""Measures lifted poses.

    Args:
        poses (torch.Tensor): The poses relative to the root in millimeters, :math:`(N, V, 3)`, as
            returned by :func:`lift`.
        dataset (LiftingDataset): The data set.
        notes (sequence of str, optional): Further conditions for the names of the metrics: where
            the 2-D joints are from, whether poses were mirrored or calibrated.
            (default: :obj:`()`)

    Returns:
        A dictionary of plain numbers: ``found`` (the numbers of frames, poses and sequences, the
        subjects and the actions), ``metrics`` (by a name with the number of joints, the protocol,
        the target space and the notes: per action, averaged over actions and over poses, and for
        data whose tables have them (:attr:`~pyg_skeleton.datasets.LiftingDataset.by_subject`) per
        action of each subject) and
        ``hard_poses`` (the shares of poses with large and small errors, and the mean of the worst
        5 %).
    """
    skeleton, truth = dataset.skeleton, dataset.positions
    metrics: list[PoseMetric] = [
        kind(root=skeleton.root) for kind in (MPJPE, PAMPJPE, NMPJPE, PCK3D, AUC)
    ]
    if _is_continuous(dataset):
        metrics.append(MPJVE(skeleton.root))
    tables = {}
    for metric in metrics:
        per_action = PerAction(metric, dataset.actions)
        # Only this process evaluates, even where several trained.
        per_action.distributed_available_fn = lambda: False
        per_action.update(poses, truth, dataset.action_ids, dataset.sequence_ids)
        rows = per_action.table().iloc[:, 0].to_dict()
        averages = {k: float(rows.pop(f"average over {k}")) for k in ("actions", "poses")}
        name = metric.label(skeleton.num_joints, dataset.target_space, *notes)
        tables[name] = {
            "per_action": {str(action): float(value) for action, value in rows.items()},
            **{f"average over {k}": value for k, value in averages.items()},
        }
        if dataset.by_subject:
            tables[name]["per_subject"] = _per_subject(per_action, poses, dataset)
    errors = mpjpe(poses, truth, skeleton.root)
    hard = {"of": next(iter(tables)), **error_shares(errors), "worst 5 %": worst_mean(errors)}
    return {"found": _found(dataset), "metrics": tables, "hard_poses": hard}


def _per_subject(
    metric: PerAction, poses: Tensor, dataset: LiftingDataset
) -> dict[str, dict[str, float]]:
    """The errors of each subject by action."""
    subject = [sequence.subject for sequence in dataset.sequences]
    rows = {}
    for name in dataset.subjects:
        mine = torch.tensor([s == name for s in subject])[dataset.sequence_ids]
        if not bool(mine.any()):
            continue
        metric.reset()
        metric.update(
            poses[mine],
            dataset.positions[mine],
            dataset.action_ids[mine],
            dataset.sequence_ids[mine],
        )
        errors = metric.table().iloc[:, 0].to_dict()
        rows[name] = {str(action): float(value) for action, value in errors.items()}
        del rows[name]["average over poses"]
    return rows


def _is_continuous(dataset: LiftingDataset) -> bool:
    """Returns :obj:`True` if successive poses of a sequence are successive frames."""
    same = dataset.sequence_ids.diff() == 0
    follows = dataset.frame_ids.diff()[same] == 1
    in_order = bool((dataset.sequence_ids.diff() >= 0).all())
    real_time = not isinstance(dataset, MPIINF3DHP)  # frames without a label are left out there
    return real_time and in_order and bool(follows.all()) and bool(same.any())


def _found(dataset: LiftingDataset) -> dict[str, Any]:
    sequences = [dataset.sequences[i] for i in sorted(set(dataset.sequence_ids.tolist()))]
    actions = {sequence.action for sequence in sequences}
    return {
        "frames": sum(sequence.num_frames for sequence in sequences),
        "poses": len(dataset),
        "sequences": len(sequences),
        "subjects": sorted({sequence.subject for sequence in sequences}),
        "actions": [name for name in dataset.actions if name in actions],
        "missing_actions": [name for name in dataset.actions if name not in actions],
    }
