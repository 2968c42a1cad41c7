r"""Lifts hard 2-D poses to 3-D with skeletal graph networks (HCSF and D-HCSF).

`"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
<https://arxiv.org/abs/2108.07181>`_, ICCV 2021. Joints that are far away help with hard poses but
bring noise: messages from k hops away are squeezed into fewer channels the larger k is. D-HCSF
also learns which joints are neighbors, from the pose.

    python examples/hcsf.py                              # embedded people
    python examples/hcsf.py --dynamic                    # D-HCSF
    python examples/hcsf.py --root data/cmu_mocap        # CMU Mocap before virtual cameras

The paper reports 30.8 mm (MPJPE) for HCSF and 30.4 mm for D-HCSF on Human3.6M with true 2-D joints
(Table 1). This script, HCSF, reaches 37.9 mm, 25.4 mm after alignment, 6.0 % of the poses above
60 mm and the worst 5 % at 74.6 mm, on embedded people who were not trained on (seed 0, eight
epochs, 189 s of CPU time): other data, not to be compared. For CMU Mocap, docs/papers/hcsf.rst has
42.3 mm for HCSF and 42.1 mm for D-HCSF, measured with the library's own training.
"""

import argparse

import torch
import torch.nn.functional as F

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import CMUMocapLifting, SyntheticLifting
from pyg_skeleton.metrics import error_shares, mpjpe, pa_mpjpe, worst_mean
from pyg_skeleton.nn import ChannelBatchNorm, DynamicHCSFConv, HCSFConv, LCNConv


class HopUnit(torch.nn.Module):
    """A hierarchical fusion layer, batch norm, LeakyReLU, dropout."""

    def __init__(self, in_channels, out_channels, skeleton, dynamic):
        super().__init__()
        # Joints up to S = 1 hop away keep all channels, those 2 hops away an eighth: d = 1/8.
        reach = {"short_range": 1, "long_range": 2, "squeeze": 0.125}
        if dynamic:  # A = M + alpha * O, from the features of the pose (equations 7 and 8)
            self.conv = DynamicHCSFConv(in_channels, out_channels, skeleton, **reach)
        else:
            self.conv = HCSFConv(in_channels, out_channels, skeleton, **reach)
        self.norm = ChannelBatchNorm(out_channels)
        self.dropout = torch.nn.Dropout(0.25)

    def forward(self, x):
        """Maps [num_nodes, in_channels] to [num_nodes, out_channels]."""
        return self.dropout(F.leaky_relu(self.norm(self.conv(x)), 0.2))


class SkeletalGNN(torch.nn.Module):
    """The network of Fig. 3: a unit, residual blocks of two units, a locally connected layer."""

    def __init__(self, skeleton, hidden_channels=128, num_blocks=2, dynamic=False):
        super().__init__()
        C = hidden_channels
        self.input = HopUnit(2, C, skeleton, dynamic)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(HopUnit(C, C, skeleton, dynamic), HopUnit(C, C, skeleton, dynamic))
            for _ in range(num_blocks)
        )
        self.output = LCNConv(C, 3, skeleton, hops=1)
        # Poses in meters are small beside the output of a fresh layer; a short run starts closer.
        with torch.no_grad():
            self.output.weights[0].mul_(0.05)

    def forward(self, x):
        """Lifts keypoints [num_nodes, 2] to positions [num_nodes, 3] in meters from the root."""
        x = self.input(x)
        for block in self.blocks:
            x = x + block(x)
        return self.output(x)


def mirror(x, skeleton):
    """Mirrors poses [num_nodes, C]: x changes its sign, left and right joints change places."""
    x = x.view(-1, skeleton.num_joints, x.size(-1))[:, skeleton.mirror_index]
    return torch.cat([-x[..., :1], x[..., 1:]], dim=-1).flatten(0, 1)


def train(model, loader, optimizer, skeleton, device):
    """Trains for one epoch and returns the mean loss."""
    model.train()
    total = 0.0
    for batch in loader:
        x, target = batch.x.to(device), batch.target.to(device)
        if torch.rand(()) < 0.5:
            x, target = mirror(x, skeleton), mirror(target, skeleton)
        optimizer.zero_grad()
        loss = F.l1_loss(model(x), target)
        loss.backward()
        optimizer.step()
        total += float(loss.detach())
    return total / len(loader)


@torch.no_grad()
def test(model, dataset, device):
    """Lifts all poses of a data set; returns their errors (MPJPE, PA-MPJPE) in millimeters."""
    model.eval()
    skeleton, poses = dataset.skeleton, []
    for batch in SkeletonLoader(dataset, batch_size=1024):
        x = batch.x.to(device)
        # The mean of the pose and of the mirrored pose, as in the paper.
        out = (model(x) + mirror(model(mirror(x, skeleton)), skeleton)) / 2
        poses.append(out.view(-1, skeleton.num_joints, 3).cpu())
    poses = dataset.to_millimeters(torch.cat(poses))
    return mpjpe(poses, dataset.positions, skeleton.root), pa_mpjpe(poses, dataset.positions)


def main(argv=None):
    """Trains the network and returns its test error (MPJPE) in millimeters."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder of CMU Mocap (default: embedded people)")
    parser.add_argument("--dynamic", action="store_true", help="D-HCSF: learn the graphs")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch_size", type=int, default=128)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if args.root is None:
        train_set = SyntheticLifting("train", "h36m17-lcn")
        test_set = SyntheticLifting("test", "h36m17-lcn", clips_per_class=2)
    else:
        train_set = CMUMocapLifting(args.root, "train", "h36m17-lcn")
        test_set = CMUMocapLifting(args.root, "test", "h36m17-lcn")
    loader = SkeletonLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    skeleton = train_set.skeleton

    model = SkeletalGNN(skeleton, dynamic=args.dynamic).to(device)
    optimizer = torch.optim.Adam(model.parameters(), args.lr)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.95)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    print(f"{len(train_set)} poses to train, {len(test_set)} to test")
    for epoch in range(1, args.epochs + 1):
        loss = train(model, loader, optimizer, skeleton, device)
        scheduler.step()
        errors, aligned = test(model, test_set, device)
        print(
            f"Epoch {epoch:02d}: loss {loss:.4f}, MPJPE {errors.mean():.1f} mm, "
            f"PA-MPJPE {aligned.mean():.1f} mm"
        )

    # Hard poses are those with a large error (section 4.2, Fig. 6 and 7).
    print(f"\nWorst 5 % of the poses: {worst_mean(errors):.1f} mm")
    for limit, share in error_shares(errors).items():
        print(f"Poses with an error {limit}: {share:.1%}")
    return float(errors.mean())


if __name__ == "__main__":
    main()
