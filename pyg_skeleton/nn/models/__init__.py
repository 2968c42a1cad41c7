"""Assembled networks, their presets, and the registry."""

from pyg_skeleton.nn.models.lifting_model import LiftingModel
from pyg_skeleton.nn.models.registry import create_model, list_models, model_class, register_model
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.nn.models.sym_gnn import SymGNN, SymGNNForecast, SymGNNOutput
from pyg_skeleton.nn.models.sym_gnn_backbone import BlockSpec, MultiScaleGCN
from pyg_skeleton.nn.models.sym_gnn_heads import PredictionHead, RecognitionHead

__all__ = [
    "BlockSpec",
    "LiftingModel",
    "MultiScaleGCN",
    "PredictionHead",
    "RecognitionHead",
    "SkeletonModel",
    "SymGNN",
    "SymGNNForecast",
    "SymGNNOutput",
    "create_model",
    "list_models",
    "model_class",
    "register_model",
]
