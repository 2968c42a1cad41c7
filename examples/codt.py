r"""Clusters the clips of one domain with the help of labeled clips of another one (CoDT).

`"Collaborating Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action
Recognition" <https://arxiv.org/abs/2207.09767>`_, ECCV 2022. Branch B0 sees source and target on
the joints that both have, branch B1 sees the target alone with all its joints. Stage 1 learns
features. Stage 2 starts from k-means; each branch learns from balanced pseudo labels of its own
(OCM) and from pairs that the other branch finds (CCM).

    python examples/codt.py                  # embedded people: two styles, six actions each
    python examples/codt.py --root data      # data/nw_ucla to data/cmu_mocap

Reported on NTU-60+ to PKU-MMD, accuracy of B0 and B1: 54.8% and 42.7% by k-means on the features
(BM), 68.2% and 67.8% for CoDT. Reached here on 150 held-out clips of the embedded people, six
clusters, one seed:

    stage 1, by k-means (BM): 70.7% and 30.7% (B0 has 50 to 71% in the last eight epochs)
    stage 2, by classifier: 54.0% and 32.7% (clusters at random: 26%)
    102 s of CPU time, one thread

Both branches beat random clusters, but in this short run stage 2 does not improve on BM for B0 and
hardly for B1. The command ``pyg-skeleton train clustering`` has three times the clips and longer
stages, with which it does: see ``docs/papers/codt.rst``.
"""

import argparse
import copy

import torch
import torch.nn.functional as F
from sklearn.cluster import KMeans
from torch_geometric.nn import global_mean_pool
from torch_geometric.transforms import Compose

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import load_task
from pyg_skeleton.metrics import cluster_accuracy
from pyg_skeleton.nn import ChannelBatchNorm, JointBatchNorm, SpatialGraphConv, TemporalConv
from pyg_skeleton.nn.loss import (
    balanced_assignment,
    bank_contrast_loss,
    collaborative_loss,
    same_cluster,
)
from pyg_skeleton.transforms import ConvertSkeleton, PartMask, Shear, SymmetricCrop, codt_parts

WEAK = Compose([SymmetricCrop(6), Shear(0.5)])
STRONG = Compose([SymmetricCrop(3), Shear(1.0)])
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Block(torch.nn.Module):
    """A block of ST-GCN: over joints, then over time."""

    def __init__(self, in_channels, out_channels, skeleton, stride, dropout=0.1, residual=True):
        super().__init__()
        self.conv = SpatialGraphConv(in_channels, out_channels, skeleton)
        self.norm = ChannelBatchNorm(out_channels)
        self.temporal = TemporalConv(out_channels, out_channels, kernel_size=9, stride=stride)
        self.temporal_norm = ChannelBatchNorm(out_channels)
        self.dropout = torch.nn.Dropout(dropout)
        if residual:
            shortcut = TemporalConv(in_channels, out_channels, kernel_size=1, stride=stride)
            self.shortcut = torch.nn.Sequential(shortcut, ChannelBatchNorm(out_channels))
        else:
            self.shortcut = None

    def forward(self, x):
        """Maps [num_nodes, num_frames, in_channels] to half the frames if the stride is 2."""
        h = self.temporal(self.norm(self.conv(x)).relu())
        h = self.dropout(self.temporal_norm(h))
        return (h if self.shortcut is None else h + self.shortcut(x)).relu()


def init_weights(module):
    """Draws weights as the authors do."""
    if isinstance(module, (torch.nn.Conv1d, torch.nn.Linear)):
        torch.nn.init.normal_(module.weight, std=0.02)
        torch.nn.init.zeros_(module.bias)


class Encoder(torch.nn.Module):
    """ST-GCN with three blocks, the classifier of clusters, and a projection for the contrast.

    The paper's has ten blocks with 16, 16, 16, 16, 32, 32, 32, 64, 64, 256 channels.
    """

    def __init__(self, skeleton, num_clusters, contrast):
        super().__init__()
        self.num_joints = skeleton.num_joints
        self.norm = JointBatchNorm(skeleton.num_joints, 3)
        self.blocks = torch.nn.Sequential(
            Block(3, 16, skeleton, stride=2, dropout=0.0, residual=False),
            Block(16, 32, skeleton, stride=2),
            Block(32, 64, skeleton, stride=1),
        )
        self.clusters = torch.nn.Linear(64, num_clusters)
        self.projection = torch.nn.Linear(64, 128) if contrast else None
        self.apply(init_weights)

    def forward(self, data):
        """Returns features of clips [num_clips, 64] and of frames [num_bodies, num_frames, 64]."""
        h = self.blocks(self.norm(data.x))
        frames = h.view(-1, self.num_joints, *h.shape[1:]).mean(dim=1)
        return global_mean_pool(h.mean(dim=1), data.batch), frames

    def embed(self, features):
        """Projects features to vectors of unit length."""
        return F.normalize(self.projection(features))


