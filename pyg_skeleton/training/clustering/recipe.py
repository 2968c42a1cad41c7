"""The training recipe of CoDT."""

from dataclasses import dataclass
from typing import Any, Literal

from pyg_skeleton.nn.models.clustering.codt import PAIRS
from pyg_skeleton.training.checks import check_choice
from pyg_skeleton.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class CoDTRecipe(Recipe):
    r"""Settings of a training run of :class:`~pyg_skeleton.nn.models.CoDT` in two stages, of which
    the second one clusters: those of :class:`Recipe`, with SGD and epochs that are passes over the
    target, and its own.

    Args:
        clustering_epoch (int, optional): The epoch in which the second stage starts.
            (default: :obj:`150`)
        clustering_lr (float, optional): The learning rate of the second stage.
            (default: :obj:`0.01`)
        weak_shear (float, optional): See :class:`~pyg_skeleton.transforms.Shear`, for teachers, the
            source, and students in the first stage. (default: :obj:`0.5`)
        weak_crop (int, optional): See :class:`~pyg_skeleton.transforms.SymmetricCrop`, likewise.
            (default: :obj:`6`)
        strong_shear (float, optional): The same for students in the second stage.
            (default: :obj:`1.0`)
        strong_crop (int, optional): The same for students in the second stage.
            (default: :obj:`3`)
        strong (bool, optional): Whether students get strong views in the second stage; in the
            authors' code they do not. (default: :obj:`True`)
        mask (float, optional): See :class:`~pyg_skeleton.transforms.PartMask`, for students.
            (default: :obj:`0.3`)
        mask_always (bool, optional): Whether parts are masked in both stages and in the source
            too, as in the authors' code. (default: :obj:`False`)
        fill_banks (bool, optional): Whether the teachers fill the banks before each stage, or
            these start at random, as in the authors' code. (default: :obj:`True`)
        k_means (bool, optional): Whether the second stage starts with the centroids of spherical
            k-means, which never runs in the authors' code. (default: :obj:`True`)
        sup (float, optional): The weight :math:`\lambda_{sup}` of the source's classes.
            (default: :obj:`1.0`)
        dec (float, optional): The weight of the decoder. (default: :obj:`20.0`)
        cont (float, optional): The weight of the contrast. (default: :obj:`1.0`)
        ocm (float, optional): The weight of online clustering; 0 for none. (default: :obj:`5.0`)
        ccm (float, optional): The weight of collaborative clustering; 0 for none.
            (default: :obj:`10.0`)
        pairs (str, optional): See :meth:`~pyg_skeleton.nn.models.CoDT.target_losses`.
            (default: :obj:`"predictions"`)
    """

    epochs: int | None = 300
    batch_size: int = 128
    lr: float = 0.1
    unit: Literal["step", "epoch"] = "epoch"
    algorithm: Literal["adam", "sgd"] = "sgd"
    nesterov: bool = False
    weight_decay: float = 1e-4
    clustering_epoch: int = 150
    clustering_lr: float = 0.01
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
        super().__post_init__()
        last = self.clustering_epoch if self.epochs is None else self.epochs
        if not 0 <= self.clustering_epoch <= last:
            raise ValueError(
                f"expected clustering_epoch from 0 to {last}, got {self.clustering_epoch}"
            )
        if self.unit != "epoch" or self.schedule != "constant":
            raise ValueError(
                f"expected a constant schedule with unit 'epoch', got {self.schedule!r} and "
                f"{self.unit!r}"
            )
        if self.average > 0:
            raise ValueError(f"expected average=0, the teachers are means, got {self.average}")
        if self.batch_size < 2:
            raise ValueError(f"expected batch_size >= 2, got {self.batch_size}")
        if self.clustering_lr <= 0:
            raise ValueError(f"expected clustering_lr > 0, got {self.clustering_lr}")
        for name in ("sup", "dec", "cont", "ocm", "ccm"):
            if getattr(self, name) < 0:
                raise ValueError(f"expected {name} >= 0, got {getattr(self, name)}")
        check_choice("pairs", self.pairs, PAIRS)

    def learning_rate(self, time: int, length: int | None = None) -> float:
        """The learning rate of an epoch."""
        if time < self.clustering_epoch:
            return super().learning_rate(time, length)
        return self.clustering_lr


#: The recipe of the paper, that of its authors' code, and one for two cores.
CODT_RECIPES: dict[str, CoDTRecipe] = {
    "paper": CoDTRecipe(),
    "authors_code": CoDTRecipe(
        mask=0.1, mask_always=True, strong=False, fill_banks=False, k_means=False
    ),
    "small": CoDTRecipe(epochs=90, clustering_epoch=60, batch_size=32),
}
#: The rows of the paper's tables, as changes of a recipe.
CODT_METHODS: dict[str, dict[str, Any]] = {
    "bm": {"ocm": 0.0, "ccm": 0.0},
    "ocm": {"ccm": 0.0},
    "codt": {},
    "ccm-fp": {"pairs": "features"},
    "ccm-pf": {"pairs": "cosine"},
}
