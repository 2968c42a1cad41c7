"""Loads cross-domain tasks by name."""

from __future__ import annotations

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
from pyg_skeleton.datasets.options import check_options, choices, parameters

__all__ = ["TASKS", "CrossDomainTask", "load_task"]

#: The functions that load the tasks, by name.
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
    """Loads the clips of a task.

    Args:
        name (str): The name of the task, see :obj:`TASKS`.
        root_source (str or PathLike, optional): The files of the source; not used by the task
            :obj:`"embedded"`. (default: :obj:`None`)
        root_target (str or PathLike, optional): The files of the target. (default: :obj:`None`)
        **options (optional): Additional arguments of the function in :obj:`TASKS`.

    Raises:
        ValueError: If the task is unknown, lacks a folder or an option, or has no such option.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}, expected {choices(name, TASKS)}")
    what = f"the task {name!r}"
    known = parameters(TASKS[name])
    roots = {"root_source": root_source, "root_target": root_target}
    needed = [key for key in roots if key in known and roots[key] is None]
    if needed:
        raise ValueError(f"{what} needs {' and '.join(needed)}, the places of its files")
    given = {key: root for key, root in roots.items() if key not in known and root is not None}
    if given:
        raise ValueError(f"{what} reads no files, got {given}")
    check_options(what, parameters(TASKS[name], *roots), options)
    return TASKS[name](**{key: root for key, root in roots.items() if key in known}, **options)
