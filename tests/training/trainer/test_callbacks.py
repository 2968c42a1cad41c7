from contextlib import nullcontext

import pytest
import torch
from lightning import LightningModule

from pyg_skeleton.training import DeterministicOnCPU, StepProgressBar, StopAfter, create_trainer

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]


@pytest.fixture(scope="module")
def num_threads():
    return 4


class Gathers(LightningModule):
    """Adds up many gradients of a few rows, by several threads where there are several."""

    def __init__(self, error=None):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = torch.nn.Parameter(torch.ones(17, 64))
        self.ids = torch.randint(17, (4096,), generator=generator)
        self.gradient = torch.randn(4096, 64, generator=generator)
        self.gradients, self.error, self.settings = [], error, None

    def training_step(self, batch, batch_idx):
        if self.error:
            raise self.error
        self.settings = settings()
        for _ in range(20):
            self.weight.grad = None
            (self.weight[self.ids] * self.gradient).sum().backward()
            self.gradients.append(self.weight.grad)
        return self.weight.sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)

    def train_dataloader(self):
        return [0]


def settings():
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.utils.deterministic.fill_uninitialized_memory,
    )


def test_gradients_of_rows_are_added_in_one_order(tmp_path):
    module = Gathers()
    create_trainer(tmp_path, 1, accelerator="cpu").fit(module)
    assert all(torch.equal(g, module.gradients[0]) for g in module.gradients)
    assert module.settings == (True, True, False)


@pytest.mark.parametrize("error", [None, ValueError("no"), KeyboardInterrupt()])
def test_leaves_the_settings_as_they_were(tmp_path, error):
    trainer = create_trainer(tmp_path, 1, accelerator="cpu")
    torch.use_deterministic_algorithms(True)
    try:
        before = settings()
        with pytest.raises((ValueError, SystemExit)) if error else nullcontext():
            trainer.fit(Gathers(error))
        assert settings() == before == (True, False, True)
    finally:
        torch.use_deterministic_algorithms(False)


def test_only_for_training():
    callback, before = DeterministicOnCPU(), settings()
    callback.setup(None, None, "test")
    assert settings() == before
    callback.teardown()
    assert settings() == before


class Trainer:
    should_stop = False
    global_step = 0


@pytest.mark.parametrize(("step", "stops"), [(4, False), (5, True), (6, True)])
def test_stops_at_its_step(step, stops):
    trainer = Trainer()
    trainer.global_step = step
    StopAfter(5).on_train_batch_end(trainer, None, None, None, 0)
    assert trainer.should_stop == stops
    trainer = Trainer()
    trainer.global_step = step
    StopAfter(5).on_train_start(trainer, None)
    assert trainer.should_stop == stops


class Shown:
    global_step = 0
    is_global_zero = True
    progress_bar_metrics = {"loss": 0.25, "lambda": 0.5}  # noqa: RUF012


@pytest.fixture
def steps(capsys):
    """Runs a bar from one step to another; returns what it printed."""

    def run(bar, first, last):
        trainer = Shown()
        trainer.global_step = first
        bar.on_train_start(trainer, None)
        for step in range(first + 1, last + 1):
            trainer.global_step = step
            bar.on_train_batch_end(trainer, None, None, None, 0)
        bar.on_train_end(trainer, None)
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return run


def test_counts_the_steps_of_the_whole_run(steps):
    shown = steps(StepProgressBar(8), 0, 8)
    assert shown.endswith("\n")
    last = shown.rstrip().split("\r")[-1]
    assert "8/8" in last
    assert "loss=0.250, lambda=0.500" in last


def test_goes_on_where_a_resumed_run_left_off(steps):
    shown = steps(StepProgressBar(8), 6, 8)
    assert "6/8" in shown
    assert "8/8" in shown.split("\r")[-1]


def test_a_file_is_not_flooded(steps):
    assert steps(StepProgressBar(1000), 0, 1000).count("\r") <= 4


def test_only_the_first_process_shows_it(steps, monkeypatch):
    monkeypatch.setattr(Shown, "is_global_zero", False)
    assert steps(StepProgressBar(8), 0, 8) == ""


def test_an_error_begins_on_a_line_of_its_own(capsys):
    bar, trainer = StepProgressBar(8), Shown()
    bar.on_train_start(trainer, None)
    bar.on_exception(trainer, None, ValueError())
    bar.on_exception(trainer, None, ValueError())
    assert capsys.readouterr().err.endswith("\n")
