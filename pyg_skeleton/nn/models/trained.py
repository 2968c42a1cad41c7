"""The trained networks that come with this package."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from pyg_skeleton.skeleton.checks import suggest

_FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class WeightsCard:
    """The card of a trained network.

    Args:
        name (str): Its name, as in :obj:`create_model(..., weights=name)`.
        task (str): The task, as in :obj:`pyg-skeleton train TASK`.
        network (str): The class of the network.
        purpose (str): What it answers, and for which input.
        data (str): The data that it was trained on.
        license (str): What their owners allow.
        command (str): The command that trains it again; the seed is in it.
        errors (dict): Numbers on held-out data, by a description of number and data.
        limits (str): What it cannot do.
    """

    name: str
    task: str
    network: str
    purpose: str
    data: str
    license: str
    command: str
    errors: dict[str, float]
    limits: str

    @property
    def path(self) -> Path:
        """The file of the weights."""
        return _FOLDER / f"{self.name}.pt"


def list_weights() -> list[str]:
    """Returns the names of the trained networks that come with this package."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def weights_card(name: str) -> WeightsCard:
    """Returns the card of a trained network.

    Args:
        name (str): One of :func:`list_weights`.

    Raises:
        ValueError: If there is none of that name; the message suggests similar names.
    """
    if name not in (known := list_weights()):
        raise ValueError(f"unknown weights {name!r}; {suggest(name, known)}")
    content = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return WeightsCard(name=name, **content)
