import inspect
import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.transforms import ToUndirected

from pyg_skeleton import transforms
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Center, Chain, PartMask, SkeletonTransform, Standardize, Stream

NTU = Skeleton.get("ntu25")
OWN = Skeleton.from_dict(
    {
        "name": "own",
        "joints": {"hip": None, "left_hand": "hip", "right_hand": "hip"},
        "parts": {"arms": ["left_hand", "right_hand"], "trunk": ["hip"]},
    }
)
#: Each transform with arguments that are not the defaults where it has any.
EXAMPLES = {
    "AGCNPreNormalize": {"center": 2, "spine": (1, 2), "shoulders": (5, 9)},
    "AlignShoulders": {"left": 4, "right": 8, "sign": "clip"},
    "BonesFromJoints": {"skeleton": NTU, "dual": True},
    "Center": {"joint": 2, "frame": "first", "person": 0},
    "Center2D": {"joints": [1, 2], "unit": "share", "image_size": (64, 48)},
    "Chain": {"transforms": [Center(3), Chain([Stream("bone", "ntu25", 2, "spine")])]},
    "ConvertSkeleton": {"source": NTU, "target": "h36m17", "missing": "mask"},
    "CropResize": {"num_frames": 7, "share": (0.5, 1.0), "min_frames": 3},
    "Difference": {"order": 2},
    "DuplicatePerson": {},
    "FirstSeenOrigin": {"joint": 2},
    "FrameDraw": {"num_frames": 5, "random": False},
    "InfoGCNAlign": {"spine": (0, 2), "hips": (12, 16)},
    "JointNoise": {"sigma": 0.1},
    "JointOcclusion": {"p": 0.3},
    "MinMaxNormalize": {},
    "MirrorFlip": {"skeleton": "ntu25", "axis": 1, "p": 0.7},
    "NWUCLAView": {"degrees": 30, "scale": (0.9, 1.1)},
    "ObservationRatio": {"ratio": 0.5, "future": "all"},
    "PadFrames": {"num_frames": 40, "mode": "zero"},
    "PartMask": {"skeleton": "ntu25", "probability": 0.5, "parts": {"hand": ["left_hand", 3]}},
    "PreNormalize2D": {"image_size": (64, 48)},
    "PreNormalize3D": {"center": 2, "spine": (1, 2), "shoulders": (5, 9)},
    "RandomMove": {"degrees": (0, 5), "scales": (1.0, 2.0), "shifts": [0.1]},
    "RandomRotation": {"degrees": (1.0, 2.0, 3.0)},
    "RandomScale": {"scales": (0.5, 2.0)},
    "SelectJoints": {"skeleton": NTU, "joints": ["head", "neck", 4]},
    "SelectPersons": {"num_persons": 1, "by": "motion"},
    "Shear": {"amplitude": 0.2},
    "Standardize": {
        "mean": torch.arange(75.0).view(25, 3) / 7,
        "std": torch.full((25, 3), 0.1),
    },
    "Stream": {"stream": "bone-motion", "skeleton": NTU, "order": 2, "keep_rootless": True},
    "SymmetricCrop": {"ratio": 3},
    "TemporalCrop": {"length": 4, "mode": "random"},
    "TemporalResize": {"length": 9},
    "TemporalSample": {"num_frames": 9},
    "TurnUpright": {},
    "UniformSample": {"num_frames": 9, "test_clip": 1, "num_clips": 3, "seed": 5},
}


def classes():
    public = (getattr(transforms, name) for name in transforms.__all__)
    return {c.__name__ for c in public if inspect.isclass(c)} - {"SkeletonTransform"}


def stored(transform):
    """Returns the description of a transform after a JSON and a checkpoint round trip."""
    content = transform.to_dict()
    file = io.BytesIO()
    torch.save(content, file)
    file.seek(0)
    assert torch.load(file, weights_only=True) == content
    return json.loads(json.dumps(content))


def clip(skeleton=NTU, persons=2, frames=20):
    generator = torch.Generator().manual_seed(1)
    return skeleton.to_data(
        torch.rand(persons, skeleton.num_joints, frames, 3, generator=generator)
    )


