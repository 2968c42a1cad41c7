import pytest

from pyg_skeleton.skeleton import Skeleton, node_groups

H36M = Skeleton.get("h36m16")


def test_groups_of_the_paper_and_of_others():
    names = [{H36M.joints[v] for v in group} for group in node_groups(H36M)]
    paper = [[2, 3], [5, 6], [1, 4], [0, 7], [8, 9], [14, 15], [11, 12], [10, 13]]
    assert sorted(map(sorted, names)) == sorted(sorted(H36M.joints[v] for v in g) for g in paper)
    for layout in ("ntu25", "coco17", "h36m17", "smpl24"):
        skeleton = Skeleton.get(layout)
        groups = node_groups(skeleton)
        assert sorted(v for g in groups for v in g) == list(range(skeleton.num_joints))
        assert max(map(len, groups)) == 2
    assert node_groups(H36M, "none") == [[v] for v in range(16)]
    mine = [H36M.joints[:10], H36M.joints[10:]]
    assert node_groups(H36M, mine) == [list(range(10)), list(range(10, 16))]
    with pytest.raises(ValueError, match="'pelvis' in 2"):
        node_groups(H36M, [H36M.joints, ["pelvis"]])
