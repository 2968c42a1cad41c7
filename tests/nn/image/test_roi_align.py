import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.nn import roi_align

# Results of torchvision 0.28.0 on its CPU kernels, on these maps and boxes.
MAPS = torch.sin(torch.arange(2 * 2 * 5 * 6, dtype=torch.double) ** 1.5).view(2, 2, 5, 6)
BOXES = torch.tensor(
    [
        [0, 1.3, 0.7, 4.9, 3.1],
        [1, -2.0, -1.5, 2.5, 1.0],
        [0, 3.2, 2.6, 9.0, 7.5],
        [1, 2.4, 1.1, 2.6, 1.2],
        [1, 0, 0, 6, 5],
    ],
    dtype=torch.double,
)
RECORDED = {
    (1, 1.0, 2, True): [
        [0.44771, -0.001819],
        [-0.200777, 0.164583],
        [0.014861, -0.04167],
        [0.322167, 0.452233],
        [0.276226, 0.322237],
    ],
    ((2, 1), 1.0, -1, True): [
        [0.170367, 0.69813, 0.022508, -0.131028],
        [0.0, -0.267676, 0.0, 0.033296],
        [0.078321, -0.038401, 0.117979, 0.10284],
        [0.269815, 0.367105, 0.483923, 0.494864],
        [0.361979, 0.025097, 0.016508, -0.04571],
    ],
    (2, 0.5, 2, False): [
        [
            0.054532,
            -0.171199,
            -0.148106,
            -0.09136,
            -0.308927,
            0.144532,
            -0.483243,
            0.455507,
        ],
        [
            -0.196426,
            -0.673104,
            0.000742,
            -0.370736,
            -0.642866,
            0.379503,
            -0.70129,
            0.289904,
        ],
        [
            0.714036,
            0.777803,
            0.893293,
            0.431404,
            0.301247,
            -0.273906,
            0.273539,
            -0.299711,
        ],
        [
            0.607041,
            0.612599,
            0.979762,
            0.973814,
            0.455804,
            0.454914,
            0.28163,
            0.118729,
        ],
        [
            0.334307,
            0.318386,
            0.801549,
            0.767474,
            0.079939,
            0.023488,
            0.205891,
            -0.164233,
        ],
    ],
    ((1, 2), 0.5, -1, False): [
        [-0.068702, -0.25526, -0.563662, 0.561066],
        [-0.097842, -0.52192, -0.672078, 0.334703],
        [0.803623, 0.605059, 0.282874, -0.282923],
        [0.986298, 0.994734, 0.392456, 0.481174],
        [0.594176, 0.551756, 0.158908, -0.080593],
    ],
}


@pytest.mark.parametrize("arguments", RECORDED, ids=str)
def test_equals_torchvision_on_recorded_numbers(arguments):
    out = roi_align(MAPS, BOXES, *arguments)
    expected = torch.tensor(RECORDED[arguments], dtype=torch.double)
    torch.testing.assert_close(out.flatten(1), expected, rtol=0, atol=1e-6)


def bilinear(grid, y, x):
    """The map at a point, as torchvision documents it."""
    H, W = len(grid), len(grid[0])
    if y < -1 or y > H or x < -1 or x > W:
        return 0.0
    y, x = min(max(y, 0.0), H - 1.0), min(max(x, 0.0), W - 1.0)
    top, left = int(y), int(x)
    down, right = min(top + 1, H - 1), min(left + 1, W - 1)
    dy, dx = y - top, x - left
    upper = (1 - dx) * grid[top][left] + dx * grid[top][right]
    lower = (1 - dx) * grid[down][left] + dx * grid[down][right]
    return (1 - dy) * upper + dy * lower


def point_by_point(maps, boxes, size, scale, ratio, aligned):
    """RoIAlign from its definition, one sample after the other."""
    P, Q = (size, size) if isinstance(size, int) else size
    out = torch.zeros(len(boxes), maps.size(1), P, Q, dtype=maps.dtype)
    for k, (image, *corners) in enumerate(boxes.tolist()):
        x1, y1, x2, y2 = (c * scale - (0.5 if aligned else 0.0) for c in corners)
        w, h = x2 - x1, y2 - y1
        if not aligned:
            w, h = max(w, 1.0), max(h, 1.0)
        m = ratio if ratio > 0 else math.ceil(h / P)
        n = ratio if ratio > 0 else math.ceil(w / Q)
        for c, p, q in itertools.product(range(maps.size(1)), range(P), range(Q)):
            grid = maps[int(image), c].tolist()
            total = 0.0
            for i, j in itertools.product(range(m), range(n)):
                y = y1 + h / P * (p + (i + 0.5) / m)
                x = x1 + w / Q * (q + (j + 0.5) / n)
                total += bilinear(grid, y, x)
            out[k, c, p, q] = total / max(m * n, 1)
    return out


