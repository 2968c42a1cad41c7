import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.skeleton import Skeleton, calibrate_bone_length, total_bone_length

# Of the code that SemGCN follows, by the numbers of MPII.
MPII_EDGES = [
    [0, 1], [1, 2], [2, 6], [6, 3], [3, 4], [4, 5], [10, 11], [11, 12], [12, 8], [8, 13],
    [13, 14], [14, 15], [6, 8], [8, 9],
]  # fmt: skip


def test_by_hand():
    chain = Skeleton("chain", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")
    pose = torch.tensor([[0.0, 0, 0], [3, 4, 0], [3, 4, 12]])
    assert total_bone_length(pose, chain) == 17
    assert total_bone_length(pose, chain, edges=[(0, 2)]) == 13
    assert total_bone_length(torch.stack([pose, 2 * pose])[None], chain).tolist() == [[17, 34]]
    torch.testing.assert_close(calibrate_bone_length(pose, chain, 34), 2 * pose)
    each = calibrate_bone_length(torch.stack([pose, pose]), chain, torch.tensor([17.0, 51.0]))
    torch.testing.assert_close(each, torch.stack([pose, 3 * pose]))


@settings(max_examples=20)
@given(scale=st.floats(1e-2, 1e2), length=st.floats(1e-1, 1e4), seed=st.integers(0, 99))
def test_gives_every_pose_the_length_whatever_its_scale(scale, length, seed):
    skeleton = Skeleton.get("h36m17")
    generator = torch.Generator().manual_seed(seed)
    pose = torch.randn(3, 17, 3, generator=generator, dtype=torch.float64)
    out = calibrate_bone_length(scale * pose, skeleton, length)
    sums = sum((out[:, i] - out[:, j]).norm(dim=1) for i, j in skeleton.bones)
    torch.testing.assert_close(sums, torch.full_like(sums, length))
    torch.testing.assert_close(out, calibrate_bone_length(pose, skeleton, length))


def test_the_edges_of_the_documentation_are_the_14_of_the_code():
    mpii = Skeleton.get("mpii16")
    pelvis, spine, thorax = map(mpii.joint_id, ("pelvis", "spine", "thorax"))
    edges = [bone for bone in mpii.bones if spine not in bone] + [(pelvis, thorax)]
    assert {frozenset(edge) for edge in edges} == {frozenset(edge) for edge in MPII_EDGES}
    assert len(edges) == 14
    pose = torch.randn(2, 16, 3)
    out = calibrate_bone_length(pose, mpii, 4072.3544, edges)
    lengths = sum((out[:, i] - out[:, j]).norm(dim=1) for i, j in MPII_EDGES)
    torch.testing.assert_close(lengths, torch.full((2,), 4072.3544))


def test_a_pose_in_one_point_stays():
    skeleton = Skeleton.get("h36m16")
    assert not calibrate_bone_length(torch.zeros(2, 16, 3), skeleton, 4.0).any()


def test_wrong_input():
    skeleton = Skeleton.get("h36m16")
    message = "expected positions [*, 16, C] ('h36m16'), got [2, 17, 3]"
    with pytest.raises(ValueError, match=re.escape(message)):
        total_bone_length(torch.zeros(2, 17, 3), skeleton)
    for length in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="length must be positive, got"):
            calibrate_bone_length(torch.zeros(2, 16, 3), skeleton, length)
