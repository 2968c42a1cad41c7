r"""Contrasts the graphs that CTR-GCN learns for clips of one action and of others (SkeletonGCL).

`"Graph Contrastive Learning for Skeleton-based Action Recognition"
<https://arxiv.org/abs/2301.10900>`_, ICLR 2023. Beside the loss of the classes, the graphs of clips
of one action are pulled together and those of different actions apart, across the whole training
set: two memory banks hold embeddings of earlier clips. At test time nothing is added.

    python examples/skeleton_gcl.py                   # embedded people
    python examples/skeleton_gcl.py --no_contrast     # CTR-GCN alone
    python examples/skeleton_gcl.py --root data/nw_ucla --epochs 24 --num_frames 52

The paper reports 95.1 % for CTR-GCN on Northwestern-UCLA with the contrast, 94.6 % without (joints,
Table 2). This script recognizes 87.1 % of the clips of embedded people who were not trained on, and
82.9 % with --no_contrast (seed 0, 12 movements, 142 and 137 s of CPU time): one seed, which decides
nothing. For Northwestern-UCLA, docs/papers/skeleton_gcl.rst has 92.0 and 91.6 % with the contrast,
90.3 and 93.3 % without (two seeds), measured with the library's own training of 24 epochs.
"""

import argparse

import torch
import torch.nn.functional as F
from torch_geometric.nn import global_mean_pool

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import NWUCLA, SyntheticMotion
from pyg_skeleton.nn import CTRGConv, JointBatchNorm, MultiScaleTemporalConv, STBlock
from pyg_skeleton.nn.loss import graph_contrast_loss
from pyg_skeleton.nn.models import InstanceBank, SemanticBank
from pyg_skeleton.transforms import ctrgcn_nw_ucla


class CTRGCN(torch.nn.Module):
    """Six blocks instead of the paper's ten, half as wide: for two cores.

    The paper's have 64, 64, 64, 64, 128, 128, 128, 256, 256, 256 channels and a stride of 2 in
    blocks 5 and 8.
    """

    channels = (32, 32, 64, 64, 128, 128)
    strides = (1, 1, 2, 1, 2, 1)

    def __init__(self, skeleton, num_classes, in_channels=3):
        super().__init__()
        self.norm = JointBatchNorm(skeleton.num_joints, in_channels)
        self.blocks = torch.nn.Sequential()
        width = in_channels
        for channels, stride in zip(self.channels, self.strides, strict=True):
            conv = CTRGConv(width, channels, skeleton)
            temporal = MultiScaleTemporalConv(channels, channels, stride=stride)
            residual = len(self.blocks) > 0  # coordinates are not added to features
            self.blocks.append(STBlock(conv, temporal, stride, residual))
            width = channels
        self.classifier = torch.nn.Linear(width, num_classes)

    def forward(self, x, batch):
        """Classifies clips: [num_nodes, num_frames, in_channels] to [num_clips, num_classes]."""
        h = self.blocks(self.norm(x))
        h = global_mean_pool(h.mean(dim=1), batch)  # over frames, then over the joints of a clip
        return self.classifier(h)


class GraphContrast(torch.nn.Module):
    """The projection head and the two memory banks of Fig. 2."""

    def __init__(self, num_joints, num_classes, channels=256, per_class=342, momentum=0.85):
        super().__init__()
        self.head = torch.nn.Linear(3 * num_joints**2, channels)
        torch.nn.init.normal_(self.head.weight, std=(2 / num_classes) ** 0.5)
        torch.nn.init.zeros_(self.head.bias)
        self.instances = InstanceBank(num_classes, per_class, channels)
        self.semantics = SemanticBank(num_classes, channels, momentum)

    def forward(self, graph, y):
        """Returns the loss of graphs [num_clips, 3, C, V, V], and stores them in the banks."""
        v = F.normalize(self.head(graph.mean(dim=2).flatten(1)))
        # The latest clips of each class: the least similar of the own class are positives, the
        # most similar and random ones of the other classes are negatives. Clones, because the
        # banks change before the backward pass.
        bank, bank_y, valid = self.instances.read()
        loss = graph_contrast_loss(
            v, y, bank.clone(), bank_y, valid, num_positives=128, num_hard=512, num_random=512
        )
        # The running mean of each class: one positive, all others are negatives.
        mean, mean_y, valid = self.semantics.read()
        loss = loss + graph_contrast_loss(
            v, y, mean.clone(), mean_y, valid, num_positives=1, negatives="hard"
        )
        self.instances.update(v.detach(), y)
        self.semantics.update(v.detach(), y)
        return loss


