r"""TODO"""

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
    """A graph classifier; `conv(in_channels, out_channels)` makes its layers."""

    def __init__(self, conv, in_channels, hidden_channels, num_classes):
        super().__init__()
        self.conv1 = conv(in_channels, hidden_channels)
        self.conv2 = conv(hidden_channels, hidden_channels)
        self.lin = torch.nn.Linear(hidden_channels, num_classes)

    def forward(self, x, edge_index, batch=None):
        x = self.conv1(x, edge_index).relu()
        x = self.conv2(x, edge_index).relu()
        return self.lin(global_mean_pool(x, batch))


def train(model, loader, optimizer):
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
    model.eval()
    correct = 0
    for data in loader:
        data = data.to(device)
        prediction = model(data.x, data.edge_index, data.batch).argmax(dim=-1)
        correct += int((prediction == data.y).sum())
    return correct / len(loader.dataset)


def explain(model, clips):
    """How much each edge contributes to the network's answers, averaged over some clips."""
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
    """Clips of ten frames, 0.4 seconds; a joint's positions in all frames are its features."""
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder of CMU Mocap; without it, the embedded data")
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

    # Which bones, and in which direction, does the last network look along?
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
