"""A few of the kills of `kill_runs.py`."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("kill_runs.py")


@pytest.mark.parametrize("task", ["recognition", "motion", "lifting", "clustering"])
def test_killed_runs_resume_bit_for_bit(task):
    line = [sys.executable, str(PROGRAM), "--kills", "3", "--tasks", task]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{task}: 3 kills (")
    assert done.stdout.endswith("), all resumed bit for bit\n")