class Branch(torch.nn.Module):
    """A student, its teacher, and a bank of the teacher's features of all target clips."""

    def __init__(self, skeleton, num_clusters, num_samples, contrast):
        super().__init__()
        self.student = Encoder(skeleton, num_clusters, contrast)
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        for module in self.teacher.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        self.register_buffer("bank", torch.zeros(num_samples, 64))
        self.mask = PartMask(skeleton, 0.3, codt_parts(skeleton))

    @torch.no_grad()
    def teach(self, data):
        """Moves the teacher toward the student and returns its features."""
        for slow, fast in zip(self.teacher.parameters(), self.student.parameters(), strict=True):
            slow.lerp_(fast, 1 - 0.95)  # the paper's momentum, 0.999, is for many more steps
        return self.teacher(data)[0]

    @torch.no_grad()
    def pseudo_labels(self, sample):
        """Clusters the bank into parts of equal size by optimal transport (OCM)."""
        return balanced_assignment(self.teacher.clusters(self.bank), sharpness=10.0)[0][sample]


class CoDT(torch.nn.Module):
    """Both branches, and what B0 learns from besides: the source's classes and its own joints."""

    def __init__(self, target, shared, num_classes, num_clusters, num_samples):
        super().__init__()
        self.b0 = Branch(shared, num_clusters, num_samples, contrast=False)
        self.b1 = Branch(target, num_clusters, num_samples, contrast=True)
        self.classifier = torch.nn.Linear(64, num_classes)
        self.decoder = torch.nn.Sequential(
            torch.nn.Linear(64, 64),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.1),
            torch.nn.Linear(64, 3 * shared.num_joints),
        )
        self.classifier.apply(init_weights)
        self.decoder.apply(init_weights)

    def decoding_loss(self, frames, data):
        """Regresses the joints, each the mean of the frames that a feature stands for."""
        x = data.x.view(frames.size(0), -1, *data.x.shape[1:]).permute(0, 1, 3, 2).flatten(1, 2)
        return F.mse_loss(self.decoder(frames), F.adaptive_avg_pool1d(x, frames.size(1)).mT)

    def forward(self, shared, own):
        """Returns the students' features of target clips, those of B0 and those of B1."""
        return self.b0.student(shared)[0], self.b1.student(own)[0]


def train(model, source_loader, target_loader, optimizer, clustering):
    """Trains for one epoch of a stage, a pass over the target, and returns the mean loss."""
    model.train()
    b0, b1, total = model.b0, model.b1, 0.0
    for source, (shared, own) in zip(source_loader, target_loader, strict=False):
        source, shared, own = source.to(device), shared.to(device), own.to(device)
        # Source: classes and joints. The running statistics of B0 remain those of the target.
        view = WEAK(source)
        set_momentum(b0.student, 0.0)
        features, frames = b0.student(view)
        set_momentum(b0.student, 0.1)
        loss = F.cross_entropy(model.classifier(features), source.y)
        loss = loss + 20 * model.decoding_loss(frames, view)

        # Target: joints for B0, contrast with the bank for B1.
        view0, view1 = (STRONG(shared), STRONG(own)) if clustering else (WEAK(shared), WEAK(own))
        f0, frames = b0.student(b0.mask(view0) if clustering else view0)
        f1, _ = b1.student(b1.mask(view1) if clustering else view1)
        t0, t1, sample = b0.teach(WEAK(shared)), b1.teach(WEAK(own)), own.sample
        positive, negatives = b1.teacher.embed(t1), b1.teacher.embed(b1.bank)
        loss = loss + 20 * model.decoding_loss(frames, view0)
        loss = loss + bank_contrast_loss(b1.student.embed(f1), positive, negatives, sample)
        b0.bank[sample], b1.bank[sample] = t0, t1

        if clustering:
            logits0, logits1 = b0.student.clusters(f0), b1.student.clusters(f1)
            p0, p1 = logits0.softmax(dim=1), logits1.softmax(dim=1)
            y0, y1 = b0.pseudo_labels(sample), b1.pseudo_labels(sample)
            # OCM: each branch learns its own pseudo labels.
            loss = loss + 5 * (F.cross_entropy(logits0, y0) + F.cross_entropy(logits1, y1))
            # CCM: pairs with the same label in one branch shall agree in the other.
            loss = loss + 10 * collaborative_loss(p1 @ p1.t(), same_cluster(y0))
            loss = loss + 10 * collaborative_loss(p0 @ p0.t(), same_cluster(y1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach())
    return total / len(target_loader)


def set_momentum(module, momentum):
    """Sets how fast running statistics change."""
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm1d):
            norm.momentum = momentum


