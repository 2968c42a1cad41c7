import subprocess
import sys

from pyg_skeleton import __version__


def test_as_a_module():
    line = [sys.executable, "-m", "pyg_skeleton", "--version"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"pyg-skeleton {__version__}\n")


def test_the_exit_code_is_that_of_the_command():
    line = [sys.executable, "-m", "pyg_skeleton", "trin"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: unknown command 'trin'; did you mean train?\n"
