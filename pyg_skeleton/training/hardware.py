"""The devices that a network is trained on."""

from dataclasses import dataclass
from typing import Any, Literal

PRECISIONS = {"32": "32-true", "bf16": "bf16-mixed"}


@dataclass(frozen=True)
class Hardware:
    """The devices that a network is trained on, and how. None of it is part of the result.

    Args:
        accelerator (str, optional): :obj:`"cpu"`, :obj:`"gpu"` or another one of
            :class:`~lightning.pytorch.Trainer`. (default: :obj:`"auto"`)
        devices (str, optional): The number of devices of each node, or their numbers with commas.
            (default: :obj:`"1"`)
        num_nodes (int, optional): The number of nodes. (default: :obj:`1`)
        strategy (str, optional): How several processes work together, :obj:`"ddp"` for example.
            (default: :obj:`"auto"`)
        precision (str, optional): :obj:`"32"` or :obj:`"bf16"` (mixed). (default: :obj:`"32"`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
        num_workers (int, optional): The number of processes that prepare samples.
            (default: :obj:`0`)
        detect_anomaly (bool, optional): Whether to look for the layer that first yields a number
            that is not finite, which is slow. (default: :obj:`False`)
    """

    accelerator: str = "auto"
    devices: str = "1"
    num_nodes: int = 1
    strategy: str = "auto"
    precision: Literal["32", "bf16"] = "32"
    compile: bool = False
    num_workers: int = 0
    detect_anomaly: bool = False

    def trainer_options(self) -> dict[str, Any]:
        """The arguments of :class:`~lightning.pytorch.Trainer`."""
        return {
            "accelerator": self.accelerator,
            "devices": self.devices,
            "num_nodes": self.num_nodes,
            "strategy": self.strategy,
            "precision": PRECISIONS[self.precision],
            "detect_anomaly": self.detect_anomaly,
        }

    def num_processes(self) -> int:
        """The number of processes that train together."""
        if self.devices == "1":
            return self.num_nodes
        from lightning import Trainer

        return Trainer(**self.trainer_options(), logger=False).world_size
