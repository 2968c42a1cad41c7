"""The benchmarks run; what they measure is for people to read."""

import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_recognition():
    """Which also compares the logits of both forms."""
    command = [sys.executable, str(BENCHMARKS / "recognition.py"), "--quick", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--part", "networks", "contrast", "precision"],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split(",")[0] for line in done.stdout.splitlines() if "quick" in line]
    # Each row once when it is measured, and once in the table.
    expected = {"st_gcn": 6, "agcn": 4, "ctr_gcn": 8, "info_gcn": 4}
    assert {name: rows.count(f"| {name}") for name in expected} == expected
