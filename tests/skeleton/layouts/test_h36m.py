from pyg_skeleton.skeleton import Skeleton

# fmt: off
PARENTS32 = (
    -1, 0, 1, 2, 3, 4, 0, 6, 7, 8, 9, 0, 11, 12, 13, 14, 12, 16, 17, 18, 19, 20, 19, 22, 12, 24, 25,
    26, 27, 28, 27, 30,
)
PARENTS17 = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15)
PARENTS16 = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14)
DMGNN20 = [
    (0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7), (0, 8), (4, 8), (8, 9), (9, 10), (10, 11),
    (9, 12), (12, 13), (13, 14), (14, 15), (9, 16), (16, 17), (17, 18), (18, 19),
]
DMGNN21 = [
    (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (6, 7), (7, 8), (8, 9), (1, 10), (10, 11), (11, 12),
    (12, 13), (11, 14), (14, 15), (15, 16), (16, 17), (11, 18), (18, 19), (19, 20), (20, 21),
]
LCN = [
    (0, 1), (0, 4), (0, 7), (1, 2), (1, 7), (2, 3), (4, 5), (4, 7), (5, 6), (7, 8), (7, 11),
    (7, 14), (8, 9), (8, 11), (8, 14), (9, 10), (11, 12), (12, 13), (14, 15), (15, 16),
]
# fmt: on


def sides(name: str, side: str) -> list[int]:
    joints = Skeleton.get(name).joints
    return [i for i, joint in enumerate(joints) if joint.startswith(side)]


def undirected(pairs: object) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in pairs}  # type: ignore[attr-defined]


def test_parents() -> None:
    assert Skeleton.get("h36m32").parents == PARENTS32
    assert Skeleton.get("h36m17").parents == PARENTS17
    assert Skeleton.get("h36m17-lcn").parents == PARENTS17
    assert Skeleton.get("h36m16").parents == PARENTS16


def test_sides() -> None:
    assert sides("h36m32", "left") == [*range(6, 11), *range(16, 24)]
    assert sides("h36m32", "right") == [*range(1, 6), *range(24, 32)]
    assert sides("h36m17", "left") == [4, 5, 6, 11, 12, 13]
    assert sides("h36m17", "right") == [1, 2, 3, 14, 15, 16]
    assert sides("h36m16", "left") == [4, 5, 6, 10, 11, 12]
    assert sides("h36m16", "right") == [1, 2, 3, 13, 14, 15]


def test_graphs_for_motion_prediction() -> None:
    assert undirected(Skeleton.get("h36m20").edges) == undirected(DMGNN20)
    expected = undirected((i - 1, j - 1) for i, j in DMGNN21)
    assert undirected(Skeleton.get("h36m21").edges) == expected


def test_parts_of_dmgnn_with_the_legs_put_right() -> None:
    parts = Skeleton.get("h36m20").parts
    assert parts == {
        "right_thigh": (0, 1),
        "right_crus": (2, 3),
        "left_thigh": (4, 5),
        "left_crus": (6, 7),
        "torso": (8, 9),
        "head": (10, 11),
        "left_upper_arm": (12, 13),
        "left_forearm": (14, 15),
        "right_upper_arm": (16, 17),
        "right_forearm": (18, 19),
    }
    with_root = Skeleton.get("h36m21").parts
    assert with_root["torso"] == (0, 9, 10)
    for name in parts:
        if name != "torso":
            assert with_root[name] == tuple(joint + 1 for joint in parts[name])


def test_graph_of_lcn() -> None:
    skeleton = Skeleton.get("h36m17-lcn")
    assert undirected(skeleton.edges) == undirected(LCN)
    assert undirected(skeleton.links) == undirected([(1, 7), (4, 7), (7, 11), (7, 14)])
    reached = [set(skeleton.edge_index(k)[1].tolist()) for k in range(7)]
    assert {0, 1, 4}.isdisjoint(reached[5] | reached[6])
    assert 7 not in reached[4] | reached[5] | reached[6]
    assert {8, 11, 14}.isdisjoint(reached[5] | reached[6])


def test_3dhp() -> None:
    skeleton = Skeleton.get("mpi-inf-3dhp17")
    assert skeleton.joints[14:] == ("pelvis", "spine", "head")
    assert skeleton.root == 14
    gather = [14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]
    bones = {(gather[child], gather[parent]) for child, parent in Skeleton.get("h36m17").bones}
    assert set(skeleton.bones) == bones
