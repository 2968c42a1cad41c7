"""Robustness and speed of networks that predict motion (Figures 8, 14 and 15 of its paper)."""

import time

import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.nn.loss import perturbation_ratio
from pyg_skeleton.nn.models import MotionModel, SymGNN
from pyg_skeleton.training.motion.evaluate import evaluate_motion, forecast


def perturbation_table(model: SymGNN, dataset: Dataset, seed: int = 0) -> pd.DataFrame:
    r"""Accuracy, prediction error and perturbation ratio under Gaussian noise on the input, as in
    Figures 14 and 15 of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human Action
    Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper.

    Args:
        model (SymGNN): A trained network.
        dataset (Dataset): The test clips.
        seed (int, optional): The seed of the noise. (default: :obj:`0`)

    Returns:
        A row for each standard deviation :math:`\sigma` of the noise on the standardized input.
    """
    rows = []
    for sigma in (0.0, *(i / 100 for i in range(1, 11))):
        noise = _InputNoise(model, sigma, seed)
        result = evaluate_motion(forecast(model, dataset, perturb=noise), dataset)
        row: dict[str, float] = {"sigma": sigma}
        if "recognition" in result:
            row["top1"] = result["recognition"]["top1"]
        if "prediction" in result:
            errors = result["prediction"]["per_action"]["average"]
            row["error"] = sum(errors.values()) / len(errors)
        if noise.ratios:
            row["ratio"] = sum(noise.ratios) / len(noise.ratios)
        rows.append(row)
    return pd.DataFrame(rows)


class _InputNoise:
    """Adds noise to batches and keeps the perturbation ratio of each."""

    def __init__(self, model: SymGNN, sigma: float, seed: int) -> None:
        self.model, self.sigma = model, sigma
        self.generator = torch.Generator().manual_seed(seed)
        self.ratios: list[float] = []

    def __call__(self, x: Tensor) -> Tensor:
        noisy = x + self.sigma * torch.randn(x.shape, generator=self.generator).to(x)
        clean, disturbed = self.model.actional_graph(x), self.model.actional_graph(noisy)
        if self.sigma > 0 and clean is not None and disturbed is not None:
            self.ratios.append(float(perturbation_ratio(x, noisy, clean, disturbed)))
        return noisy


@torch.no_grad()
def frames_per_20ms(
    model: MotionModel, num_observed: int, num_future: int = 10, runs: int = 5
) -> float:
    """The number of frames that a network generates in 20 ms, one clip at a time, as in Figure 8 of
    its paper; the best of several runs.

    Args:
        model (MotionModel): A network that predicts motion.
        num_observed (int): The number of observed frames.
        num_future (int, optional): The number of predicted frames. (default: :obj:`10`)
        runs (int, optional): The number of runs. (default: :obj:`5`)
    """
    training = model.training
    model.eval()
    x = torch.zeros(model.skeleton.num_joints, num_observed, model.mean.size(1)).to(model.mean)
    best = float("inf")
    for _ in range(runs + 1):  # the first run warms up
        start = time.perf_counter()
        output = model.forward_clips(x, num_future=num_future)
        if output.prediction is not None:
            float(output.prediction[0, 0, 0])  # waits for a device
        best = min(best, time.perf_counter() - start)
    model.train(training)
    return num_future * 0.02 / best
