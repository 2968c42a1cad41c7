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
        strategy (str, optional): How several processes work together: :obj:`"ddp"`, which is the
            default, or another one of :class:`~lightning.pytorch.Trainer` in which each process
            has the whole network. (default: :obj:`"auto"`)
        precision (str, optional): :obj:`"32"` or :obj:`"bf16"` (mixed). (default: :obj:`"32"`)
        compile (bool, optional): Whether to compile the network. (default: :obj:`False`)
        recompute (bool, optional): Whether the backward pass computes the activations inside of
            blocks again, which takes less memory and more time, see :class:`Recompute`.
            (default: :obj:`False`)
        num_workers (int, optional): The number of processes that prepare samples.
            (default: :obj:`0`)
        detect_anomaly (bool, optional): Whether to look for the layer that first yields a number
            that is not finite, which is slow. (default: :obj:`False`)
        sync_batchnorm (bool, optional): Whether batch normalization uses the statistics of the
            batches of all processes, so that several processes train as one does with their batches
            together. (default: :obj:`True`)

    Raises:
        ValueError: If the strategy splits the network among processes.
    """

    accelerator: str = "auto"
    devices: str = "1"
    num_nodes: int = 1
    strategy: str = "auto"
    precision: Literal["32", "bf16"] = "32"
    compile: bool = False
    recompute: bool = False
    num_workers: int = 0
    detect_anomaly: bool = False
    sync_batchnorm: bool = True

    def __post_init__(self) -> None:
        if self.strategy.startswith(("fsdp", "deepspeed")):
            raise ValueError(
                f"expected strategy 'auto' or 'ddp', in which each process has the whole network, "
                f"got {self.strategy!r}"
            )
        if self.compile and self.recompute:
            raise ValueError("expected compile or recompute, got both")

    def trainer_options(self, unused_parameters: bool = False) -> dict[str, Any]:
        """The arguments of :class:`~lightning.pytorch.Trainer`.

        Args:
            unused_parameters (bool, optional): Whether a step can leave some parameters without a
                gradient. (default: :obj:`False`)
        """
        strategy: Any = self.strategy
        if strategy in ("auto", "ddp") and self.num_processes() > 1:
            from lightning.pytorch.strategies import DDPStrategy

            # Buffers are equal: what is in banks is gathered, and statistics are averaged.
            strategy = DDPStrategy(
                find_unused_parameters=unused_parameters, broadcast_buffers=False
            )
        return {**self._options(), "strategy": strategy, "sync_batchnorm": self.sync_batchnorm}

    def num_processes(self) -> int:
        """The number of processes that train together."""
        if self.devices == "1":
            return self.num_nodes
        from lightning import Trainer

        return Trainer(**self._options(), logger=False).world_size

    def _options(self) -> dict[str, Any]:
        return {
            "accelerator": self.accelerator,
            "devices": self.devices,
            "num_nodes": self.num_nodes,
            "strategy": self.strategy,
            "precision": PRECISIONS[self.precision],
            "detect_anomaly": self.detect_anomaly,
        }
