import pytest
import torch
from torch_geometric.transforms import BaseTransform, Compose

import pyg_skeleton.transforms as T
from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.utils import uniform

NTU = Skeleton.get("ntu25")

TRANSFORMS = [
    T.BonesFromJoints(NTU),
    T.BonesFromJoints(NTU, dual=True),
    T.Center(),
    T.ConvertSkeleton(NTU, NTU),
    T.Difference(),
    T.FrameDraw(4),
    T.JointNoise(0.1),
    T.JointOcclusion(0.3),
    T.MinMaxNormalize(),
    T.MirrorFlip(NTU, p=1),
    T.NWUCLAView(),
    T.ObservationRatio(0.5, future=2),
    T.PartMask(NTU),
    T.RandomRotation(30),
    T.RandomScale((0.5, 2)),
    T.SelectJoints(NTU, [0, 1, 2]),
    T.SelectPersons(1),
    T.Shear(),
    T.Stream("bone-motion", NTU),
    T.Standardize(torch.zeros(25, 3), torch.full((25, 3), 2.0)),
    T.TemporalCrop(2, mode="last"),
    T.TemporalResize(3),
    T.TemporalSample(3),
    T.TurnUpright(),
]

#: Steps of published pipelines, for whole clips as their readers yield them: see their own tests.
STEPS = {
    "AGCNPreNormalize",
    "AlignShoulders",
    "Center2D",
    "CropResize",
    "DuplicatePerson",
    "FirstSeenOrigin",
    "InfoGCNAlign",
    "PadFrames",
    "PreNormalize2D",
    "PreNormalize3D",
    "RandomMove",
    "SymmetricCrop",
    "UniformSample",
}


def test_every_transform_is_here():
    names = {name for name in T.__all__ if isinstance(getattr(T, name), type)}
    assert names - {"Chain", "SkeletonTransform"} == STEPS | {
        type(transform).__name__ for transform in TRANSFORMS
    }


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize("persons", [1, 2])
def test_input_stays_and_output_is_a_clip(transform, persons):
    assert isinstance(transform, BaseTransform)
    x, target = torch.randn(persons, 25, 6, 3), torch.randn(persons, 25, 2, 3)
    x[0, 24, 3] = float("nan")
    data = to_data(NTU, x, y=1, hops=2, target=target, missing="mask", subject=3)
    before = {key: value.clone() for key, value in data.to_dict().items() if torch.is_tensor(value)}
    held = data.to_dict()
    out = transform(data)
    assert data.to_dict().keys() == held.keys()
    for key, value in held.items():
        assert data[key] is value
        if key in before:
            assert torch.equal(value, before[key])
    assert out.validate()
    assert out.graph is not None
    assert out.subject == 3
    assert out.visible.shape == out.x.shape[:2]
    assert out.target_visible.shape == out.target.shape[:2]
    assert not out.x[~out.visible].any()
    assert out.x.isfinite().all()
    batch = next(iter(SkeletonLoader([out, out], batch_size=2)))
    assert batch.graph == out.graph
    assert torch.equal(batch.x, torch.cat([out.x, out.x]))


def test_compose_and_functional_names():
    data = to_data(NTU, torch.randn(25, 6, 3))
    out = Compose([T.TemporalCrop(4), T.Center(), T.Difference()])(data)
    assert out.x.shape == (25, 4, 3)
    pipe = torch.utils.data.datapipes.iter.IterableWrapper([data], deepcopy=False)
    assert next(iter(pipe.temporal_crop(4).skeleton_center())).x.shape == (25, 4, 3)


def test_uniform():
    torch.manual_seed(0)
    values = [uniform(2, 4) for _ in range(500)]
    assert 2 <= min(values) < 2.1
    assert 3.9 < max(values) <= 4
