"""Assembled networks, their presets, and the registry."""

from pyg_skeleton.nn.models.clustering.codt import Clusters, CoDT, CoDTOutput, TargetViews
from pyg_skeleton.nn.models.clustering.codt_branch import ClusterNetwork, CoDTBranch
from pyg_skeleton.nn.models.export import PlainNetwork, export_onnx, export_program
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.lifting.high_order_gcn import HighOrderGCN
from pyg_skeleton.nn.models.lifting.image_lifter import ImageLifter, ImagePose
from pyg_skeleton.nn.models.lifting.lcn import LCN
from pyg_skeleton.nn.models.lifting.martinez_mlp import MartinezMLP
from pyg_skeleton.nn.models.lifting.model import LiftedPoses, LiftingModel
from pyg_skeleton.nn.models.lifting.pose_gat import PoseGAT
from pyg_skeleton.nn.models.lifting.res_gcn import ResGCN
from pyg_skeleton.nn.models.lifting.sem_gcn import SemGCN
from pyg_skeleton.nn.models.lifting.skeletal_gnn import SkeletalGNN
from pyg_skeleton.nn.models.lifting.sr_net import SRNet
from pyg_skeleton.nn.models.memory_bank import InstanceBank, SampleBank, SemanticBank
from pyg_skeleton.nn.models.motion.model import MotionModel, SymGNNForecast, SymGNNOutput
from pyg_skeleton.nn.models.motion.pose_network import PoseNetwork
from pyg_skeleton.nn.models.motion.si_mlpe import DCTHead, SiMLPe
from pyg_skeleton.nn.models.motion.sym_gnn import SymGNN
from pyg_skeleton.nn.models.motion.sym_gnn_backbone import BlockSpec, MultiScaleGCN
from pyg_skeleton.nn.models.motion.sym_gnn_heads import PredictionHead, RecognitionHead
from pyg_skeleton.nn.models.motion.trajectory_gcn import TrajectoryGCN, TrajectoryHead
from pyg_skeleton.nn.models.recognition.agcn import AGCN
from pyg_skeleton.nn.models.recognition.ctr_gcn import CTRGCN
from pyg_skeleton.nn.models.recognition.info_gcn import InfoGCN, InfoGCNOutput
from pyg_skeleton.nn.models.recognition.model import (
    GraphLayer,
    Recognition,
    RecognitionModel,
    RecognizedClasses,
    RegressedScores,
)
from pyg_skeleton.nn.models.recognition.skeletal_gnn_classifier import SkeletalGNNClassifier
from pyg_skeleton.nn.models.recognition.skeleton_gcl import GCLOutput, SkeletonGCL
from pyg_skeleton.nn.models.recognition.st_gcn import STGCN
from pyg_skeleton.nn.models.recognition.st_network import STNetwork
from pyg_skeleton.nn.models.registry import create_model, list_models, model_class, register_model
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.nn.models.timeline import Timeline, timeline
from pyg_skeleton.nn.models.trained import WeightsCard, list_weights, weights_card
from pyg_skeleton.nn.models.transfer import Transfer, transfer_weights

__all__ = [
    "AGCN",
    "CTRGCN",
    "LCN",
    "STGCN",
    "BlockSpec",
    "ClusterNetwork",
    "Clusters",
    "CoDT",
    "CoDTBranch",
    "CoDTOutput",
    "DCTHead",
    "GCLOutput",
    "GraphLayer",
    "GraphResNet",
    "HighOrderGCN",
    "ImageLifter",
    "ImagePose",
    "InfoGCN",
    "InfoGCNOutput",
    "InstanceBank",
    "LiftedPoses",
    "LiftingModel",
    "MartinezMLP",
    "MotionModel",
    "MultiScaleGCN",
    "PlainNetwork",
    "PoseGAT",
    "PoseNetwork",
    "PredictionHead",
    "Recognition",
    "RecognitionHead",
    "RecognitionModel",
    "RecognizedClasses",
    "RegressedScores",
    "ResGCN",
    "SRNet",
    "STNetwork",
    "SampleBank",
    "SemGCN",
    "SemanticBank",
    "SiMLPe",
    "SkeletalGNN",
    "SkeletalGNNClassifier",
    "SkeletonGCL",
    "SkeletonModel",
    "SymGNN",
    "SymGNNForecast",
    "SymGNNOutput",
    "TargetViews",
    "Timeline",
    "TrajectoryGCN",
    "TrajectoryHead",
    "Transfer",
    "WeightsCard",
    "create_model",
    "export_onnx",
    "export_program",
    "list_models",
    "list_weights",
    "model_class",
    "register_model",
    "timeline",
    "transfer_weights",
    "weights_card",
]
