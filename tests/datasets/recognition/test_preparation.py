"""The preparation of every corpus, for every pipeline and stream, step by step."""

from itertools import product
from typing import get_args

import pytest
import torch

from pyg_skeleton import transforms as T
from pyg_skeleton.datasets import RECOGNITION, ClipDataset
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import Pipeline
from pyg_skeleton.transforms.stream import StreamName


def ntu(duplicate):
    """The published chain of each pipeline; ST-GCN's has no streams of its own."""
    return {
        "ctrgcn": lambda train, stream: T.ctrgcn_ntu(train, stream, 40, duplicate),
        "infogcn": lambda train, stream: T.infogcn_ntu(train, stream, 40),
        "agcn": lambda train, stream: T.agcn_ntu(stream, 40),
        "stgcn": lambda train, stream: [*T.stgcn_ntu(40).transforms, *last(stream, "ntu25")],
        "pyskl": lambda train, stream: T.pyskl_ntu(train, stream, 40),
    }


def last(stream, layout):
    return [] if stream == "joint" else [T.Stream(stream, layout)]


def always(chain):
    return dict.fromkeys(get_args(Pipeline), chain)


def nw_ucla(train, stream):
    return T.ctrgcn_nw_ucla(train, stream, 40)


def kinetics(train, stream):
    return [*T.stgcn_kinetics(train, 40 if train else 300).transforms, *last(stream, "openpose18")]


def planar(layout):
    return lambda train, stream: T.pyskl_2d(train, stream, 40, skeleton=layout)


def plain(layout, channels=3, persons=1):
    """The persons, the root to the origin, a part of the clip, a turn in space, the stream."""
    skeleton = Skeleton.get(layout)

    def chain(train, stream):
        crop = T.CropResize(40, (0.5, 1.0) if train else 0.95, 16, skip_zeros=True)
        steps = [T.SelectPersons(persons, "motion"), T.FirstSeenOrigin(skeleton.root), crop]
        turn = [T.RandomRotation(17)] if train and channels == 3 else []
        return [*steps, *turn, *last(stream, skeleton)]

    return chain


CASES = {
    ("nw-ucla", "kinect20", 3): always(nw_ucla),
    ("ntu60", "ntu25", 3): ntu(duplicate=False),
    ("ntu120", "ntu25", 3): ntu(duplicate=True),
    ("kinetics", "openpose18", 3): always(kinetics),
    ("pose-annotations", "ntu25", 3): ntu(duplicate=False),
    ("pose-annotations", "kinect20", 3): always(plain("kinect20", persons=2)),
    ("pose-annotations", "coco17", 3): always(planar("coco17")),
    ("pose-annotations", "openpose18", 3): always(planar("openpose18")),
    ("utd-mhad", "kinect20", 3): always(plain("kinect20")),
    ("msr-action3d", "kinect20", 3): always(plain("kinect20")),
    ("utkinect", "kinect20", 3): always(plain("kinect20")),
    ("clips", "h36m17", 3): always(plain("h36m17")),
    ("clips", "coco17", 2): always(plain("coco17", 2)),
    ("clips", "ntu25", 3): always(plain("ntu25")),
    ("stacked", "ntu25", 3): always(plain("ntu25")),
    ("embedded", "ntu25", 3): always(plain("ntu25")),
    ("embedded", "smpl24", 3): always(plain("smpl24")),
}


def make(name, layout, channels):
    """A data set of a corpus with a clip that no file holds."""
    kind = RECOGNITION[name]
    dataset = kind.__new__(kind)
    joints = Skeleton.get(layout).num_joints
    ClipDataset.__init__(dataset, [torch.zeros(1, joints, 9, channels)], [0], ["a"], layout, ["b"])
    if name.startswith("ntu"):
        dataset.edition = int(name[3:])
    dataset.align = False  # of the embedded people
    dataset.planar = name == "pose-annotations" and layout not in ("ntu25", "kinect20")
    return dataset


def steps(chain):
    return [step.to_dict() for step in getattr(chain, "transforms", chain)]


def test_every_corpus_is_covered():
    assert {name for name, _, _ in CASES} == set(RECOGNITION)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_preparation(case):
    dataset = make(*case)
    combinations = product(get_args(Pipeline), get_args(StreamName), (True, False))
    for pipeline, stream, train in combinations:
        chain = dataset.preparation(train, stream, 40, pipeline)
        assert isinstance(chain, T.Chain)
        assert steps(chain) == steps(CASES[case][pipeline](train, stream))


def test_the_bones_of_st_gcn_come_last():
    dataset = make("ntu60", "ntu25", 3)
    data = dataset.skeleton.to_data(torch.randn(1, 25, 12, 3))
    joint, bone = (
        dataset.preparation(stream=stream, num_frames=8, pipeline="stgcn")(data)
        for stream in ("joint", "bone")
    )
    assert joint.x.size(1) == 8
    assert torch.equal(bone.x, T.Stream("bone", "ntu25")(joint).x)


def test_any_layout():
    dataset = make("clips", "coco17", 2)
    data = dataset.skeleton.to_data(torch.randn(1, 17, 200, 2) + 100)
    still = dataset.preparation(num_frames=8)(data)
    moved = dataset.skeleton.to_data(data.x.view(1, 17, 200, 2) + 7)
    torch.testing.assert_close(
        dataset.preparation(num_frames=8)(moved).x, still.x, rtol=0, atol=1e-4
    )
    assert still.x.abs().max() < 20
    assert not torch.equal(dataset.preparation(True, num_frames=8)(data).x, still.x)


def test_an_unknown_pipeline():
    with pytest.raises(ValueError, match="pipeline must be one of ctrgcn, infogcn, agcn, st"):
        make("ntu60", "ntu25", 3).preparation(pipeline="gcn")
