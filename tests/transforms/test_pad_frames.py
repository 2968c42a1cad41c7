import numpy as np
import pytest
import torch

from pyg_skeleton.transforms import PadFrames


def loop(person, length):
    """2s-AGCN's first step in NumPy, for one person [T, V, C]."""
    out = np.zeros((length, *person.shape[1:]))
    person = person[:length]
    out[: len(person)] = person
    if not out.any():
        return out
    if not out[0].any():
        frames = out[out.any((1, 2))]
        out[:] = 0
        out[: len(frames)] = frames
    for i in range(length):
        if not out[i].any() and not out[i:].any():
            rest = length - i
            out[i:] = np.concatenate([out[:i]] * (rest // i + 1))[:rest]
            break
    return out


@pytest.mark.parametrize(
    "there",
    [
        [[1, 1, 1, 1]],
        [[1, 0, 1, 0]],  # a gap stays, the end is filled from all before it
        [[0, 1, 0, 1]],  # who is not there at first loses all gaps
        [[1, 1, 1, 0], [0, 0, 1, 1]],
        [[0, 0, 0, 0], [1, 1, 0, 0]],
        [[1] * 20],
    ],
)
@pytest.mark.parametrize("length", [1, 4, 9, 20])
def test_loop(ntu_clip, there, length):
    data = ntu_clip(*there)
    x = data.x.view(len(there), 25, -1, 3)
    out = PadFrames(length)(data).x.view(len(there), 25, length, 3)
    for person, result in zip(x, out, strict=True):
        expected = loop(person.transpose(0, 1).numpy(), length)
        np.testing.assert_array_equal(result.transpose(0, 1).numpy(), expected)
    assert torch.equal(data.x, x.flatten(0, 1))


def test_zero(ntu_clip):
    data = ntu_clip([1, 1, 1], [0, 1, 0])
    out = PadFrames(5, "zero")(data).x
    assert torch.equal(out[:, :3], data.x)
    assert not out[:, 3:].any()
    assert torch.equal(PadFrames(2, "zero")(data).x, data.x[:, :2])


def test_errors():
    with pytest.raises(ValueError, match="num_frames must be at least 1, got 0"):
        PadFrames(0)
    with pytest.raises(ValueError, match="mode must be one of"):
        PadFrames(3, "mirror")
    assert str(PadFrames()) == "PadFrames(num_frames=300, mode='loop')"
