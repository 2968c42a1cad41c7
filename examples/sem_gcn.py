r"""Lifts 2-D poses to 3-D with semantic graph convolutions (SemGCN).

`"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
<https://arxiv.org/abs/1904.03345>`_, CVPR 2019. This is its configuration 1: the network sees the
joints in the image and nothing else. Image features are in ``sem_gcn_image.py``.

    python examples/sem_gcn.py                           # embedded people
    python examples/sem_gcn.py --root data/cmu_mocap     # CMU Mocap before virtual cameras

The paper reports 43.8 mm (MPJPE) on Human3.6M with true 2-D joints (Table 2). This script reaches
32.7 mm, 20.3 mm after alignment, on embedded people who were not trained on (seed 0, eight epochs,
three minutes of CPU time): other data, not to be compared. For CMU Mocap, docs/papers/sem_gcn.rst
has 42.6 mm, measured with the library's own training and mirrored poses.
"""

import argparse

import torch

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import CMUMocapLifting, SyntheticLifting
from pyg_skeleton.metrics import MPJPE, PerAction, mpjpe, pa_mpjpe
from pyg_skeleton.nn import ChannelBatchNorm, NonLocal, SemGConv
from pyg_skeleton.nn.loss import pose_loss


class GraphUnit(torch.nn.Module):
    """A semantic graph convolution, batch norm, ReLU."""

    def __init__(self, in_channels, out_channels, skeleton):
        super().__init__()
        # Equation 2: a softmax over the learned weights of the edges into each joint.
        self.conv = SemGConv(in_channels, out_channels, skeleton)
        self.norm = ChannelBatchNorm(out_channels)

    def forward(self, x):
        """Maps [num_nodes, in_channels] to [num_nodes, out_channels]."""
        return self.norm(self.conv(x)).relu()


class SemGCN(torch.nn.Module):
    """The network of Fig. 2: residual blocks of two units, each followed by a non-local layer."""

    def __init__(self, skeleton, hidden_channels=128, num_blocks=4):
        super().__init__()
        C = hidden_channels
        self.input = GraphUnit(2, C, skeleton)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(GraphUnit(C, C, skeleton), GraphUnit(C, C, skeleton))
            for _ in range(num_blocks)
        )
        # Fig. 2 has no non-local layer after the input, but the 0.43 M parameters of Table 1 and
        # the authors' code do.
        self.non_local = torch.nn.ModuleList(NonLocal(C, skeleton) for _ in range(num_blocks + 1))
        self.output = SemGConv(C, 3, skeleton)
        # Poses in meters are small beside the output of a fresh layer; a short run starts closer.
        with torch.no_grad():
            self.output.weight.mul_(0.05)

    def forward(self, x):
        """Lifts keypoints [num_nodes, 2] to positions [num_nodes, 3] in meters from the root."""
        x = self.non_local[0](self.input(x))
        for block, non_local in zip(self.blocks, self.non_local[1:], strict=True):
            x = non_local(x + block(x))
        return self.output(x)


def train(model, loader, optimizer, scheduler, skeleton, device):
    """Trains for one epoch and returns the mean loss."""
    model.train()
    total = 0.0
    for batch in loader:
        batch = batch.to(device)
        optimizer.zero_grad()
        out = model(batch.x)
        # Equation 7; its term for bones belongs to configuration 2.
        loss = pose_loss(out, batch.target, skeleton, bone_weight=0.0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += float(loss.detach())
    return total / len(loader)


@torch.no_grad()
def test(model, dataset, device):
    """Lifts all poses of a data set and returns them, in millimeters from the root."""
    model.eval()
    loader = SkeletonLoader(dataset, batch_size=1024)
    poses = torch.cat([model(batch.to(device).x).cpu() for batch in loader])
    return dataset.to_millimeters(poses.view(-1, dataset.skeleton.num_joints, 3))


def main(argv=None):
    """Trains SemGCN and returns its test error (MPJPE) in millimeters."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder of CMU Mocap (default: embedded people)")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch_size", type=int, default=128)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if args.root is None:
        train_set = SyntheticLifting("train", "h36m16")
        test_set = SyntheticLifting("test", "h36m16", clips_per_class=2)
    else:
        train_set = CMUMocapLifting(args.root, "train", "h36m16")
        test_set = CMUMocapLifting(args.root, "test", "h36m16")
    loader = SkeletonLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    skeleton = train_set.skeleton

    model = SemGCN(skeleton).to(device)
    optimizer = torch.optim.Adam(model.parameters(), args.lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, args.lr, total_steps=args.epochs * len(loader), pct_start=0.05
    )
    print(f"SemGCN, {sum(p.numel() for p in model.parameters()):,} parameters")
    print(f"{len(train_set)} poses to train, {len(test_set)} to test")
    for epoch in range(1, args.epochs + 1):
        loss = train(model, loader, optimizer, scheduler, skeleton, device)
        poses = test(model, test_set, device)
        error = mpjpe(poses, test_set.positions, skeleton.root).mean()
        aligned = pa_mpjpe(poses, test_set.positions).mean()
        print(f"Epoch {epoch}: loss {loss:.4f}, MPJPE {error:.1f} mm, PA-MPJPE {aligned:.1f} mm")

    print("\nPer action, as in Table 2")
    metric = PerAction(MPJPE(skeleton.root), test_set.actions)
    metric.update(poses, test_set.positions, test_set.action_ids)
    print(metric.table().round(1).to_string())
    return float(error)


if __name__ == "__main__":
    main()
