"""Sym-GNN (https://arxiv.org/abs/1910.02212): recognizes actions and predicts motion jointly.

    python examples/sym_gnn.py                                             # embedded data
    python examples/sym_gnn.py --dataset cmu --root DIR --preset tiny      # CMU Mocap, two cores
    python examples/sym_gnn.py --dataset cmu --root DIR --evaluate zero-velocity
    python examples/sym_gnn.py --experiment noisy-labels                   # Table 10

Reported and reproduced numbers: docs/papers/sym_gnn.rst. Everything lands in --out: checkpoints,
metrics.csv, TensorBoard events, results.json, pictures.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch

from pyg_skeleton import create_model, datasets
from pyg_skeleton.cli import (
    SYM_GNN_EXPERIMENTS,
    SYM_GNN_RECIPES,
    ExampleParser,
    MotionDataModule,
    SymGNNModule,
    add_model_options,
    count_or_all,
    create_trainer,
    draw_sym_gnn,
    evaluate_motion,
    forecast,
    format_errors,
    frames_per_20ms,
    perturbation_table,
    run_example,
    share,
)
from pyg_skeleton.nn.models import SymGNN

p = ExampleParser(description=__doc__.splitlines()[0])
p.add_argument("--dataset", choices=["synthetic", "cmu", "h36m"], default="synthetic")
p.add_argument("--root", help="folder of the data set's files")
p.add_argument("--preset", default="tiny", help=f"one of {', '.join(SymGNN.presets)}")
p.add_argument("--out", type=Path, default=Path("runs/sym_gnn"))
p.add_argument("--max-steps", type=int, help="default: the preset's recipe")
p.add_argument("--batch-size", type=int)
p.add_argument("--lr", type=float)
p.add_argument("--balance", help="mgda, mgda-loss or the fixed weight of recognition")
p.add_argument("--steps-per-epoch", type=int, default=100, help="steps between checkpoints")
p.add_argument("--seed", type=int, default=0)
p.add_argument("--precision", choices=["32-true", "bf16-mixed"], default="32-true")
p.add_argument("--accelerator", default="auto")
p.add_argument("--devices", default="1")
p.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
p.add_argument("--compile", action="store_true")
p.add_argument("--evaluate", metavar="zero-velocity|FILE", help="measure, without training")
p.add_argument("--windows", choices=["literature", "sturdy"], default="literature")
p.add_argument("--experiment", choices=SYM_GNN_EXPERIMENTS, help="all runs of one of the paper's")
NETWORK = add_model_options(p, SymGNN)  # the ablations: --no-bone, --order 2, …
noise = p.add_argument_group("conditions")
noise.add_argument("--shuffle-targets", type=float, default=0.0)
noise.add_argument("--shuffle-labels", type=float, default=0.0)
noise.add_argument("--observation-ratio", type=share, help="share of a clip that is observed")
noise.add_argument("--future", type=count_or_all, help="frames to predict: a number or 'all'")
noise.add_argument("--perturbation", action="store_true", help="noise on the test clips")


def load(args, split, recipe, **kwargs):
    """The clips of a split."""
    length = {"num_observed": recipe.num_observed, "num_future": 25}
    if args.observation_ratio is not None:
        frames = sum(length.values())
        observed = min(max(3, round(args.observation_ratio * frames)), frames - 1)
        length = {"num_observed": observed, "num_future": frames - observed}
    if args.future not in (None, "all"):
        length["num_future"] = args.future
    if args.dataset == "synthetic":
        clips = {"train": 100, "val": 20, "test": 40}[split]
        return datasets.SyntheticMotion(split=split, clips_per_class=clips, noise=0.02, **length)
    if args.root is None:
        raise ValueError(f"--dataset {args.dataset} needs --root, the folder of its files")
    dataset = {"cmu": datasets.CMUMocap, "h36m": datasets.Human36MExpMap}[args.dataset]
    return dataset(args.root, split, protocol=args.windows, **length, **kwargs)


def run(args):
    """Trains and measures one network; returns the numbers, or None in all processes but one."""
    SymGNN.check_preset(args.preset)
    recipe = SYM_GNN_RECIPES[args.preset]
    chosen = {k: getattr(args, k) for k in ("max_steps", "batch_size", "lr", "balance")}
    recipe = replace(recipe, **{k: v for k, v in chosen.items() if v is not None})
    train = None if args.evaluate else load(args, "train", recipe)
    test = load(args, "test", recipe, statistics_from=train)
    results = {"zero-velocity": evaluate_motion(forecast(None, test), test)}
    if args.evaluate == "zero-velocity":
        return results
    if args.evaluate:
        model = SymGNN.load(args.evaluate, skeleton=test.skeleton)
        results["Sym-GNN"] = evaluate_motion(forecast(model, test), test)
        return results

    torch.manual_seed(args.seed)
    overrides = {k: getattr(args, k) for k in NETWORK if getattr(args, k) is not None}
    overrides |= {"num_classes": train.num_classes, "num_future": train.num_future}
    model = create_model("sym_gnn", args.preset, train.skeleton, **overrides)
    model.set_normalization(*train.statistics)
    model.classes = train.classes
    noise = (args.shuffle_labels, args.shuffle_targets, args.seed)
    noisy = datasets.ShuffledSupervision(train, *noise)
    val = load(args, "val", recipe) if args.dataset == "synthetic" else None
    data = MotionDataModule(noisy, val, recipe.batch_size, args.steps_per_epoch, args.seed)
    hardware = {k: getattr(args, k) for k in ("accelerator", "devices", "precision")}
    trainer = create_trainer(args.out, recipe.max_steps, args.resume, **hardware)
    last = args.out / "last.ckpt"
    module = SymGNNModule(model, recipe, args.seed, args.compile)
    trainer.fit(module, data, ckpt_path=last if args.resume and last.exists() else None)
    if not trainer.is_global_zero:
        return None
    model.save(args.out / "model.pt")
    result = forecast(model, test)
    results["Sym-GNN"] = evaluate_motion(result, test)
    if model.decoder is not None:
        results["Sym-GNN"]["frames per 20 ms"] = frames_per_20ms(model, test.num_observed)
    if args.perturbation:
        table = perturbation_table(model, test, args.seed)
        results["Sym-GNN"]["perturbation"] = table.to_dict("records")
    pictures = draw_sym_gnn(result, test, args.out, args.out / "metrics.csv")
    print(f"wrote {', '.join(['model.pt', 'metrics.csv', *pictures])} to {args.out}")
    return results


def main():
    """Runs what the command line asks for."""
    args = p.parse_args()
    runs = {"": {}} if args.experiment is None else SYM_GNN_EXPERIMENTS[args.experiment]
    file = args.out / ("evaluation.json" if args.evaluate else "results.json")
    results = {}
    for name, changes in runs.items():
        out = args.out / name.replace(" ", "_").replace(",", "") if name else args.out
        mine = run(argparse.Namespace(**{**vars(args), "out": out, **changes}))
        if mine is not None:
            print(f"\n{name}" if name else "", format_errors(mine), sep="\n")
            results |= {f"{name}: {k}" if name else k: v for k, v in mine.items()}
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    run_example(main)
