"""What a run of Sym-GNN leaves behind: pictures, robustness, speed."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.datasets import ExpMapDataset, exp_map_to_positions
from pyg_skeleton.nn.loss import perturbation_ratio
from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.training.motion.evaluate import Forecast, evaluate_motion, forecast


def draw_sym_gnn(result: Forecast, dataset: Dataset, out: Path, metrics: Path | None) -> list[str]:
    """Draws Fig. 11 (actional edges), 12 (t-SNE), 13 (predicted poses), a GIF and the curves.

    Args:
        result (Forecast): What the network made of the test clips.
        dataset (Dataset): The test clips.
        out (Path): The folder for the pictures.
        metrics (Path, optional): The CSV file of the training.

    Returns:
        The names of the files.
    """
    from pyg_skeleton import visualization as viz

    skeleton, up = dataset.skeleton, "y"
    written = []

    def save(figure: Any, name: str) -> None:
        figure.savefig(out / name, dpi=120, bbox_inches="tight")
        written.append(name)

    def positions(motion: Tensor) -> Tensor:  # [T, V, 3] of either kind
        if not isinstance(dataset, ExpMapDataset):
            return motion
        return exp_map_to_positions(motion.transpose(0, 1), skeleton).transpose(0, 1)

    if metrics is not None and metrics.exists():
        save(viz.plot_curves(metrics, title="Training of Sym-GNN"), "curves.png")
    moving = result.target if result.target.size(1) > 1 else result.observed
    clip = int(moving.std(1).sum((1, 2)).argmax())  # the liveliest shows most
    name = dataset.classes[int(result.body_label[clip])]
    if result.actional is not None:
        save(
            viz.plot_actional_edges(
                positions(result.observed[clip])[-1],
                skeleton,
                result.actional[clip],
                up=up,
                title=f"15 strongest actional edges: {name}",
            ),
            "actional_edges.png",
        )
        if len(result.clip) >= 10:
            graphs, labels = result.actional, result.body_label
            save(viz.plot_graph_tsne(graphs, labels, dataset.classes), "actional_tsne.png")
    if result.prediction is not None and result.prediction.size(1) > 1:
        truth, guess = positions(result.target[clip]), positions(result.prediction[clip])
        title = f"{name}: predicted motion"
        save(viz.plot_prediction_strip(truth, guess, skeleton, up=up, title=title), "strip.png")
        past = positions(result.observed[clip])
        viz.animate(
            {"truth": torch.cat([past, truth]), "Sym-GNN": torch.cat([past, guess])},
            skeleton,
            out / "prediction.gif",
            up=up,
            title=name,
            num_observed=past.size(0),
        )
        written.append("prediction.gif")
    if result.logits is not None:
        classes = len(dataset.classes)
        cells = result.label * classes + result.logits.argmax(1)
        matrix = torch.bincount(cells, minlength=classes**2).view(classes, classes)
        save(viz.plot_confusion(matrix, dataset.classes), "confusion.png")
    return written


def perturbation_table(model: SymGNN, dataset: Dataset, seed: int = 0) -> pd.DataFrame:
    r"""Accuracy, prediction error and the perturbation ratio under Gaussian noise on the input, as
    in Fig. 14 and 15 of the paper.

    Args:
        model (SymGNN): A trained network.
        dataset (Dataset): The test clips.
        seed (int, optional): The seed of the noise. (default: :obj:`0`)

    Returns:
        A row per standard deviation :math:`\sigma` (of the standardized input).
    """
    rows = []
    for sigma in (0.0, *(i / 100 for i in range(1, 11))):
        disturb = _Disturbance(model, sigma, seed)
        measured = evaluate_motion(forecast(model, dataset, perturb=disturb), dataset)
        row: dict[str, float] = {"sigma": sigma}
        if "recognition" in measured:
            row["top1"] = measured["recognition"]["top1"]
        if "prediction" in measured:
            errors = measured["prediction"]["per_action"]["average"]
            row["error"] = sum(errors.values()) / len(errors)
        if disturb.ratios:
            row["ratio"] = sum(disturb.ratios) / len(disturb.ratios)
        rows.append(row)
    return pd.DataFrame(rows)


class _Disturbance:
    """Adds noise to batches and keeps the perturbation ratio of each."""

    def __init__(self, model: SymGNN, sigma: float, seed: int) -> None:
        self.model, self.sigma = model, sigma
        self.generator = torch.Generator().manual_seed(seed)
        self.ratios: list[float] = []

    def __call__(self, x: Tensor) -> Tensor:
        noisy = x + self.sigma * torch.randn(x.shape, generator=self.generator).to(x)
        clean, dirty = self.model.actional_graph(x), self.model.actional_graph(noisy)
        if self.sigma > 0 and clean is not None and dirty is not None:
            self.ratios.append(float(perturbation_ratio(x, noisy, clean, dirty)))
        return noisy


@torch.no_grad()
def frames_per_20ms(model: SymGNN, num_observed: int, num_future: int = 10, runs: int = 5) -> float:
    """How many frames a network generates in 20 ms, one clip at a time (Fig. 8; best of runs).

    Args:
        model (SymGNN): A network with a prediction head.
        num_observed (int): The number of observed frames.
        num_future (int, optional): The number of predicted frames. (default: :obj:`10`)
        runs (int, optional): How often to try. (default: :obj:`5`)
    """
    training = model.training
    model.eval()
    x = torch.zeros(model.skeleton.num_joints, num_observed, model.mean.size(1)).to(model.mean)
    best = float("inf")
    for _ in range(runs + 1):  # the first one warms up
        start = time.perf_counter()
        output = model.forward_clips(x, num_future=num_future)
        if output.prediction is not None:
            float(output.prediction[0, 0, 0])  # waits for a device
        best = min(best, time.perf_counter() - start)
    model.train(training)
    return num_future * 0.02 / best