@torch.no_grad()
def fill_banks(model, loader):
    """Shows the teachers all target clips as they are."""
    for shared, own in loader:
        model.b0.bank[own.sample] = model.b0.teacher(shared.to(device))[0]
        model.b1.bank[own.sample] = model.b1.teacher(own.to(device))[0]


@torch.no_grad()
def encode(model, loader):
    """Returns the features of all clips by B0 and by B1, and their classes."""
    model.eval()
    rows = [(*model(s.to(device), o.to(device)), o.y.to(device)) for s, o in loader]
    return [torch.cat(column) for column in zip(*rows, strict=True)]


def k_means(features, num_clusters):
    """Returns clusters of directions and their centroids (spherical k-means)."""
    x = F.normalize(features)
    result = KMeans(num_clusters, n_init=10, random_state=0).fit(x.cpu().numpy())
    centroids = torch.as_tensor(result.cluster_centers_, dtype=x.dtype, device=x.device)
    return torch.as_tensor(result.labels_).long(), F.normalize(centroids)


@torch.no_grad()
def start_clusters(model, loader, num_clusters):
    """Makes the centroids of each branch's features the weights of its classifier."""
    for branch, features in zip((model.b0, model.b1), encode(model, loader)[:2], strict=True):
        for network in (branch.student, branch.teacher):
            network.clusters.weight.copy_(k_means(features, num_clusters)[1])
            network.clusters.bias.zero_()


def test(model, loader, num_clusters):
    """Returns the accuracy of the clusters of B0 and B1: by classifier, and by k-means."""
    *features, y = encode(model, loader)
    heads = (model.b0.student.clusters, model.b1.student.clusters)
    by_head = [head(f).argmax(dim=1) for head, f in zip(heads, features, strict=True)]
    by_k_means = [k_means(f, num_clusters)[0] for f in features]
    y = y.cpu()
    return tuple([cluster_accuracy(c.cpu(), y) for c in by] for by in (by_head, by_k_means))


def main(argv=None):
    """Trains CoDT and returns what `test` returns, of stage 1 and of stage 2."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", help="folder with nw_ucla and cmu_mocap (default: embedded)")
    parser.add_argument("--epochs", type=int, nargs=2, default=[40, 18], help="of the two stages")
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    torch.manual_seed(args.seed)

    if args.root is None:
        task = load_task("embedded", clips_per_class=50)  # a third, for two minutes of one core
    else:
        task = load_task("nw-ucla-cmu", f"{args.root}/nw_ucla", f"{args.root}/cmu_mocap")
    print(task)
    # Both domains on the joints that they share; the target also as it is.
    skeleton, K = task.target_train.skeleton, task.num_clusters
    from_source = ConvertSkeleton(task.source.skeleton, task.shared)
    from_target = ConvertSkeleton(skeleton, task.shared)
    source = [from_source(data) for data in task.source]
    target = [(from_target(data), data) for data in task.target_train]
    held_out = [(from_target(data), data) for data in task.target_test]
    source_loader = SkeletonLoader(source, args.batch_size, shuffle=True, drop_last=True)
    target_loader = SkeletonLoader(target, args.batch_size, shuffle=True, drop_last=True)
    whole_loader = SkeletonLoader(target, args.batch_size, shuffle=True)
    test_loader = SkeletonLoader(held_out, batch_size=128)

    num_classes, num_samples = task.source.num_classes, len(target)
    model = CoDT(skeleton, task.shared, num_classes, K, num_samples).to(device)
    students = [p for p in model.parameters() if p.requires_grad]
    results = []
    for stage, (epochs, lr) in enumerate(zip(args.epochs, (0.1, 0.01), strict=True), start=1):
        optimizer = torch.optim.SGD(students, lr, momentum=0.9, weight_decay=1e-4)
        fill_banks(model.train(), whole_loader)
        if stage == 2:
            start_clusters(model, whole_loader, K)
        for epoch in range(1, epochs + 1):
            loss = train(model, source_loader, target_loader, optimizer, clustering=stage == 2)
            results.append(test(model, test_loader, K))
            by_classifier, by_k_means = ([f"{x:.1%}" for x in pair] for pair in results[-1])
            print(
                f"Stage {stage}, epoch {epoch:02d}: loss {loss:.3f}, accuracy of B0 and B1 by "
                f"classifier {by_classifier}, by k-means {by_k_means}"
            )
    return results


if __name__ == "__main__":
    main()
