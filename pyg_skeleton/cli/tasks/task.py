"""The base of what the command does for a task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pyg_skeleton.cli.parser import Option, options_of
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.data import Clip
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.datasets.registry import corpus_options, find_corpus, open_corpus
from pyg_skeleton.io.formats import read_recordings
from pyg_skeleton.training import TASKS, Run, Task

if TYPE_CHECKING:
    import pandas as pd

    from pyg_skeleton.cli.options import Settings


#: A part of the time: the first frame, the frame after the last, and a text.
Span = tuple[int, int, str]


@dataclass(frozen=True)
class NoOptions:
    """No options."""


class TaskCommand:
    """A task of the command: its options, data, measurements and predictions."""

    #: The name of the task.
    name: ClassVar[str]
    #: The data sets by name.
    corpora: ClassVar[Mapping[str, Any]]
    #: The options of training that only this task has, a dataclass.
    options: ClassVar[type[Any]] = NoOptions
    #: The options of a measurement that only this task has, a dataclass.
    evaluation: ClassVar[type[Any]] = NoOptions

    def training_task(self, data: str) -> Task[Any, Any]:
        """Returns the training task for a data set."""
        return TASKS[self.name]

    # Options ##########################################################################

    def root_options(self, data: str) -> list[Option]:
        """The options for the places of files."""
        return [Option("root", Path | None, None, "The folder or file of the data set.")]

    def data_options(self, data: str) -> list[Option]:
        """The options of a data set."""
        known = corpus_options(self.corpora[data])
        required = {name: None for name, p in known.items() if p.default is p.empty}
        options = options_of(self.corpora[data].open, required)
        return [option for option in options if option.name in known]

    def prefixed_options(self) -> dict[str, list[Option]]:
        """The options behind a name other than :obj:`network`."""
        return {}

    def create_run(self, settings: "Settings") -> Run:
        """The record of the run that the options describe."""
        kind = self.training_task(settings.data)
        changes = settings.given("recipe")
        preset, recipe = kind.plan(
            settings.data, settings.model, settings.preset, settings.recipe, **changes
        )
        data = {name: value for name, value in settings.group("data").items() if value is not None}
        return Run(
            task=kind.name,
            data={"name": settings.data, **data},
            model=settings.model,
            preset=preset,
            recipe=recipe,
            network={**settings.inherited, **settings.given("network")},
            seed=settings.seed,
            options=self.run_options(settings),
            pretrained=None if settings.from_ is None else str(settings.from_),
            freeze=settings.freeze,
            freeze_statistics=settings.freeze_statistics,
        )

    def run_options(self, settings: "Settings") -> dict[str, Any]:
        """The options of the record that only this task has."""
        return settings.group("task")

    # Data #############################################################################

    def open(self, run: Run, roots: Mapping[str, Any], split: str, **supplied: Any) -> Any:
        """A split of the data set of a run."""
        name, options = run.data["name"], {k: v for k, v in run.data.items() if k != "name"}
        return open_corpus(self.corpora, name, roots["root"], split, supplied, **options)

    def reading(self, run: Run) -> dict[str, Any]:
        """The settings that the samples of a run depend on."""
        return run.data

    def open_training(self, run: Run, roots: Mapping[str, Any]) -> tuple[Any, Any]:
        """The samples to learn from, and those to measure during training, if there are any."""
        raise NotImplementedError

    def open_test(self, run: Run, roots: Mapping[str, Any], train: Any = None) -> Any:
        """The samples of the test."""
        raise NotImplementedError

    # Results ##########################################################################

    def measure(
        self, run: Run, model: Any, test: Any, folder: Path, options: Mapping[str, Any]
    ) -> Report:
        """Measures a network.

        Args:
            run (Run): How it was trained.
            model (SkeletonModel): The network.
            test (Dataset): The samples of the test.
            folder (Path): The folder for tables, which is that of the run or of a measurement.
            options (dict): The values of :obj:`evaluation`.
        """
        raise NotImplementedError

    def compare(self, reports: Mapping[str, Report], out: Path) -> Report | None:
        """A comparison of several networks, if the task has one.

        Args:
            reports (dict): The measurements by the name of the network.
            out (Path): The folder for tables.
        """
        return None

    def read(
        self, run: Run | None, model: Any, path: Path, options: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """The clips of a file or folder with their names: as the data set of a run reads its own
        files, or as :func:`pyg_skeleton.read_all` does, with the layout of the network where files
        do not say theirs.

        Args:
            run (Run, optional): How the network was trained, where it is known.
            model (SkeletonModel): The network.
            path (Path): The file or folder.
            options (dict): The options of pyg-skeleton predict.
        """
        layout = options["layout"] and load_layout(options["layout"])
        if run is not None and not path.is_dir():
            corpus = find_corpus(self.corpora, run.data["name"])
            if hasattr(corpus, "read_clips"):
                pipeline = getattr(run.recipe, "pipeline", "ctrgcn")
                clips = corpus.read_clips(path, layout or model.skeleton, pipeline=pipeline)
                if clips is not None:
                    return list(clips.items())
        out = []
        for recording in read_recordings(path):
            skeleton = layout or (model.skeleton if recording.layout is None else None)
            values = {} if skeleton is None else {"skeleton": skeleton}
            out.append((recording.name, Clip.from_recording(recording, **values)))
        return out

    def predict(self, model: Any, clips: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """The answer of a network for clips, as its own :obj:`predict` returns it.

        Args:
            model (SkeletonModel): The network.
            clips (sequence): The clips.
            options (dict): The options of pyg-skeleton predict.
        """
        return model.predict(clips, **reading(options))

    def table(self, answer: Any, options: Mapping[str, Any]) -> "pd.DataFrame":
        """An answer as a table, whose column :obj:`clip` counts the clips."""
        table: pd.DataFrame = answer.to_frame()
        return table

    def show(self, answer: Any, clips: Mapping[str, Any]) -> tuple[dict[str, Any], list[Span]]:
        """Clips by their labels, and spans of their time, for a player that shows an answer.

        Args:
            answer (NamedTuple): The answer of :meth:`predict`.
            clips (dict): The clips by name.
        """
        labels = [str(label) for label in answer.labels]
        if len(clips) == 1:
            (clip,) = clips.values()
            frames = len(clip) if isinstance(clip, Clip) else clip.x.size(1)
            return dict(clips), [(0, frames, labels[0])]
        named = zip(clips, labels, strict=True)
        return {f"{name}: {label}": clips[name] for name, label in named}, []


def reading(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options on clips whose files do not say it."""
    return {name: options[name] for name in ("image_size", "unit", "frame_rate")}
