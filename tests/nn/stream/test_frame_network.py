"""Frame by frame, networks answer as they do for whole windows."""

import copy
import gc
import resource
from functools import partial

import pytest
import torch

from pyg_skeleton.nn import CTRGConv, SpatialGraphConv
from pyg_skeleton.nn.models.bodies import Bodies
from pyg_skeleton.nn.stream.frame_network import FrameNetwork

BOTH = [True, True]
NETWORKS = ("st_gcn", "agcn", "ctr_gcn", "info_gcn")


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5 * float(b.abs().max()))


@pytest.mark.parametrize("every", [1, 2, 3, 4])
@pytest.mark.parametrize("name", NETWORKS)
def test_equals_the_window(network, answer, name, every):
    model = network(name, continual=True)
    frames = FrameNetwork(model, num_features=3, every=every)
    assert (model.receptive_field, model.stride, frames.window) == (33, 4, 41)
    x = torch.randn(2, 9, 41 + 9, 3)
    answered = []
    for t in range(x.size(2)):
        logits = frames(x[:, :, t][None], [BOTH])[0]
        if logits is not None:
            answered.append(t + 1)
            close(logits, answer(model, x[:, :, t - 40 : t + 1]))
    assert answered == [n for n in range(41, 51) if n % every == 0]


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("name", [*NETWORKS, "skeletal_gnn_classifier"])
def test_several_frames_at_a_time(network, name, every):
    """Also with graphs that serve for several frames, and a person who comes in between."""
    shape = {"channels": (16, 16, 16)} if name == "skeletal_gnn_classifier" else {}
    model = network(name, **shape)
    single, several = (FrameNetwork(model, 2, every, refresh=2, most=5) for _ in range(2))
    x = torch.randn(60, 2, 9, 3)
    present = [[True, t > 41] for t in range(60)]
    expected = [single(x[t : t + 1], present[t : t + 1])[0] for t in range(60)]
    answers, first = [], 0
    for size in (1, 7, 13, 0, 22, 17):
        answers += several(x[first : first + size], present[first : first + size])
        first += size
    assert [a is None for a in answers] == [e is None for e in expected]
    for answer, other in zip(answers, expected, strict=True):
        if answer is not None:
            close(answer, other)


