"""Lifting of 2-D poses to 3-D on the command line, from joints or from images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.reports import lifting as report
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks.task import Span, TaskCommand, reading
from pyg_skeleton.datasets.registry import LIFTING
from pyg_skeleton.training import TASKS, Run, Task, evaluate_lifting, lift, lift_images

if TYPE_CHECKING:
    from pyg_skeleton.cli.options import Settings

#: The data set whose input are images.
IMAGES = "rendered"


@dataclass(frozen=True)
class LiftingOptions:
    """Options of training.

    Args:
        image_features (bool, optional): With images (--data rendered): the graph network sees the
            features of the 2-D network at each joint, besides its position.
        test_curve (bool, optional): Measure the test poses during training, for a curve: they
            select nothing.
    """

    image_features: bool = True
    test_curve: bool = False


@dataclass(frozen=True)
class LiftingEvaluation:
    """Options of a measurement.

    Args:
        flip_test (str, optional): Average with the result for the mirrored pose: on, off, or auto
            for "if trained on mirrored poses".
        calibrate (bool, optional): Scale poses to the total bone length of the training poses.
    """

    flip_test: Literal["auto", "on", "off"] = "auto"
    calibrate: bool = False


class LiftingCommand(TaskCommand):
    """Trains a network that lifts 2-D poses to 3-D; writes its errors by protocol and pictures."""

    name = "lifting"
    corpora = LIFTING
    options = LiftingOptions
    evaluation = LiftingEvaluation

    def training_task(self, data: str) -> Task[Any, Any]:
        """Returns the training task for poses, or for images."""
        return TASKS["image-lifting" if data == IMAGES else "lifting"]

    def create_run(self, settings: "Settings") -> Run:
        """The record of the run; its layout is the preset's unless another one is chosen."""
        run = super().create_run(settings)
        kind = self.training_task(settings.data).models[run.model]
        layout = kind.presets[run.preset or ""].get("skeleton")
        if layout is None or "layout" in run.data or settings.data in ("human-eva", IMAGES):
            return run
        return replace(run, data={**run.data, "layout": layout})

    def run_options(self, settings: "Settings") -> dict[str, Any]:
        """Returns the options of the task, which are only available with images."""
        given = settings.given("task")
        if settings.data == IMAGES:
            if given.get("test_curve"):
                raise UsageError(f"--test-curve is for poses, got --data {IMAGES}")
            return {"image_features": settings.image_features}
        if "image_features" in given:
            raise UsageError(
                f"--no-image-features is for --data {IMAGES}, got --data {settings.data}"
            )
        return dict(given)

    def open_training(self, run: Run, roots: Mapping[str, Any]) -> tuple[Any, Any]:
        """The poses to learn from, and those to measure during training: held-out ones of the
        embedded data, or with :obj:`test_curve` those of the test.
        """
        embedded = run.data["name"] == "embedded"
        train = self.open(run, roots, "train", **self._supplied(run))
        if run.options.get("test_curve"):
            return train, self.open_test(run, roots, train)
        return train, self.open(run, roots, "val", **self._supplied(run)) if embedded else None

    def open_test(self, run: Run, roots: Mapping[str, Any], train: Any = None) -> Any:
        """The test poses."""
        return self.open(run, roots, "test", **self._supplied(run))

    def _supplied(self, run: Run) -> dict[str, Any]:
        kind: Any = self.training_task(run.data["name"]).models[run.model]
        preset = kind.presets.get(run.preset, {})
        default = signature(kind).parameters.get("num_frames")
        frames = preset.get("num_frames", default.default if default else 1)
        return {"num_frames": run.network.get("num_frames", frames)}

    def measure(
        self, run: Run, model: Any, test: Any, folder: Path, options: Mapping[str, Any]
    ) -> Report:
        """Errors by protocol and action."""
        if run.task == "image-lifting":
            return self._measure_images(run, model, test)
        flip = getattr(run.recipe, "flip", False)
        flip = flip if options["flip_test"] == "auto" else options["flip_test"] == "on"
        poses = lift(model, test, flip, options["calibrate"])
        notes = _notes(run, test, flip, options["calibrate"])
        name = type(model).__name__
        results = {name: evaluate_lifting(poses, test, notes)}
        return Report(
            results,
            report.text(results),
            pictures=report.pictures({name: poses}, test, model),
            players=report.players(poses, test, name, model),
            output=poses,
            test=test,
        )

    def _measure_images(self, run: Run, model: Any, test: Any) -> Report:
        poses, keypoints = lift_images(model, test)
        result = TASKS[run.task].evaluate(model, test)
        name = "image features" if run.options.get("image_features", True) else "joints"
        pixels = f"2-D error: {result['2-D error in pixels']:.2f} pixels"
        text = "\n".join([report.text({name: result}), pixels])
        return Report(
            {name: result},
            text,
            pictures=report.image_pictures(poses, keypoints, test),
            output=poses,
            test=test,
        )

    def compare(self, reports: Mapping[str, Report], out: Path) -> Report | None:
        """The errors of several networks on the hardest poses of each, on the same test poses."""
        from pyg_skeleton.metrics import hard_pose_table, mpjpe

        poses = {name: one.output for name, one in reports.items()}
        if len({pose.shape for pose in poses.values()}) > 1:
            return None
        test = next(iter(reports.values())).test
        truth, root = test.positions, test.skeleton.root
        table = hard_pose_table({name: mpjpe(pose, truth, root) for name, pose in poses.items()})
        title = "MPJPE (mm) on the hardest poses of each network"
        return Report(
            {"hard poses": table.reset_index().to_dict("records")},
            f"{title}\n{table.round(1).to_string()}",
            pictures=report.pictures(poses, test),
        )

    def read(
        self, run: Run | None, model: Any, path: Path, options: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """The clips of a file or folder with their names."""
        if not hasattr(model, "predict"):
            raise UsageError("this network reads images, expected one that lifts keypoints")
        return super().read(None, model, path, options)

    def predict(self, model: Any, clips: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """The lifted poses of keypoints, in millimeters."""
        return model.predict(clips, flip=options["flip_test"] == "on", **reading(options))

    def show(self, answer: Any, clips: Mapping[str, Any]) -> tuple[dict[str, Any], list[Span]]:
        """The lifted poses."""
        return {name: answer.to_clip(number) for number, name in enumerate(clips)}, []


def _notes(run: Run, test: Any, flip: bool, calibrate: bool) -> list[str]:
    """Returns the remaining conditions of a result."""
    name = run.data["name"]
    notes = [f"{name} {run.data.get('keypoints', 'gt')} 2-D"]
    if noise := run.data.get("noise"):
        notes[0] += f" with noise of {noise:g} px"
    if name == "h36m":
        notes += [f"protocol {test.protocol}", f"on {'+'.join(test.subjects)}"]
    if test.stride > 1:
        notes.append(f"stride {test.stride}")
    return [
        *notes,
        "flip" if flip else "no flip",
        "calibrated" if calibrate else "not calibrated",
    ]
