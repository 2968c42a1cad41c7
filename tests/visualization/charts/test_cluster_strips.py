import numpy as np
import pytest
import torch

from pyg_skeleton.visualization import plot_cluster_strips


def poses(figure):
    """The bones of each pose drawn."""
    return [np.array(lines.get_segments()) for lines in figure.axes[0].collections]


def test_rows_of_clips(clip, skeleton, draws):
    figure = plot_cluster_strips(
        {"cluster 0": [("first", clip), ("second", clip)], "cluster 1": [("third", clip)]},
        skeleton,
        num_poses=4,
        title="B0",
    )
    drawn = poses(figure)
    assert len(drawn) == 3 * 4
    assert all(len(lines) == len(skeleton.bones) for lines in drawn)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["first", "second", "cluster 0", "third", "cluster 1"]
    tops = [lines[..., 1].max() for lines in drawn]
    assert max(tops[8:]) < min(lines[..., 1].min() for lines in drawn[:8])  # the second row
    starts = [lines[..., 0].mean() for lines in drawn[:8]]
    assert starts == sorted(starts)
    draws(figure)


def test_units_do_not_matter_and_jumps_show(clip, skeleton):
    clip = clip.clone()
    clip[5] += torch.tensor([0.0, 0.4, 0.0])
    first, second = (
        poses(plot_cluster_strips({"0": [("", x)]}, skeleton, num_poses=10))
        for x in (clip, 1000 * clip + torch.tensor([100.0, 2000.0, 0.0]))
    )
    floor = [lines[..., 1].min() for lines in first]
    np.testing.assert_allclose(floor[:5] + floor[6:], floor[0], atol=1e-4)
    assert floor[5] > floor[0] + 0.1
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_persons_who_come_and_go(clip, skeleton, draws):
    pair = torch.stack([clip, clip + torch.tensor([1.0, 0.0, 0.0])])
    pair[1, 4:] = 0  # leaves
    pair[:, 8:] = 0  # padding: not shown
    figure = plot_cluster_strips({"0": [("pair", pair)]}, skeleton, num_poses=8)
    sizes = [len(lines) for lines in poses(figure)]
    assert sizes.count(len(skeleton.bones)) == 8 + 4
    draws(figure)
    missing = clip.clone()
    missing[:, 3] = torch.nan
    lines = poses(plot_cluster_strips({"0": [("", missing)]}, skeleton, num_poses=1))
    assert len(lines[0]) == len(skeleton.bones) - sum(3 in bone for bone in skeleton.bones)


def test_wrong_input(clip, skeleton):
    with pytest.raises(ValueError, match="at least one clip and one pose of it, got 1 clusters"):
        plot_cluster_strips({"0": []}, skeleton)
    with pytest.raises(ValueError, match=r"\[T, V, 3\] with V = 25, got \[10, 5, 3\]"):
        plot_cluster_strips({"0": [("", clip[:, :5])]}, skeleton)
    with pytest.raises(ValueError, match=r"\[M, T, V, 3\], got \[25, 3\]"):
        plot_cluster_strips({"0": [("", clip[0])]}, skeleton)
    with pytest.raises(ValueError, match="no joint of a clip is finite"):
        plot_cluster_strips({"0": [("", torch.zeros(4, 25, 3))]}, skeleton)
