"""SemGCN's second configuration (https://arxiv.org/abs/1904.03345): do image features help?

    python examples/sem_gcn_image.py                  # one seed, some minutes on a core
    python examples/sem_gcn_image.py --seeds 0 1 2

A small ResNet learns to find the joints in rendered images of the embedded people. Then the same
SemGCN is trained twice on what it finds, with the joints alone and with what the maps of the ResNet
show at each joint as well: on the frozen 2-D network, and fine-tuned with it. Errors are those of
people who were not trained on. Everything lands in --out: results.json, metrics.csv, pictures.
"""

import copy
import json
from pathlib import Path

import torch
from matplotlib.image import imsave

from pyg_skeleton.cli import (
    ExampleParser,
    ImageLiftingModule,
    ImageLiftingRecipe,
    LiftingDataModule,
    create_trainer,
    evaluate_lifting,
    lift_images,
    run_example,
)
from pyg_skeleton.datasets import RenderedPoses, SyntheticLifting
from pyg_skeleton.nn import ImageBackbone, SmallResNet
from pyg_skeleton.nn.models import ImageLifter, SemGCN
from pyg_skeleton.visualization import plot_lifting

p = ExampleParser(description=__doc__.splitlines()[0])
p.add_argument("--out", type=Path, default=Path("runs/sem_gcn_image"))
p.add_argument("--seeds", type=int, nargs="+", default=[0])
p.add_argument("--steps", type=int, nargs=3, default=[600, 800, 400], metavar="STEPS",
               help="of the 2-D network, the graph network, both")  # fmt: skip
p.add_argument("--batch-size", type=int, default=32)
p.add_argument("--lr", type=float, default=2e-3)
p.add_argument("--image-size", type=int, default=64)
p.add_argument("--clips", type=int, default=60, help="training clips of each movement")
p.add_argument("--hidden-channels", type=int, default=64)
p.add_argument("--num-blocks", type=int, default=2)
p.add_argument("--accelerator", default="auto")


def load(args, split):
    """Images of the people of a split, five per second."""
    clips = args.clips if split == "train" else max(1, args.clips // 6)
    people = {"num_subjects": 30, "clips_per_class": clips, "clip_length": 25, "num_cameras": 2}
    poses = SyntheticLifting(split, "h36m16", **people)
    return RenderedPoses(poses.sequences, poses.skeleton, stride=5, image_size=args.image_size)


def train(args, model, data, stage, seed, out):
    """One of the three stages."""
    steps, lengths = args.steps[stage - 1], [0.0, 0.0, 0.0]
    lengths[stage - 1] = 1.0
    recipe = ImageLiftingRecipe(
        steps, args.batch_size, args.lr, schedule="cosine", warmup_steps=30, gradient_clip=1.0,
        stages=tuple(lengths),
    )  # fmt: skip
    poses = LiftingDataModule(data, None, args.batch_size, seed=3 * seed + stage)
    trainer = create_trainer(out, steps, accelerator=args.accelerator, devices=1)
    trainer.fit(ImageLiftingModule(model, recipe, seed), poses)


def measure(model, test):
    """The error in space, and in the image."""
    poses, keypoints = lift_images(model, test)
    pixels = (keypoints - test.keypoints).norm(dim=-1).mean() * test.images.size(-1) / 2
    result = evaluate_lifting(poses, test, notes=("2-D joints found in the image",))
    return {"2-D error in pixels": float(pixels), **result}


def run(args, train_set, test, seed):
    """All networks of a seed."""
    out = args.out / f"seed_{seed}"
    torch.manual_seed(seed)
    backbone = ImageBackbone(SmallResNet())
    inputs = {"joints": 2, "joints and image features": 2 + sum(backbone.channels[:-1])}
    finder, results = None, {}
    for name, channels in inputs.items():
        folder = out / name.replace(" ", "_")
        torch.manual_seed(seed)
        graph = SemGCN(
            test.skeleton, channels, hidden_channels=args.hidden_channels,
            num_blocks=args.num_blocks, channelwise=True,
        )  # fmt: skip
        model = ImageLifter(copy.deepcopy(backbone), graph, head_channels=64)
        if finder is None:  # the 2-D network is the same for both
            train(args, model, train_set, 1, seed, out / "stage_1")
            finder = copy.deepcopy((model.backbone, model.head))
        model.backbone, model.head = copy.deepcopy(finder)
        for stage in (2, 3):
            train(args, model, train_set, stage, seed, Path(f"{folder}_stage_{stage}"))
            results[f"{name}, stage {stage}, seed {seed}"] = measure(model, test)
        draw(model, test, folder.with_suffix(".png"))
    return results


def draw(model, test, path):
    """Six poses: in the image with the joints found in it, lifted, true."""
    some = test[torch.arange(6) * (len(test) // 7)]
    poses, keypoints = lift_images(model, some)
    plot_lifting(keypoints, poses, some.positions, test.skeleton).savefig(path)
    images = torch.cat([some[i].image for i in range(6)])
    images = images.repeat_interleave(4, 2).repeat_interleave(4, 3)
    column, row = (
        ((keypoints + 1) / 2 * images.size(-1)).long().clamp(1, images.size(-1) - 2).unbind(-1)
    )
    for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
        images[torch.arange(6)[:, None], :, row + dy, column + dx] = 255
    imsave(path.with_name("images.png"), torch.cat(list(images), 2).permute(1, 2, 0).numpy())


def main():
    """Runs all seeds and prints the errors, and their means over the seeds."""
    args = p.parse_args()
    train_set, test = load(args, "train"), load(args, "test")
    results, errors = {}, {2: {}, 3: {}}
    for seed in args.seeds:
        results |= run(args, train_set, test, seed)
        (args.out / "results.json").write_text(json.dumps(results, indent=2))
    for name, result in results.items():
        label, table = next(iter(result["metrics"].items()))
        error, pixels = table["average over actions"], result["2-D error in pixels"]
        print(f"{name:>45}: {error:6.1f} {label}, {pixels:.2f} pixels")
        inputs, stage = name.split(", ")[:2]
        errors[int(stage[-1])].setdefault(inputs, []).append(error)
    for stage, of in errors.items():
        means = [f"{sum(values) / len(values):.1f} mm from {name}" for name, values in of.items()]
        print(f"stage {stage}, mean over seeds {args.seeds}: {', '.join(means)}")


if __name__ == "__main__":
    run_example(main)
