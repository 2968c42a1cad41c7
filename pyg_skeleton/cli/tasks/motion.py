"""Motion prediction and recognition on the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.reports import motion as report
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks.task import Span, TaskCommand
from pyg_skeleton.datasets.registry import MOTION
from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.training import Run, evaluate_motion, forecast

if TYPE_CHECKING:
    import pandas as pd


_NAMES = {"SymGNN": "Sym-GNN", "SiMLPe": "siMLPe", "TrajectoryGCN": "trajectory GCN"}


@dataclass(frozen=True)
class MotionOptions:
    """Options of training.

    Args:
        shuffle_labels (float, optional): The share of the training clips with a random class.
        shuffle_targets (float, optional): The share of the training clips with the future of
            another clip.
    """

    shuffle_labels: float = 0.0
    shuffle_targets: float = 0.0


@dataclass(frozen=True)
class MotionEvaluation:
    """Options of a measurement.

    Args:
        perturbation (bool, optional): Also measure under noise on the observed frames.
    """

    perturbation: bool = False


class MotionCommand(TaskCommand):
    """Trains a network that predicts motion and recognizes actions; writes its errors and
    pictures.
    """

    name = "motion"
    corpora = MOTION
    options = MotionOptions
    evaluation = MotionEvaluation

    def reading(self, run: Run) -> dict[str, Any]:
        """The settings that the clips of a run depend on: their length, too."""
        observed = run.recipe.num_observed  # type: ignore[attr-defined]
        return {**run.data, "num_observed": observed}

    def open_training(self, run: Run, roots: Mapping[str, Any]) -> tuple[Any, Any]:
        """The clips to learn from, and held-out clips of the embedded data or where the option
        :obj:`held_out` asks for them.
        """
        observed = run.recipe.num_observed  # type: ignore[attr-defined]
        train = self.open(run, roots, "train", num_observed=observed)
        val = None
        if run.data["name"] == "embedded" or run.data.get("held_out"):
            val = self.open(run, roots, "val", num_observed=observed, statistics_from=train)
        return train, val

    def open_test(self, run: Run, roots: Mapping[str, Any], train: Any = None) -> Any:
        """The test clips."""
        observed = run.recipe.num_observed  # type: ignore[attr-defined]
        return self.open(run, roots, "test", num_observed=observed, statistics_from=train)

    def measure(
        self, run: Run | None, model: Any, test: Any, folder: Path, options: Mapping[str, Any]
    ) -> Report:
        """Accuracies and errors, beside those of the zero-velocity baseline."""
        from pyg_skeleton.training.motion.robustness import frames_per_20ms, perturbation_table

        results = {"zero-velocity": evaluate_motion(forecast(None, test), test)}
        if model is None:
            return Report(results, report.text(results))
        name, result = _NAMES[type(model).__name__], forecast(model, test)
        results[name] = evaluate_motion(result, test)
        if model.predicts:
            results[name]["frames per 20 ms"] = frames_per_20ms(model, test.num_observed)
        if options["perturbation"]:
            if not isinstance(model, SymGNN):
                raise UsageError(f"--perturbation is about Sym-GNN's actional graph, got {name}")
            seed = run.seed if run is not None else 0
            table = perturbation_table(model, test, seed)
            results[name]["perturbation"] = table.to_dict("records")
        return Report(
            results,
            report.text(results),
            pictures=report.pictures(result, test, name),
            players=report.players(result, test, name),
        )

    def predict(self, model: Any, clips: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """The classes of each clip, and the frames that follow."""
        named = {name: options[name] for name in ("unit", "frame_rate")}
        return model.predict(clips, options["num_future"], **named)

    def table(self, answer: Any, options: Mapping[str, Any]) -> "pd.DataFrame":
        """The likeliest classes of each clip, or with :obj:`poses` the predicted frames."""
        poses = answer.probability is None or (answer.future is not None and options["poses"])
        table: pd.DataFrame = answer.poses_to_frame() if poses else answer.to_frame(options["top"])
        return table

    def show(self, answer: Any, clips: Mapping[str, Any]) -> tuple[dict[str, Any], list[Span]]:
        """The observed frames and those that follow."""
        shown = {name: answer.to_clip(number, observed=True) for number, name in enumerate(clips)}
        if len(shown) > 1:
            return shown, []
        (clip,) = shown.values()
        start = clip.num_frames - answer.to_clip().num_frames
        return shown, [(0, start, "observed"), (start, clip.num_frames, "predicted")]
