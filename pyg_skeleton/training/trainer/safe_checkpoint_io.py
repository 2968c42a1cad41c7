"""Checkpoint files that are whole and safe to read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightning.fabric.plugins import TorchCheckpointIO

from pyg_skeleton.whole_file import read_tensors, write_tensors


class SafeCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint whole or not at all, and reads only plain values and tensors.

    Lightning's own writes to the system's temporary folder first; if that is on another disk, a
    killed process can leave half a checkpoint behind.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Writes a checkpoint next to its final place, and moves it there."""
        write_tensors(checkpoint, path)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Callable[..., Any] | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Reads a checkpoint.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is not a checkpoint of a training run.
        """
        content = read_tensors(path, map_location or "cpu")
        if not isinstance(content, dict) or "loops" not in content:
            raise ValueError(f"{path} is not a checkpoint of a training run")
        return content