def train(model, contrast, loader, optimizer, scheduler, device):
    """Trains for one epoch; returns the mean losses of the classes and of the contrast."""
    model.train()
    graphs = []
    # The layer of the last block that refines the graph of each clip.
    hook = model.blocks[-1].conv.refinement.register_forward_hook(
        lambda module, args, graph: graphs.append(graph)
    )
    totals = torch.zeros(2)
    for batch in loader:
        batch = batch.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch.x, batch.batch), batch.y)
        nce = contrast(graphs.pop(), batch.y) if contrast else torch.zeros(())
        (loss + nce).backward()
        optimizer.step()
        scheduler.step()
        totals += torch.tensor([float(loss.detach()), float(nce.detach())])
    hook.remove()
    return (totals / len(loader)).tolist()


@torch.no_grad()
def test(model, loader, device):
    """Returns the share of clips that are recognized (top-1)."""
    model.eval()
    correct = 0
    for batch in loader:
        batch = batch.to(device)
        pred = model(batch.x, batch.batch).argmax(dim=1)
        correct += int((pred == batch.y).sum())
    return correct / len(loader.dataset)


def main(argv=None):
    """Trains CTR-GCN with the contrast and returns its test accuracy."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder of NW-UCLA (default: embedded people)")
    parser.add_argument("--no_contrast", action="store_true", help="train CTR-GCN alone")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--num_frames", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if args.root is None:
        people = {"num_observed": 60, "num_future": 0}
        train_set = SyntheticMotion("kinect20", "train", clips_per_class=40, **people)
        test_set = SyntheticMotion("kinect20", "test", clips_per_class=20, **people)
    else:  # views 1 and 2 to train, each clip five times per epoch; view 3 to test
        train_set, test_set = NWUCLA(args.root, "train"), NWUCLA(args.root, "test")
    # As in the authors' code: centered, seen from a random side, scaled to [-1, 1], frames drawn.
    train_set.transform = ctrgcn_nw_ucla(train=True, num_frames=args.num_frames)
    test_set.transform = ctrgcn_nw_ucla(train=False, num_frames=args.num_frames)
    train_loader = SkeletonLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    test_loader = SkeletonLoader(test_set, batch_size=64)

    model = CTRGCN(train_set.skeleton, train_set.num_classes).to(device)
    parameters = list(model.parameters())
    contrast = None
    if not args.no_contrast:
        contrast = GraphContrast(train_set.skeleton.num_joints, train_set.num_classes).to(device)
        parameters += contrast.parameters()
    optimizer = torch.optim.SGD(parameters, args.lr, momentum=0.9, nesterov=True, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        args.lr,
        total_steps=args.epochs * len(train_loader),
        pct_start=0.05,
        cycle_momentum=False,
    )
    print(f"CTR-GCN, {sum(p.numel() for p in model.parameters()):,} parameters")
    print(f"{len(train_set)} clips to train, {len(test_set)} to test")
    for epoch in range(1, args.epochs + 1):
        loss, nce = train(model, contrast, train_loader, optimizer, scheduler, device)
        accuracy = test(model, test_loader, device)
        print(
            f"Epoch {epoch:02d}: loss {loss:.4f}, contrast {nce:.4f}, test accuracy {accuracy:.1%}"
        )
    return accuracy


if __name__ == "__main__":
    main()
