"""Recognition of actions on the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import Option, options_of
from pyg_skeleton.cli.reports import recognition as report
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks.task import TaskCommand, reading
from pyg_skeleton.datasets.registry import RECOGNITION
from pyg_skeleton.nn.models import RecognizedClasses, RegressedScores, SkeletonGCL, SymGNN
from pyg_skeleton.training import (
    Run,
    diagnose_graphs,
    evaluate_recognition,
    recognize,
    write_scores,
)
from pyg_skeleton.transforms.stream import StreamName

if TYPE_CHECKING:
    import pandas as pd

    from pyg_skeleton.cli.options import Settings


@dataclass(frozen=True)
class RecognitionOptions:
    """Options of training.

    Args:
        stream (str, optional): What of the joints the network sees.
        val_share (float, optional): The share of the training clips to hold out and measure
            during training.
        gcl (str, optional): The variant of SkeletonGCL around the network, which contrasts its
            learned graphs.
    """

    stream: StreamName = "joint"
    val_share: float = 0.0
    gcl: Literal["none", "paper", "authors_code"] = "none"


@dataclass(frozen=True)
class RecognitionEvaluation:
    """Options of a measurement.

    Args:
        diagnose (bool, optional): Also write tables and pictures of the learned graphs.
    """

    diagnose: bool = False


class RecognitionCommand(TaskCommand):
    """Trains a network that recognizes actions; writes its scores of the test clips, accuracies
    and pictures.
    """

    name = "recognition"
    corpora = RECOGNITION
    options = RecognitionOptions
    evaluation = RecognitionEvaluation

    def prefixed_options(self) -> dict[str, list[Option]]:
        """The arguments of SkeletonGCL."""
        return {"contrast": options_of(SkeletonGCL, skip=("recipe", "num_samples"))}

    def run_options(self, settings: "Settings") -> dict[str, Any]:
        """Stream, held-out share and contrast."""
        if settings.diagnose:
            _check_diagnosis(settings.model, self.training_task(settings.data).models)
        contrast = settings.given("contrast")
        if contrast and settings.gcl == "none":
            raise UsageError(
                f"--contrast.{next(iter(contrast)).replace('_', '-')} needs --gcl paper or "
                f"--gcl authors_code"
            )
        if "layer" in contrast and contrast["layer"].lstrip("-").isdigit():
            contrast["layer"] = int(contrast["layer"])
        return {**settings.group("task"), "contrast": contrast}

    def open_training(self, run: Run, roots: Mapping[str, Any]) -> tuple[Any, Any]:
        """The clips to learn from, and held-out clips."""
        from pyg_skeleton.training.recognition.task import hold_out

        train = self._prepared(run, roots, "train", augment=True)
        if share := run.options.get("val_share"):
            plain = self._prepared(run, roots, "train", augment=False)
            return hold_out(train, plain, share, run.seed)
        embedded = run.data["name"] == "embedded"
        return train, self._prepared(run, roots, "val", augment=False) if embedded else None

    def open_test(self, run: Run, roots: Mapping[str, Any], train: Any = None) -> Any:
        """The test clips."""
        return self._prepared(run, roots, "test", augment=False)

    def _prepared(self, run: Run, roots: Mapping[str, Any], split: str, augment: bool) -> Any:
        recipe: Any = run.recipe
        clips = self.open(run, roots, split, pipeline=recipe.pipeline)
        stream = run.options.get("stream", "joint")
        clips.transform = clips.preparation(augment, stream, recipe.num_frames, recipe.pipeline)
        clips.repeat = recipe.repeat if augment else 1
        return clips

    def measure(
        self, run: Run, model: Any, test: Any, folder: Path, options: Mapping[str, Any]
    ) -> Report:
        """Scores, accuracies, confusion."""
        if model.preparation is not None:  # as predict does, also where test clips differ
            test.transform = model.preparation
        table = recognize(model, test)
        result = evaluate_recognition(table, test.target)
        write_scores(table, folder / "scores.csv")
        name = _title(run)
        out = Report({name: result}, report.text({name: result}), ["scores.csv"])
        if options["diagnose"]:
            _check_diagnosis(run.model, {run.model: type(model)})
            found = diagnose_graphs(model, test, folder)
            tables = [t.to_string(float_format="{:.4g}".format) for t in found[:3]]
            out.text = "\n\n".join([*tables, out.text])
            out.files += found.files
        out.pictures = report.pictures(result, list(table.columns[1:]))
        out.players = report.players(table, test, model)
        return out

    def compare(self, reports: Mapping[str, Report], out: Path) -> Report | None:
        """The classes that are hardest for the first network, and those that change most, as in
        Tables 21 and 22 of the SkeletonGCL paper.
        """
        results = {name: next(iter(one.results.values())) for name, one in reports.items()}
        rates = {name: one["per_class"] for name, one in results.items() if "per_class" in one}
        return Report({}, report.class_text(rates)) if len(rates) > 1 else None

    def predict(self, model: Any, clips: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """The classes of each clip."""
        if model.preparation is None:
            raise UsageError("the network has no preparation; train it again")
        named = reading(options)
        if isinstance(model, SymGNN):
            del named["image_size"]
        return model.predict(clips, **named)

    def table(self, answer: Any, options: Mapping[str, Any]) -> "pd.DataFrame":
        """The likeliest classes of each clip; all that are likely where it may have several; or its
        score.
        """
        one = not isinstance(answer, RecognizedClasses | RegressedScores)
        table: pd.DataFrame = answer.to_frame(options["top"]) if one else answer.to_frame()
        return table


def _title(run: Run) -> str:
    gcl = run.options.get("gcl", "none")
    contrast = "" if gcl == "none" else f" + SkeletonGCL ({gcl})"
    return f"{run.model}{contrast}, {run.options.get('stream', 'joint')}"


def _check_diagnosis(model: str, models: Mapping[str, type[Any]]) -> None:
    from pyg_skeleton.nn.models import RecognitionModel

    none = RecognitionModel.graph_layers
    if getattr(models[model], "graph_layers", none) is none:
        raise UsageError(f"--diagnose is about learned graphs, and {model} learns none")
