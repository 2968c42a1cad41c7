"""``pyg-skeleton export``: writes a trained network for other programs."""

import json
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import read_function
from pyg_skeleton.whole_file import write_text

#: The script beside the file: what all networks share, and what follows for each kind of answer.
SCRIPT = '''"""{title}

{about}
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(str(Path(__file__).with_name("model.onnx")))
about = json.loads(session.get_modelmeta().custom_metadata_map["pyg_skeleton"])
x = np.load(sys.argv[1]).astype(np.float32)
'''
CLASSES = """logits = session.run(["output"], {"x": x if x.ndim == 4 else x[None]})[0][0]
probability = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
for number in np.argsort(-probability)[:5]:
    print(f"{probability[number]:.3f} {about['classes'][number]}")
"""
SEVERAL = """logits = session.run(["output"], {"x": x if x.ndim == 4 else x[None]})[0][0]
probability = 1 / (1 + np.exp(-logits))
for number in np.argsort(-probability):
    if probability[number] > 0.5:
        print(f"{probability[number]:.3f} {about['classes'][number]}")
"""
SCORE = """output = session.run(["output"], {"x": x if x.ndim == 4 else x[None]})[0][0, 0]
print(f"{about['score_mean'] + about['score_std'] * output:.6g}")
"""
POSES = """size = np.array(sys.argv[2:4], dtype=np.float32)
np.save("poses.npy", session.run(["output"], {"x": x, "image_size": size})[0])
"""
MOTION = """future = session.run(["OUTPUT"], {"x": x if x.ndim == 4 else x[None]})[0][0]
np.save("future.npy", future)
"""


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(export, argv)


def export(
    run: Path,
    out: Path | None = None,
    frames: int = 32,
    int8: bool = False,
    quiet: bool = False,
) -> Path:
    """Writes the network of a run as model.onnx, and beside it run.py, which runs it with NumPy and
    ONNX Runtime alone.

    The file holds the network in its optimized form, the preparation of raw clips as far as it is
    arithmetic, and, in its metadata, classes, joints and units. Any number of persons, frames or
    poses may be given to it.

    Args:
        run (Path): The folder of a run, a model.pt, or the name of trained weights.
        out (Path, optional): The folder to write to, by default onnx in the folder of the run.
        frames (int, optional): The frames of the clip that it is traced with; clips may have
            others.
        int8 (bool, optional): Linear maps in 8 bits: a smaller file, and answers that differ a
            little.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    from pyg_skeleton.cli.saved_run import find_model
    from pyg_skeleton.nn.models import export_onnx

    if frames < 3:
        raise UsageError(f"expected --frames 3 or more, got {frames}")
    model, _, _ = find_model(run)
    folder = run if run.is_dir() else run.parent
    out = folder / "onnx" if out is None else out
    network, about, script = describe(model)
    text = json.dumps(about, indent=1)
    export_onnx(network, out / "model.onnx", frames, int8, {"pyg_skeleton": text})
    write_text(script, out / "run.py")
    if not quiet:
        size = (out / "model.onnx").stat().st_size / 2**20
        print(f"{out / 'model.onnx'}: {size:.1f} MB; {script.splitlines()[0].strip(chr(34))}")
    return out


def describe(model: Any) -> tuple[Any, dict[str, Any], str]:
    """Returns the function to export, the metadata of the file, and the script that runs it."""
    from pyg_skeleton.nn.models import LiftingModel, MotionModel
    from pyg_skeleton.nn.models.prepared import PreparedClip, PreparedPoses

    chain = model.preparation
    about = {
        "network": type(model).__name__,
        "joints": model.skeleton.joints,
        "classes": model.classes,
        "unit": model.unit,
        "up": model.up,
        "frame_rate": model.frame_rate,
        "preparation": None if chain is None else chain.to_dict(),
    }
    if isinstance(model, LiftingModel):
        frames = f"{model.num_frames} frames, " if model.num_frames > 1 else ""
        takes = f"{frames}{model.skeleton.num_joints} joints, 2) in pixels"
        lines = [
            f"keypoints.npy: (poses, {takes}; WIDTH and HEIGHT are those of the picture.",
            "poses.npy: (poses, joints, 3) in millimeters around the root.",
        ]
        title = "Lifts poses: python run.py keypoints.npy WIDTH HEIGHT"
        return PreparedPoses(model), about, _script(title, lines, model, POSES)
    try:
        network, inside = PreparedClip(model), True
    except TypeError:
        network, inside = PreparedClip(model, prepare=False), False
    about["prepares"] = inside
    C = model.in_channels
    lines = [
        f"clip.npy: (persons, frames, {model.skeleton.num_joints} joints, {C}), without absent"
    ]
    lines[0] += " persons."
    units = {"unit": model.unit, "up": model.up, "frames per second": model.frame_rate}
    known = [f"{name} {value}" for name, value in units.items() if value]
    if known:
        lines.append(f"As in training: {', '.join(known)}.")
    if not inside:
        lines.append(f"The clip must be prepared already: {chain}.")
    if isinstance(model, MotionModel) and model.config.get("prediction", True):
        name = "prediction" if model.config.get("recognition", False) else "output"
        title = "Predicts motion: python run.py clip.npy"
        lines.append("future.npy: (persons, frames, joints, channels).")
        return network, about, _script(title, lines, model, MOTION.replace("OUTPUT", name))
    about["classes"] = model.classes or [str(k) for k in range(_num_outputs(network))]
    title, target = "Recognizes actions: python run.py clip.npy", getattr(model, "target", "class")
    if target == "score":
        about |= {"score_mean": model.score_mean, "score_std": model.score_std}
        title = "Regresses a score: python run.py clip.npy"
    rest = {"classes": SEVERAL, "score": SCORE}.get(target, CLASSES)
    return network, about, _script(title, lines, model, rest)


def _num_outputs(network: Any) -> int:
    """The number of classes or clusters of a network."""
    import torch

    with torch.no_grad():
        output = network(network.example(1, 16))
    return int((output if isinstance(output, torch.Tensor) else output[0]).size(1))


def _script(title: str, lines: list[str], model: Any, rest: str) -> str:
    joints = f"Joints: {', '.join(model.skeleton.joints)}."
    about = "\n".join(text for line in [*lines, joints] for text in textwrap.wrap(line, 90))
    return SCRIPT.format(title=title, about=about) + rest
