r"""CoDT (https://arxiv.org/abs/2207.09767) clusters actions that nobody labeled.

TODO
"""

import argparse
import copy

import torch
import torch.nn.functional as F
from sklearn.cluster import KMeans
from torch_geometric.nn import global_mean_pool
from torch_geometric.transforms import Compose

from pyg_skeleton.data import SkeletonData, SkeletonLoader
from pyg_skeleton.datasets import load_task
from pyg_skeleton.metrics import cluster_accuracy
from pyg_skeleton.nn import ChannelBatchNorm, JointBatchNorm, SpatialGraphConv, TemporalConv
from pyg_skeleton.nn.loss import (
    balanced_assignment,
    bank_contrast_loss,
    collaborative_loss,
    same_cluster,
)
from pyg_skeleton.transforms import PartMask, Shear, SymmetricCrop, codt_parts

WEAK = Compose([SymmetricCrop(6), Shear(0.5)])
STRONG = Compose([SymmetricCrop(3), Shear(1.0)])
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Block(torch.nn.Module):
    """A block of ST-GCN."""

    def __init__(self, in_channels, out_channels, skeleton, stride, first):
        super().__init__()
        self.conv = SpatialGraphConv(in_channels, out_channels, skeleton)
        self.norm = ChannelBatchNorm(out_channels)
        self.temporal = TemporalConv(out_channels, out_channels, 9, stride)
        self.temporal_norm = ChannelBatchNorm(out_channels)
        self.dropout = torch.nn.Dropout(0.0 if first else 0.1)
        self.residual = None
        if not first:
            shortcut = TemporalConv(in_channels, out_channels, 1, stride)
            self.residual = torch.nn.Sequential(shortcut, ChannelBatchNorm(out_channels))

    def forward(self, x):
        h = self.temporal(self.norm(self.conv(x)).relu())
        h = self.dropout(self.temporal_norm(h))
        return (h if self.residual is None else h + self.residual(x)).relu()


class Encoder(torch.nn.Module):
    """A small ST-GCN, a classifier of clusters, and an embedding for the contrast."""

    def __init__(self, skeleton, num_clusters, contrast):
        super().__init__()
        self.num_joints = skeleton.num_joints
        self.norm = JointBatchNorm(skeleton.num_joints, 3)
        self.blocks = torch.nn.Sequential(
            Block(3, 16, skeleton, stride=2, first=True),
            Block(16, 32, skeleton, stride=2, first=False),
            Block(32, 64, skeleton, stride=1, first=False),
        )
        self.clusters = torch.nn.Linear(64, num_clusters)
        self.projector = torch.nn.Linear(64, 128) if contrast else None

    def forward(self, x, clip):
        h = self.blocks(self.norm(x))  # [nodes, frames, 64]
        frames = h.view(-1, self.num_joints, *h.shape[1:]).mean(dim=1)  # [bodies, frames, 64]
        return global_mean_pool(frames.mean(dim=1), clip), frames

    def embed(self, features):
        return F.normalize(self.projector(features))


class Branch(torch.nn.Module):
    """A student, its teacher, and a bank of the teacher's features of all target clips."""

    def __init__(self, skeleton, num_clusters, num_samples, contrast):
        super().__init__()
        self.student = Encoder(skeleton, num_clusters, contrast)
        for module in self.student.modules():
            if isinstance(module, (torch.nn.Conv1d, torch.nn.Linear)):
                torch.nn.init.normal_(module.weight, std=0.02)
                torch.nn.init.zeros_(module.bias)
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        for module in self.teacher.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        self.register_buffer("bank", torch.zeros(num_samples, 64))

    @torch.no_grad()
    def teach(self, x, batch, sample):
        """Moves the teacher toward the student, and shows it the clips."""
        for slow, fast in zip(self.teacher.parameters(), self.student.parameters()):
            slow.lerp_(fast, 0.05)
        return self.teacher(x, batch)[0]

    @torch.no_grad()
    def pseudo_labels(self):
        """Online clustering (OCM): clusters of equal size, by optimal transport."""
        return balanced_assignment(self.teacher.clusters(self.bank), sharpness=10.0).assignment


