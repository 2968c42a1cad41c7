"""What networks that lift poses look at, after a few seconds of training."""

import pytest
import torch
from torch_geometric.explain import CaptumExplainer, Explainer

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import SyntheticLifting
from pyg_skeleton.nn.models import SemGCN, SkeletalGNN
from pyg_skeleton.testing import requires_package

CLASSES = ("waving", "kicking", "walking", "bowing")


class Depth(torch.nn.Module):
    """The depth of a joint."""

    def __init__(self, model, joint):
        super().__init__()
        self.model, self.joint = model, joint

    def forward(self, x, edge_index=None):
        return self.model(x, edge_index)[self.joint, 2].view(1, 1)


@pytest.fixture(scope="module", params=[SemGCN, SkeletalGNN])
def network(request):
    torch.manual_seed(0)
    model = request.param("h36m17", hidden_channels=32, num_blocks=1)
    dataset = SyntheticLifting(stride=10, clips_per_class=8, classes=CLASSES)
    loader = SkeletonLoader(dataset, 16, shuffle=True, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(5):
        for batch in loader:
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(batch), batch.target).backward()
            optimizer.step()
    return model.eval()


@requires_package("captum")
def test_the_depth_of_the_lifted_hand_depends_on_its_arm_more_than_on_the_legs(network):
    """In each pose of people that the network has not seen, for the hand that waves."""
    skeleton = network.skeleton

    def limb(side, parts):
        return torch.tensor([skeleton.joint_id(f"{side}_{part}") for part in parts])

    legs = torch.cat([limb(side, ("hip", "knee", "ankle")) for side in ("left", "right")])
    test = SyntheticLifting("test", stride=25, clips_per_class=3, classes=CLASSES)
    waving = [data for data in test if int(data.y) == CLASSES.index("waving")][::3]
    assert len(waving) == 8
    for data in waving:
        arms = [limb(side, ("shoulder", "elbow", "wrist")) for side in ("left", "right")]
        arm = min(arms, key=lambda arm: float(data.target[arm[-1], 1]))  # y points down
        explainer = Explainer(
            Depth(network, int(arm[-1])),
            CaptumExplainer("IntegratedGradients", n_steps=20),
            explanation_type="model",
            edge_mask_type="object",
            model_config={"mode": "regression", "task_level": "graph", "return_type": "raw"},
        )
        mask = explainer(data.x, data.edge_index).edge_mask.abs()
        rank = mask.argsort().argsort().double() / (len(mask) - 1)
        of_arm, of_legs = (
            rank[torch.isin(data.edge_index, joints).all(0)].mean() for joints in (arm, legs)
        )
        assert of_arm > of_legs
