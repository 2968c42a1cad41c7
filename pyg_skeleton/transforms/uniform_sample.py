"""Samples one frame from each of equal segments, as pyskl does."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import need_frames, select_frames


@functional_transform("uniform_sample")
class UniformSample(SkeletonTransform):
    r"""Keeps a fixed number of frames, one from each of as many equal segments, as `pyskl
    <https://github.com/kennymckormick/pyskl>`_ does (functional name: :obj:`uniform_sample`).

    A clip with less than twice as many frames is sampled with random skips; a shorter one starts at
    a random frame and wraps around. In a test, pyskl averages the scores of several fixed samples
    of a clip; **test_clip** is the number of the sample among **num_clips**, see
    :func:`~pyg_skeleton.training.fuse_scores`.

    Args:
        num_frames (int): The number of frames.
        test_clip (int, optional): The number of a fixed sample; random if :obj:`None`.
            (default: :obj:`None`)
        num_clips (int, optional): The number of fixed samples. (default: :obj:`10`)
        seed (int, optional): The seed of the fixed samples. (default: :obj:`255`)
    """

    def __init__(
        self, num_frames: int, test_clip: int | None = None, num_clips: int = 10, seed: int = 255
    ) -> None:
        if num_frames < 1:
            raise ValueError(f"num_frames must be at least 1, got {num_frames}")
        if test_clip is not None and not 0 <= test_clip < num_clips:
            raise ValueError(f"test_clip must be from 0 to {num_clips - 1}, got {test_clip}")
        self.num_frames = num_frames
        self.test_clip = test_clip
        self.num_clips = num_clips
        self.seed = seed

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Samples the frames of a clip."""
        frames = need_frames(data, "UniformSample")
        if self.test_clip is None:
            # NumPy's legacy generator as for fixed samples, seeded by PyTorch's.
            generator = np.random.RandomState(int(torch.randint(1 << 31, ())))
            chosen = self._draw(generator, frames, None)
        else:
            generator = np.random.RandomState(self.seed)
            for clip in range(self.test_clip + 1):
                chosen = self._draw(generator, frames, clip)
        return select_frames(data, torch.from_numpy(chosen % frames))

    def _draw(
        self, generator: np.random.RandomState, frames: int, clip: int | None
    ) -> NDArray[np.int64]:
        wanted = self.num_frames
        steps = np.arange(wanted)
        if frames < wanted:
            at = generator.randint(0, frames) if clip is None else clip * frames // self.num_clips
            return at + steps
        if frames < 2 * wanted:
            skips = np.zeros(wanted + 1, dtype=np.int64)
            skips[generator.choice(wanted + 1, frames - wanted, replace=False)] = 1
            return steps + np.cumsum(skips)[:-1]
        bounds = np.arange(wanted + 1) * frames // wanted
        return bounds[:-1] + generator.randint(np.diff(bounds))