class CoDT(torch.nn.Module):
    """Branch B0 sees source and target on shared joints, B1 the target with all its joints."""

    def __init__(self, task):
        super().__init__()
        self.source, self.target = task.source.skeleton, task.target_train.skeleton
        self.shared = task.shared
        N, K = len(task.target_train), task.num_clusters
        self.b0 = Branch(self.shared, K, N, contrast=False)
        self.b1 = Branch(self.target, K, N, contrast=True)
        self.source_classifier = torch.nn.Linear(64, task.source.num_classes)
        self.decoder = torch.nn.Sequential(
            torch.nn.Linear(64, 64),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.1),
            torch.nn.Linear(64, self.shared.num_joints * 3),
        )
        self.from_source = self.shared.converter_from(self.source)
        self.from_target = self.shared.converter_from(self.target)
        self.hide0 = PartMask(self.shared, 0.3, codt_parts(self.shared))
        self.hide1 = PartMask(self.target, 0.3, codt_parts(self.target))

    def share_source(self, x):
        return self.from_source(x.view(-1, self.source.num_joints, *x.shape[1:]), dim=1).flatten(0, 1)

    def share_target(self, x):
        return self.from_target(x.view(-1, self.target.num_joints, *x.shape[1:]), dim=1).flatten(0, 1)

    def decoding_loss(self, frames, x):
        """Decodes the joints, averaged over the frames that a feature stands for."""
        x = x.view(-1, self.shared.num_joints, *x.shape[1:]).permute(0, 1, 3, 2).flatten(1, 2)
        target = F.adaptive_avg_pool1d(x, frames.size(1)).transpose(1, 2)
        return F.mse_loss(self.decoder(frames), target)


def set_momentum(module, momentum):
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm1d):
            norm.momentum = momentum


