import pytest
import torch

from pyg_skeleton.skeleton import Skeleton, partition_neighbors


def test_partitions():
    ntu = Skeleton.get("ntu25")
    sizes = {s: [int(a.gt(0).sum()) for a in partition_neighbors(ntu, s)] for s in STRATEGIES}
    assert sizes == STRATEGIES
    for strategy in ("spatial", "legacy", "distance", "uniform"):
        rows = partition_neighbors(ntu, strategy).sum((0, 2))
        torch.testing.assert_close(rows, torch.ones(25))
    eye, parent, children = partition_neighbors(ntu, "directed")
    assert torch.equal(eye, torch.eye(25))
    for child, above in ntu.bones:
        assert parent[child, above] == 1
        assert children[above, child] == 1 / sum(p == above for _, p in ntu.bones)
    with pytest.raises(ValueError, match="got 'random'"):
        partition_neighbors(ntu, "random")


STRATEGIES = {
    "spatial": [25, 24, 24],
    "legacy": [25, 40, 8],
    "distance": [25, 48],
    "uniform": [73],
    "directed": [25, 24, 24],
}
