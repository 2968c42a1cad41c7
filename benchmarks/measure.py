"""Measures CPU time and memory of two forms alternately, in one process and on one thread.

Both forms run in every round, in alternating order. Two ratios are reported: that of the best
times, which is least affected by other load on the machine, and the median over the rounds of the
ratio within a round.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from pyg_skeleton.testing import named_tensors

Run = Callable[[], Any]


@dataclass
class Comparison:
    """The best milliseconds and peak megabytes of both forms, and the median of paired ratios."""

    name: str
    what: str
    ours: float
    dense: float
    median: float
    ours_peak: float
    dense_peak: float

    @property
    def time(self) -> float:
        """The best time of our form divided by that of the dense form."""
        return self.ours / self.dense

    @property
    def memory(self) -> float:
        """The peak memory of our form divided by that of the dense form."""
        return self.ours_peak / max(self.dense_peak, 1e-9)


def compare(name: str, what: str, ours: Run, dense: Run, rounds: int) -> Comparison:
    """Runs both forms alternately."""
    runs = (ours, dense)
    for run in runs:
        run()
        run()
    times: tuple[list[float], list[float]] = ([], [])
    for i in range(rounds):
        for k in (0, 1) if i % 2 == 0 else (1, 0):
            start = process_time()
            runs[k]()
            times[k].append((process_time() - start) * 1e3)
    ratio = median(a / b for a, b in zip(*times, strict=True))
    peaks = (peak_megabytes(ours), peak_megabytes(dense))
    return Comparison(name, what, min(times[0]), min(times[1]), ratio, *peaks)


def peak_megabytes(run: Run) -> float:
    """Returns the peak of the memory that a run allocates."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        out = run()
    del out
    events = [
        (event.start_ns(), event.nbytes())
        for event in profiler.profiler.kineto_results.events()
        if event.name() == "[memory]"
    ]
    peak = now = 0
    for _, size in sorted(events):
        now += size
        peak = max(peak, now)
    return peak / 2**20


def modes(module: Any, args: tuple[Any, ...]) -> Iterator[tuple[str, Run]]:
    """Returns a forward pass without gradients, and a forward and backward pass."""
    inputs = [t for _, t in named_tensors(args) if t.requires_grad]
    if isinstance(module, torch.nn.Module):
        inputs += list(module.parameters())

    def forward() -> Any:
        with torch.no_grad():
            return module(*args)

    gradients: list[Tensor] = []

    def step() -> None:
        outputs = [t for _, t in named_tensors(module(*args)) if t.requires_grad]
        if not gradients:
            gradients.extend(torch.randn_like(t) for t in outputs)
        torch.autograd.grad(outputs, inputs, gradients, allow_unused=True)

    yield "forward", forward
    yield "training step", step


def table(rows: list[Comparison]) -> str:
    """Formats the results as a Markdown table."""
    lines = [
        "| | | ours, ms | dense, ms | time | median | ours, MB | dense, MB | memory |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for r in rows:
        lines.append(
            f"| {r.name} | {r.what} | {r.ours:.2f} | {r.dense:.2f} | **{r.time:.2f}** | "
            f"{r.median:.2f} | "
            f"{r.ours_peak:.1f} | {r.dense_peak:.1f} | **{r.memory:.2f}** |"
        )
    return "\n".join(lines)
