"""Recognition in windows that slide over long recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.tasks.task import Span, TaskCommand, reading
from pyg_skeleton.nn.models.timeline import Timeline, timeline
from pyg_skeleton.training import Run


@dataclass(frozen=True)
class Windows:
    """The predictions of a task in windows: its answers are timelines.

    Args:
        task (TaskCommand): The task.
        window (int): The number of frames of a window.
        stride (int, optional): The number of frames from window to window.
    """

    task: TaskCommand
    window: int
    stride: int | None

    def read(
        self, run: Run | None, model: Any, path: Path, options: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """The clips of a file or folder with their names."""
        return self.task.read(run, model, path, options)

    def predict(
        self, model: Any, clips: Sequence[Any], options: Mapping[str, Any]
    ) -> list[Timeline]:
        """The classes of each clip over time."""
        if self.task.name == "lifting":
            raise UsageError("--window is about classes, this network lifts poses")
        named = reading(options)
        return [timeline(model, clip, self.window, self.stride, **named) for clip in clips]

    def table(self, answer: list[Timeline], options: Mapping[str, Any]) -> pd.DataFrame:
        """A row for each span of time, whose column :obj:`clip` counts the clips."""
        tables = [line.to_frame() for line in answer]
        for number, table in enumerate(tables):
            table.insert(0, "clip", number)
        return pd.concat(tables, ignore_index=True)

    def show(
        self, answer: list[Timeline], clips: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Span]]:
        """The clips, and the classes of the first one over time."""
        line, clip = answer[0], next(iter(clips.values()))
        rate = line.frame_rate
        frames = 1.0 if not rate else (getattr(clip, "frame_rate", None) or rate) / rate
        spans = [(round(s * frames), round(e * frames), name) for s, e, name, _ in line.spans()]
        return dict(clips), spans
