"""The benchmarks run; what they measure is for people to read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def quick(name, *options):
    """Returns the output of a quick run."""
    return run(name, "--quick", "--rounds", "1", *options)


def run(name, *options):
    """Returns the output of a run."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / name), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_codt():
    """The run also compares the losses of both forms."""
    rows = [line.split(" | ") for line in quick("codt.py") if line.startswith("| CoDT")]
    assert [row[1] for row in rows] == ["stage 2", "stage 1"] * 3


def test_recognition():
    """The run also compares the logits of both forms."""
    lines = quick("recognition.py", "--part", "networks", "contrast", "precision")
    rows = [line.split(",")[0] for line in lines if "quick" in line]
    # Each row once when it is measured, and once in the table.
    expected = {"st_gcn": 6, "agcn": 4, "ctr_gcn": 8, "info_gcn": 4}
    assert {name: rows.count(f"| {name}") for name in expected} == expected


def test_gpu_on_the_cpu():
    options = ("--device", "cpu", "--quick", "--only", "lcn", "--part", "tests", "networks")
    lines = run("gpu.py", *options)
    assert any("1 passed" in line for line in lines)
    rows = [line.split(" | ")[1:3] for line in lines if line.startswith("| lcn")]
    passes = ("forward", "step")
    assert rows == [[f"{kind}, eager", p] for kind in ("float32", "bfloat16") for p in passes]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_gpu_says_that_there_is_none():
    assert run("gpu.py") == ["there is no GPU: nothing was tested or measured"]


def test_stream():
    """A row for each network, with the number of frames that an answer depends on."""
    rows = [line.split(" | ") for line in quick("stream.py") if "20 frames" in line]
    names = ["st_gcn", "agcn", "ctr_gcn", "info_gcn"]
    assert [row[0].split()[1] for row in rows] == names
    assert [row[6] for row in rows] == ["35"] * 4


def test_fine_tune():
    """Both kinds of training of both rows, in the same columns."""
    lines = run("fine_tune.py", "--quick", "--seeds", "1", "2", "--clips", "2")
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    kinds = ("from scratch", "fine-tuned")
    assert [row[:2] for row in rows] == [[r, k] for r in ("one arm", "whole body") for k in kinds]
    values = [[float(value) for value in row[2:4]] for row in rows]
    assert all(0 <= value <= 100 for row in values for value in row)
    assert [float(row[4].split(" ± ")[0]) for row in rows] == [
        pytest.approx(sum(row) / 2, abs=0.051) for row in values
    ]