def same(first, second, data):
    outputs = []
    for transform in (first, second):
        torch.manual_seed(0)
        outputs.append(transform(data))
    assert outputs[0].skeleton == outputs[1].skeleton
    assert outputs[0].keys() == outputs[1].keys()
    for key in outputs[0].keys():  # noqa: SIM118
        if isinstance(outputs[0][key], torch.Tensor):
            assert torch.equal(outputs[0][key], outputs[1][key])


def test_there_is_an_example_of_every_transform():
    assert set(EXAMPLES) == classes()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_stored_transform_is_the_same(name):
    transform = getattr(transforms, name)(**EXAMPLES[name])
    again = SkeletonTransform.from_dict(stored(transform))
    assert type(again) is type(transform)
    assert str(again) == str(transform)
    assert again.to_dict() == transform.to_dict()
    same(transform, again, clip())


@st.composite
def any_clips(draw):
    """Persons who come and go, and joints that all lie at one place."""
    persons, frames = draw(st.integers(1, 3)), draw(st.integers(1, 30))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    x = torch.randn(persons, 25, frames, 3, generator=generator) * draw(
        st.sampled_from([0, 1, 1e4])
    )
    there = st.lists(st.booleans(), min_size=persons * frames, max_size=persons * frames)
    return NTU.to_data(x * torch.tensor(draw(there)).view(persons, 1, frames, 1))


#: Those that need several frames, or take at most two persons.
PARTICULAR = ("ObservationRatio", "PreNormalize3D", "TemporalCrop")


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@settings(max_examples=20)
@given(data=any_clips())
def test_any_clip_stays_a_clip(name, data):
    before = data.clone()
    out, refusal = None, ""
    try:
        out = getattr(transforms, name)(**EXAMPLES[name])(data)
    except ValueError as error:
        refusal = str(error)
    if out is None:
        assert name in PARTICULAR
        assert refusal.startswith(name)
        return
    out.validate()
    assert out.x.isfinite().all()
    assert out.x.dtype == torch.float
    assert out.x.size(1) > 0
    assert out.num_nodes == out.num_persons * out.joint.unique().numel()
    assert torch.equal(data.x, before.x)
    assert torch.equal(data.edge_index, before.edge_index)


CHAINS = {
    "ctrgcn_nw_ucla": lambda t, s: (transforms.ctrgcn_nw_ucla(t, s), "kinect20"),
    "ctrgcn_ntu": lambda t, s: (transforms.ctrgcn_ntu(t, s, duplicate=True), "ntu25"),
    "infogcn_ntu": lambda t, s: (transforms.infogcn_ntu(t, s), "ntu25"),
    "agcn_ntu": lambda t, s: (transforms.agcn_ntu(s), "ntu25"),
    "stgcn_ntu": lambda t, s: (transforms.stgcn_ntu(), "ntu25"),
    "stgcn_kinetics": lambda t, s: (transforms.stgcn_kinetics(t), "openpose18"),
    "kinetics_chain": lambda t, s: (transforms.kinetics_chain(t, s), "openpose18"),
    "ntu_chain": lambda t, s: (transforms.ntu_chain(t, s, 32, "stgcn"), "ntu25"),
    "pyskl_ntu": lambda t, s: (transforms.pyskl_ntu(t, s), "ntu25"),
    "pyskl_2d": lambda t, s: (transforms.pyskl_2d(t, s), "coco17"),
    "any_layout": lambda t, s: (transforms.any_layout(OWN, t, s), OWN),
    "codt_chain": lambda t, s: (transforms.codt_chain("smpl24"), "smpl24"),
    "codt_chain_2d": lambda t, s: (transforms.codt_chain_2d("coco17"), "coco17"),
}


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("stream", ["joint", "bone-motion"])
@pytest.mark.parametrize("name", sorted(CHAINS))
def test_a_stored_chain_gives_the_same_clips(name, stream, train):
    chain, layout = CHAINS[name](train, stream)
    again = Chain.from_dict(stored(chain))
    assert isinstance(again, Chain)
    assert str(again) == str(chain)
    skeleton = layout if isinstance(layout, Skeleton) else Skeleton.get(layout)
    same(chain, again, clip(skeleton, persons=1))


def test_every_chain_is_covered():
    functions = {n for n in transforms.__all__ if inspect.isfunction(getattr(transforms, n))}
    assert set(CHAINS) == functions - {"codt_parts"}


