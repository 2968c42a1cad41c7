"""Latency of one NTU clip of one person and of one pose, against the authors' eager form.

    OMP_NUM_THREADS=1 python benchmarks/latency.py [--only ctr_gcn sem_gcn] [--compile] [--quick]
    OMP_NUM_THREADS=1 python benchmarks/latency.py --accuracy

All forms have the same weights and run in turn in every round, on one thread: the authors' form
(dense_recognition.py, dense_lifting.py), which computes a second person of zeros for a clip of one,
our network, its optimized form, with `--compile` that by torch.compile and as a package of
AOTInductor (both need a C++ compiler), the ONNX file in ONNX Runtime, and the file in 8 bits. A
check that the forms agree runs first. The table has the best CPU time in milliseconds and, in
brackets, the median over rounds of how many times faster the form is than the authors'.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import torch
from dense_lifting import Network
from recognition import NETWORKS, Case, Size, logits
from torch import Tensor

from pyg_skeleton import Skeleton, SkeletonLoader, create_model
from pyg_skeleton.datasets.recognition.synthetic_clips import SyntheticClips
from pyg_skeleton.nn.models import CTRGCN, PlainNetwork, export_onnx
from pyg_skeleton.nn.models.export import quantize
from pyg_skeleton.transforms.chains import any_layout

POSES = (("sem_gcn", "paper"), ("sem_gcn", "no-non-local"), ("res_gcn", "paper"))
POSES += (("lcn", "paper"), ("skeletal_gnn", "paper"))
ONE = Size("1 NTU clip", "ntu25", 60, 1, 64, 2)
FORMS = ("authors", "ours", "optimized", "compiled", "AOTInductor", "ONNX Runtime", "int8")


def clip(name: str, quick: bool) -> tuple[Any, Tensor, Callable[[], Any]]:
    """Returns a network, a clip of one person, and the authors' form of both."""
    case = Case(name, ONE, quick, present=1)
    used(case.reference, *case.dense_args)
    weights = case.reference.state_dict()
    options = {"num_persons": 2} if name in ("st_gcn", "agcn") else {}
    kind = type(case.model)
    padded = kind.from_official(weights, case.skeleton, **options)
    model = kind.from_official(weights, case.skeleton, pad_persons=False, **options)
    x = case.args[0].unflatten(0, (case.size.clips, 1, -1)).transpose(2, 3).contiguous()
    dense = case.reference.eval()
    both = torch.cat([x, torch.zeros_like(x)], dim=1)
    check(logits(PlainNetwork(padded)(both)), logits(dense(*case.dense_args)), 1e-3)
    return model, x, lambda: dense(*case.dense_args)


def pose(name: str, preset: str, quick: bool) -> tuple[Any, Tensor, Callable[[], Any]]:
    """Returns a network, a pose, and the dense form of both."""
    options = {} if name in ("sem_gcn", "res_gcn") else {"dropout": 0.0}
    options |= {"hidden_channels": 8} if quick else {}
    model = create_model(name, preset, **options)
    used(model, model.example_input(8))
    dense, x = Network(model).eval(), torch.rand(1, model.skeleton.num_joints, 2)
    check(PlainNetwork(model.eval())(x), dense(x), 1e-3)
    return model, x, lambda: dense(x)


def used(network: torch.nn.Module, *args: Any) -> None:
    """Gives norms statistics, and features a size, as of a trained network."""
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
            torch.nn.init.ones_(module.weight)
    for name, weight in network.named_parameters():
        if "to_qk" in name:  # InfoGCN's first attention is so sharp that rounding shows
            weight.mul_(0.1)
    network.train()(*args)


def check(ours: Tensor, theirs: Tensor, tolerance: float) -> None:
    """Checks that two forms agree."""
    torch.testing.assert_close(
        ours.flatten(), theirs.flatten(), rtol=tolerance, atol=tolerance * float(theirs.abs().max())
    )


