import pytest
import torch

from pyg_skeleton.nn.models import BlockSpec, MultiScaleGCN, create_model
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
)

BLOCKS = (BlockSpec(4, 5), BlockSpec(4, 6, stride=2, kernel_size=3, fuse=True), BlockSpec(5, 7))

# Per block: joint input and output, part input and output; None where there are no parts yet.
TABLE_18 = [
    ((3, 50), (32, 50), None, None),
    ((32, 50), (64, 25), (32, 50), (64, 25)),
    ((128, 25), (128, 13), (128, 25), (128, 13)),
    ((256, 13), (256, 7), (256, 13), (256, 7)),
]
TABLE_17 = [
    ((3, 300), (64, 300), None, None),
    ((64, 300), (64, 300), (64, 300), (64, 300)),
    ((64, 300), (128, 150), (64, 300), (128, 150)),
    ((256, 150), (128, 150), (256, 150), (128, 150)),
    ((128, 150), (128, 150), (128, 150), (128, 150)),
    ((128, 150), (256, 75), (128, 150), (256, 75)),
    ((512, 75), (256, 75), (512, 75), (256, 75)),
    ((256, 75), (256, 75), (256, 75), (256, 75)),
    ((256, 75), (256, 75), (256, 75), (256, 75)),
]
KERNELS = {"h36m": [9, 9, 9, 7], "cmu": [9, 9, 9, 7], "ntu": [9] * 9, "kinetics": [9] * 9}


@pytest.mark.parametrize(
    ("preset", "table"),
    [("h36m", TABLE_18), ("cmu", TABLE_18), ("ntu", TABLE_17), ("kinetics", TABLE_17)],
)
def test_shapes_of_the_papers_tables(preset, table):
    model = create_model("sym_gnn", preset, bone=False, differences=(0,)).to("meta")
    branch = model.joint_net.branches[0]
    V, P = model.skeleton.num_joints, len(model.skeleton.parts)
    if preset != "kinetics":
        assert P == 10
    seen = {}
    for name, block in branch.named_modules():
        if name.count(".") == 1 and name.split(".")[0] in ("joint_blocks", "part_blocks"):
            block.register_forward_hook(
                lambda m, args, out, name=name: seen.update({name: (args[0].shape, out.shape)})
            )
    frames = table[0][0][1]
    x = torch.empty(V, frames, 3, device="meta")
    out = branch(x, model.actional_graph(x))
    assert out.shape == (V, 256)
    for i, (joints_in, joints_out, parts_in, parts_out) in enumerate(table):
        shapes = [(V, frames, channels) for channels, frames in (joints_in, joints_out)]
        assert list(seen[f"joint_blocks.{i}"]) == shapes
        if parts_in is not None:
            shapes = [(P, frames, channels) for channels, frames in (parts_in, parts_out)]
            assert list(seen[f"part_blocks.{i - 1}"]) == shapes
    assert len(seen) == 2 * len(table) - 1
    for blocks, kernels in (
        (branch.joint_blocks, KERNELS[preset]),
        (branch.part_blocks, KERNELS[preset][1:]),
    ):
        assert [block.temporal.kernel_size[0] for block in blocks] == kernels
    assert branch.joint_blocks[0].residual is None


def make(skeleton, **kwargs):
    return MultiScaleGCN(3, skeleton, BLOCKS, order=2, lambda_act=0.7, **kwargs)


@pytest.mark.parametrize("training", [True, False])
def test_equals_dense(dense, assert_equals_dense, skeleton, complete_graph, training):
    branch = make(skeleton).train(training)
    reference = dense.Branch(branch, skeleton).train(training)
    graph = complete_graph(9, 3, dtype=torch.float64)
    x = torch.randn(3 * 9, 8, 3, dtype=torch.float64)
    dense_args = (dense.to_dense(x, 9), graph.adjacency())
    assert_equals_dense(
        branch, reference, (x, graph), dense_args, lambda out: out.transpose(1, 2).flatten(0, 1)
    )


SCALES = [{}, {"parts": False}, {"joints": False}, {"parts": False, "actional": False}]


@pytest.mark.parametrize("scales", SCALES)
def test_usual_checks(skeleton, complete_graph, scales):
    branch, args = make(skeleton, **scales), (torch.randn(3 * 9, 8, 3), complete_graph(9, 3))
    assert branch(*args).shape == (27, 7)
    assert_fused_equals_propagate(branch, *args)
    biases = [n for n, _ in branch.named_parameters() if n.endswith(("temporal.bias", ".0.bias"))]
    assert_all_parameters_get_gradients(branch, *args, allow_zero=biases)
    assert_state_dict_round_trip(lambda: make(skeleton, **scales), *args)


def test_only_parts_tell_joints_of_a_part_apart_by_nothing(skeleton):
    out = make(skeleton, joints=False)(torch.randn(9, 8, 3))
    for members in skeleton.parts.values():
        assert (out[list(members)] == out[members[0]]).all()


def test_any_number_of_frames(skeleton):
    branch = make(skeleton, actional=False)
    for frames in (1, 2, 49, 50):
        assert branch(torch.randn(9, frames, 3)).shape == (9, 7)


def test_neither_scale_raises(skeleton):
    with pytest.raises(ValueError, match="joints or parts or both, got neither"):
        make(skeleton, joints=False, parts=False)
