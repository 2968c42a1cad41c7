"""The same seed gives the same run; `docs/training.rst` says where that ends."""

import pytest
import torch

from pyg_skeleton.training import SkeletonDataModule

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on few cores
]


@pytest.fixture(scope="module")
def trained(small_runs, tmp_path_factory):
    """Trains with all that is random; returns the final weights."""

    def call(name, threads=1, workers=0):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            out = tmp_path_factory.mktemp(name)
            model = small_runs.small_train(name, out, workers=workers, random=True)
        finally:
            torch.set_num_threads(before)
        return model.state_dict()

    return call


def assert_equal(first, second):
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


@pytest.mark.parametrize("name", ["recognition", "motion", "clustering"])
def test_any_number_of_workers(trained, name):
    assert_equal(trained(name), trained(name, workers=3))


def test_a_worker_that_is_spawned(small_runs):
    run, train_set, _ = small_runs.recognition(True)
    data = SkeletonDataModule(train_set, batch_size=run.recipe.batch_size, num_workers=1)
    loader = data.train_dataloader()
    loader.multiprocessing_context = "spawn"
    own = SkeletonDataModule(train_set, batch_size=run.recipe.batch_size).train_dataloader()
    batches = list(zip(loader, own, strict=True))
    assert len(batches) == 4
    for spawned, batch in batches:
        assert torch.equal(spawned.x, batch.x)
        assert torch.equal(spawned.y, batch.y)


@pytest.mark.parametrize("name", ["recognition", "motion", "lifting"])
def test_any_number_of_threads_but_for_rounding(trained, name):
    one, two, again = (trained(name, threads) for threads in (1, 2, 2))
    assert_equal(two, again)
    floats = [key for key, value in one.items() if value.is_floating_point()]
    x, y = (torch.cat([s[key].flatten().double() for key in floats]) for s in (one, two))
    assert float((x - y).norm() / x.norm()) < 1e-3
