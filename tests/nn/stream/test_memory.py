"""The clock, the rates of layers, and what is kept of the frames before."""

import copy
import itertools

import pytest
import torch

from pyg_skeleton.nn.stream.memory import Clock, Memory, Rate, Ring


@pytest.mark.parametrize("period", [1, 2, 3, 7])
def test_frames_of_a_clock(period):
    clock = Clock(most=5)
    for now, count in itertools.product(range(20), range(1, 6)):
        if count <= max(1, now):
            clock.now, clock.count = now, count
            frames = range(now - count + 1, now + 1)
            assert clock.frames(period) == [f for f in frames if f % period == 0]


def test_a_new_clock_is_at_frame_zero_where_every_layer_has_an_output():
    clock = Clock()
    assert (clock.now, clock.count, clock.most) == (0, 1, 1)
    assert clock.frames(12) == [0]


@pytest.mark.parametrize("every", range(1, 9))
@pytest.mark.parametrize("strides", [(1,), (2,), (2, 2), (3, 2), (2, 1, 3)])
def test_a_rate_computes_what_the_answers_need_and_no_more(strides, every):
    """The network's own layers see frames that are a product of strides apart, counted back from
    the frame of an answer.
    """
    rate, step = Rate(), 1
    for stride in strides:
        rate, step = rate.after(stride, every), step * stride
        needed = {answer - step * k for answer in range(0, 600, every) for k in range(600)}
        needed = sorted(frame for frame in needed if 0 <= frame < 100)
        assert needed == list(range(0, 100, rate.period))
        assert rate.period * rate.dilation == step


# Memories #########################################################################################


def test_persons_are_taken_with_their_nodes():
    memory = Memory()
    assert memory.take([], 0, None) is None
    new = torch.randn(4, 5)
    assert torch.equal(memory.take([], 0, new), new)
    memory.value = value = torch.randn(3 * 4, 5)  # three persons of four nodes
    assert torch.equal(memory.take([2, 0], 3, None), torch.cat([value[8:], value[:4]]))
    assert torch.equal(memory.take([1], 3, new), torch.cat([value[4:8], new]))
    assert torch.equal(memory.take([], 3, new), new)
    assert memory.take([], 3, None) is None


def test_a_memory_moves_with_its_module_and_is_not_saved():
    module = torch.nn.Sequential(Memory(), Memory())
    module[0].value = torch.ones(2, dtype=torch.float)
    module.double()
    assert module[0].value.dtype == torch.double
    assert module[1].value is None
    assert module.state_dict() == {}
    other = copy.deepcopy(module)
    other[0].value += 1
    assert module[0].value.tolist() == [1, 1]


# Rings ############################################################################################


class Plain:
    """All values, by their frame; the first one is that of each frame before."""

    def __init__(self, period):
        self.period, self.values = period, {}

    def push(self, x, frames):
        self.values |= {frame: x[:, t] for t, frame in enumerate(frames)}

    def at(self, frame, ago):
        return self.values[max(frame - ago * self.period, min(self.values))]


@pytest.mark.parametrize("most", [1, 4])
@pytest.mark.parametrize("period", [1, 2, 3])
@pytest.mark.parametrize("length", [1, 3, 6])
def test_a_ring_is_the_last_values(length, period, most):
    clock = Clock(most)
    ring, plain = Ring(length, clock, period), Plain(period)
    assert ring.length == length + (most - 1) // period
    ago = torch.randint(length, (5,)).tolist()
    table = ring.taps(ago)
    assert table.shape == (ring.length, 5)
    clock.now = 0
    for count in torch.randint(1, most + 1, (30,)).tolist():
        clock.now, clock.count = clock.now + count, count
        frames = clock.frames(period)
        if not frames:
            continue
        x = torch.randn(2, len(frames), 4)
        ring.push(x, frames)
        plain.push(x, frames)
        assert ring.value.shape == (2, ring.length, 4)
        found = ring.look(table, frames)
        expected = [torch.stack([plain.at(f, k) for k in ago], dim=1) for f in frames]
        assert torch.equal(found, torch.stack(expected, dim=1))
        for k in range(length):
            expected = torch.stack([plain.at(f, k) for f in frames], dim=1)
            assert torch.equal(ring.before(frames, k), expected)


def test_what_was_pushed_may_change():
    ring = Ring(2, Clock(), 1)
    x = torch.zeros(1, 1, 1)
    for frame in (0, 1, 2):
        ring.push(x.fill_(frame), [frame])
    x.fill_(9)
    assert sorted(ring.value.flatten().tolist()) == [1, 2]


@pytest.mark.parametrize("count", [1, 3])
def test_parts_of_channels_and_smallest_values(count):
    """Each tap reads its own third of the channels."""
    clock = Clock(most=3)
    ring, plain = Ring(4, clock, 1), Plain(1)
    ago, parts = [0, 2, 3, 1], [0, 2, 1, 1]
    table = ring.taps(ago, [(part, 3) for part in parts])
    least = torch.tensor([0.0, 0.0, -torch.inf, 0.5, -1.0, 0.0])
    for first in range(1, 13, count):
        frames = list(range(first, first + count))
        x = torch.randn(2, count, 6)
        ring.push(x, frames, least)
        plain.push(torch.maximum(x, least), frames)
        found = ring.look(table, frames, parts=3)
        for t, frame in enumerate(frames):
            for k, (back, part) in enumerate(zip(ago, parts, strict=True)):
                expected = plain.at(frame, back)[:, 2 * part : 2 * part + 2]
                assert torch.equal(found[:, t, k], expected)


def test_a_ring_of_values_that_come_alone_is_not_longer():
    clock = Clock(most=8)
    assert Ring(3, clock, 2, at_once=False).length == 3
    assert Ring(3, clock, 2).length == 6
    assert str(Ring(3, clock, 2)) == "Ring(6, period=2)"
