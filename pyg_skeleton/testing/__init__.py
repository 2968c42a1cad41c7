r"""Assertions for the tests of layers, also of third-party layers.

Each :obj:`assert_...` raises an :class:`AssertionError` that names the tensor at fault and its
largest deviation. Layers have the nodes first: :obj:`x` is a disjoint union of clips
:obj:`[num_clips * num_joints, num_frames, channels]` or a static batch
:obj:`[num_joints, num_clips, num_frames, channels]`; :obj:`layer(x)` uses the layer's own
template, :obj:`layer(x, edge_index)` the given edges (row 0 source, row 1 target).
"""

from pyg_skeleton.testing.autocast import assert_autocast
from pyg_skeleton.testing.batching import assert_union_equals_static
from pyg_skeleton.testing.compare import assert_close, named_tensors
from pyg_skeleton.testing.compilation import assert_compiles
from pyg_skeleton.testing.decorators import requires_cpp_compiler, requires_package
from pyg_skeleton.testing.equivariance import assert_permutation_equivariant
from pyg_skeleton.testing.fused import assert_fused_equals_propagate
from pyg_skeleton.testing.gradients import assert_all_parameters_get_gradients
from pyg_skeleton.testing.memory import max_activation_elements
from pyg_skeleton.testing.run import run_with_gradients
from pyg_skeleton.testing.skeletons import random_skeleton
from pyg_skeleton.testing.state_dict import assert_state_dict_round_trip

__all__ = [
    "assert_all_parameters_get_gradients",
    "assert_autocast",
    "assert_close",
    "assert_compiles",
    "assert_fused_equals_propagate",
    "assert_permutation_equivariant",
    "assert_state_dict_round_trip",
    "assert_union_equals_static",
    "max_activation_elements",
    "named_tensors",
    "random_skeleton",
    "requires_cpp_compiler",
    "requires_package",
    "run_with_gradients",
]
