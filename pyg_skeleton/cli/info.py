"""``pyg-skeleton info``: describes a file, a run or a layout."""

import json
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyg_skeleton.cli.errors import UsageError, did_you_mean
from pyg_skeleton.cli.parser import read_function

if TYPE_CHECKING:
    from pyg_skeleton.io import Recording

#: Of how many recordings the persons are shown, and the most recordings or persons.
_FEW, _MOST = 5, 20


def read(argv: Sequence[str]) -> Callable[[], Any]:
    """Reads a command line; returns what to call."""
    return read_function(info, argv)


def info(what: str) -> None:
    """Describes a file, a run, a layout, or a trained network that comes along.

    Args:
        what (str): The folder of a run or its model.pt, a file or folder of skeletons in any
            format, the name of a layout or its YAML file, or a name of `list weights`.
    """
    path = Path(what)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        print(_layout(what))
    elif path.suffix == ".pt" or (path / "run.json").is_file():
        print(_run(path))
    elif path.exists():
        print(_clips(path))
    else:
        from pyg_skeleton.nn.models.trained import list_weights
        from pyg_skeleton.skeleton import list_skeletons

        names = list_skeletons()
        if what in list_weights():
            print(_card(what))
            return
        if what not in names:
            raise UsageError(
                f"no file, run or layout {what!r}; of the layouts, {did_you_mean(what, names)}"
            )
        print(_layout(what))


def _card(name: str) -> str:
    from pyg_skeleton.nn.models.trained import weights_card

    card = weights_card(name)
    return "\n".join(
        [
            f"weights {name}: {card.network} for {card.task}. {card.purpose}",
            f"data: {card.data}",
            f"license: {card.license}",
            f"again: {card.command}",
            *(f"  {number:>6g}  {error}" for error, number in card.errors.items()),
            f"limits: {card.limits}",
        ]
    )


def _layout(name: str) -> str:
    from pyg_skeleton.skeleton import Skeleton

    skeleton = Skeleton.of(name)
    joints = [f"  {i:>2} {joint}" for i, joint in enumerate(skeleton.joints)]
    names = skeleton.joints
    bones = ", ".join(f"{names[parent]}-{names[child]}" for child, parent in skeleton.bones)
    pairs = ", ".join(f"{names[a]}/{names[b]}" for a, b in skeleton.mirror)
    parts = [
        f"  {part}: {', '.join(names[joint] for joint in members)}"
        for part, members in skeleton.parts.items()
    ]
    return "\n".join(
        [
            f"layout {skeleton.name}: {skeleton.num_joints} joints, root {names[skeleton.root]}",
            *joints,
            f"bones: {bones}",
            f"mirror pairs: {pairs or 'none'}",
            "parts:",
            *parts,
        ]
    )


def _run(path: Path) -> str:
    from pyg_skeleton.nn.models import SkeletonModel

    folder, lines = (path.parent if path.suffix == ".pt" else path), []
    if (folder / "run.json").is_file():
        from pyg_skeleton.training import Run

        run = Run.read(folder)
        data = ", ".join(f"{k}={v}" for k, v in run.data.items() if k != "name")
        options = ", ".join(f"{k}={v}" for k, v in {**run.network, **run.options}.items() if v)
        recipe = run.recipe
        length = f"{recipe.epochs} epochs" if recipe.epochs else f"{recipe.max_steps:,} steps"
        lines += [
            f"run of {run.task}, by pyg_skeleton {run.version}, seed {run.seed}",
            f"data: {run.data['name']}{f' ({data})' if data else ''}",
            f"network: {run.model}, preset {run.preset}{f', {options}' if options else ''}",
            f"recipe: {length}, batches of {recipe.batch_size}, learning rate {recipe.lr:g}",
        ]
    model = folder / "model.pt" if path.is_dir() else path
    if model.is_file() and not (lines and lines[0].startswith("run of image-lifting")):
        network = SkeletonModel.load(model)
        parameters = sum(p.numel() for p in network.parameters())
        classes = network.classes or []
        lines += [
            f"model: {type(network).__name__}, {parameters:,} parameters, "
            f"layout {network.skeleton.name} ({network.skeleton.num_joints} joints)",
            f"classes: {', '.join(classes)}" if classes else "classes: none",
            *_reads(network),
        ]
    elif path.suffix == ".pt" and not model.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}")
    elif not model.is_file():
        lines.append("model: not trained to the end; continue with --resume")
    for name in ("results.json", "evaluation.json"):
        if (folder / name).is_file():
            content = json.loads((folder / name).read_text())
            lines.append(f"{name}: {', '.join(content)}")
    return "\n".join(lines)


