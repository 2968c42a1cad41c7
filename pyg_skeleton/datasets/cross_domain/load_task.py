"""The cross-domain tasks by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from pyg_skeleton.datasets.cross_domain.own import embedded_task, nw_ucla_cmu_task, own_task
from pyg_skeleton.datasets.cross_domain.published import (
    finegym_skeletics_task,
    kinetics_ntu60_task,
    ntu60_skeletics_task,
    ntu60plus_pkummd_task,
    skeletics_pkummd_task,
)
from pyg_skeleton.datasets.cross_domain.task import CrossDomainTask, Root

__all__ = ["TASKS", "CrossDomainTask", "load_task"]

#: The tasks that :func:`load_task` knows, with what loads them.
TASKS: dict[str, Callable[..., CrossDomainTask]] = {
    "embedded": embedded_task,
    "nw-ucla-cmu": nw_ucla_cmu_task,
    "own": own_task,
    "ntu60-skeletics": ntu60_skeletics_task,
    "skeletics-pkummd": skeletics_pkummd_task,
    "ntu60plus-pkummd": ntu60plus_pkummd_task,
    "finegym-skeletics": finegym_skeletics_task,
    "kinetics-ntu60": kinetics_ntu60_task,
}


def load_task(
    name: str,
    root_source: Root | None = None,
    root_target: Root | None = None,
    **options: Any,
) -> CrossDomainTask:
    """Reads the clips of a task.

    Args:
        name (str): The name of the task, see :obj:`TASKS`.
        root_source (str or PathLike, optional): The files of the source. The task
            :obj:`"embedded"` needs none. (default: :obj:`None`)
        root_target (str or PathLike, optional): The files of the target. (default: :obj:`None`)
        **options (optional): The arguments of what loads the task.

    Raises:
        ValueError: If there is no such task, or it lacks a folder or an option, or has no such
            option.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}, expected one of {', '.join(TASKS)}")
    roots = {"root_source": root_source, "root_target": root_target}
    if name == "embedded":
        roots = {key: root for key, root in roots.items() if root is not None}
        if roots:
            raise ValueError(f"the task 'embedded' reads no files, got {roots}")
    missing = [key for key, root in roots.items() if root is None]
    if missing:
        raise ValueError(f"the task {name!r} needs {' and '.join(missing)}")
    parameters = inspect.signature(TASKS[name]).parameters
    unknown = [option for option in options if option not in parameters]
    if unknown:
        known = [option for option in parameters if option not in roots]
        raise ValueError(
            f"the task {name!r} has no option {unknown[0]!r}, expected some of {', '.join(known)}"
        )
    needed = [
        option
        for option, parameter in parameters.items()
        if parameter.default is parameter.empty and option not in {**roots, **options}
    ]
    if needed:
        raise ValueError(f"the task {name!r} needs the option {' and '.join(needed)}")
    return TASKS[name](**roots, **options)
