"""What a network that was trained on the embedded movements looks at."""

from functools import partial

import pytest
import torch
from torch_geometric.explain import CaptumExplainer, Explainer

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.nn import CTRGConv
from pyg_skeleton.nn.models import CTRGCN, STGCN, SkeletalGNNClassifier
from pyg_skeleton.testing import requires_package
from pyg_skeleton.transforms import Center

CLASSES = ("waving", "kicking", "walking", "bowing")
ARM, LEG = ("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot")


@pytest.fixture(scope="module")
def movements():
    def load(split, count):
        return SyntheticMotion(
            "ntu25",
            split,
            num_observed=32,
            num_future=0,
            clips_per_class=count,
            classes=CLASSES,
            transform=Center(frame="first"),
        )

    return load


SMALL = {"channels": (16, 32), "strides": (2, 2), "num_persons": 1}
NETWORKS = {
    "st_gcn": lambda: STGCN("ntu25", 4, kernel_size=5, dropout=0.0, **SMALL),
    "ctr_gcn": lambda: CTRGCN(
        "ntu25", 4, classifier_std=0.01, conv=partial(CTRGConv, mask_edges=True), **SMALL
    ),
    "hcsf": lambda: SkeletalGNNClassifier("ntu25", 4, kernel_size=5, **SMALL),
}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request, movements):
    """A small network after a few seconds of training."""
    torch.manual_seed(0)
    model = NETWORKS[request.param]()
    loader = SkeletonLoader(movements("train", 24), batch_size=16, shuffle=True, seed=0)
    optimizer = torch.optim.AdamW(model.parameters())
    steps = 20 * len(loader)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    for _ in range(20):
        for batch in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(batch), batch.y).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


@requires_package("captum")
def test_the_arm_that_waves_ranks_above_the_legs(network, movements):
    """The attribution of its edges, in the clips of people the network has not seen that it
    recognizes.
    """
    skeleton = network.skeleton
    config = {"mode": "multiclass_classification", "task_level": "graph", "return_type": "raw"}
    explainer = Explainer(
        network,
        CaptumExplainer("IntegratedGradients", n_steps=20),
        explanation_type="model",
        edge_mask_type="object",
        model_config=config,
    )

    def limb(side, parts):
        return [skeleton.joint_id(f"{side}_{part}") for part in parts]

    waving = [data for data in movements("test", 8) if int(data.y) == CLASSES.index("waving")]
    recognized = [data for data in waving if int(network(data).argmax()) == int(data.y)]
    assert len(recognized) >= 6
    for data in recognized:
        mask = explainer(data.x.flatten(1), data.edge_index).edge_mask.abs()
        rank = mask.argsort().argsort().double() / (len(mask) - 1)

        def mean_rank(joints, edges=data.edge_index, rank=rank):
            return float(rank[torch.isin(edges, torch.tensor(joints)).all(0)].mean())

        arms = {side: limb(side, ARM) for side in ("left", "right")}
        side = max(arms, key=lambda side: float(data.x[arms[side][-1]].std(0).norm()))
        legs = limb("left", LEG) + limb("right", LEG)
        assert mean_rank(arms[side]) > mean_rank(legs)