def _reads(network: Any) -> list[str]:
    """Describes the training data as far as the network knows it, and how it prepares clips."""
    known = {
        "frames per second": network.frame_rate,
        "unit": network.unit,
        "upwards": network.up,
        "frames observed": getattr(network, "num_observed", None),
    }
    said = [f"{name} {value}" for name, value in known.items() if value is not None]
    lines = [f"training data: {', '.join(said)}"] if said else []
    if network.preparation is not None:
        lines.append("preparation of a clip:")
        lines += [f"  {step!r}" for step in network.preparation.transforms]
    return lines


def _clips(path: Path) -> str:
    from pyg_skeleton.io import read_recordings
    from pyg_skeleton.io.formats import find_format

    lines: list[list[str]] = []
    count = 0
    for recording in read_recordings(path):
        count += 1
        if count <= _MOST:
            lines.append([f"  {_recording(recording)}", *_persons(recording)])
    if count > _FEW:  # without the persons
        lines = [line[:1] for line in lines] + [["  ..."]] * (count > _MOST)
    found = find_format(path)
    head = f"{path}: {found.name if found else 'folder'}, {count:,} recording{'s' * (count != 1)}"
    return "\n".join([head, *chain.from_iterable(lines)])


def _recording(recording: "Recording") -> str:
    """Describes a recording on one line."""
    persons, frames, joints, channels = recording.joints.shape
    layout, rate = recording.layout, recording.frame_rate
    if layout is None:
        named = f"{joints} joints without names (pass a layout)"
    elif isinstance(layout, str):
        named = f"layout {layout}, {joints} joints"
    else:
        named = f"{joints} joints of its own ({', '.join(list(layout['joints'])[:3])}, ...)"
    time = f"{frames} frames"
    if rate is not None:
        time += f" at {rate:g} a second ({frames / rate:.1f} s)"
    words = [f"{persons} person{'s' * (persons != 1)}", time, named, f"{channels}-D"]
    words.append(f"in {recording.unit}" if recording.unit else "unit unknown")
    words.append(f"{recording.up} up" if recording.up else "axis upwards unknown")
    if recording.image_size is not None:
        words.append("picture {} x {}".format(*recording.image_size))
    if recording.confidence is not None:
        there = recording.confidence > 0
        words.append(f"confidence {recording.confidence[there].mean():.2f}")
    return f"{recording.name}: {', '.join(words)}"


def _persons(recording: "Recording") -> list[str]:
    """When each person is there, and what is missing in between."""
    import numpy as np

    there = np.isfinite(recording.joints.sum(axis=3))
    names = recording.persons or range(len(there))
    lines = []
    for name, seen in list(zip(names, there, strict=True))[:_MOST]:
        frames = np.flatnonzero(seen.any(1))
        if not frames.size:
            lines.append(f"    {name}: never there")
            continue
        first, last = int(frames[0]), int(frames[-1])
        inside = seen[first : last + 1]
        text = f"    {name}: frames {first} to {last}"
        if not inside.all():
            away = np.diff(frames).max(initial=1) - 1
            text += f", {1 - inside.mean():.1%} of the joints missing"
            text += f", away for up to {away} frames" if away else ""
        lines.append(text)
    if len(there) > _MOST:
        lines.append("    ...")
    return lines
