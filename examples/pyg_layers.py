r"""Puts a skeleton layer where GCNConv was in an ordinary PyG project, and explains the network.

The task is graph classification: a graph is a person, and the features of a node are the positions
of a joint in ten frames. Only the layer changes. ``SemGConv`` (`"Semantic Graph Convolutional
Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_) knows the skeleton: it
learns a weight for each edge, one matrix for a joint itself and another one for its neighbors.
PyG's GNNExplainer then tells which edges the network relies on.

    python examples/pyg_layers.py                           # embedded people, twelve actions
    python examples/pyg_layers.py --root data/cmu_mocap     # CMU Mocap, as positions

No paper reports this comparison. Reached here, on the embedded people of the test split (chance:
8.3%): GCNConv 51.6%, SemGConv 57.2%; 17 s of CPU time for both, one thread.
"""

import argparse

import torch
import torch.nn.functional as F
from torch_geometric.explain import Explainer, GNNExplainer
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GCNConv, global_mean_pool

from pyg_skeleton.datasets import CMUActions, SyntheticMotion
from pyg_skeleton.nn import SemGConv
from pyg_skeleton.transforms import Standardize


class Net(torch.nn.Module):
    """A graph classifier whose layers are made by `conv(in_channels, out_channels)`."""

    def __init__(self, conv, in_channels, hidden_channels, num_classes):
        super().__init__()
        self.conv1 = conv(in_channels, hidden_channels)
        self.conv2 = conv(hidden_channels, hidden_channels)
        self.lin = torch.nn.Linear(hidden_channels, num_classes)

    def forward(self, x, edge_index, batch=None):
        """Returns logits [num_graphs, num_classes]."""
        x = self.conv1(x, edge_index).relu()
        x = self.conv2(x, edge_index).relu()
        return self.lin(global_mean_pool(x, batch))


def train(model, loader, optimizer):
    """Trains for one epoch and returns the mean loss."""
    model.train()
    total_loss = 0.0
    for data in loader:
        data = data.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data.x, data.edge_index, data.batch), data.y)
        loss.backward()
        optimizer.step()
        total_loss += float(loss.detach()) * data.num_graphs
    return total_loss / len(loader.dataset)


@torch.no_grad()
def test(model, loader):
    """Returns the share of graphs that are classified correctly."""
    model.eval()
    correct = 0
    for data in loader:
        data = data.to(device)
        prediction = model(data.x, data.edge_index, data.batch).argmax(dim=-1)
        correct += int((prediction == data.y).sum())
    return correct / len(loader.dataset)


def explain(model, clips):
    """Returns how much each edge contributes to the answers, averaged over some clips."""
    explainer = Explainer(
        model,
        GNNExplainer(epochs=100),
        explanation_type="model",
        edge_mask_type="object",
        model_config={
            "mode": "multiclass_classification",
            "task_level": "graph",
            "return_type": "raw",
        },
    )
    masks = [explainer(data.x, data.edge_index).edge_mask for data in clips]
    return torch.stack(masks).mean(dim=0)


def load(root):
    """Returns skeleton, classes and both splits; clips have ten frames, 0.4 seconds."""
    if root:
        train_set = CMUActions(root, "train", num_frames=10, skeleton="cmu26")
        test_set = CMUActions(root, "test", num_frames=10, skeleton="cmu26")
    else:
        train_set, test_set = (
            SyntheticMotion("cmu26", split, num_observed=10, num_future=0)
            for split in ("train", "test")
        )
    standardize = Standardize.fit(train_set)
    splits = [[standardize(data) for data in dataset] for dataset in (train_set, test_set)]
    for data in [*splits[0], *splits[1]]:
        data.x = data.x.flatten(1)  # [joints, frames * 3]
    return train_set.skeleton, train_set.classes, *splits


def main(argv=None):
    """Trains with both layers; returns their accuracy and the edge mask of the second one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder of CMU Mocap (default: embedded people)")
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args(argv)

    skeleton, classes, train_set, test_set = load(args.root)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=128)
    print(train_set[0])

    layers = {
        "GCNConv": GCNConv,
        "SemGConv": lambda in_channels, out_channels: SemGConv(in_channels, out_channels, skeleton),
    }
    accuracy = {}
    for name, conv in layers.items():
        torch.manual_seed(0)
        model = Net(conv, train_set[0].num_features, 64, len(classes)).to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
        for epoch in range(1, args.epochs + 1):
            loss = train(model, train_loader, optimizer)
            accuracy[name] = test(model, test_loader)
            print(f"{name}, Epoch: {epoch:02d}, Loss: {loss:.4f}, Test: {accuracy[name]:.4f}")

    # Which edges does the last network, with SemGConv, rely on?
    clips = [data.to(device) for data in test_set if int(data.y) == 0][:5]
    mask = explain(model, clips)
    print(f"The edges that make it say {classes[0]!r}:")
    for edge in mask.argsort(descending=True)[:5].tolist():
        source, target = (skeleton.joints[j] for j in clips[0].edge_index[:, edge].tolist())
        print(f"  {source} -> {target}: {float(mask[edge]):.2f}")
    return accuracy, mask


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
if __name__ == "__main__":
    main()
