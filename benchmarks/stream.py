"""Frame by frame, against running the window again.

    OMP_NUM_THREADS=1 python benchmarks/stream.py [--rounds 12] [--quick]
    OMP_NUM_THREADS=1 python benchmarks/stream.py --accuracy

Each row is a network of a paper's size with random weights and one person. `clip` is one answer of
the network for a clip of as many frames as it is trained on, `push` the answer of a stream at each
frame, `extend` the same for the frames of a recording, several at a time. A stream averages as many
features as the clip has, but sees real frames where the clip has its padding: `all` is one answer
of the network for all the frames that the stream's answer depends on. CPU time of an answer on one
thread, all forms alternately; ratios are medians over the rounds.

With `--accuracy`, what the recognizer that comes along, trained on padded windows, recognizes as a
window and as a stream: recordings of eight seconds by people who are not in its training.
"""

import argparse
import warnings
from statistics import median
from time import process_time
from typing import Any

import torch
from measure import Run

from pyg_skeleton import create_model
from pyg_skeleton.datasets import SyntheticClips

#: Network, preset, frames of a clip, its arguments.
ROWS: list[tuple[str, str, int, dict[str, Any]]] = [
    ("st_gcn", "ntu60", 300, {}),
    ("agcn", "ntu60", 300, {}),
    ("ctr_gcn", "ntu60", 64, {}),
    ("info_gcn", "ntu60", 64, {}),
    ("ctr_gcn", "nw-ucla-small", 52, {}),
    ("ctr_gcn", "ntu60", 64, {"continual": True}),  # a graph for each frame
]
#: The frames of a round, over which graphs of clips are inferred several times.
PUSHES = 16


def milliseconds(run: Run) -> float:
    """The CPU time of a call."""
    start = process_time()
    run()
    return (process_time() - start) * 1e3


def measure(name: str, preset: str, num_frames: int, rounds: int, **options: Any) -> str:
    """Returns a row of the table."""
    model = create_model(name, preset, **options).eval()
    # A continual network needs more frames than a clip has; this is one of the same size.
    padded = create_model(name, preset, **{**options, "continual": False}).eval()
    V, M = model.skeleton.num_joints, model.num_persons
    stream = model.stream(
        window=model.receptive_field + model.stride * (num_frames // model.stride - 1)
    )
    clip, whole = torch.randn(V, num_frames, 3), torch.randn(V, stream.window, 3)
    frame, present = torch.randn(M, V, 3), [person == 0 for person in range(M)]

    many, there = frame.expand(PUSHES, M, V, 3), [present] * PUSHES

    def push() -> None:
        for _ in range(PUSHES):
            stream.step(frame, present)

    def window(network: Any, x: torch.Tensor) -> None:
        with torch.inference_mode():
            network.forward_clips(x)

    runs = (
        push,
        lambda: stream.steps(many, there),
        lambda: window(padded, clip),
        lambda: window(model, whole),
    )
    answers = (PUSHES, PUSHES, 1, 1)
    for run in runs:
        run()
    times = []
    for number in range(rounds):
        order = range(len(runs)) if number % 2 == 0 else reversed(range(len(runs)))
        measured = {k: milliseconds(runs[k]) / answers[k] for k in order}
        times.append([measured[k] for k in range(len(runs))])
    pushed, extended, again, everything = (min(column) for column in zip(*times, strict=True))
    by_push, by_extend = (median(t[2] / t[k] for t in times) for k in (0, 1))
    continual = ", continual" if model.continual else ""
    of_all = median(t[3] / t[0] for t in times)
    return (
        f"| {name} {preset}, {num_frames} frames{continual} | {again:.1f} "
        f"| {pushed:.2f} | **{by_push:.1f}** | {extended:.2f} | **{by_extend:.1f}** "
        f"| {stream.window} | {everything:.1f} "
        f"| {of_all:.1f} | {1e3 / pushed:.0f} |"
    )


def accuracy(quick: bool) -> str:
    """Returns how often windows and streams of the recognizer name the movement."""
    recordings = SyntheticClips("test", num_frames=200, clips_per_class=1 if quick else 10)
    model = create_model("ctr_gcn", weights="recognizer")
    # In training, a clip of 50 frames (95 % of it) became one of 32: frames are farther apart.
    slower = float(model.frame_rate or 25) * 50 * 0.95 / 32
    streams = {
        "stream, frames as they come": model.stream(num_persons=1, layout="ntu25"),
        "stream, a third of the frames left out": model.stream(
            num_persons=1, layout="ntu25", frame_rate=slower
        ),
    }
    ends = range(149, 200, 10)
    right = dict.fromkeys(["window of 50 frames", *streams], 0)
    for number in range(len(recordings)):
        x, movement = recordings.clip(number)[0], recordings.classes[int(recordings[number].y)]
        x = x.transpose(0, 1)
        for end in ends:
            answer = model.predict(x[None, end - 49 : end + 1], layout="ntu25")
            right["window of 50 frames"] += answer.labels[0] == movement
        for name, stream in streams.items():
            stream.reset()
            answers = stream.extend(x)
            last = [[a for a in answers[: end + 1] if a is not None][-1] for end in ends]
            right[name] += sum(a.labels[0] == movement for a in last)
    count = len(recordings) * len(ends)
    lines = [f"| {name} | {hits / count:.1%} |" for name, hits in right.items()]
    return "\n".join(["| | recognized |", "|---|--:|", *lines])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--quick", action="store_true", help="small networks, to test the script")
    parser.add_argument("--accuracy", action="store_true", help="of the trained recognizer")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.accuracy:
        print(accuracy(args.quick))
        return
    torch.manual_seed(0)
    warnings.filterwarnings("ignore", ".*has random weights")
    rows = ROWS
    if args.quick:
        small = {"channels": (8, 8), "strides": (1, 2)}
        rows = [(name, preset, 20, small) for name, preset, _, _ in ROWS[:4]]
    print("| | clip, ms | push, ms | less | extend, ms | less | all | ms | over push | frames/s |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, preset, num_frames, options in rows:
        print(measure(name, preset, num_frames, args.rounds, **options), flush=True)


if __name__ == "__main__":
    main()
