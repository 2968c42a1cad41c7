"""The kinds of tasks by name."""

from typing import Any

from pyg_skeleton.training.checks import check_choice
from pyg_skeleton.training.clustering.task import ClusteringTask
from pyg_skeleton.training.lifting.image_task import ImageLiftingTask
from pyg_skeleton.training.lifting.task import LiftingTask
from pyg_skeleton.training.motion.task import MotionTask
from pyg_skeleton.training.recognition.task import RecognitionTask
from pyg_skeleton.training.task import Task

#: The kinds of tasks by name.
TASKS: dict[str, Task[Any, Any]] = {
    task.name: task
    for task in (
        RecognitionTask(),
        MotionTask(),
        LiftingTask(),
        ImageLiftingTask(),
        ClusteringTask(),
    )
}


def get_task(name: str) -> Task[Any, Any]:
    """Returns the task of a name.

    Raises:
        ValueError: If there is none.
    """
    return TASKS[check_choice("task", name, TASKS)]
