"""The training recipes of networks for action recognition."""

from dataclasses import dataclass
from typing import Literal

from pyg_skeleton.training.checks import check_choice
from pyg_skeleton.training.recipe import Recipe, Schedule

Loss = Literal["cross_entropy", "info_gcn"]
Pipeline = Literal["ctrgcn", "infogcn", "agcn", "stgcn", "pyskl"]
LOSSES: tuple[str, ...] = Loss.__args__  # type: ignore[attr-defined]
PIPELINES: tuple[str, ...] = Pipeline.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class RecognitionRecipe(Recipe):
    r"""Settings of a training run of a network that recognizes actions: those of :class:`Recipe`,
    with SGD and a learning rate that changes between epochs, and its own.

    Args:
        loss (str, optional): :obj:`"cross_entropy"`, or :obj:`"info_gcn"` for
            :class:`~pyg_skeleton.nn.loss.InfoGCNLoss`. With several classes of each clip, the
            cross-entropy is the binary one; with a score, the loss is smooth L1.
            (default: :obj:`"cross_entropy"`)
        label_smoothing (float, optional): The label smoothing of the cross-entropy.
            (default: :obj:`0.0`)
        num_frames (int, optional): The number of frames that the network sees.
            (default: :obj:`64`)
        repeat (int, optional): How often an epoch visits each clip. (default: :obj:`1`)
        pipeline (str, optional): The preparation of NTU's recordings: :obj:`"ctrgcn"`,
            :obj:`"infogcn"`, :obj:`"agcn"`, :obj:`"stgcn"` or :obj:`"pyskl"`.
            (default: :obj:`"ctrgcn"`)
        class_weights (bool, optional): Whether the cross-entropy weighs each class by the inverse
            of its number of clips, so that rare classes count as much. (default: :obj:`False`)
        balanced_sampling (bool, optional): Whether an epoch draws clips with replacement such that
            all classes are equally likely. (default: :obj:`False`)
        block (int, optional): The number of neighbors in a store that are read together; the
            order of such blocks is random, see :class:`~pyg_skeleton.data.EpochSampler`. By
            default, clips are read one by one. (default: :obj:`None`)
    """

    lr: float = 0.1
    unit: Literal["step", "epoch"] = "epoch"
    algorithm: Literal["adam", "sgd"] = "sgd"
    weight_decay: float = 1e-4
    schedule: Schedule = "milestones"
    decay: float = 0.1
    loss: Loss = "cross_entropy"
    label_smoothing: float = 0.0
    num_frames: int = 64
    repeat: int = 1
    pipeline: Pipeline = "ctrgcn"
    class_weights: bool = False
    balanced_sampling: bool = False
    block: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("num_frames", "repeat"):
            if getattr(self, name) < 1:
                raise ValueError(f"expected {name} >= 1, got {getattr(self, name)}")
        if self.block is not None and (self.block < 1 or self.balanced_sampling):
            drawn = ", and balanced_sampling draws clips one by one" * self.balanced_sampling
            raise ValueError(f"expected block >= 1, got {self.block}{drawn}")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"expected 0 <= label_smoothing < 1, got {self.label_smoothing}")
        check_choice("loss", self.loss, LOSSES)
        if self.class_weights and self.loss != "cross_entropy":
            raise ValueError(f"class_weights are those of the cross-entropy, got {self.loss!r}")
        check_choice("pipeline", self.pipeline, PIPELINES)


#: The recipes of the papers (or, where a paper is silent, of its code), and three for two cores.
RECOGNITION_RECIPES: dict[str, RecognitionRecipe] = {
    "tiny": RecognitionRecipe(
        epochs=8, batch_size=16, milestones=(5, 7), warmup=1, num_frames=52, repeat=5
    ),
    # A third of the passes of CTR-GCN's recipe.
    "nw-ucla-small": RecognitionRecipe(
        epochs=24, batch_size=16, warmup=1, schedule="cosine", num_frames=52, repeat=5
    ),
    # The same for InfoGCN, whose first steps diverge without a limit on the gradient.
    "info-gcn-small": RecognitionRecipe(
        epochs=24,
        batch_size=16,
        warmup=1,
        schedule="cosine",
        gradient_clip=1.0,
        num_frames=52,
        repeat=5,
    ),
    # CTR-GCN, and SkeletonGCL with and without contrast.
    "ctr-gcn-ntu": RecognitionRecipe(
        epochs=65, batch_size=64, milestones=(35, 55), warmup=5, weight_decay=4e-4
    ),
    "ctr-gcn-nw-ucla": RecognitionRecipe(
        epochs=65, batch_size=16, milestones=(50,), warmup=5, num_frames=52, repeat=5
    ),
    # ST-GCN, 2s-AGCN and AAGCN as published.
    "st-gcn-ntu": RecognitionRecipe(
        epochs=80, batch_size=64, milestones=(10, 50), num_frames=300, pipeline="stgcn"
    ),
    "st-gcn-kinetics": RecognitionRecipe(
        epochs=50, batch_size=256, milestones=(20, 30, 40, 50), num_frames=150, pipeline="stgcn"
    ),
    "agcn-ntu": RecognitionRecipe(
        epochs=50, batch_size=64, milestones=(30, 40), num_frames=300, pipeline="agcn"
    ),
    "aagcn-ntu": RecognitionRecipe(
        epochs=50,
        batch_size=64,
        milestones=(30, 40),
        warmup=5,
        frozen_epochs=6,
        num_frames=300,
        pipeline="agcn",
    ),
    "info-gcn-ntu": RecognitionRecipe(
        epochs=110,
        batch_size=128,
        milestones=(90, 100),
        warmup=5,
        weight_decay=5e-4,
        loss="info_gcn",
        label_smoothing=0.1,
        pipeline="infogcn",
    ),
    # The classifier of Skeletal-GNN (supplement, section 2).
    "hcsf-ntu": RecognitionRecipe(
        epochs=60,
        batch_size=64,
        milestones=(35, 45),
        weight_decay=5e-4,
        num_frames=300,
        pipeline="agcn",
    ),
}
