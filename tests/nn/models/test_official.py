"""Authors' weights with the authors' preparation, from a raw clip on."""

import numpy as np
import pytest
import torch

from pyg_skeleton.nn.models import AGCN, CTRGCN, STGCN, InfoGCN
from pyg_skeleton.nn.models.recognition.model import Bodies
from pyg_skeleton.skeleton import Skeleton, partition_neighbors
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.transforms import (
    agcn_ntu,
    codt_chain,
    ctrgcn_ntu,
    ctrgcn_nw_ucla,
    infogcn_ntu,
    stgcn_ntu,
)

NAMES = {STGCN: "stgcn", AGCN: "agcn", CTRGCN: "ctrgcn", InfoGCN: "infogcn"}


@pytest.mark.parametrize("kind", NAMES)
def test_a_raw_clip_of_nw_ucla(kind, official):
    """The answer to a clip is that of the authors' network to their preparation of it."""
    fixture = official(f"{NAMES[kind]}_kinect20")
    model = kind.from_official(fixture["state_dict"], "kinect20")
    assert repr(model.preparation) == repr(ctrgcn_nw_ucla(train=False))
    clip = rest_pose(Skeleton.get("kinect20")) + 0.01 * torch.randn(30, 20, 3).cumsum(0)
    chain = ctrgcn_nw_ucla(train=False)
    nodes = chain(Skeleton.get("kinect20").to_data(clip.transpose(0, 1))).x
    clips = (torch.tensor([0]), torch.tensor([0]), 1)
    with torch.no_grad():
        output = model.forward_clips(nodes, *clips)
    expected = (output if isinstance(output, torch.Tensor) else output[0]).softmax(1)
    np.testing.assert_array_equal(model.predict(clip.numpy()).probability, expected)


def for_ntu(kind, state_dict):
    """Random weights of an authors' network for NTU: its 25 joints and two persons."""
    out = {}
    for name, value in state_dict.items():
        shape = [25 if n == 20 and value.dim() in (3, 4) else n for n in value.shape]
        if name.startswith("data_bn") and value.dim():
            shape = [value.numel() // 20 * 25 * (1 if kind is STGCN else 2)]
        out[name] = value if shape == list(value.shape) else torch.rand(shape) / 10
    if kind is STGCN:
        out["A"] = partition_neighbors(Skeleton.get("ntu25"), "spatial").transpose(1, 2)
    return out


CHAINS = {
    STGCN: stgcn_ntu(),
    AGCN: agcn_ntu(),
    CTRGCN: ctrgcn_ntu(train=False),
    InfoGCN: infogcn_ntu(train=False),
}


@pytest.mark.parametrize("persons", [1, 2])
@pytest.mark.parametrize("kind", NAMES)
def test_a_raw_clip_of_ntu(kind, persons, official):
    """Who is not there is a body of zeros, as in the authors' data."""
    weights = for_ntu(kind, official(f"{NAMES[kind]}_kinect20")["state_dict"])
    model = kind.from_official(weights, "ntu25")
    chain = CHAINS[kind]
    assert repr(model.preparation) == repr(chain)
    assert (model.num_persons, model.pad_persons, model.frame_rate) == (2, True, 30.0)
    if kind is InfoGCN:
        assert model.config["bone_root"] == "spine"
    ntu = Skeleton.get("ntu25")
    clip = rest_pose(ntu) + 0.01 * torch.randn(persons, 40, 25, 3).cumsum(1)
    x = chain(ntu.to_data(clip.transpose(1, 2))).x.view(persons, 25, -1, 3).transpose(1, 2)
    padded = torch.zeros(1, 2, *x.shape[1:])
    padded[0, :persons] = x
    with torch.no_grad():
        expected = model.forward_plain(padded).softmax(1)
    got = model.predict(clip.numpy()).probability
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-7)


def test_the_encoder_of_codt_embeds(official):
    fixture = official("codt_encoder_ntu25")
    model = STGCN.from_official(fixture["state_dict"])
    ntu = Skeleton.get("ntu25")
    clip = rest_pose(ntu) + 0.01 * torch.randn(2, 40, 25, 3).cumsum(1)
    data = codt_chain("ntu25")(ntu.to_data(clip.transpose(1, 2)))
    bodies = Bodies(torch.tensor([0, 0]), torch.tensor([0, 1]), 1)
    with torch.no_grad():
        expected = model.pool(*model.encode(data.x, bodies))
    np.testing.assert_array_equal(model.embed(clip.numpy()), expected)


def test_other_layouts_have_no_preparation_of_the_authors(official):
    weights = official("ctrgcn_kinect20")["state_dict"]
    layout = Skeleton.from_dict({**Skeleton.get("kinect20").to_dict(), "name": "mine"})
    model = CTRGCN.from_official(weights, layout)
    assert model.preparation is None
    assert not model.pad_persons
