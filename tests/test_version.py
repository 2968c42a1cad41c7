import re
import subprocess
import sys
from pathlib import Path

import pyg_skeleton
from pyg_skeleton.version import __version__

ROOT = Path(__file__).parents[1]


def test_the_package_has_it():
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert pyg_skeleton.__version__ == __version__


def test_reading_it_imports_nothing():
    code = (
        "import runpy, sys\n"
        "before = set(sys.modules)\n"
        "print(runpy.run_path('pyg_skeleton/version.py')['__version__'])\n"
        "assert not {'torch', 'pyg_skeleton'} & (set(sys.modules) - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == __version__, run.stderr
