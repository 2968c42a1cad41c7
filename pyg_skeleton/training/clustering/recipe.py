"""How CoDT is trained."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import Parameter

from pyg_skeleton.nn.models.clustering.codt import PAIRS


@dataclass(frozen=True)
class CoDTRecipe:
    r"""Settings of a training run of :class:`~pyg_skeleton.nn.models.CoDT`: SGD with momentum 0.9
    in two stages, the second of which clusters.

    Args:
        epochs (int): The number of epochs, each a pass over the target's clips.
        clustering_epoch (int): The epoch in which the second stage begins.
        batch_size (int): Clips of the target per step, and of the source.
        lr (float): The learning rate of the first stage.
        clustering_lr (float): That of the second.
        weight_decay (float): The weight decay.
        weak_shear (float): See :class:`~pyg_skeleton.transforms.Shear`, for teachers, the source,
            and students in the first stage.
        weak_crop (int): See :class:`~pyg_skeleton.transforms.SymmetricCrop`, likewise.
        strong_shear (float): The same for students in the second stage.
        strong_crop (int): The same for students in the second stage.
        strong (bool): Whether students get strong views in the second stage; in the authors' code
            they do not.
        mask (float): See :class:`~pyg_skeleton.transforms.PartMask`, for students.
        mask_always (bool): Whether parts are masked in both stages and in the source, too, as in
            the authors' code.
        fill_banks (bool): Whether the teachers fill the banks before each stage, or these begin
            at random, as in the authors' code.
        k_means (bool): Whether the second stage begins with the centroids of spherical k-means,
            which in the authors' code never runs.
        sup (float): The weight :math:`\lambda_{sup}` of the source's classes.
        dec (float): That of the decoder.
        cont (float): That of the contrast.
        ocm (float): That of online clustering; with 0 there is none.
        ccm (float): That of collaborative clustering; with 0 there is none.
        pairs (str): See :meth:`~pyg_skeleton.nn.models.CoDT.target_losses`.

    Raises:
        ValueError: If a number is out of range.
    """

    epochs: int = 300
    clustering_epoch: int = 150
    batch_size: int = 128
    lr: float = 0.1
    clustering_lr: float = 0.01
    weight_decay: float = 1e-4
    weak_shear: float = 0.5
    weak_crop: int = 6
    strong_shear: float = 1.0
    strong_crop: int = 3
    strong: bool = True
    mask: float = 0.3
    mask_always: bool = False
    fill_banks: bool = True
    k_means: bool = True
    sup: float = 1.0
    dec: float = 20.0
    cont: float = 1.0
    ocm: float = 5.0
    ccm: float = 10.0
    pairs: str = "predictions"

    def __post_init__(self) -> None:
        if not 0 <= self.clustering_epoch <= self.epochs or self.epochs < 1:
            raise ValueError(
                f"expected epochs >= 1 and clustering_epoch from 0 to {self.epochs}, got "
                f"{self.clustering_epoch}"
            )
        if self.batch_size < 2:
            raise ValueError(f"expected batch_size >= 2, got {self.batch_size}")
        if self.lr <= 0 or self.clustering_lr <= 0:
            raise ValueError(f"expected rates > 0, got {self.lr} and {self.clustering_lr}")
        for name in ("weight_decay", "sup", "dec", "cont", "ocm", "ccm"):
            if getattr(self, name) < 0:
                raise ValueError(f"expected {name} >= 0, got {getattr(self, name)}")
        if self.pairs not in PAIRS:
            raise ValueError(f"expected pairs {', '.join(PAIRS)}, got {self.pairs!r}")

    def optimizer(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """Creates the optimizer."""
        return torch.optim.SGD(parameters, self.lr, momentum=0.9, weight_decay=self.weight_decay)

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch."""
        return self.lr if epoch < self.clustering_epoch else self.clustering_lr


#: That of the paper, that of its authors' code, and one for two cores.
CODT_RECIPES: dict[str, CoDTRecipe] = {
    "paper": CoDTRecipe(),
    "authors_code": CoDTRecipe(
        mask=0.1, mask_always=True, strong=False, fill_banks=False, k_means=False
    ),
    "small": CoDTRecipe(epochs=100, clustering_epoch=40, batch_size=32),
}
#: The rows of the paper's tables, as changes of a recipe.
CODT_METHODS: dict[str, dict[str, Any]] = {
    "bm": {"ocm": 0.0, "ccm": 0.0},
    "ocm": {"ccm": 0.0},
    "codt": {},
    "ccm-fp": {"pairs": "features"},
    "ccm-pf": {"pairs": "cosine"},
}