def test_the_arguments_have_their_defaults_and_names():
    transform = Center(2, person=1)
    assert transform.arguments == {"joint": 2, "frame": "each", "person": 1}
    assert str(transform) == "Center(joint=2, frame='each', person=1)"
    assert transform.to_dict() == {
        "name": "Center",
        "arguments": {"joint": 2, "frame": "each", "person": 1},
    }
    assert list(inspect.signature(Center).parameters) == ["joint", "frame", "person"]
    assert "skeleton='own'" in str(Stream("bone", OWN))
    assert str(Standardize(torch.zeros(2, 3), torch.ones(2, 3))) == (
        "Standardize(mean=tensor[2, 3], std=tensor[2, 3])"
    )


def test_layouts_of_ones_own_and_graphs():
    for skeleton in (OWN, OWN.dual(), NTU.part_graph()):
        transform = transforms.SelectJoints(skeleton, [0, 1])
        again = SkeletonTransform.from_dict(stored(transform))
        assert again.skeleton == transform.skeleton
        assert again.graph == transform.graph


def test_numpy_numbers_are_stored_as_numbers():
    transform = transforms.CropResize(np.int64(5), (np.float64(0.5), np.float32(1.0)))
    stored(transform)
    assert type(transform.to_dict()["arguments"]["num_frames"]) is int


def test_a_subclass_needs_nothing():
    class Twice(SkeletonTransform):
        def __init__(self, factor, *, name="x"):
            self.factor = factor

        def forward(self, data):
            data.x = data.x * self.factor
            return data

    class Thrice(Twice):
        def __init__(self):
            super().__init__(3)

    again = SkeletonTransform.from_dict(stored(Twice(2)))
    assert (str(again), again.factor) == ("Twice(factor=2, name='x')", 2)
    thrice = SkeletonTransform.from_dict(stored(Thrice()))
    assert (str(thrice), thrice.factor) == ("Thrice()", 3)


def test_another_transform_of_the_same_name_is_not_stored():
    class Center(SkeletonTransform):
        def forward(self, data):
            return data

    with pytest.raises(ValueError, match="there is another transform of that name"):
        Center().to_dict()
    assert isinstance(
        SkeletonTransform.from_dict({"name": "Center", "arguments": {}}), transforms.Center
    )


def test_what_cannot_be_stored():
    with pytest.raises(ValueError, match=r"cannot store Chain, .* ToUndirected\(\)"):
        Chain([ToUndirected()]).to_dict()
    with pytest.raises(ValueError, match="cannot store PartMask"):
        PartMask(OWN, parts={"arms": iter(["hip"])}).to_dict()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected a transform as name and arguments, got None"),
        ({"name": "Center"}, "expected a transform as name and arguments"),
        ({"name": "Centre", "arguments": {}}, "unknown transform 'Centre'"),
        ({"name": ["Center"], "arguments": {}}, "unknown transform"),
        ({"name": "Center", "arguments": [1]}, "expected the arguments of Center by name"),
        ({"name": "Center", "arguments": {"joints": 1}}, "Center cannot be made of .*'joints'"),
        ({"name": "Center", "arguments": {"frame": "third"}}, "frame must be one of"),
        ({"name": "Center", "arguments": {"joint": {"odd": 1}}}, "Center cannot be made of"),
        ({"name": "Center", "arguments": {"joint": {}}}, "Center cannot be made of"),
        ({"name": "CropResize", "arguments": {}}, "CropResize cannot be made of"),
        ({"name": "Chain", "arguments": {"transforms": 3}}, "Chain cannot be made of"),
        (
            {"name": "Chain", "arguments": {"transforms": [{"name": "x", "arguments": {}}]}},
            "Chain cannot be made of .*unknown transform 'x'",
        ),
        (
            {"name": "Stream", "arguments": {"stream": "bone", "skeleton": {"skeleton": {}}}},
            "Stream cannot be made of",
        ),
        (
            {"name": "Standardize", "arguments": {"mean": {"tensor": [[1]], "dtype": "load"}}},
            "unknown type of numbers 'load'",
        ),
        (
            {"name": "Standardize", "arguments": {"mean": {"tensor": [[1], 2], "dtype": "int64"}}},
            "Standardize cannot be made of",
        ),
    ],
)
def test_damaged_contents(content, message):
    with pytest.raises(ValueError, match=message) as error:
        SkeletonTransform.from_dict(content)
    assert "\n" not in str(error.value)
