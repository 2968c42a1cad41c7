"""Lightning modules and data modules: what the examples and users train with."""

from pyg_skeleton.training.cluster_table import align_clusters, cluster_table
from pyg_skeleton.training.codt_data_module import CoDTDataModule
from pyg_skeleton.training.codt_module import CoDTModule
from pyg_skeleton.training.codt_options import parse_codt
from pyg_skeleton.training.codt_recipe import CODT_METHODS, CODT_RECIPES, CoDTRecipe
from pyg_skeleton.training.codt_run import CoDTRun
from pyg_skeleton.training.collect_graphs import ClipGraphs, collect_graphs
from pyg_skeleton.training.create_trainer import create_trainer
from pyg_skeleton.training.cross_domain_task import CrossDomainTask, load_task
from pyg_skeleton.training.deterministic_on_cpu import DeterministicOnCPU
from pyg_skeleton.training.diagnose_graphs import GraphDiagnosis, diagnose_graphs
from pyg_skeleton.training.draw_clusters import draw_clusters
from pyg_skeleton.training.draw_lifting import draw_lifting
from pyg_skeleton.training.draw_recognition import draw_recognition
from pyg_skeleton.training.evaluate_codt import cluster_clips, evaluate_codt
from pyg_skeleton.training.evaluate_lifting import evaluate_lifting, lift
from pyg_skeleton.training.evaluate_motion import Forecast, evaluate_motion, forecast
from pyg_skeleton.training.evaluate_recognition import evaluate_recognition
from pyg_skeleton.training.example_parser import ExampleParser, count_or_all, share
from pyg_skeleton.training.format_codt import codt_table
from pyg_skeleton.training.format_errors import format_errors
from pyg_skeleton.training.format_lifting import format_lifting
from pyg_skeleton.training.format_recognition import format_recognition
from pyg_skeleton.training.fuse_scores import fuse_scores
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
from pyg_skeleton.training.nearest_clips import nearest_clips
from pyg_skeleton.training.pose_loader import PoseLoader
from pyg_skeleton.training.predict_file import predict_file
from pyg_skeleton.training.recipe import SYM_GNN_RECIPES, Recipe, SymGNNRecipe
from pyg_skeleton.training.recognise import recognise
from pyg_skeleton.training.recognition_data import load_clips
from pyg_skeleton.training.recognition_data_module import RecognitionDataModule
from pyg_skeleton.training.recognition_module import RecognitionModule
from pyg_skeleton.training.recognition_options import parse_recognition
from pyg_skeleton.training.recognition_recipe import RECOGNITION_RECIPES, RecognitionRecipe
from pyg_skeleton.training.recognition_run import RecognitionRun
from pyg_skeleton.training.run_codt import run_codt
from pyg_skeleton.training.run_example import run_example
from pyg_skeleton.training.run_lifting import run_lifting
from pyg_skeleton.training.run_recognition import run_recognition
from pyg_skeleton.training.safe_checkpoint_io import SafeCheckpointIO
from pyg_skeleton.training.saved_run import SavedRun
from pyg_skeleton.training.score_files import read_scores, write_scores
from pyg_skeleton.training.skeleton_module import SkeletonModule
from pyg_skeleton.training.spherical_k_means import spherical_k_means
from pyg_skeleton.training.step_progress_bar import StepProgressBar
from pyg_skeleton.training.stop_after import StopAfter
from pyg_skeleton.training.sym_gnn_experiments import SYM_GNN_EXPERIMENTS
from pyg_skeleton.training.sym_gnn_module import SymGNNModule
from pyg_skeleton.training.sym_gnn_report import (
    draw_sym_gnn,
    frames_per_20ms,
    perturbation_table,
)
from pyg_skeleton.training.train_codt import create_codt, train_codt
from pyg_skeleton.training.train_recognition import train_recognition

__all__ = [
    "CODT_METHODS",
    "CODT_RECIPES",
    "LIFTING_RECIPES",
    "RECOGNITION_RECIPES",
    "SYM_GNN_EXPERIMENTS",
    "SYM_GNN_RECIPES",
    "ClipGraphs",
    "CoDTDataModule",
    "CoDTModule",
    "CoDTRecipe",
    "CoDTRun",
    "CrossDomainTask",
    "DeterministicOnCPU",
    "ExampleParser",
    "Forecast",
    "GraphDiagnosis",
    "ImageLiftingModule",
    "ImageLiftingRecipe",
    "LiftingDataModule",
    "LiftingModule",
    "LiftingRecipe",
    "MetricsTable",
    "MotionDataModule",
    "PoseLoader",
    "Recipe",
    "RecognitionDataModule",
    "RecognitionModule",
    "RecognitionRecipe",
    "RecognitionRun",
    "SafeCheckpointIO",
    "SavedRun",
    "SkeletonModule",
    "StepProgressBar",
    "StopAfter",
    "SymGNNModule",
    "SymGNNRecipe",
    "add_model_options",
    "align_clusters",
    "cluster_clips",
    "cluster_table",
    "codt_table",
    "collect_graphs",
    "count_or_all",
    "create_codt",
    "create_trainer",
    "diagnose_graphs",
    "draw_clusters",
    "draw_lifting",
    "draw_recognition",
    "draw_sym_gnn",
    "evaluate_codt",
    "evaluate_lifting",
    "evaluate_motion",
    "evaluate_recognition",
    "forecast",
    "format_errors",
    "format_lifting",
    "format_recognition",
    "frames_per_20ms",
    "fuse_scores",
    "lift",
    "lift_images",
    "load_clips",
    "load_lifting",
    "load_task",
    "nearest_clips",
    "parse_codt",
    "parse_lifting",
    "parse_recognition",
    "perturbation_table",
    "predict_file",
    "read_scores",
    "recognise",
    "run_codt",
    "run_example",
    "run_lifting",
    "run_recognition",
    "share",
    "spherical_k_means",
    "train_codt",
    "train_recognition",
    "write_scores",
]
