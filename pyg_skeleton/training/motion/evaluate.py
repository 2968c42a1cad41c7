"""Forecasts of a trained network or of the zero-velocity baseline, and their errors."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch_geometric.data import Dataset
from torch_geometric.transforms import Compose
from torchmetrics import Metric

from pyg_skeleton.datasets import ExpMapDataset
from pyg_skeleton.metrics import PCK, MeanAngleError, MPJPEPerFrame, zero_velocity
from pyg_skeleton.nn.models import MotionModel
from pyg_skeleton.training.checks import check_classes
from pyg_skeleton.training.infer import infer
from pyg_skeleton.transforms import Standardize

M = TypeVar("M", bound=Metric)

#: The times at which the published tables give the error, in milliseconds.
HORIZONS_MS = (80, 160, 320, 400, 560, 1000)


class Forecast(NamedTuple):
    """A network's output for a data set, in the units of the data; a clip has one body or more."""

    observed: Tensor
    target: Tensor
    prediction: Tensor | None
    logits: Tensor | None
    label: Tensor
    """The class of each clip; -1 where the data have none."""
    clip: Tensor
    """The clip of each body."""
    actional: Tensor | None
    """The actional graphs, ``[bodies, V * V]``, by (target, source)."""

    @property
    def body_label(self) -> Tensor:
        """The class of the clip of each body."""
        return self.label[self.clip]


