"""What a network makes of clips: scores, by the name of the clip."""

from typing import Any

import pandas as pd
import torch
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.training.recognition.module import logits_of
from pyg_skeleton.training.recognition.score_files import check_scores


@torch.no_grad()
def recognize(model: torch.nn.Module, dataset: Dataset, batch_size: int = 64) -> pd.DataFrame:
    r"""Runs a network over the clips of a data set, in evaluation mode.

    Args:
        model (torch.nn.Module): The network.
        dataset (Dataset): The clips, with :obj:`classes`, and :obj:`names` where they have names.
        batch_size (int, optional): Clips at a time. (default: :obj:`64`)

    Returns:
        A row for each clip, by its name: :obj:`label`, the number of its class (-1 if it has none),
        and the logit of each class.
    """
    device = next(model.parameters()).device
    logits, labels = [], []
    training = model.training
    model.eval()
    try:
        for batch in SkeletonLoader(dataset, batch_size):
            batch = batch.to(device)
            logits.append(logits_of(model(batch)).float().cpu())
            none = torch.full((batch.num_graphs,), -1)
            labels.append(none if batch.y is None else batch.y.view(-1).cpu())
    finally:
        model.train(training)
    names: Any = getattr(dataset, "names", None)
    clips = pd.Index([str(i) for i in range(len(dataset))] if names is None else names, name="clip")
    table = pd.DataFrame(torch.cat(logits).numpy(), clips, list(dataset.classes))
    table.insert(0, "label", torch.cat(labels).numpy())
    return check_scores(table, "these scores")
