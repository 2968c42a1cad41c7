"""The two layouts of a batch: a disjoint union of clips, and clips stacked behind the nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.skeleton.body_graph import BodyGraph
from pyg_skeleton.testing.compare import assert_close
from pyg_skeleton.testing.run import cast, map_tensors, working_copy


def assert_union_equals_static(
    layer: Callable[..., Any],
    skeleton: BodyGraph,
    channels: int,
    *,
    edge_index: Tensor | None = None,
    num_clips: int = 3,
    num_frames: int = 5,
    seed: int = 0,
    rtol: float = 1e-8,
    atol: float = 1e-10,
) -> None:
    r"""Asserts that a layer treats a disjoint union of clips as it treats a static batch.

    The union is :obj:`[num_clips * num_joints, num_frames, channels]`, clip after clip; the
    static batch is :obj:`[num_joints, num_clips, num_frames, channels]`. Each clip is also run
    alone, so that nothing leaks from one into another. All in double precision; batch statistics
    are those of evaluation mode.

    Args:
        layer (torch.nn.Module or Callable): Called with :obj:`x` alone, or with
            :obj:`(x, edge_index)`. All tensors that it returns must be laid out like :obj:`x`.
        skeleton (BodyGraph): The template.
        channels (int): Number of input channels.
        edge_index (torch.Tensor, optional): Edges of the template, handed over as they are for
            the static batch and repeated for the union. (default: :obj:`None`, the layer uses
            its own)
        num_clips (int, optional): Number of clips. (default: :obj:`3`)
        num_frames (int, optional): Number of frames. (default: :obj:`5`)
        seed (int, optional): Of the input. (default: :obj:`0`)
        rtol (float, optional): Relative tolerance. (default: :obj:`1e-8`)
        atol (float, optional): Absolute tolerance. (default: :obj:`1e-10`)

    Raises:
        AssertionError: Names the tensor that differs and its largest deviation.
    """
    num_joints = skeleton.num_joints
    generator = torch.Generator().manual_seed(seed)
    shape = (num_joints, num_clips, num_frames, channels)
    static = torch.randn(shape, generator=generator, dtype=torch.float64)
    layer = working_copy(layer)
    if isinstance(layer, torch.nn.Module):
        layer.eval()

    def call(x: Tensor, copies: int) -> Any:
        if edge_index is None:
            return layer(x)
        offset = torch.arange(copies).repeat_interleave(edge_index.size(1)) * num_joints
        return layer(x, edge_index.repeat(1, copies) + offset)

    def to_union(t: Tensor) -> Tensor:
        if t.dim() < 2 or t.shape[:2] != (num_joints, num_clips):
            raise AssertionError(
                f"union and static batch differ: the static batch came back as {tuple(t.shape)}, "
                f"expected [{num_joints}, {num_clips}, *]"
            )
        return t.transpose(0, 1).flatten(0, 1)

    with torch.no_grad():
        union = call(to_union(static), num_clips)
        expected = map_tensors(call(static, 1), to_union)
        assert_close(union, expected, "union and static batch differ", rtol, atol)
        for i in range(num_clips):
            nodes = slice(i * num_joints, (i + 1) * num_joints)
            alone = call(cast(static[:, i]), 1)
            part = map_tensors(union, lambda t, nodes=nodes: t[nodes])  # type: ignore[misc]
            assert_close(part, alone, f"clip {i} of the union and alone differ", rtol, atol)
