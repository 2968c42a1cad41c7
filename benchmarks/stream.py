"""Frame by frame, against running the window again.

    OMP_NUM_THREADS=1 python benchmarks/stream.py [--rounds 12] [--quick]

Each row is a network of a paper's size with random weights and one person. The first column of
times is one answer of the network for a clip of as many frames as it is trained on; the second one
is :meth:`push`, which answers for each frame. The stream averages as many features as the clip has,
but sees real frames where the clip has its padding; `all frames` is one answer of the network for
all the frames that the stream's answer depends on. CPU time on one thread, both forms alternately;
ratios are medians over the rounds.
"""

import argparse
import warnings
from statistics import median
from time import process_time
from typing import Any

import torch
from measure import Run

from pyg_skeleton import create_model

#: Network, preset, frames of a clip, its arguments.
ROWS: list[tuple[str, str, int, dict[str, Any]]] = [
    ("st_gcn", "ntu60", 300, {}),
    ("agcn", "ntu60", 300, {}),
    ("ctr_gcn", "ntu60", 64, {}),
    ("info_gcn", "ntu60", 64, {}),
    ("ctr_gcn", "nw-ucla-small", 52, {}),
]
#: The number of pushes in a round, over which graphs of clips are inferred several times.
PUSHES = 16


def milliseconds(run: Run) -> float:
    """The CPU time of a call."""
    start = process_time()
    run()
    return (process_time() - start) * 1e3


def measure(name: str, preset: str, num_frames: int, rounds: int, **options: Any) -> str:
    """Returns a row of the table."""
    model = create_model(name, preset, **options).eval()
    V, M = model.skeleton.num_joints, model.num_persons
    stream = model.stream(
        window=model.receptive_field + model.stride * (num_frames // model.stride - 1)
    )
    clip, whole = torch.randn(V, num_frames, 3), torch.randn(V, stream.window, 3)
    frame, present = torch.randn(M, V, 3), [person == 0 for person in range(M)]

    def push() -> None:
        for _ in range(PUSHES):
            stream.step(frame, present)

    def window(x: torch.Tensor) -> None:
        with torch.inference_mode():
            model.forward_clips(x)

    runs = (push, lambda: window(clip), lambda: window(whole))
    for run in runs:
        run()
    times = []
    for number in range(rounds):
        order = (0, 1, 2) if number % 2 == 0 else (2, 1, 0)
        measured = {k: milliseconds(runs[k]) for k in order}
        times.append((measured[0] / PUSHES, measured[1], measured[2]))
    ours, again, everything = (min(column) for column in zip(*times, strict=True))
    ratio = median(t[1] / t[0] for t in times)
    of_all = median(t[2] / t[0] for t in times)
    return (
        f"| {name} {preset}, {num_frames} frames | {again:.1f} | {ours:.2f} | **{ratio:.1f}** | "
        f"{stream.window} | {everything:.1f} | {of_all:.1f} | {1e3 / ours:.0f} |"
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--quick", action="store_true", help="small networks, to test the script")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    warnings.filterwarnings("ignore", ".*has random weights")
    rows = ROWS
    if args.quick:
        small = {"channels": (8, 8), "strides": (1, 2)}
        rows = [(name, preset, 20, small) for name, preset, _, _ in ROWS[:4]]
    print("| | clip, ms | push, ms | times less | all frames | ms | times less | frames/s |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, preset, num_frames, options in rows:
        print(measure(name, preset, num_frames, args.rounds, **options), flush=True)


if __name__ == "__main__":
    main()
