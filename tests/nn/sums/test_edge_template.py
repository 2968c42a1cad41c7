import pytest
import torch

from pyg_skeleton.nn.sums.edge_template import EdgeTemplate, complete_edges, repeat_edges


@pytest.fixture
def template():
    first = torch.tensor([[0, 1, 0, 1, 2], [0, 0, 1, 1, 2]])
    second = torch.tensor([[2, 0], [0, 1]])
    return EdgeTemplate([first, second], num_nodes=3)


def test_sizes(template):
    assert template.num_edges == 7
    assert template.sizes == [5, 2]
    assert template.num_relations == 2
    assert str(template) == "EdgeTemplate(nodes=3, edges=[5, 2])"
    assert not template.state_dict()


def test_dense_has_targets_in_rows(template):
    expected = torch.zeros(2, 3, 3)
    expected[0, 0, 0], expected[0, 0, 1] = 1, 2
    expected[0, 1, 0], expected[0, 1, 1], expected[0, 2, 2] = 3, 4, 5
    expected[1, 0, 2], expected[1, 1, 0] = 6, 7
    weight = torch.arange(1.0, 8.0)
    assert torch.equal(template.dense(weight), expected)
    assert torch.equal(template.relation(weight, 0), weight[:5])
    assert torch.equal(template.relation(weight, 1), weight[5:])


def test_union_repeats_a_relation(template):
    edges, copies = template.union(1, torch.empty(6, 4))
    assert copies == 2
    assert edges.tolist() == [[2, 0, 5, 3], [0, 1, 3, 4]]


def test_find_in_any_order_and_copy(template):
    edges, _ = template.union(0, torch.empty(9, 1))
    perm = torch.randperm(edges.size(1))
    assert torch.equal(template.find(edges[:, perm], 0), perm % 5)
    edges, _ = template.union(1, torch.empty(9, 1))
    assert template.find(edges, 1).tolist() == [5, 6] * 3
    assert template.find(edges[:, :0], 1).numel() == 0


@pytest.mark.parametrize(
    ("edge", "message"),
    [
        ((2, 0), r"edge 2 -> 0 \(joint 2 to 0 of 3\) is not among the 5 edges of relation 1"),
        ((4, 5), r"edge 4 -> 5 \(joint 1 to 2 of 3\)"),
        ((0, 4), r"edge 0 -> 4 \(joint 0 to 1 of 3\)"),  # between copies
        ((-3, 0), "edge -3 -> 0"),
    ],
)
def test_find_names_a_strange_edge(template, edge, message):
    edges = torch.tensor([[0, edge[0]], [0, edge[1]]])
    with pytest.raises(ValueError, match=message):
        template.find(edges, 0)


def test_compiled_find_refuses_a_strange_edge(template):
    find = torch.compile(lambda e: template.find(e, 0), fullgraph=True, backend="aot_eager")
    assert find(torch.tensor([[1, 0], [0, 1]])).tolist() == [1, 2]
    with pytest.raises(RuntimeError, match="not among the 5 edges"):
        find(torch.tensor([[1, 2], [0, 0]]))
    torch._dynamo.reset()


def test_repeat_edges():
    edges = torch.tensor([[0, 1], [2, 0]])
    assert repeat_edges(edges, 1, 3, 3) is edges
    assert repeat_edges(edges, 3, 2, 5).tolist() == [[0, 1, 2, 3, 4, 5], [2, 0, 7, 5, 12, 10]]


def test_complete_edges():
    cpu = torch.device("cpu")
    assert complete_edges(2, cpu).tolist() == [[0, 1, 0, 1], [0, 0, 1, 1]]
    assert complete_edges(3, cpu, self_loops=False).tolist() == [
        [1, 2, 0, 2, 0, 1],
        [0, 0, 1, 1, 2, 2],
    ]
