import pytest
import torch

from pyg_skeleton.nn.sums.edge_template import EdgeTemplate


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


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((0, 0, 0, 2), r"edge 2 -> 0 \(joint 2 to 0 of 3\) .* among the 5 edges of relation 1"),
        ((1, 0, 2, 1), r"edge 4 -> 5 \(joint 1 to 2 of 3\)"),
        ((0, 1, 0, 1), r"edge 1 -> 0 .* not among the 2 edges of relation 2"),
    ],
)
def test_check_names_an_edge_without_a_weight(template, pair, message):
    known = template.dense(torch.ones(7)).bool()
    template.check(known.unsqueeze(0))
    pairs = known.repeat(2, 1, 1, 1)
    pairs[pair] = True
    with pytest.raises(ValueError, match=message):
        template.check(pairs)


def test_compiled_check_refuses_an_edge_without_a_weight(template):
    def check(pairs):
        template.check(pairs)
        return pairs.sum()

    check = torch.compile(check, fullgraph=True, backend="aot_eager")
    known = template.dense(torch.ones(7)).bool().unsqueeze(0)
    assert check(known) == 7
    with pytest.raises(RuntimeError, match="an edge has no weight"):
        check(torch.ones_like(known))
    torch._dynamo.reset()
