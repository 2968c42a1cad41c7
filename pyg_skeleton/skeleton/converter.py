"""Conversion of positions between layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.skeleton.arrays import ArrayOrTensor, check_size, select
from pyg_skeleton.skeleton.checks import show
from pyg_skeleton.skeleton.joint_names import common_names

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.body_graph import BodyGraph

Rules = Mapping[str, Sequence[Sequence[str]]]

#: The joints whose mean replaces a missing joint; the first entry whose joints exist is used.
#: The name and the exact place of the base of the neck vary between layouts.
RULES: Rules = {
    "pelvis": [["left_hip", "right_hip"]],
    "lower_back": [["pelvis"]],
    "spine": [["pelvis", "spine_shoulder"]],
    "lumbar": [["lower_back", "spine"]],
    "chest": [["spine", "spine_shoulder"]],
    "spine_shoulder": [["neck"], ["thorax"], ["left_shoulder", "right_shoulder"]],
    "thorax": [["spine_shoulder"], ["neck"], ["left_shoulder", "right_shoulder"]],
    "neck": [["left_shoulder", "right_shoulder"], ["spine_shoulder"], ["thorax"]],
    "head": [["left_ear", "right_ear"], ["nose"]],
    "nose": [["head"]],
    **{
        f"{side}_{joint}": [
            [f"{side}_{other}" for other in names.split()] for names in alternatives
        ]
        for side in ("left", "right")
        for joint, alternatives in {
            "foot": ["big_toe small_toe", "toe"],
            "toe": ["big_toe"],
            "big_toe": ["toe"],
            "hand": ["index_mcp pinky_mcp", "index pinky"],
            "index": ["index_mcp"],
            "pinky": ["pinky_mcp"],
            "hand_tip": ["middle_tip"],
            "thumb": ["thumb_ip"],
            "hand_root": ["wrist"],
        }.items()
    },
}


class JointConverter:
    r"""Converts positions from the joints of one skeleton to those of another, by name.

    Joints that exist in both skeletons are copied; those of a file keep its names, which are known
    (see :func:`~pyg_skeleton.skeleton.common_names`: LeftForeArm is the left elbow). Other joints
    are the mean of related joints if there is a rule for it (`RULES`: the neck is the mean of the
    shoulders, the pelvis that of the hips); this is meant for positions, not for rotations. All
    others are missing.

    Args:
        source (BodyGraph): The skeleton of the input.
        target (BodyGraph): The skeleton of the output.
        rules (dict, optional): Additional rules, tried before the built-in ones. They map the name
            of a joint to a list of alternatives, each a list of joints to average. An empty list
            disables the built-in rule. (default: :obj:`None`)
        derive (bool, optional): If set to :obj:`False`, joints are only copied.
            (default: :obj:`True`)
    """

    def __init__(
        self,
        source: BodyGraph,
        target: BodyGraph,
        rules: Rules | None = None,
        derive: bool = True,
    ) -> None:
        self.source = source
        self.target = target
        #: The joints of the source as this package names them.
        same = source.joints == target.joints  # parts and bones have names of their own
        self._names = source.joints if same else common_names(source.joints)
        self._rules: dict[str, Sequence[Sequence[str]]] = dict(RULES if derive else {})
        for name, alternatives in (rules or {}).items():
            if isinstance(alternatives, str) or any(isinstance(a, str) for a in alternatives):
                raise TypeError(f"expected the rule of {name!r} as lists, got {show(alternatives)}")
            built_in = self._rules.get(name, ()) if alternatives else ()
            self._rules[name] = [*alternatives, *built_in]
        self._weights = [self._resolve(name, frozenset()) for name in target.joints]

    def _resolve(self, name: str, above: frozenset[str]) -> dict[int, Fraction]:
        """Returns the weight of each source joint in a joint, empty if the joint is missing."""
        if name in self._names:
            return {self._names.index(name): Fraction(1)}
        for members in self._rules.get(name, ()):
            shares = [self._resolve(m, above | {name}) for m in members if m not in above | {name}]
            if len(shares) < len(members) or not members or not all(shares):
                continue
            total: dict[int, Fraction] = {}
            for share in shares:
                for joint, weight in share.items():
                    total[joint] = total.get(joint, Fraction(0)) + weight / len(members)
            return total
        return {}

    def _formula(self, weights: Mapping[int, Fraction]) -> str:
        names = [self.source.joints[joint] for joint in weights]
        if len(names) == 1:
            return names[0]
        if len(set(weights.values())) == 1:
            return f"mean({', '.join(names)})"
        shares = zip(weights.values(), names, strict=True)
        return " + ".join(f"{float(weight):g} {name}" for weight, name in shares)

    @property
    def copied(self) -> tuple[str, ...]:
        """The joints that both skeletons have, in the order of the target."""
        return tuple(name for name in self.target.joints if name in self._names)

    @property
    def derived(self) -> dict[str, str]:
        """The formulas of the joints that are derived from others."""
        pairs = zip(self.target.joints, self._weights, strict=True)
        return {n: self._formula(w) for n, w in pairs if w and n not in self._names}

    @property
    def missing(self) -> tuple[str, ...]:
        """The joints that can be neither copied nor derived, in the order of the target."""
        pairs = zip(self.target.joints, self._weights, strict=True)
        return tuple(name for name, weights in pairs if not weights)

    @property
    def gather(self) -> Tensor:
        """The source joint that is copied to each target joint, `[V]`, -1 if there is none."""
        return torch.tensor([next(iter(w)) if len(w) == 1 else -1 for w in self._weights])

    def report(self) -> str:
        """Returns the copied, derived and missing joints, one line each."""
        derived = [f"{name} = {formula}" for name, formula in self.derived.items()]
        lines = [f"{self.source.name} -> {self.target.name}"]
        for what, names in (
            ("copied", self.copied),
            ("derived", derived),
            ("missing", self.missing),
        ):
            lines.append(f"  {what} ({len(names)}): {', '.join(names) or 'none'}")
        return "\n".join(lines)

    def __call__(self, x: ArrayOrTensor, dim: int = 0, fill: float | None = None) -> ArrayOrTensor:
        """Converts positions. Differentiable if `x` is a tensor.

        Args:
            x (torch.Tensor or numpy.ndarray): The positions, source joints along `dim`.
            dim (int, optional): The dimension of the joints. (default: :obj:`0`)
            fill (float, optional): The value of missing joints. (default: :obj:`None`)

        Raises:
            ValueError: If joints are missing and `fill` is not given, or if the number of joints of
                `x` differs from the source's.
            TypeError: If a mean is needed and `x` is not of a floating-point type.
        """
        check_size(x, dim, self.source.num_joints, self.source.name)
        if self.missing and fill is None:
            raise ValueError(
                f"{self.source.name!r} lacks joints of {self.target.name!r}: "
                f"{', '.join(self.missing)}; pass fill=... to set them to a fixed value"
            )
        single = [len(weights) == 1 for weights in self._weights]
        means = any(len(weights) > 1 for weights in self._weights)
        floating = x.is_floating_point() if isinstance(x, Tensor) else x.dtype.kind == "f"
        if not floating and (means or (self.missing and not isinstance(fill, int))):
            raise TypeError(f"means and fractions need floating-point numbers, got {x.dtype}")

        ids = [next(iter(weights)) for weights in self._weights if len(weights) == 1]
        copied = select(x, np.array(ids, dtype=np.int64), dim)
        if all(single):
            return copied
        # Joint by joint, as a matrix product would spread any NaN to all joints.
        others: list[Any] = [self._mean(x, w, dim, fill) for w in self._weights if len(w) != 1]
        rows: Any
        if isinstance(x, Tensor):
            rows = torch.cat([copied, *others], dim)
        else:
            rows = np.concatenate([copied, *others], dim)
        first = iter(range(len(ids)))
        rest = iter(range(len(ids), len(single)))
        order = [next(first) if alone else next(rest) for alone in single]
        return select(rows, np.array(order, dtype=np.int64), dim)

    def _mean(
        self, x: ArrayOrTensor, weights: Mapping[int, Fraction], dim: int, fill: float | None
    ) -> Any:
        pieces: list[Any] = [
            select(x, np.array([joint], dtype=np.int64), dim) * float(weight)
            for joint, weight in weights.items()
        ]
        if pieces:
            return sum(pieces[1:], pieces[0])
        like = select(x, np.zeros(1, dtype=np.int64), dim)
        if isinstance(like, Tensor):
            return like.new_full(like.shape, 0 if fill is None else fill)
        return np.full_like(like, fill)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.source.name!r} -> {self.target.name!r}, "
            f"copied={len(self.copied)}, derived={len(self.derived)}, missing={len(self.missing)})"
        )
