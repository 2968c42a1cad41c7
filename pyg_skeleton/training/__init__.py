"""Training: one recipe, one data module and one Lightning base, for every task."""

from pyg_skeleton.datasets.cross_domain.load_task import CrossDomainTask, load_task
from pyg_skeleton.training.clustering.cluster_table import align_clusters, cluster_table
from pyg_skeleton.training.clustering.data_module import CoDTDataModule
from pyg_skeleton.training.clustering.evaluate import cluster_clips, evaluate_codt
from pyg_skeleton.training.clustering.module import CoDTModule
from pyg_skeleton.training.clustering.nearest_clips import nearest_clips
from pyg_skeleton.training.clustering.recipe import CODT_METHODS, CODT_RECIPES, CoDTRecipe
from pyg_skeleton.training.clustering.run import CoDTRun
from pyg_skeleton.training.clustering.spherical_k_means import spherical_k_means
from pyg_skeleton.training.clustering.train import create_codt, train_codt
from pyg_skeleton.training.lifting.data_module import LiftingDataModule
from pyg_skeleton.training.lifting.evaluate import evaluate_lifting, lift
from pyg_skeleton.training.lifting.image_module import ImageLiftingModule
from pyg_skeleton.training.lifting.image_recipe import ImageLiftingRecipe
from pyg_skeleton.training.lifting.lift_images import lift_images
from pyg_skeleton.training.lifting.module import LiftingModule
from pyg_skeleton.training.lifting.pose_loader import PoseLoader
from pyg_skeleton.training.lifting.recipe import LIFTING_RECIPES, LiftingRecipe
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.motion.data_module import MotionDataModule
from pyg_skeleton.training.motion.evaluate import Forecast, evaluate_motion, forecast
from pyg_skeleton.training.motion.module import SymGNNModule
from pyg_skeleton.training.recipe import SYM_GNN_RECIPES, Recipe, SymGNNRecipe
from pyg_skeleton.training.recognition.collect_graphs import ClipGraphs, collect_graphs
from pyg_skeleton.training.recognition.data import load_clips
from pyg_skeleton.training.recognition.data_module import RecognitionDataModule
from pyg_skeleton.training.recognition.diagnose_graphs import GraphDiagnosis, diagnose_graphs
from pyg_skeleton.training.recognition.evaluate import evaluate_recognition
from pyg_skeleton.training.recognition.fuse_scores import fuse_scores
from pyg_skeleton.training.recognition.module import RecognitionModule
from pyg_skeleton.training.recognition.predict_file import predict_file
from pyg_skeleton.training.recognition.predict_scores import recognize
from pyg_skeleton.training.recognition.recipe import RECOGNITION_RECIPES, RecognitionRecipe
from pyg_skeleton.training.recognition.run import RecognitionRun
from pyg_skeleton.training.recognition.score_files import read_scores, write_scores
from pyg_skeleton.training.recognition.train import train_recognition
from pyg_skeleton.training.run import SavedRun
from pyg_skeleton.training.trainer.create_trainer import create_trainer
from pyg_skeleton.training.trainer.deterministic_on_cpu import DeterministicOnCPU
from pyg_skeleton.training.trainer.metrics_table import MetricsTable
from pyg_skeleton.training.trainer.safe_checkpoint_io import SafeCheckpointIO
from pyg_skeleton.training.trainer.step_progress_bar import StepProgressBar
from pyg_skeleton.training.trainer.stop_after import StopAfter

__all__ = [
    "CODT_METHODS",
    "CODT_RECIPES",
    "LIFTING_RECIPES",
    "RECOGNITION_RECIPES",
    "SYM_GNN_RECIPES",
    "ClipGraphs",
    "CoDTDataModule",
    "CoDTModule",
    "CoDTRecipe",
    "CoDTRun",
    "CrossDomainTask",
    "DeterministicOnCPU",
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
    "align_clusters",
    "cluster_clips",
    "cluster_table",
    "collect_graphs",
    "create_codt",
    "create_trainer",
    "diagnose_graphs",
    "evaluate_codt",
    "evaluate_lifting",
    "evaluate_motion",
    "evaluate_recognition",
    "forecast",
    "fuse_scores",
    "lift",
    "lift_images",
    "load_clips",
    "load_task",
    "nearest_clips",
    "predict_file",
    "read_scores",
    "recognize",
    "spherical_k_means",
    "train_codt",
    "train_recognition",
    "write_scores",
]