@pytest.mark.parametrize("name", ["st_gcn", "info_gcn"])
def test_padded_networks_see_what_lies_around_a_clip(network, name):
    """Away from the ends of a long clip, the features are those of the network itself."""
    model = network(name)
    frames = FrameNetwork(model, num_features=1)
    x = torch.randn(2, 9, 96, 3)
    with torch.no_grad():
        bodies = Bodies(torch.zeros(2, dtype=torch.long), torch.arange(2), 1)
        features = model.features(x.flatten(0, 1), bodies).view(2, 9, 24, -1).mean((0, 1))
    for t in range(96):
        frames(x[:, :, t][None], [BOTH])[0]
        middle = t - 16
        if 16 <= middle < 80 and middle % 4 == 0:
            (place,) = frames.ring.places([t + 1])
            close(frames.ring.value.select(1, place).mean(0), features[middle // 4])


@pytest.mark.parametrize("name", ["agcn", "ctr_gcn"])
def test_graphs_of_the_last_frames(network, answer, name):
    """While nobody moves, the mean of the last frames is that of any frame."""
    model, continual = network(name), network(name, continual=True)
    continual.load_state_dict(model.state_dict())
    frames = FrameNetwork(model, num_features=2, refresh=1)
    x = torch.randn(2, 9, 1, 3).expand(2, 9, 37, 3)
    for _ in range(37 + 3 * 8):
        logits = frames(x[:, :, 0][None], [BOTH])[0]
    close(logits, answer(continual, x))
    moving = [frames(torch.randn(2, 9, 3)[None], [BOTH])[0] for _ in range(8)][-1]
    seldom = FrameNetwork(model, num_features=2, refresh=4)
    seldom.set_state(frames.get_state())
    assert moving.isfinite().all()
    assert seldom(x[:, :, 0][None], [BOTH])[0].isfinite().all()


def test_graphs_of_embedded_frames(network):
    """The classifier's graphs embed three frames; those of a still clip are those of its middle."""
    model = network("skeletal_gnn_classifier", channels=(16, 16), strides=(1, 1))
    frames = FrameNetwork(model, num_features=2, refresh=1)
    x = torch.randn(2, 9, 3)
    for _ in range(60):
        logits = frames(x[None], [BOTH])[0]
    clip = x.flatten(0, 1).unsqueeze(1).expand(-1, 401, -1)
    with torch.no_grad():
        expected = model.forward_clips(clip, torch.zeros(2, dtype=torch.long), torch.arange(2))
    # Zeros at the ends of the clip have a share of a few percent.
    assert (logits - expected).abs().max() < 0.05 * expected.abs().max()


@pytest.mark.parametrize("pad", [False, True])
def test_persons_come_and_go(network, answer, pad):
    """Who is absent is zero, and does not count if absent in the whole window."""
    model = network("ctr_gcn", continual=True, pad_persons=pad)
    frames = FrameNetwork(model, num_features=2)
    x = torch.randn(2, 9, 160, 3)
    there = torch.ones(2, 160, dtype=torch.bool)
    there[1, :50] = there[1, 70:] = there[0, 60:90] = False
    x = x * there[:, None, :, None]
    followed = []
    for t in range(160):
        logits = frames(x[:, :, t][None], [there[:, t].tolist()])[0]
        followed.append(list(frames.persons))
        if logits is not None:
            window = x[:, :, t - 36 : t + 1]
            seen = there[:, t - 36 : t + 1].any(1) | pad
            persons = seen.nonzero().flatten()
            bodies = window[persons].flatten(0, 1), torch.zeros_like(persons), persons
            with torch.no_grad():
                close(logits, model.forward_clips(*bodies))
    if not pad:
        assert followed[0] == [0]
        assert followed[50] == [0, 1]
        assert followed[-1] == [0]


def test_a_person_is_forgotten(network):
    model = network("st_gcn", continual=True)
    frames, other = FrameNetwork(model, 1), FrameNetwork(model, 1)
    x = torch.randn(2, 9, 100, 3)
    for t in range(40):
        frames(x[:, :, t][None], [BOTH])[0]
    frames.reset(0)
    assert frames.persons == [1]
    assert frames.clock.now == 40
    frames.reset()
    for t in range(50):
        ours, theirs = frames(x[:, :, t][None], [BOTH])[0], other(x[:, :, t][None], [BOTH])[0]
        assert (ours is None) == (theirs is None)
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", [*NETWORKS, "skeletal_gnn_classifier"])
def test_the_network_itself_does_not_change(network, name):
    shape = {"channels": (16, 16, 16)} if name == "skeletal_gnn_classifier" else {}
    model = network(name, **shape)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    tensors = {key: id(p) for key, p in model.named_parameters()}
    frames = FrameNetwork(model, 2)
    frames(torch.randn(2, 9, 3)[None], [BOTH])[0]
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert tensors == {key: id(p) for key, p in model.named_parameters()}
    assert all(p.requires_grad for p in model.parameters())
    assert model.continual is False


def test_a_convolution_of_the_user(network, answer, skeleton):
    model = network("agcn", conv=SpatialGraphConv, continual=True)
    frames = FrameNetwork(model, 1)
    x = torch.randn(2, 9, 33, 3)
    for t in range(33):
        logits = frames(x[:, :, t][None], [BOTH])[0]
    close(logits, answer(model, x))


def test_a_convolution_with_another_aggregation(network, answer):
    model = network("agcn", conv=partial(SpatialGraphConv, aggr="max"), continual=True)
    frames, x = FrameNetwork(model, 1), torch.randn(2, 9, 33, 3)
    for t in range(33):
        logits = frames(x[:, :, t][None], [BOTH])[0]
    close(logits, answer(model, x))


def test_refusals(network):
    with pytest.raises(TypeError, match="CTRGConv with aggr='max' has no form frame by frame"):
        FrameNetwork(network("ctr_gcn", conv=partial(CTRGConv, aggr="max")), 1)
    with pytest.raises(ValueError, match="33 frames or more with continual=True, got 32"):
        network("st_gcn", continual=True)(network("st_gcn").example_input(1, 32))
    frames = FrameNetwork(network("st_gcn"), 1)
    with pytest.raises(ValueError, match="state is that of another stream"):
        frames.set_state({**frames.get_state(), "memories": []})


def test_memory_is_flat(network):
    """10,000 frames; the memory is that of the first thousand."""
    model = network("ctr_gcn", channels=(8,), strides=(1,))
    frames = FrameNetwork(model, 2)
    x = torch.randn(2, 9, 3)

    def run(count):
        for n in range(count):
            frames(x[None], [[True, n % 50 < 25]])[0]
        sizes = [m.value.untyped_storage().nbytes() for m in frames.memories]
        objects = len(gc.get_objects())
        return sizes, objects, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    sizes, objects, peak = run(1000)
    later = run(9000)
    assert frames.clock.now == 10_000
    assert later[0] == sizes
    assert later[1] < objects + 100
    assert later[2] < peak + 8_000  # kilobytes


def test_moves_with_its_memory(network, answer):
    model = copy.deepcopy(network("ctr_gcn", continual=True))
    frames = FrameNetwork(model, 1)
    x = torch.randn(2, 9, 40, 3)
    for t in range(40):
        if t == 20:
            frames.double()
            model.double()
        logits = frames(x[:, :, t].to(model.dtype)[None], [BOTH])[0]
    assert logits.dtype == torch.double
    torch.testing.assert_close(logits, answer(model, x[:, :, 7:].double()), rtol=1e-4, atol=1e-5)
