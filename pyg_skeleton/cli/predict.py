"""``pyg-skeleton predict``: runs a trained network on files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import read_function
from pyg_skeleton.whole_file import whole_file


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(predict, argv)


def predict(
    run: Path,
    files: tuple[Path, ...],
    csv: Path | None = None,
    json: Path | None = None,
    view: Path | None = None,
    window: int | None = None,
    stride: int | None = None,
    timeline: Path | None = None,
    top: int = 5,
    layout: str | None = None,
    unit: str | None = None,
    frame_rate: float | None = None,
    image_size: tuple[int, int] | None = None,
    flip_test: Literal["on", "off"] = "off",
    num_future: int | None = None,
    poses: bool = False,
    follow: bool = False,
    num_persons: int | None = None,
    idle: float | None = None,
    accelerator: str = "auto",
    quiet: bool = False,
) -> pd.DataFrame | None:
    """Runs the network of a run on files of your own, prepared as the network was trained.

    Reads files of all formats (see docs/files), and folders of them. Clips with another layout,
    unit or frame rate than the training data are converted; a line says so. Recognition lists the
    likeliest classes of each clip (where it may have several, all above 0.5), or its score; motion
    classes or the predicted poses, lifting poses in millimeters, clustering clusters. With
    --window, recognition and clustering list what happens when in a long recording.

    Args:
        run (Path): The folder of a run, or a model.pt.
        files (tuple of Path): The files or folders.
        csv (Path, optional): Write the table to a CSV file.
        json (Path, optional): Write the table to a JSON file.
        view (Path, optional): Write a player to an HTML file: of the lifted or predicted poses, or
            of the clips with their classes.
        window (int, optional): Recognize windows of that many frames, which slide over the clips,
            and list spans of time: start and end in seconds, class and mean probability. Frames
            are those of the network, at its frame rate. With --follow: the number of frames that
            an answer depends on.
        stride (int, optional): The number of frames from window to window, by default a quarter of
            the window. With --follow: the number of frames between two answers.
        timeline (Path, optional): With a window, draw the classes of a clip over time to a picture.
        top (int, optional): The number of classes to list.
        layout (str, optional): The layout of files that do not say it, a name or a YAML file; by
            default that of the network.
        unit (str, optional): The unit of the joints in files that do not say it: m, cm, mm, in, px
            or normalized.
        frame_rate (float, optional): Frames per second of files that do not say it.
        image_size (tuple of int, optional): Width and height of the picture, where joints are in
            pixels and the file does not say.
        flip_test (str, optional): Lifting: average with the result for the mirrored pose.
        num_future (int, optional): Motion: the number of frames to predict, by default as trained.
        poses (bool, optional): Motion: list the predicted poses instead of classes.
        follow (bool, optional): Read frames as lines from one file that may still grow, or from
            standard input (-), and write answers as lines of JSON (see docs/stream).
        num_persons (int, optional): With --follow: the largest number of persons at a time.
        idle (float, optional): With --follow: seconds without a new line to stop after.
        accelerator (str, optional): The device: auto, cpu, gpu or mps.
        quiet (bool, optional): Print nothing but warnings and errors.
    """
    from pyg_skeleton.cli.saved_run import find_model
    from pyg_skeleton.cli.tasks.windows import Windows

    for option, given in (("stride", stride is not None), ("timeline", timeline is not None)):
        if given and window is None and not follow:
            raise UsageError(f"--{option} is about windows, expected --window FRAMES")
    if stride is not None and stride < 1:
        raise UsageError(f"expected --stride >= 1, got {stride}")
    for option, given in (("num-persons", num_persons is not None), ("idle", idle is not None)):
        if given and not follow:
            raise UsageError(f"--{option} needs --follow")
    model, command, record = find_model(run, accelerator)
    options = {
        "top": top,
        "layout": layout,
        "unit": unit,
        "frame_rate": frame_rate,
        "image_size": image_size,
        "flip_test": flip_test,
        "num_future": num_future,
        "poses": poses,
        "num_persons": num_persons,
        "window": window,
        "every": stride,
        "idle": idle,
    }
    if follow:
        _check_followed(files, csv=csv, json=json, view=view, timeline=timeline)
        from pyg_skeleton.cli.follow import follow as follow_lines

        follow_lines(model, files[0], options)
        return None
    task = command if window is None else Windows(command, window, stride)
    tables: list[pd.DataFrame] = []
    shown: dict[str, Any] = {}
    spans: list[Any] = []
    answers: list[Any] = []
    for path in files:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file")
        try:
            names, clips = zip(*task.read(record, model, path, options), strict=True)
            answer = task.predict(model, clips, options)
            table = task.table(answer, options)
            if view is not None:
                found, spans = task.show(answer, dict(zip(names, clips, strict=True)))
                shown |= found
        except ValueError as error:  # a clip does not fit the network
            option = "--image-size WIDTH HEIGHT"
            message = str(error).replace("image_size=(width, height)", option)
            message = message if str(path) in message else f"{path}: {message}"
            raise UsageError(message) from None
        table["clip"] = [names[number] for number in table["clip"]]
        table.insert(0, "file", str(path))
        tables.append(table)
        answers.append(answer)
    result = pd.concat(tables, ignore_index=True)
    if timeline is not None and (count := sum(map(len, answers))) > 1:
        raise UsageError(f"--timeline {timeline}: draws one clip, got {count}")
    if csv is not None:
        with whole_file(csv) as partial:
            result.to_csv(partial, index=False)
    if json is not None:
        with whole_file(json) as partial:
            result.to_json(partial, orient="records", indent=2)
    if view is not None:
        from pyg_skeleton.visualization import view as show

        spans = spans if len(shown) == 1 else []
        show(shown, side_by_side=len(shown) > 1, spans=spans, path=view)
    if timeline is not None:
        from pyg_skeleton.visualization import plot_timeline

        ((line,),) = answers
        with whole_file(timeline) as partial:
            plot_timeline(line, str(result["clip"].iloc[0])).savefig(partial)
    if not quiet:
        columns = result.columns.drop("file") if len(files) == 1 else result.columns
        print(_text(result[columns]))
    return result


def _check_followed(files: Sequence[Path], **written: Path | None) -> None:
    """Refuses what does not go with frames that still come."""
    if len(files) != 1:
        raise UsageError(f"expected one file with --follow, got {len(files)}")
    for name, path in written.items():
        if path is not None:
            raise UsageError(f"--{name} {path} does not go with --follow, which writes lines")
    if str(files[0]) != "-" and not files[0].is_file():
        raise FileNotFoundError(f"{files[0]}: no such file")


def _text(table: pd.DataFrame, most: int = 60) -> str:
    """A table as text, without the rows in the middle of a long one."""
    text = table.to_string(index=False, float_format="{:.3f}".format, max_rows=most)
    if len(table) > most:
        text += f"\n{len(table):,} rows; --csv FILE or --json FILE writes all of them"
    return text
