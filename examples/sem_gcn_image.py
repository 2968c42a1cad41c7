r"""Finds people in images and lifts them to 3-D with the help of image features (SemGCN).

`"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
<https://arxiv.org/abs/1904.03345>`_, CVPR 2019, configuration 2, of which no code was released. A
2-D network finds the joints in the image; the graph network reads them together with the features
of the 2-D network around each joint. Training has three stages: the 2-D network, the graph network
on the frozen 2-D network, and both. Images are rendered from the poses.

    python examples/sem_gcn_image.py                           # embedded people
    python examples/sem_gcn_image.py --no_features             # joints alone
    python examples/sem_gcn_image.py --root data/cmu_mocap     # CMU Mocap

The paper reports 57.6 mm (MPJPE) on Human3.6M with image features and 60.8 mm from the joints of a
2-D detector alone (Table 2). This script reaches 39.9 mm after stage 2 and 35.9 mm after stage 3 on
rendered embedded people who were not trained on (seed 0, 140 s of CPU time): other data, not to be
compared. docs/papers/sem_gcn.rst compares a smaller graph network with and without features.
"""

import argparse

import torch

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import CMUMocapLifting, RenderedPoses, SyntheticLifting
from pyg_skeleton.metrics import mpjpe
from pyg_skeleton.nn import (
    ChannelBatchNorm,
    ImageBackbone,
    IntegralHead,
    JointFeaturePool,
    NonLocal,
    SemGConv,
    SmallResNet,
    integral_loss,
)
from pyg_skeleton.nn.loss import pose_loss


class JointFinder(torch.nn.Module):
    """The 2-D network: a backbone, deconvolutions, and the mean place of each heat map."""

    def __init__(self, num_joints):
        super().__init__()
        # The paper has a ResNet-50: ImageBackbone(torchvision.models.resnet50()).
        self.backbone = ImageBackbone(SmallResNet())
        self.head = IntegralHead(self.backbone.channels[-1], num_joints, hidden_channels=64)

    def forward(self, image):
        """Returns feature maps and keypoints [num_nodes, 2], -1 to 1 from border to border."""
        maps = self.backbone(image)
        return maps[:-1], 2 * self.head(maps[-1])


class GraphUnit(torch.nn.Module):
    """A semantic graph convolution with edge weights per channel, batch norm, ReLU."""

    def __init__(self, in_channels, out_channels, skeleton):
        super().__init__()
        self.conv = SemGConv(in_channels, out_channels, skeleton, channelwise=True)  # equation 3
        self.norm = ChannelBatchNorm(out_channels)

    def forward(self, x):
        """Maps [num_nodes, in_channels] to [num_nodes, out_channels]."""
        return self.norm(self.conv(x)).relu()


class ImageSemGCN(torch.nn.Module):
    """The graph network of Fig. 3: it reads joints and what the image shows around them."""

    def __init__(self, skeleton, backbone, features=True, hidden_channels=128, num_blocks=4):
        super().__init__()
        self.skeleton, C = skeleton, hidden_channels
        # RoIAlign in a box around each joint, as wide as a mean bone (section 4.2).
        self.pool = JointFeaturePool(skeleton, backbone.strides[:-1]) if features else None
        width = 2 + sum(backbone.channels[:-1]) * features
        self.input = GraphUnit(width, C, skeleton)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(GraphUnit(C, C, skeleton), GraphUnit(C, C, skeleton))
            for _ in range(num_blocks)
        )
        self.non_local = torch.nn.ModuleList(NonLocal(C, skeleton) for _ in range(num_blocks + 1))
        self.output = SemGConv(C, 3, skeleton, channelwise=True)
        with torch.no_grad():  # poses in meters are small beside the output of a fresh layer
            self.output.weight.mul_(0.05)

    def forward(self, keypoints, maps, image_size):
        """Lifts keypoints [num_nodes, 2] to positions [num_nodes, 3] in meters from the root."""
        places = keypoints.view(-1, self.skeleton.num_joints, 2)
        x = (places - places[:, self.skeleton.root, None]).flatten(0, 1)
        if self.pool is not None:
            pixels = (keypoints + 1) / 2 * image_size
            x = torch.cat([x, self.pool(maps, pixels)], dim=-1)
        x = self.non_local[0](self.input(x))
        for block, non_local in zip(self.blocks, self.non_local[1:], strict=True):
            x = non_local(x + block(x))
        return self.output(x)


