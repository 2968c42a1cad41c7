"""The command ``pyg-skeleton``."""

from pyg_skeleton.cli.clustering.options import parse_codt
from pyg_skeleton.cli.clustering.pictures import draw_clusters
from pyg_skeleton.cli.clustering.report import codt_table
from pyg_skeleton.cli.clustering.run import run_codt
from pyg_skeleton.cli.example_parser import ExampleParser, count_or_all, share
from pyg_skeleton.cli.lifting.options import load_lifting, parse_lifting
from pyg_skeleton.cli.lifting.pictures import draw_lifting
from pyg_skeleton.cli.lifting.report import format_lifting
from pyg_skeleton.cli.lifting.run import run_lifting
from pyg_skeleton.cli.model_options import add_model_options
from pyg_skeleton.cli.motion.pictures import (
    draw_sym_gnn,
    frames_per_20ms,
    perturbation_table,
)
from pyg_skeleton.cli.motion.report import format_errors
from pyg_skeleton.cli.motion.tables import SYM_GNN_EXPERIMENTS
from pyg_skeleton.cli.recognition.options import parse_recognition
from pyg_skeleton.cli.recognition.pictures import draw_recognition
from pyg_skeleton.cli.recognition.report import format_recognition
from pyg_skeleton.cli.recognition.run import run_recognition
from pyg_skeleton.cli.run_example import run_example
from pyg_skeleton.training import *  # noqa: F403