def forms(model: Any, x: Tensor, folder: Path, compiled: bool) -> dict[str, Callable[[], Any]]:
    """Returns our forms of a network by name."""
    import onnxruntime

    own, fast = PlainNetwork(model), PlainNetwork(model.optimized())
    runs: dict[str, Callable[[], Any]] = {"ours": lambda: own(x), "optimized": lambda: fast(x)}
    check(logits(fast(x)), logits(own(x)), 1e-3)
    if compiled:
        program = torch.compile(fast, dynamic=False)
        runs["compiled"] = lambda: program(x)
        path = torch._inductor.aoti_compile_and_package(
            torch.export.export(fast, (x,)), package_path=str(folder / "model.pt2")
        )
        package = torch._inductor.aoti_load_package(path)
        runs["AOTInductor"] = lambda: package(x)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    files = {"ONNX Runtime": folder / "float.onnx", "int8": folder / "int8.onnx"}
    export_onnx(model, files["ONNX Runtime"])
    quantize(*files.values())
    for name, path in files.items():
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        runs[name] = lambda session=session: session.run(["output"], {"x": x.numpy()})
    return runs


def measured(name: str, runs: dict[str, Callable[[], Any]], rounds: int) -> str:
    """Runs all forms in turn; returns the row of the table."""
    times: dict[str, list[float]] = {form: [] for form in runs}
    for run in runs.values():
        run(), run()
    for i in range(rounds):
        for form in list(runs)[:: 1 if i % 2 else -1]:
            start = process_time()
            runs[form]()
            times[form].append((process_time() - start) * 1e3)
    cells = [f"| {name} |"]
    for form in FORMS:
        if form not in times:
            cells.append("|")
            continue
        pairs = zip(times["authors"], times[form], strict=True)
        cells.append(f"{min(times[form]):.2f} ({median(a / b for a, b in pairs):.1f}) |")
    return " ".join(cells)


def accuracy(quick: bool) -> str:
    """Trains a small network on clips that need no download; returns what its ONNX file and that
    in 8 bits recognize of the test clips.
    """
    import onnxruntime

    chain = any_layout(Skeleton.get("ntu25"), False, num_frames=32)
    sets = {
        split: SyntheticClips(split, transform=chain, clips_per_class=2 if quick else n, noise=0.05)
        for split, n in (("train", 30), ("test", 40))
    }
    model = CTRGCN("ntu25", 12, channels=(16, 32), strides=(1, 2), num_persons=1)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(1 if quick else 4):
        for batch in SkeletonLoader(sets["train"], batch_size=16, shuffle=True):
            loss = torch.nn.functional.cross_entropy(model(batch), batch.y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    lines, clips = [], list(sets["test"])
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "float.onnx", Path(folder) / "int8.onnx"]
        export_onnx(model.eval(), files[0])
        quantize(*files)
        outputs = []
        for path in files:
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            x = torch.stack([clip.x.transpose(0, 1) for clip in clips]).unsqueeze(1).numpy()
            outputs.append(session.run(["output"], {"x": x})[0].argmax(1))
            right = sum(int(k == clip.y) for k, clip in zip(outputs[-1], clips, strict=True))
            lines.append(f"{path.stem}: {right} of {len(clips)} clips recognized")
    same = int((outputs[0] == outputs[1]).sum())
    return "\n".join([*lines, f"{same} of {len(clips)} answers are the same"])


def main() -> None:
    """Runs the benchmark and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="+", help="names of networks")
    parser.add_argument("--accuracy", action="store_true", help="of a trained network in 8 bits")
    parser.add_argument("--compile", action="store_true", help="compiled forms, too (minutes)")
    parser.add_argument("--quick", action="store_true", help="small networks, to test this script")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.accuracy:
        torch.manual_seed(0)
        print(accuracy(args.quick))
        return
    print("| network | " + " | ".join(f"{form}, ms" for form in FORMS) + " |")
    print("|---|" + "--:|" * len(FORMS))
    cases = [(name, "1 clip") for name in NETWORKS]
    for name, preset in (*cases, *POSES):
        if args.only and name not in args.only:
            continue
        torch.manual_seed(0)
        with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
            made = clip(name, args.quick) if name in NETWORKS else pose(name, preset, args.quick)
            model, x, authors = made
            runs = {"authors": authors, **forms(model, x, Path(folder), args.compile)}
            print(measured(f"{name}, {preset}", runs, args.rounds), flush=True)


if __name__ == "__main__":
    main()
