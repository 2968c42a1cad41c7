"""Makes the pictures of README.md and of these pages, in docs/pictures.

Some of them show the network that `make demo` trains (--model takes another).
"""

import argparse
import re
from functools import partial
from pathlib import Path
from textwrap import dedent

import torch
from torch.nn.functional import cross_entropy, mse_loss
from torch_geometric.explain import CaptumExplainer, Explainer

from pyg_skeleton import Skeleton, SkeletonLoader
from pyg_skeleton.datasets import SyntheticLifting, SyntheticMotion
from pyg_skeleton.metrics import zero_velocity
from pyg_skeleton.nn import CTRGConv
from pyg_skeleton.nn.models import (
    CTRGCN,
    STGCN,
    SemGCN,
    SkeletalGNN,
    SkeletalGNNClassifier,
    SymGNN,
)
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.training import SYM_GNN_RECIPES, forecast
from pyg_skeleton.transforms import Center
from pyg_skeleton.visualization import (
    animate,
    explainer_to_skeleton,
    plot_actional_edges,
    plot_layout,
    plot_prediction_strip,
)
from pyg_skeleton.visualization._body import SIDE_COLORS, draw_flat, flatten, upright
from pyg_skeleton.visualization._figure import BLUE, GRAY, INK, new_figure

HERE = Path(__file__).parent
OUT = HERE / "pictures"
STYLE = {"dpi": 110, "bbox_inches": "tight", "pil_kwargs": {"optimize": True}}


def draw_layouts():
    """The layouts of README.md and the one of docs/your_skeleton.rst."""
    text = (HERE / "your_skeleton.rst").read_text(encoding="utf-8")
    example = re.search(r'LAYOUT = """\n(.*?)"""', text, re.DOTALL).group(1)
    for skeleton in (
        Skeleton.get("ntu25"),
        Skeleton.get("cmu26"),
        Skeleton.from_yaml(dedent(example)),
    ):
        plot_layout(skeleton).savefig(OUT / f"{skeleton.name}.png", **STYLE)


def draw_hops(name="ntu25", joint="left_elbow", hop=3):
    """Draws the third hop of a joint in the three definitions of hops."""
    skeleton = Skeleton.get(name)
    target = skeleton.joint_id(joint)
    pose = rest_pose(skeleton, spread=40).double().numpy()
    points = flatten(upright(pose, "y"), 0, 0)
    figure = new_figure(8.4, 3.6)
    titles = {
        "ring": f"ring: exactly {hop} bones away",
        "ball": f"ball: at most {hop} bones away",
        "power": f"power: $(D^{{-1}}(A + I))^{hop}$",
    }
    for ax, (mode, title) in zip(figure.subplots(1, 3), titles.items(), strict=True):
        draw_flat(ax, points, skeleton, dict.fromkeys(SIDE_COLORS, "#CBD5DC"), 4.0)
        edges, weights = skeleton.hop_edge_index(hop, mode), skeleton.hop_weight(hop, mode)
        incoming = edges[1] == target
        sources, size = points[edges[0, incoming]], 700 * weights[incoming].numpy()
        ax.scatter(*sources.T, s=size, color=BLUE, alpha=0.85, linewidths=0, zorder=3)
        mark = {"marker": "x", "zorder": 4}
        ax.scatter(*points[target], s=80, color="white", linewidths=4, **mark)
        ax.scatter(*points[target], s=60, color=INK, linewidths=2, **mark)
        ax.set_title(title, fontsize=9, color=INK)
        edge_count = f"{edges.size(1)} edges in all of {name}"
        ax.text(0.5, -0.02, edge_count, transform=ax.transAxes, fontsize=8, color=GRAY, ha="center")
        ax.set_aspect("equal")
        ax.margins(0.12)
        ax.set_axis_off()
    caption = (
        f"The cross is the {joint.replace('_', ' ')}, dots are the joints whose features it "
        "receives.\nThe area of a dot is the weight of its edge; those of all dots add up to 1."
    )
    figure.supxlabel(caption, fontsize=8, color=INK)
    figure.savefig(OUT / "hops.png", **STYLE)


def draw_model(file, action="walking"):
    """Draws the input and the prediction of a network trained by `make demo`."""
    model = SymGNN.load(file)
    data = SyntheticMotion(
        model.skeleton,
        "test",
        num_observed=SYM_GNN_RECIPES["tiny"].num_observed,
        num_future=model.num_future,
        clips_per_class=40,
        noise=0.02,
    )
    data = data.index_select([i for i in range(len(data)) if data.classes[data[i].y] == action])
    result = forecast(model, data)
    clip = int(result.target.std(1).sum((1, 2)).argmax())  # the liveliest shows most
    past, truth, guess = (x[clip] for x in (result.observed, result.target, result.prediction))
    last = zero_velocity(past.transpose(0, 1), truth.size(0)).transpose(0, 1)
    skeleton = model.skeleton
    picture = plot_actional_edges(
        past[-1], skeleton, result.actional[clip], title=f"15 strongest actional edges: {action}"
    )
    picture.savefig(OUT / "actional_edges.png", **STYLE)
    rows = {"Sym-GNN": guess, "zero velocity": last}
    title = f"{action}, predicted from {past.size(0)} frames"
    plot_prediction_strip(truth, rows, skeleton, title=title, unit="m").savefig(
        OUT / "strip.png", **STYLE
    )
    futures = {"truth": truth, **rows}
    animate(
        {name: torch.cat([past, future]) for name, future in futures.items()},
        skeleton,
        OUT / "prediction.gif",
        title=action,
        unit="m",
        num_observed=past.size(0),
    )