def train(model, source_loader, target_loader, optimizer, clustering, collaborate=True):
    model.train()
    b0, b1 = model.b0, model.b1
    total = 0.0
    for source, target in zip(source_loader, target_loader):
        # The source: classes, and joints to decode. Running statistics are those of the target.
        x = model.share_source(WEAK(source).x)
        set_momentum(b0.student, 0.0)
        features, frames = b0.student(x, source.batch[:: model.source.num_joints])
        set_momentum(b0.student, 0.1)
        loss = F.cross_entropy(model.source_classifier(features), source.y)
        loss = loss + 20 * model.decoding_loss(frames, x)

        # The target: joints to decode by B0, contrast in B1.
        view = STRONG if clustering else WEAK
        x0, x1 = model.share_target(view(target).x), view(target).x
        s0, s1 = x0, x1
        if clustering:
            s0, s1 = model.hide0(SkeletonData(x=x0)).x, model.hide1(SkeletonData(x=x1)).x
        f0, frames = b0.student(s0, target.batch[::model.target.num_joints])
        f1, _ = b1.student(s1, target.batch[::model.target.num_joints])
        loss = loss + 20 * model.decoding_loss(frames, x0)
        t0 = b0.teach(model.share_target(WEAK(target).x), target.batch[::model.target.num_joints], target.sample)
        t1 = b1.teach(WEAK(target).x, target.batch[::model.target.num_joints], target.sample)
        loss = loss + bank_contrast_loss(
            b1.student.embed(f1), b1.teacher.embed(t1), b1.teacher.embed(b1.bank), target.sample
        )
        b0.bank[target.sample], b1.bank[target.sample] = t0, t1
        if clustering:
            y0, y1 = b0.pseudo_labels()[target.sample], b1.pseudo_labels()[target.sample]
            logits0, logits1 = b0.student.clusters(f0), b1.student.clusters(f1)
            loss = loss + 5 * (F.cross_entropy(logits0, y0) + F.cross_entropy(logits1, y1))
            if collaborate:
                p0, p1 = logits0.softmax(dim=1), logits1.softmax(dim=1)
                loss = loss + 10 * collaborative_loss(p1 @ p1.t(), same_cluster(y0))
                loss = loss + 10 * collaborative_loss(p0 @ p0.t(), same_cluster(y1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach())
    return total / len(target_loader)


@torch.no_grad()
def fill_banks(model, loader):
    model.train()
    for target in loader:
        b = target.sample
        model.b0.bank[b] = model.b0.teacher(model.share_target(target.x), target.batch[::model.target.num_joints])[0]
        model.b1.bank[b] = model.b1.teacher(target.x, target.batch[::model.target.num_joints])[0]


@torch.no_grad()
def encode(model, loader):
    model.eval()
    out = []
    for target in loader:
        f0 = model.b0.student(model.share_target(target.x), target.batch[::model.target.num_joints])[0]
        f1 = model.b1.student(target.x, target.batch[::model.target.num_joints])[0]
        out.append((f0, f1, target.y))
    return [torch.cat(o) for o in zip(*out)]


def k_means(features, K):
    km = KMeans(K, n_init=10, random_state=0).fit(F.normalize(features).numpy())
    return torch.from_numpy(km.labels_).long(), F.normalize(torch.from_numpy(km.cluster_centers_))


def test(model, loader):
    *features, y = encode(model, loader)
    return [cluster_accuracy(b.student.clusters(f).argmax(1), y) for b, f in zip((model.b0, model.b1), features)]

def main(argv=None):
    p = argparse.ArgumentParser()
    p.add_argument("--e1", type=int, default=40)
    p.add_argument("--e2", type=int, default=40)
    p.add_argument("--lr1", type=float, default=0.1)
    p.add_argument("--lr2", type=float, default=0.01)
    p.add_argument("--bs", type=int, default=32)
    p.add_argument("--clips", type=int, default=50)
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args(argv)
    torch.manual_seed(a.seed)
    task = load_task("embedded", clips_per_class=a.clips, seed=a.seed)
    print(task)
    model = CoDT(task)
    K = task.num_clusters
    sl = SkeletonLoader(task.source, a.bs, shuffle=True, drop_last=True)
    tl = SkeletonLoader(task.target_train, a.bs, shuffle=True, drop_last=True)
    al = SkeletonLoader(task.target_train, a.bs, shuffle=True)
    te = SkeletonLoader(task.target_test, 150)
    opt = torch.optim.SGD([q for q in model.parameters() if q.requires_grad], a.lr1, momentum=0.9, weight_decay=1e-4)
    import time
    fill_banks(model, al)
    def km():
        f0, f1, y = encode(model, te)
        return [round(cluster_accuracy(k_means(f, K)[0], y),3) for f in (f0, f1)]
    for e in range(a.e1):
        l = train(model, sl, tl, opt, False)
        if e % 10 == 9: print(e+1, round(l,3), 'km', km(), round(time.process_time()), flush=True)
    fill_banks(model, al)
    f0, f1, _ = encode(model, al)
    for b, f in ((model.b0, f0), (model.b1, f1)):
        for net in (b.student, b.teacher):
            with torch.no_grad():
                net.clusters.weight.copy_(k_means(f, K)[1]); net.clusters.bias.zero_()
    start = {k: v.clone() for k, v in model.state_dict().items()}
    print('start', [round(x,3) for x in test(model, te)])
    for g in opt.param_groups: g['lr'] = a.lr2
    for e in range(a.e2):
        l = train(model, sl, tl, opt, True)
        if e % 5 == 4: print(e+1, round(l,3), 'cls', [round(x,3) for x in test(model, te)], 'km', km(), round(time.process_time()), flush=True)

if __name__ == "__main__":
    main()
