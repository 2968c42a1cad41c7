"""Training: one recipe, one record of a run, one data module, one module and one sequence."""

import warnings
from typing import Any

from pyg_skeleton.datasets.cross_domain.load_task import CrossDomainTask, load_task
from pyg_skeleton.training.clustering.cluster_table import (
    align_clusters,
    cluster_table,
    nearest_clips,
)
from pyg_skeleton.training.clustering.evaluate import cluster_clips, evaluate_clusters
from pyg_skeleton.training.clustering.module import CoDTModule
from pyg_skeleton.training.clustering.recipe import CODT_METHODS, CODT_RECIPES, CoDTRecipe
from pyg_skeleton.training.clustering.spherical_k_means import spherical_k_means
from pyg_skeleton.training.clustering.task import ClusteringTask
from pyg_skeleton.training.data_module import SkeletonDataModule
from pyg_skeleton.training.finite import NonFiniteError
from pyg_skeleton.training.hardware import Hardware
from pyg_skeleton.training.infer import infer
from pyg_skeleton.training.lifting.evaluate import evaluate_lifting, lift, lift_images
from pyg_skeleton.training.lifting.image_module import ImageLiftingModule
from pyg_skeleton.training.lifting.image_task import ImageLiftingTask
from pyg_skeleton.training.lifting.module import LiftingModule
from pyg_skeleton.training.lifting.pose_loader import PoseLoader
from pyg_skeleton.training.lifting.recipe import (
    IMAGE_LIFTING_RECIPES,
    LIFTING_RECIPES,
    ImageLiftingRecipe,
    LiftingRecipe,
)
from pyg_skeleton.training.lifting.task import LiftingTask, hold_out_sequences
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.motion.evaluate import Forecast, evaluate_motion, forecast
from pyg_skeleton.training.motion.module import SymGNNModule
from pyg_skeleton.training.motion.recipe import SYM_GNN_RECIPES, SymGNNRecipe
from pyg_skeleton.training.motion.robustness import frames_per_20ms, perturbation_table
from pyg_skeleton.training.motion.task import MotionTask, create_motion_data
from pyg_skeleton.training.recipe import Recipe
from pyg_skeleton.training.recognition.collect_graphs import ClipGraphs, collect_graphs
from pyg_skeleton.training.recognition.diagnose_graphs import GraphDiagnosis, diagnose_graphs
from pyg_skeleton.training.recognition.evaluate import evaluate_recognition, recognize
from pyg_skeleton.training.recognition.module import RecognitionModule
from pyg_skeleton.training.recognition.recipe import RECOGNITION_RECIPES, RecognitionRecipe
from pyg_skeleton.training.recognition.scores import fuse_scores, read_scores, write_scores
from pyg_skeleton.training.recognition.task import RecognitionTask, hold_out
from pyg_skeleton.training.run import Run, fingerprint, write_json
from pyg_skeleton.training.task import Task
from pyg_skeleton.training.tasks import TASKS, get_task
from pyg_skeleton.training.train import Interrupted, train
from pyg_skeleton.training.trainer.callbacks import DeterministicOnCPU, StepProgressBar, StopAfter
from pyg_skeleton.training.trainer.create_trainer import create_trainer
from pyg_skeleton.training.trainer.metrics_table import MetricsTable
from pyg_skeleton.training.trainer.recompute import Recompute
from pyg_skeleton.training.trainer.safe_checkpoint_io import SafeCheckpointIO
from pyg_skeleton.training.trainer.stop_on_signal import StopOnSignal
from pyg_skeleton.training.trainer.sync_norms import SyncNorms

__all__ = [
    "CODT_METHODS",
    "CODT_RECIPES",
    "IMAGE_LIFTING_RECIPES",
    "LIFTING_RECIPES",
    "RECOGNITION_RECIPES",
    "SYM_GNN_RECIPES",
    "TASKS",
    "ClipGraphs",
    "ClusteringTask",
    "CoDTModule",
    "CoDTRecipe",
    "CrossDomainTask",
    "DeterministicOnCPU",
    "Forecast",
    "GraphDiagnosis",
    "Hardware",
    "ImageLiftingModule",
    "ImageLiftingRecipe",
    "ImageLiftingTask",
    "Interrupted",
    "LiftingModule",
    "LiftingRecipe",
    "LiftingTask",
    "MetricsTable",
    "MotionTask",
    "NonFiniteError",
    "PoseLoader",
    "Recipe",
    "RecognitionModule",
    "RecognitionRecipe",
    "RecognitionTask",
    "Recompute",
    "Run",
    "SafeCheckpointIO",
    "SkeletonDataModule",
    "SkeletonModule",
    "StepProgressBar",
    "StopAfter",
    "StopOnSignal",
    "SymGNNModule",
    "SymGNNRecipe",
    "SyncNorms",
    "Task",
    "align_clusters",
    "cluster_clips",
    "cluster_table",
    "collect_graphs",
    "create_motion_data",
    "create_trainer",
    "diagnose_graphs",
    "evaluate_clusters",
    "evaluate_lifting",
    "evaluate_motion",
    "evaluate_recognition",
    "fingerprint",
    "forecast",
    "frames_per_20ms",
    "fuse_scores",
    "get_task",
    "hold_out",
    "hold_out_sequences",
    "infer",
    "lift",
    "lift_images",
    "load_task",
    "nearest_clips",
    "perturbation_table",
    "read_scores",
    "recognize",
    "spherical_k_means",
    "train",
    "write_json",
    "write_scores",
]

#: The present names of what was renamed and is called as before.
_RENAMED = {
    "LiftingDataModule": "SkeletonDataModule",
    "MotionDataModule": "create_motion_data",
    "RecognitionDataModule": "SkeletonDataModule",
    "evaluate_codt": "evaluate_clusters",
    "recognise": "recognize",
}


def __getattr__(name: str) -> Any:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    present = _RENAMED[name]
    warnings.warn(f"{name} is now called {present}", DeprecationWarning, stacklevel=2)
    return globals()[present]
