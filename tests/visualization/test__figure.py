import numpy as np
import pytest
import torch

from pyg_skeleton.visualization._figure import to_array, to_positions


def test_importing_the_package_imports_neither_matplotlib_nor_scikit_learn(python):
    done = python(
        "import sys, pyg_skeleton, pyg_skeleton.visualization as v\n"
        "assert not {'matplotlib', 'sklearn'} & set(sys.modules), 'imported'\n"
        "v.plot_error_by_horizon({'a': [1.0, 2.0]}, [80, 160])\n"
        "assert 'matplotlib.figure' in sys.modules\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    assert done.returncode == 0, done.stderr


WITHOUT_MATPLOTLIB = """
import numpy as np
import pandas as pd

from pyg_skeleton import Skeleton, visualization

skeleton = Skeleton.get("ntu25")
poses = np.zeros((25, 2)), np.zeros((25, 3)), np.zeros((25, 3))
index = pd.MultiIndex.from_tuples([("a", 5.0)], names=["hardest for", "share"])
table = pd.DataFrame({"a": [1.0]}, index=index)
for draw in (
    lambda: visualization.plot_layout(skeleton),
    lambda: visualization.plot_skeleton(np.zeros((25, 3)), skeleton),
    lambda: visualization.plot_actional_edges(np.zeros((25, 3)), skeleton, np.zeros(625)),
    lambda: visualization.plot_confusion(np.eye(2), ["a", "b"]),
    lambda: visualization.plot_dynamic_edges(np.ones((25, 3)), skeleton, np.zeros(625)),
    lambda: visualization.plot_edge_weights([np.eye(25)], skeleton),
    lambda: visualization.plot_error_histogram({"a": [1.0]}),
    lambda: visualization.plot_hard_poses(table),
    lambda: visualization.plot_joint_weights([np.eye(25)], skeleton),
    lambda: visualization.plot_lifting(*poses, skeleton),
    lambda: visualization.animate(np.zeros((2, 25, 3)), skeleton, "never.gif"),
):
    try:
        draw()
    except ImportError as error:
        print(error)
"""


def test_missing_matplotlib_names_the_extra(python):
    done = python(WITHOUT_MATPLOTLIB, without=["matplotlib"])
    assert done.returncode == 0, done.stderr
    line = "pictures need matplotlib: pip install 'pyg_skeleton[viz]' (the extra 'viz')"
    assert done.stdout.splitlines() == 11 * [line]


def test_to_array_takes_tensors_arrays_and_lists():
    for value in (torch.ones(2, requires_grad=True), np.ones(2, np.float32), [1, 1]):
        assert to_array(value, "x").tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="x must hold numbers, got str"):
        to_array("abc", "x")


def test_to_positions():
    flat = to_positions(np.ones((4, 2)), 4, "x")
    assert flat.tolist() == [[1, 1, 0]] * 4
    with pytest.raises(ValueError, match=r"x must be \[V, 3\] with V = 5, got \[4, 3\]"):
        to_positions(np.ones((4, 3)), 5, "x")
    with pytest.raises(ValueError, match=r"x must be \[T, V, 3\] with V = 4, got \[4, 3\]"):
        to_positions(np.ones((4, 3)), 4, "x", frames=True)
    with pytest.raises(ValueError, match="x has no frame"):
        to_positions(np.ones((0, 4, 3)), 4, "x", frames=True)
