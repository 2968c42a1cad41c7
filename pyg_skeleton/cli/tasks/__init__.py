"""The options, data and evaluation of the command for each task."""

from pyg_skeleton.cli.tasks.clustering import ClusteringCommand
from pyg_skeleton.cli.tasks.lifting import LiftingCommand
from pyg_skeleton.cli.tasks.motion import MotionCommand
from pyg_skeleton.cli.tasks.recognition import RecognitionCommand
from pyg_skeleton.cli.tasks.task import TaskCommand

#: By name.
TASKS: dict[str, TaskCommand] = {
    task.name: task
    for task in (
        RecognitionCommand(),
        MotionCommand(),
        LiftingCommand(),
        ClusteringCommand(),
    )
}

__all__ = ["TASKS", "TaskCommand"]