def fit(model, dataset, loss, epochs, lr):
    """Trains a small network for some seconds."""
    loader = SkeletonLoader(dataset, 16, shuffle=True, seed=0)
    optimizer = torch.optim.AdamW(model.parameters())
    steps = epochs * len(loader)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    for _ in range(epochs):
        for batch in loader:
            optimizer.zero_grad()
            loss(model(batch), batch).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def explain(model, data, mode):
    """The importance of the edges for the answer of a network."""
    explainer = Explainer(
        model,
        CaptumExplainer("IntegratedGradients"),
        explanation_type="model",
        edge_mask_type="object",
        model_config={"mode": mode, "task_level": "graph", "return_type": "raw"},
    )
    return explainer(data.x.flatten(1), data.edge_index)


def draw_explanations(classes=("waving", "kicking", "walking", "bowing")):
    """The edges of a waving person that small networks look at."""
    options = {"num_observed": 32, "num_future": 0, "classes": classes}
    options["transform"] = Center(0, "first")
    train = SyntheticMotion("ntu25", clips_per_class=24, **options)
    test = SyntheticMotion("ntu25", "test", clips_per_class=12, **options)
    clip = [data for data in test if int(data.y) == 0][8]
    small = {"channels": (16, 32), "strides": (2, 2), "num_persons": 1}
    along_bones = partial(CTRGConv, mask_edges=True)
    networks = {
        "st_gcn": ("ST-GCN", partial(STGCN, kernel_size=5, dropout=0.0)),
        "ctr_gcn": ("CTR-GCN", partial(CTRGCN, classifier_std=0.01, conv=along_bones)),
        "hcsf": ("HCSF", partial(SkeletalGNNClassifier, kernel_size=5)),
    }
    for name, (title, make) in networks.items():
        torch.manual_seed(0)
        model = make("ntu25", 4, **small)
        fit(model, train, lambda out, batch: cross_entropy(out, batch.y), 20, 1e-2)
        figure = explainer_to_skeleton(
            explain(model, clip, "multiclass_classification"),
            "ntu25",
            positions=clip.x[:, 16],
            title=f"{title}: the class",
        )
        figure.savefig(OUT / f"explanation_{name}.png", **STYLE)


class Depth(torch.nn.Module):
    """The depth of a joint that a network lifts."""

    def __init__(self, model, joint):
        super().__init__()
        self.model, self.joint = model, joint

    def forward(self, x, edge_index=None):
        """Returns it, of shape [1, 1]."""
        return self.model(x, edge_index)[self.joint, 2].view(1, 1)


def draw_lifted_hand(classes=("waving", "kicking", "walking", "bowing")):
    """The edges that decide how deep the hand of a waving person is, by small lifters."""
    train = SyntheticLifting(stride=10, clips_per_class=8, classes=classes)
    test = SyntheticLifting("test", stride=25, clips_per_class=3, classes=classes)
    pose = next(data for data in test if int(data.y) == 0)
    wrists = [test.skeleton.joint_id(f"{side}_wrist") for side in ("left", "right")]
    hand = min(wrists, key=lambda joint: float(pose.target[joint, 1]))  # y points down
    for name, title, kind in (
        ("sem_gcn", "SemGCN", SemGCN),
        ("hcsf_lifter", "HCSF", SkeletalGNN),
    ):
        torch.manual_seed(0)
        model = kind("h36m17", hidden_channels=32, num_blocks=1)
        fit(model, train, lambda out, batch: mse_loss(out, batch.target), 15, 5e-3)
        figure = explainer_to_skeleton(
            explain(Depth(model, hand), pose, "regression"),
            "h36m17",
            positions=pose.target * torch.tensor([1.0, -1.0, -1.0]),
            title=f"{title}: the depth of the hand",
        )
        figure.savefig(OUT / f"explanation_{name}.png", **STYLE)


def main():
    """Makes all of them, or some."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["layouts", "hops", "explanations", "model"])
    parser.add_argument("--model", type=Path, default=HERE.parent / "runs" / "demo" / "model.pt")
    args = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    if args.only in (None, "layouts"):
        draw_layouts()
    if args.only in (None, "hops"):
        draw_hops()
    if args.only in (None, "explanations"):
        draw_explanations()
        draw_lifted_hand()
    if args.only in (None, "model"):
        draw_model(args.model)
    for file in sorted(OUT.iterdir()):
        print(f"{file.stat().st_size / 1000:7.1f} kB  {file.name}")


if __name__ == "__main__":
    main()