def train(stage, finder, lifter, loader, num_epochs, lr, device):
    """Trains for one of the three stages and returns the mean loss of its last epoch."""
    finder.train(stage != 2).requires_grad_(stage != 2)  # frozen in stage 2, statistics included
    lifter.train()
    networks = {1: [finder], 2: [lifter], 3: [finder, lifter]}[stage]
    parameters = [p for network in networks for p in network.parameters()]
    optimizer = torch.optim.Adam(parameters, lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=num_epochs * len(loader), pct_start=0.05
    )
    for _ in range(num_epochs):
        total = 0.0
        for batch in loader:
            batch = batch.to(device)
            maps, keypoints = finder(batch.image)
            loss = torch.zeros((), device=device)
            if stage != 2:  # the 2-D network, L1 in units of the image (section 5.1)
                loss = loss + integral_loss(keypoints / 2, batch.x / 2, batch.num_graphs)
            if stage != 1:  # the graph network, joints and bones (equation 7)
                pose = lifter(keypoints, maps, batch.image.size(-1))
                loss = loss + pose_loss(pose, batch.target, lifter.skeleton, bone_weight=1.0)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            scheduler.step()
            total += float(loss.detach())
    return total / len(loader)


@torch.no_grad()
def test(finder, lifter, dataset, device):
    """Returns the errors in the image (pixels) and in space (MPJPE, millimeters)."""
    finder.eval()
    lifter.eval()
    V, size, found, poses = dataset.skeleton.num_joints, dataset.images.size(-1), [], []
    for batch in SkeletonLoader(dataset, batch_size=128):
        maps, keypoints = finder(batch.image.to(device))
        poses.append(lifter(keypoints, maps, size).view(-1, V, 3).cpu())
        found.append(keypoints.view(-1, V, 2).cpu())
    pixels = (torch.cat(found) - dataset.keypoints).norm(dim=-1).mean() * size / 2
    poses = dataset.to_millimeters(torch.cat(poses))
    return float(pixels), float(mpjpe(poses, dataset.positions, dataset.skeleton.root).mean())


def render(root, split, image_size):
    """Images of the people of a split, five per second from two cameras."""
    if root is None:
        clips = {"train": 60, "test": 10}[split]
        poses = SyntheticLifting(
            split, "h36m16", clips_per_class=clips, clip_length=25, num_subjects=30, num_cameras=2
        )
        return RenderedPoses(poses.sequences, poses.skeleton, stride=5, image_size=image_size)
    poses = CMUMocapLifting(root, split, "h36m16", num_cameras=2)
    return RenderedPoses(poses.sequences, poses.skeleton, stride=6, image_size=image_size)


def main(argv=None):
    """Trains both networks in three stages and returns the test error (MPJPE) in millimeters."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder of CMU Mocap (default: embedded people)")
    parser.add_argument("--no_features", action="store_true", help="lift the joints alone")
    parser.add_argument("--epochs", type=int, nargs=3, default=[3, 3, 2], help="of each stage")
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--image_size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_set, test_set = (render(args.root, s, args.image_size) for s in ("train", "test"))
    loader = SkeletonLoader(train_set, args.batch_size, shuffle=True, drop_last=True)

    finder = JointFinder(train_set.skeleton.num_joints).to(device)
    features = not args.no_features
    lifter = ImageSemGCN(train_set.skeleton, finder.backbone, features).to(device)
    for name, network in (("2-D network", finder), ("Graph network", lifter)):
        print(f"{name}: {sum(p.numel() for p in network.parameters()):,} parameters")
    print(f"{len(train_set)} images to train, {len(test_set)} to test")
    for stage, num_epochs in enumerate(args.epochs, start=1):
        lr = args.lr * (0.3 if stage == 3 else 1.0)
        loss = train(stage, finder, lifter, loader, num_epochs, lr, device)
        pixels, error = test(finder, lifter, test_set, device)
        lifted = f", MPJPE {error:.1f} mm" if stage > 1 else ""
        print(f"Stage {stage}: loss {loss:.4f}, 2-D error {pixels:.2f} pixels{lifted}")
    return error


if __name__ == "__main__":
    main()
