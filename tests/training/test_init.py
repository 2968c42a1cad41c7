import pytest

from pyg_skeleton import training


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LiftingDataModule", "SkeletonDataModule"),
        ("MotionDataModule", "create_motion_data"),
        ("RecognitionDataModule", "SkeletonDataModule"),
        ("evaluate_codt", "evaluate_clusters"),
        ("recognise", "recognize"),
    ],
)
def test_old_names(old, new):
    with pytest.warns(DeprecationWarning, match=f"{old} is now called {new}"):
        assert getattr(training, old) is getattr(training, new)


def test_names_of_the_old_command_line_are_gone():
    for name in ("run_lifting", "parse_codt", "ExampleParser", "draw_sym_gnn", "format_errors"):
        with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
            getattr(training, name)
