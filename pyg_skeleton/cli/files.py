"""Layouts by name or by file."""

from pathlib import Path

from pyg_skeleton.skeleton import Skeleton


def load_layout(name: str) -> Skeleton:
    """The layout of a name, or of a YAML file."""
    return Skeleton.from_yaml(name) if Path(name).is_file() else Skeleton.get(name)
