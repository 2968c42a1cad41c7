"""``pyg-skeleton sample``: writes a recording to try the other commands on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import read_function
from pyg_skeleton.whole_file import write_text

if TYPE_CHECKING:
    from pyg_skeleton.data import Clip


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(sample, argv)


def sample(
    path: Path,
    movements: tuple[str, ...] = ("walking", "squatting", "waving", "kicking"),
    seconds: float = 4.0,
    quiet: bool = False,
) -> None:
    """Writes a recording of one of the embedded people, to try the other commands on.

    The ending says the format: .bvh (in centimeters), .skeleton (as of NTU RGB+D), .npz, .json or
    .csv; a name without an ending is a folder as OpenPose writes it, of a camera that goes along.

    Args:
        path (Path): The file or folder.
        movements (tuple of str, optional): The movements, one after the other: walking, running,
            waving, punching, boxing, clapping, jumping, squatting, sitting_down, kicking, bowing or
            turning.
        seconds (float, optional): The length of each.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    from pyg_skeleton.datasets.actor.recording import synthetic_recording

    if not path.suffix and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{path}: exists already, expected a new or an empty folder")
    layout = "body25" if not path.suffix else "ntu25"
    clip = synthetic_recording(movements, seconds, layout)
    if not path.suffix:
        _write_openpose(clip, path)
    elif path.suffix == ".skeleton":
        _write_ntu(clip, path)
    else:
        clip.replace(name=path.stem).to_unit("cm" if path.suffix == ".bvh" else "m").save(path)
    if not quiet:
        print(f"{path}: {', '.join(movements)}, {seconds:g} seconds each")


def _write_ntu(clip: Clip, path: Path) -> None:
    """Writes what a Kinect at a height of 1 m sees from 3 m away: x to its left, z away from it."""
    import numpy as np

    from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton

    joints = clip.resample(30).joints[0].numpy() * [-1, 1, -1] + [0, -1, 3]
    frames = np.arange(len(joints))
    body = NTUBody(72057594037944738, frames, joints.astype(np.float32), 0 * frames)
    write_ntu_skeleton(path, NTURecording(len(frames), [body]))


def _write_openpose(clip: Clip, folder: Path) -> None:
    """Writes keypoints in pictures of 1280 x 720, of a camera 4 m in front of the person."""
    x, y, z = clip.joints[0].double().unbind(dim=-1)
    hips = clip.skeleton.joint_id("pelvis")
    depth = 4 - (z - z[:, [hips]])
    across, down = 640 + 1000 * (x - x[:, [hips]]) / depth, 360 - 1000 * (y - 0.9) / depth
    for frame, joints in enumerate(zip(across.tolist(), down.tolist(), strict=True)):
        keypoints = [round(v, 2) for xy in zip(*joints, strict=True) for v in (*xy, 0.9)]
        content = {"version": 1.3, "people": [{"pose_keypoints_2d": keypoints}]}
        name = f"{folder.name}_{frame:012d}_keypoints.json"
        write_text(json.dumps(content), folder / name)
