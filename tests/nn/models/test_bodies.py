import torch
from torch_geometric.data import Batch, Data

from pyg_skeleton.nn.models.bodies import bodies_of, flatten_clips
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("h36m17")


def test_bodies_of_a_batch():
    clips = [
        BODY.to_data(torch.zeros(2, 17, 4, 3), person=[0, 3]),
        BODY.to_data(torch.zeros(1, 17, 4, 3)),
    ]
    clip, person, num_clips = bodies_of(Batch.from_data_list(clips), 17)
    assert (clip.tolist(), person.tolist(), num_clips) == ([0, 0, 1], [0, 3, 0], 2)


def test_bodies_of_plain_data_are_numbered():
    data = Data(x=torch.zeros(34, 4, 3))
    assert [value.tolist() for value in bodies_of(data, 17)[:2]] == [[0, 0], [0, 1]]
    batch = Batch.from_data_list([Data(x=torch.zeros(n * 17, 4, 3)) for n in (2, 1, 3)])
    clip, person, num_clips = bodies_of(batch, 17)
    assert clip.tolist() == [0, 0, 1, 2, 2, 2]
    assert person.tolist() == [0, 1, 0, 0, 1, 2]
    assert num_clips == 3


def test_flatten_clips_leaves_out_absent_persons():
    x = torch.rand(2, 2, 4, 5, 3) + 0.1
    x[1, 1] = 0
    nodes, clip, person = flatten_clips(x)
    assert torch.equal(nodes.view(2, 2, 5, 4, 3), x.transpose(2, 3))
    assert clip.tolist() == [0, 0, 1, 2]
    assert person.tolist() == [0, 1, 0, 1]
    assert flatten_clips(x, keep_absent=True)[1].tolist() == [0, 0, 1, 1]
