import pytest

from pyg_skeleton import list_models, list_skeletons
from pyg_skeleton.cli.tables import TABLES
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.nn.models import list_weights
from pyg_skeleton.training import TASKS as TRAINING


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("layouts", list_skeletons()),
        ("models", [name for task in TRAINING.values() for name in task.models]),
        ("recipes", [name for task in TRAINING.values() for name in task.recipes]),
        ("datasets", [name for task in TASKS.values() for name in task.corpora]),
        ("tables", list(TABLES)),
        ("weights", list_weights()),
    ],
)
def test_lists(kind, names, command):
    done = command("list", kind)
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == names


def test_every_registered_network_can_be_trained():
    known = {name for task in TRAINING.values() for name in task.models}
    assert set(list_models()) <= known


def test_mistakes(refused):
    assert refused("list", "model") == "unknown kind 'model'; did you mean models?"
    assert refused("list").startswith("expected one of models, layouts")
