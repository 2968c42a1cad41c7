import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.data import Template, to_data
from pyg_skeleton.data.template import recognize
from pyg_skeleton.skeleton import BodyGraph, Skeleton

NTU = Skeleton.get("ntu25")


def test_one_object_per_content():
    edges = {"edge_index": torch.tensor([[0, 1], [1, 0]])}
    template = Template.of(2, edges)
    assert template is Template.of(2, {"edge_index": edges["edge_index"].clone()})
    assert template is pickle.loads(pickle.dumps(template))
    assert template is not Template.of(3, edges)
    assert template is not Template.of(2, {"edge_index_hop2": edges["edge_index"]})
    assert Template.of(1, edges) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(1, 4), st.lists(st.integers(0, 5), min_size=1, max_size=3))
def test_recognizes_what_to_data_builds(size, hops, persons):
    graph = BodyGraph("line", [f"j{i}" for i in range(size)], [(i, i + 1) for i in range(size - 1)])
    persons = list(dict.fromkeys(persons))
    x = torch.zeros(len(persons), size, 1, 1)
    clip = to_data(graph, x, hops=hops, person=persons)
    found = recognize(clip.to_dict())
    assert found is clip.__dict__["_copies"]
    assert found.persons == tuple(persons)


@pytest.mark.parametrize(
    "change",
    [
        {"joint": None},
        {"joint": torch.arange(50).flip(0)},
        {"joint": torch.arange(25).repeat(2).int()},
        {"joint": torch.empty(0, dtype=torch.long)},
        {"joint": torch.full((50,), -1)},
        {"person": torch.arange(50)},
        {"person": torch.zeros(3, dtype=torch.long)},
        {"edge_index": torch.tensor([[0, 25], [25, 0]])},
        {"edge_index": torch.tensor([[0], [1]])},
        {"edge_index": torch.tensor([0, 1])},
        {"edge_index": torch.tensor([[0, 25], [1, 27]])},
    ],
)
def test_does_not_recognize(change):
    fields = to_data(NTU, torch.zeros(2, 25, 1, 1)).to_dict() | change
    assert recognize({key: value for key, value in fields.items() if value is not None}) is None
    assert recognize({}) is None