NUMBER = st.floats(-6, 14, allow_nan=False, width=32)


@settings(max_examples=60)
@given(
    corners=st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), min_size=1, max_size=4),
    images=st.lists(st.integers(0, 2), min_size=4, max_size=4),
    size=st.sampled_from([1, 2, (1, 3)]),
    scale=st.sampled_from([1.0, 0.5, 0.25]),
    ratio=st.sampled_from([-1, 0, 1, 2]),
    aligned=st.booleans(),
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
)
def test_equals_the_definition(corners, images, size, scale, ratio, aligned, shape):
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(3, 2, *shape, generator=generator, dtype=torch.double)
    if ratio < 1:  # torchvision itself fails on boxes whose corners are swapped
        corners = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    rows = [[image, *box] for image, box in zip(images, corners, strict=False)]
    boxes = torch.tensor(rows, dtype=torch.double)
    arguments = (size, scale, ratio, aligned)
    out = roi_align(maps, boxes, *arguments)
    torch.testing.assert_close(out, point_by_point(maps, boxes, *arguments))


def test_boxes_image_by_image():
    boxes = [BOXES[BOXES[:, 0] == image, 1:] for image in (0, 1)]
    order = torch.argsort(BOXES[:, 0], stable=True)
    out = roi_align(MAPS, boxes, 2, sampling_ratio=2)
    assert torch.equal(out, roi_align(MAPS, BOXES[order], 2, sampling_ratio=2))
    torch.testing.assert_close(out, roi_align(MAPS, BOXES, 2, sampling_ratio=2)[order])


def test_no_boxes():
    assert roi_align(MAPS, torch.zeros(0, 5).double(), (2, 3)).shape == (0, 2, 2, 3)
    assert roi_align(MAPS, [torch.zeros(0, 4).double()] * 2, 1).shape == (0, 2, 1, 1)
    some = roi_align(MAPS, [torch.zeros(0, 4).double(), BOXES[:1, 1:]], 1)
    assert some.shape == (1, 2, 1, 1)


def test_a_constant_map_and_a_ramp():
    """Inside of a map, the mean of a linear function over a box is its value in the middle."""
    y, x = torch.meshgrid(torch.arange(9.0), torch.arange(8.0), indexing="ij")
    maps = torch.stack([torch.full_like(x, 7.0), x, y])[None]
    boxes = torch.tensor([[0, 1.0, 2.0, 6.0, 5.0]])
    for ratio in (-1, 1, 3):
        out = roi_align(maps, boxes, 1, 1.0, ratio, aligned=True).flatten()
        torch.testing.assert_close(out, torch.tensor([7.0, 3.0, 3.0]))
        out = roi_align(maps, boxes, 1, 1.0, ratio, aligned=False).flatten()
        torch.testing.assert_close(out, torch.tensor([7.0, 3.5, 3.5]))


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [2, -1])
def test_gradients(aligned, ratio):
    """Of maps and boxes, where no point is at a cell's center or on the border: kinks."""
    corners = torch.tensor([[0.31, 0.17, 2.73, 3.19], [0.43, 0.89, 1.97, 2.11]]).double()
    image = torch.tensor([[0.0], [1.0]]).double()

    def pool(maps, corners):
        boxes = torch.cat([image, corners], dim=1)
        return roi_align(maps, boxes, 2, 1.0, ratio, aligned)

    maps = MAPS[:, :, :4, :3].clone().requires_grad_()
    assert torch.autograd.gradcheck(pool, (maps, corners.requires_grad_()))


@pytest.mark.parametrize(
    ("maps", "boxes", "message"),
    [
        (torch.zeros(2, 5, 6), BOXES, r"expected features of shape \[B, C, H, W\], got \[2, 5, 6"),
        (MAPS, BOXES[:, 1:], r"expected boxes of shape \[K, 5\], got \[5, 4\]"),
        (MAPS, BOXES + 1, "expected boxes of images 0 to 1, got 1 to 2"),
        (MAPS, [BOXES[:, 1:]], r"expected 2 boxes of shape \[K, 4\], got \[\[5, 4\]\]"),
        (MAPS, [BOXES, BOXES], r"expected 2 boxes of shape \[K, 4\], got \[\[5, 5\], \[5, 5\]\]"),
    ],
)
def test_refuses(maps, boxes, message):
    with pytest.raises(ValueError, match=message):
        roi_align(maps, boxes, 2)


def test_refuses_no_bins():
    with pytest.raises(ValueError, match="expected an output_size of at least 1, got 0"):
        roi_align(MAPS, BOXES, 0)
