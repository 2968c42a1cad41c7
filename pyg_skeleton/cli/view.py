"""``pyg-skeleton view``: draws a clip, or what a network makes of its test data."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import read_function


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(view, argv)


def view(
    what: Path,
    out: Path | None = None,
    layout: str | None = None,
    clip: str | None = None,
    up: Literal["x", "y", "z", "-x", "-y", "-z"] | None = None,
    fps: float = 25.0,
    root: Path | None = None,
    root_source: Path | None = None,
    root_target: Path | None = None,
    quiet: bool = False,
) -> list[str]:
    """Draws a clip of a file as an animation and a strip of poses, or the pictures of a run.

    Args:
        what (Path): A file of clips, or the folder of a run.
        out (Path, optional): The folder for the pictures, by default that of the run, or
            runs/view.
        layout (str, optional): The layout of the joints, a name or a YAML file, where the file
            does not say.
        clip (str, optional): The name of the clip, of a file with several; by default the first.
        up (str, optional): The axis that points up; by default y, in pictures -y.
        fps (float, optional): Frames per second.
        root (Path, optional): For a run: the folder or file of its data set.
        root_source (Path, optional): For a clustering run: the source.
        root_target (Path, optional): For a clustering run: the target.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    from pyg_skeleton.cli.reports.pictures import draw

    if not what.exists():
        raise FileNotFoundError(f"{what}: no such file or folder")
    if what.suffix == ".pt" or (what / "run.json").is_file():
        roots = {"root": root, "root_source": root_source, "root_target": root_target}
        out, pictures = _run_pictures(what, out, roots)
    else:
        out, pictures = out or Path("runs/view"), _clip_pictures(what, layout, clip, up, fps)
    written = draw(pictures, out)
    if not quiet:
        print(f"wrote {', '.join(written) or 'nothing'} to {out}")
    return written


def _run_pictures(path: Path, out: Path | None, roots: dict[str, Any]) -> tuple[Path, Any]:
    """Returns the folder and the pictures of a run on its test data."""
    import dataclasses
    import tempfile

    from pyg_skeleton.cli.saved_run import SavedRun

    saved = SavedRun.find(path)
    test = saved.task.open_test(saved.run, roots)
    options = {field.name: field.default for field in dataclasses.fields(saved.task.evaluation)}
    with tempfile.TemporaryDirectory() as tables:  # the tables are not needed
        report = saved.task.measure(saved.run, saved.load(), test, Path(tables), options)
    return out or saved.path, report.pictures


def _clip_pictures(
    path: Path, layout: str | None, name: str | None, up: str | None, fps: float
) -> Any:
    """Animation and strip of a clip."""
    import numpy as np

    from pyg_skeleton import visualization as viz
    from pyg_skeleton.cli.files import load_layout, read_clips

    clips = list(read_clips(path))
    chosen = [clip for clip in clips if name in (None, clip.name)]
    if not chosen:
        raise UsageError(f"{path} has no clip {name!r}, but {', '.join(c.name for c in clips[:5])}")
    clip = chosen[0]
    layout = layout or clip.layout
    if layout is None:
        raise UsageError(f"{path} does not say what its joints are, expected --layout NAME")
    skeleton = load_layout(layout)
    if clip.joints.shape[2] != skeleton.num_joints:
        raise UsageError(
            f"{path} has {clip.joints.shape[2]} joints, the layout {skeleton.name!r} has "
            f"{skeleton.num_joints}"
        )
    planar = path.is_dir() or path.suffix in (".json", ".pkl", ".pickle") or layout == "coco17"
    planar = clip.joints.shape[3] == 2 or (planar and layout not in ("ntu25", "kinect20"))
    joints = np.asarray(clip.joints, np.float32)[..., : 2 if planar else 3]
    persons = {f"person {i + 1}": person for i, person in enumerate(joints)}
    poses: Any = persons if len(persons) > 1 else joints[0]
    up = up or ("-y" if planar else "y")
    return {
        "animation.gif": lambda file: viz.animate(
            poses, skeleton, file, fps=fps, up=up, title=clip.name
        ),
        "strip.png": lambda file: viz.plot_cluster_strips(
            {clip.name: list(persons.items())}, skeleton, up=up
        ),
    }
