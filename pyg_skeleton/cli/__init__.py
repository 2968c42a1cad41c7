"""The command ``pyg-skeleton``: one file per subcommand, the reports that they print and draw, and
the experiments of the papers as data.
"""

from pyg_skeleton.cli.main import main

__all__ = ["main"]