def forecast(
    model: MotionModel | None,
    dataset: Dataset,
    batch_size: int = 64,
    perturb: Callable[[Tensor], Tensor] | None = None,
) -> Forecast:
    r"""Runs a network over a data set of raw clips (:obj:`None` predicts the last pose).

    The number of predicted frames is that of the data's targets or, without targets, that of the
    network.

    Args:
        model (MotionModel, optional): The network; it knows its data's mean and deviation.
        dataset (Dataset): Clips in raw units; of its transform, :class:`Standardize` is left out.
        batch_size (int, optional): Clips at a time. (default: :obj:`64`)
        perturb (callable, optional): Changes the standardized input. (default: :obj:`None`)

    Shapes:
        - **output:** motions :math:`(\sum M, T, V, C)`, logits :math:`(N, \text{classes})`

    Raises:
        ValueError: If the network recognizes other classes than the data have.
    """
    if model is not None and model.recognizes:
        check_classes(model.classes, getattr(dataset, "classes", None), "the network")
    V, clips = dataset.skeleton.num_joints, 0

    def motions(x: Tensor) -> Tensor:
        return x.view(x.size(0) // V, V, *x.shape[1:]).transpose(1, 2)

    def step(batch: Any) -> Forecast:
        nonlocal clips
        x, target = batch.x, getattr(batch, "target", batch.x[:, :0])
        clip, clips = batch.batch[::V] + clips, clips + batch.num_graphs
        prediction, logits, actional = None, None, None
        if model is None:
            prediction = zero_velocity(x, target.size(1))
        else:
            mean, std = (v.repeat(len(clip), 1).unsqueeze(1) for v in (model.mean, model.std))
            batch.x = (x - mean) / std
            if perturb is not None:
                batch.x = perturb(batch.x)
            output = model(batch, num_future=target.size(1) or None)
            logits = output.logits
            if output.prediction is not None:
                prediction = output.prediction * std + mean
            if output.actional is not None:
                actional = output.actional.edge_weight.view(len(clip), -1)
        if prediction is not None:
            prediction = motions(prediction)
        label = torch.full((batch.num_graphs,), -1) if batch.y is None else batch.y
        return Forecast(motions(x), motions(target), prediction, logits, label, clip, actional)

    transform = dataset.transform
    kept = [step for step in steps_of(transform) if not isinstance(step, Standardize)]
    dataset.transform = Compose(kept) if kept else None
    try:
        result: Forecast = infer(model or torch.nn.Identity(), dataset, batch_size, step)
    finally:
        dataset.transform = transform
    return result


def steps_of(transform: Any) -> list[Any]:
    """The transforms that a transform is made of, none for :obj:`None`."""
    if transform is None:
        return []
    return list(transform.transforms) if isinstance(transform, Compose) else [transform]


def evaluate_motion(result: Forecast, dataset: Dataset) -> dict[str, Any]:
    """Measures a forecast by the protocol of its data.

    Exp-map data are measured by :class:`~pyg_skeleton.metrics.MeanAngleError` (radians), positions
    by :class:`~pyg_skeleton.metrics.MPJPEPerFrame` (meters) and PCK at 0.05 of the torso.

    Returns:
        A dictionary of plain numbers: ``recognition`` (``top1``, ``top5``) and ``prediction``
        (``metric``, and the error per action and horizon in milliseconds), for the heads of the
        network.
    """
    out: dict[str, Any] = {"clips": len(result.label)}
    if result.logits is not None and bool((result.label >= 0).all()):
        top = result.logits.topk(min(5, result.logits.size(1))).indices == result.label[:, None]
        out["recognition"] = {
            "top1": top[:, 0].float().mean().item(),
            "top5": top.any(1).float().mean().item(),
        }
    if result.prediction is not None and result.target.size(1) > 0:
        measure = _angles if isinstance(dataset, ExpMapDataset) else _positions
        out["prediction"] = measure(result, dataset)
    return out


def _angles(result: Forecast, dataset: ExpMapDataset) -> dict[str, Any]:
    metric = _of_this_process(MeanAngleError(**dataset.angle_error_options()))
    assert result.prediction is not None
    metric.update(result.prediction, result.target, result.body_label)
    rows = metric.table()
    name = f"mean angle error (rad), {dataset.protocol}, {dataset.num_windows} windows per action"
    return {
        "metric": name,
        "per_action": {
            str(action): {str(ms): float(value) for ms, value in row.items()}
            for action, row in rows.iterrows()
        },
        "missing_actions": dataset.missing_actions,
    }


def _positions(result: Forecast, dataset: Dataset) -> dict[str, Any]:
    assert result.prediction is not None
    T, label = result.target.size(1), result.body_label
    frames = {ms: round(ms * dataset.fps / 1000) - 1 for ms in HORIZONS_MS}
    frames = {ms: t for ms, t in frames.items() if 0 <= t < T}
    frames = frames or {round(1000 * T / dataset.fps): T - 1}
    rows: dict[str, dict[str, float]] = {}
    for number, action in [*enumerate(dataset.classes), (None, "average")]:
        chosen = torch.ones_like(label, dtype=torch.bool) if number is None else label == number
        if not bool(chosen.any()):
            continue
        metric = _of_this_process(MPJPEPerFrame(T))
        metric.update(result.prediction[chosen], result.target[chosen])
        error = metric.compute().view(-1)  # torchmetrics squeezes a single frame
        rows[action] = {str(ms): float(error[t]) for ms, t in frames.items()}
    out: dict[str, Any] = {"metric": "MPJPE per frame (m), not aligned", "per_action": rows}
    names = dataset.skeleton.joints
    pair = [n for n in ("pelvis", "neck", "spine_shoulder", "thorax") if n in names][:2]
    if len(pair) == 2:
        torso = (names.index(pair[0]), names.index(pair[1]))
        pck = _of_this_process(PCK("torso", alpha=0.05, num_frames=T, torso=torso))
        pck.update(result.prediction, result.target)
        value = pck.compute().view(-1)
        out["pck@0.05 torso"] = {str(ms): float(value[t]) for ms, t in frames.items()}
        out["pck@0.05 torso, by frame"] = value.tolist()
        out["pck@0.05 torso, average"] = float(value.mean())
    return out


def _of_this_process(metric: M) -> M:
    """Keeps a metric from waiting for the other processes that trained."""
    metric.distributed_available_fn = lambda: False
    return metric
