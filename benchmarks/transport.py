r"""Compares balanced pseudo labels of 18,841 samples and 51 clusters with the authors' iterations.

    python benchmarks/transport.py

The authors' code iterates on plain numbers, not logarithms, over the whole bank in every step, from
the same start. Our code starts from the prices of the previous step, after one batch of the bank
has changed. With sharp logits, the authors' code underflows.
"""

import argparse
from time import perf_counter, process_time

import torch
from torch import Tensor

from pyg_skeleton.nn.loss import balanced_assignment

SHARPNESS = 10.0


def authors_iterations(logits: Tensor, tolerance: float = 1e-2, most: int = 100) -> Tensor:
    """Iterates on plain numbers in single precision; checks the error every tenth time."""
    kernel = logits.softmax(dim=1).t() ** SHARPNESS  # [K, N]
    K, N = kernel.shape
    columns = torch.full((N,), 1 / N)
    for iteration in range(most):
        rows = (1 / K) / (kernel @ columns)
        new = (1 / N) / (rows @ kernel)
        error = (columns / new - 1).abs().nansum() if iteration % 10 == 0 else None
        columns = new
        if error is not None and error <= tolerance:
            break
    return N * columns[:, None] * kernel.t() * rows


def timed(run, rounds: int):
    """Returns the last result and the best wall and CPU time in seconds."""
    wall, cpu = [], []
    for _ in range(rounds):
        start = perf_counter(), process_time()
        result = run()
        wall.append(perf_counter() - start[0])
        cpu.append(process_time() - start[1])
    return result, min(wall), min(cpu)


def main() -> None:
    """Runs the benchmark and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=18_841)
    parser.add_argument("--clusters", type=int, default=51)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    N, K = args.samples, args.clusters
    print(f"{N} samples, {K} clusters, {torch.get_num_threads()} threads")
    print("| logits | form | wall, s | CPU, s | looks | samples per cluster |")
    print("|---|---|--:|--:|--:|--:|")
    for scale in (1.0, 3.0, 6.0):
        torch.manual_seed(0)
        classes = torch.randn(K)
        bank = scale * (torch.randn(N, K) + classes)
        before = balanced_assignment(bank, sharpness=SHARPNESS)
        bank[torch.randperm(N)[: args.batch]] = scale * (torch.randn(args.batch, K) + classes)
        theirs, *seconds = timed(lambda bank=bank: authors_iterations(bank), args.rounds)
        rows = [("authors' iterations", seconds, "", theirs.argmax(dim=1))]
        if not theirs.isfinite().all():
            rows = [("authors' iterations", seconds, "not a number", None)]
        for name, start in (("ours, cold", None), ("ours, warm", before.potential)):
            result, *seconds = timed(
                lambda bank=bank, start=start: balanced_assignment(
                    bank, sharpness=SHARPNESS, potential=start
                ),
                args.rounds,
            )
            rows.append((name, seconds, str(result.iterations), result.assignment))
        for name, (wall, cpu), looks, found in rows:
            count = "" if found is None else torch.bincount(found, minlength=K)
            sizes = "" if found is None else f"{int(count.min())} to {int(count.max())}"
            print(f"| {scale:g} N(0, 1) | {name} | {wall:.3f} | {cpu:.3f} | {looks} | {sizes} |")


if __name__ == "__main__":
    main()
