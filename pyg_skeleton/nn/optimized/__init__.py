"""Networks for evaluation: constants computed once, norms folded, branches fused."""

from pyg_skeleton.nn.optimized.forms import Affine, form
from pyg_skeleton.nn.optimized.optimize import optimize

__all__ = ["Affine", "form", "optimize"]
