"""``python -m pyg_skeleton`` is the command ``pyg-skeleton``."""

import sys

from pyg_skeleton.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
