"""Lightning modules and data modules: what the examples and users train with."""

from pyg_skeleton.training.create_trainer import create_trainer
from pyg_skeleton.training.deterministic_on_cpu import DeterministicOnCPU
from pyg_skeleton.training.draw_lifting import draw_lifting
from pyg_skeleton.training.evaluate_lifting import evaluate_lifting, lift
from pyg_skeleton.training.evaluate_motion import Forecast, evaluate_motion, forecast
from pyg_skeleton.training.example_parser import ExampleParser, count_or_all, share
from pyg_skeleton.training.format_errors import format_errors
from pyg_skeleton.training.format_lifting import format_lifting
from pyg_skeleton.training.image_lifting_module import ImageLiftingModule
from pyg_skeleton.training.image_lifting_recipe import ImageLiftingRecipe
from pyg_skeleton.training.lift_images import lift_images
from pyg_skeleton.training.lifting_data_module import LiftingDataModule
from pyg_skeleton.training.lifting_module import LiftingModule
from pyg_skeleton.training.lifting_options import load_lifting, parse_lifting
from pyg_skeleton.training.lifting_recipe import LIFTING_RECIPES, LiftingRecipe
from pyg_skeleton.training.metrics_table import MetricsTable
from pyg_skeleton.training.model_options import add_model_options
from pyg_skeleton.training.motion_data_module import MotionDataModule
from pyg_skeleton.training.pose_loader import PoseLoader
from pyg_skeleton.training.recipe import SYM_GNN_RECIPES, Recipe, SymGNNRecipe
from pyg_skeleton.training.run_example import run_example
from pyg_skeleton.training.run_lifting import run_lifting
from pyg_skeleton.training.safe_checkpoint_io import SafeCheckpointIO
from pyg_skeleton.training.skeleton_module import SkeletonModule
from pyg_skeleton.training.step_progress_bar import StepProgressBar
from pyg_skeleton.training.stop_after import StopAfter
from pyg_skeleton.training.sym_gnn_experiments import SYM_GNN_EXPERIMENTS
from pyg_skeleton.training.sym_gnn_module import SymGNNModule
from pyg_skeleton.training.sym_gnn_report import (
    draw_sym_gnn,
    frames_per_20ms,
    perturbation_table,
)

__all__ = [
    "LIFTING_RECIPES",
    "SYM_GNN_EXPERIMENTS",
    "SYM_GNN_RECIPES",
    "DeterministicOnCPU",
    "ExampleParser",
    "Forecast",
    "ImageLiftingModule",
    "ImageLiftingRecipe",
    "LiftingDataModule",
    "LiftingModule",
    "LiftingRecipe",
    "MetricsTable",
    "MotionDataModule",
    "PoseLoader",
    "Recipe",
    "SafeCheckpointIO",
    "SkeletonModule",
    "StepProgressBar",
    "StopAfter",
    "SymGNNModule",
    "SymGNNRecipe",
    "add_model_options",
    "count_or_all",
    "create_trainer",
    "draw_lifting",
    "draw_sym_gnn",
    "evaluate_lifting",
    "evaluate_motion",
    "forecast",
    "format_errors",
    "format_lifting",
    "frames_per_20ms",
    "lift",
    "lift_images",
    "load_lifting",
    "parse_lifting",
    "perturbation_table",
    "run_example",
    "run_lifting",
    "share",
]
