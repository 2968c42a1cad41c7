import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.testing import random_skeleton


@given(num_joints=st.integers(1, 40), seed=st.integers(0, 1000))
def test_random_skeleton_is_a_tree_with_parts(num_joints, seed):
    skeleton = random_skeleton(num_joints, seed)
    assert skeleton.num_joints == num_joints
    assert len(skeleton.bones) == num_joints - 1
    members = sorted(joint for part in skeleton.parts.values() for joint in part)
    assert members == list(range(num_joints))
    for joint in range(num_joints):
        for _ in range(num_joints):
            joint = skeleton.parents[joint] if joint != skeleton.root else joint
        assert joint == skeleton.root


def test_random_skeleton_is_the_same_for_the_same_seed():
    assert random_skeleton(9, 3).to_dict() == random_skeleton(9, 3).to_dict()
    assert len({random_skeleton(9, seed).bones for seed in range(20)}) == 20


def test_random_skeleton_needs_a_joint():
    with pytest.raises(ValueError, match=r"at least one joint \(got 0\)"):
        random_skeleton(0)
