"""``pyg-skeleton view``: shows clips of files, or what a network makes of its test data."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import read_function
from pyg_skeleton.whole_file import whole_file

if TYPE_CHECKING:
    from pyg_skeleton.data import Clip


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(view, argv)


def view(
    what: tuple[Path, ...],
    out: Path | None = None,
    layout: str | None = None,
    clip: str | None = None,
    up: Literal["x", "y", "z", "-x", "-y", "-z"] | None = None,
    unit: Literal["m", "cm", "mm", "in", "px", "normalized"] | None = None,
    frame_rate: float | None = None,
    image: Path | None = None,
    side_by_side: bool = False,
    root: Path | None = None,
    root_source: Path | None = None,
    root_target: Path | None = None,
    quiet: bool = False,
) -> list[str]:
    """Shows clips of files in an interactive page, or measures a run again and writes its report.

    Several files are shown over each other, with the errors of the others against the first.

    Args:
        what (tuple of Path): Files of clips, or the folder of a run.
        out (Path, optional): The page (.html), or instead an animation (.gif, .mp4) or a strip of
            poses (.png); by default a page in runs/view. For a run: the folder for its pictures and
            its report, by default its own.
        layout (str, optional): The layout of the joints, a name or a YAML file, where the file
            does not say.
        clip (str, optional): The name of the clip, of a file with several; by default the first.
        up (str, optional): The axis that points up, where the file does not say; by default y, in
            pictures -y.
        unit (str, optional): The unit of the joints, where the file does not say.
        frame_rate (float, optional): Frames per second, where the file does not say.
        image (Path, optional): The picture behind 2-D poses.
        side_by_side (bool, optional): Show several files side by side.
        root (Path, optional): For a run: the folder or file of its data set.
        root_source (Path, optional): For a clustering run: the source.
        root_target (Path, optional): For a clustering run: the target.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    for path in what:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
    if len(what) == 1 and (what[0].suffix == ".pt" or (what[0] / "run.json").is_file()):
        roots = {"root": root, "root_source": root_source, "root_target": root_target}
        return _show_run(what[0], out, roots, quiet)
    said = {"up": up, "unit": unit, "frame_rate": frame_rate}
    clips: dict[str, Clip] = {}
    for path in what:
        found = _read_clip(path, layout, clip, said)
        label = found.name if found.name not in clips else str(path)
        clips[label] = found
    out = out or Path("runs/view") / f"{what[0].stem}.html"
    _write(clips, out, image, side_by_side)
    if not quiet:
        print(f"wrote {out}")
    return [str(out)]


def _write(clips: Mapping[str, "Clip"], out: Path, image: Path | None, side_by_side: bool) -> None:
    """Writes a page, an animation or a strip."""
    from pyg_skeleton import visualization as viz

    kind = out.suffix.lower()
    if kind in (".html", ".htm"):
        viz.view(clips, images=image, side_by_side=side_by_side, title=", ".join(clips), path=out)
        return
    if kind not in (".gif", ".mp4", ".png"):
        raise UsageError(f"expected --out with .html, .gif, .mp4 or .png, got {str(out)!r}")
    first = next(iter(clips.values()))
    up = first.up or ("-y" if first.joints.size(-1) == 2 else "y")
    if kind == ".png":
        strips = {
            name: [(f"person {person}", joints) for person, joints in _persons(clip).items()]
            for name, clip in clips.items()
        }
        with whole_file(out) as partial:
            viz.plot_cluster_strips(strips, first.skeleton, up=up).savefig(partial, dpi=120)
        return
    poses = {
        name if clip.num_persons == 1 else f"{name}, person {person}": joints
        for name, clip in clips.items()
        for person, joints in _persons(clip).items()
    }
    rate = min(first.frame_rate or 25.0, 50.0)
    viz.animate(poses, first.skeleton, out, fps=rate, up=up)


def _persons(clip: "Clip") -> dict[int | str, Any]:
    return dict(zip(clip.persons, clip.joints, strict=True))


def _read_clip(path: Path, layout: str | None, name: str | None, said: Mapping[str, Any]) -> "Clip":
    """A clip of a file."""
    from pyg_skeleton.data import read_all

    try:
        clips = read_all(path, layout)
    except ValueError as error:  # readers name their argument
        raise UsageError(str(error).replace("pass layout=...", "expected --layout NAME")) from None
    chosen = [clip for clip in clips if name in (None, clip.name)]
    if not chosen:
        raise UsageError(f"{path} has no clip {name!r}, but {', '.join(c.name for c in clips[:5])}")
    clip = chosen[0]
    missing = {key: value for key, value in said.items() if getattr(clip, key) is None}
    return clip.replace(**missing)


def _show_run(path: Path, out: Path | None, roots: Mapping[str, Any], quiet: bool) -> list[str]:
    """Draws the pictures of a run on its test data, and writes its report."""
    import dataclasses
    import tempfile

    from pyg_skeleton.cli.reports.report import show
    from pyg_skeleton.cli.saved_run import SavedRun

    saved = SavedRun.find(path)
    test = saved.task.open_test(saved.run, roots)
    options = {field.name: field.default for field in dataclasses.fields(saved.task.evaluation)}
    with tempfile.TemporaryDirectory() as tables:  # the tables are not needed
        report = saved.task.measure(saved.run, saved.load(), test, Path(tables), options)
        written = show(report, out or saved.path, saved.run, saved.path)
    if not quiet:
        print(f"wrote {', '.join(written) or 'nothing'} to {out or saved.path}")
    return written
