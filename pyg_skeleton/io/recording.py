"""The content of a file of any format: joints, and how they are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyg_skeleton.skeleton import Skeleton

#: Lengths, pixels, or shares of the width and height of the picture.
Unit: TypeAlias = Literal["m", "cm", "mm", "in", "px", "normalized"]
#: The axis that points upwards; it is ``"-y"`` in pictures, whose rows are counted downwards.
Axis: TypeAlias = Literal["x", "y", "z", "-x", "-y", "-z"]

UNITS: tuple[Unit, ...] = ("m", "cm", "mm", "in", "px", "normalized")
AXES: tuple[Axis, ...] = ("x", "y", "z", "-x", "-y", "-z")


@dataclass
class Recording:
    r"""The persons of a recording, as a reader returns them.

    What the format or the file does not say is :obj:`None`.
    :class:`~pyg_skeleton.data.Clip` is the same with tensors and a
    :class:`~pyg_skeleton.skeleton.Skeleton`.

    Args:
        joints (numpy.ndarray): The joints, NaN where a joint is missing.
        layout (str or dict, optional): The name of the layout, or its description for
            :meth:`~pyg_skeleton.skeleton.Skeleton.from_dict`. (default: :obj:`None`)
        frame_rate (float, optional): Frames per second. (default: :obj:`None`)
        confidence (numpy.ndarray, optional): How sure a detector is of each joint, from 0 to 1.
            (default: :obj:`None`)
        persons (tuple, optional): The name or number of each person, by default their positions.
            (default: :obj:`()`)
        unit (str, optional): :obj:`"m"`, :obj:`"cm"`, :obj:`"mm"`, :obj:`"in"`, :obj:`"px"`, or
            :obj:`"normalized"` for shares of the width and height of the picture.
            (default: :obj:`None`)
        up (str, optional): The axis that points upwards, :obj:`"y"` or :obj:`"-y"` for example.
            (default: :obj:`None`)
        image_size (tuple, optional): Width and height of the picture in pixels.
            (default: :obj:`None`)
        name (str, optional): The name of the recording. (default: :obj:`""`)
        guessed (bool, optional): Whether the layout is told by the number of joints alone: another
            one that the user names replaces it. (default: :obj:`False`)

    Shapes:
        - **joints:** :math:`(M, T, V, C)`, in the order of the layout
        - **confidence:** :math:`(M, T, V)`
    """

    joints: NDArray[np.float32]
    layout: str | Mapping[str, Any] | None = None
    frame_rate: float | None = None
    confidence: NDArray[np.float32] | None = None
    persons: tuple[int | str, ...] = ()
    unit: Unit | None = None
    up: Axis | None = None
    image_size: tuple[int, int] | None = None
    name: str = ""
    guessed: bool = False

    @property
    def skeleton(self) -> Skeleton:
        """The layout.

        Raises:
            ValueError: If the layout is not known.
        """
        from pyg_skeleton.skeleton import Skeleton

        if self.layout is None:
            raise ValueError(f"the layout of the {self.joints.shape[2]} joints is not known")
        return Skeleton.of(self.layout)
