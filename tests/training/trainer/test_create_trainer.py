import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from pyg_skeleton.training import create_trainer

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
PROGRAM = Path(__file__).parents[1] / "tiny_run.py"


@pytest.fixture(scope="module")
def unbroken(tiny, tmp_path_factory):
    """A run without interruption."""
    out = tmp_path_factory.mktemp("unbroken")
    trainer, module = tiny.tiny_fit(out)
    assert trainer.global_step == 8
    return out, module


def assert_same_run(tiny, out, unbroken):
    trainer, module = tiny.tiny_fit(out, resume=True)
    assert trainer.global_step == 8
    expected_out, expected = unbroken
    for name, value in expected.model.state_dict().items():
        assert torch.equal(module.model.state_dict()[name], value), name
    ends = [torch.load(o / "last.ckpt", weights_only=True) for o in (expected_out, out)]
    one, two = (end["optimizer_states"][0]["state"] for end in ends)
    assert one.keys() == two.keys()
    assert all(torch.equal(one[i][key], two[i][key]) for i in one for key in one[i])
    assert ends[0]["lr_schedulers"] == ends[1]["lr_schedulers"]
    tables = [(o / "metrics.csv").read_text() for o in (expected_out, out)]
    assert tables[0] == tables[1]


class Interrupt(Exception):
    pass


class InterruptAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == self.step:
            raise Interrupt


@pytest.mark.parametrize("step", [4, 7])
def test_interrupted_and_resumed_equals_never_interrupted(tiny, tmp_path, unbroken, step):
    """Before and after an epoch with held-out clips."""
    with pytest.raises(Interrupt):
        tiny.tiny_fit(tmp_path, callbacks=[InterruptAt(step)])
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert saved["global_step"] == step // 3 * 3
    assert_same_run(tiny, tmp_path, unbroken)


def test_resumed_equals_never_interrupted_with_several_threads(tiny, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)

    def fit(name, **options):
        model = tiny.tiny_model(bone=False, actional=False, parts=False)  # the fewer, the faster
        recipe = tiny.tiny_recipe(max_steps=4)
        return tiny.tiny_fit(tmp_path / name, model=model, recipe=recipe, **options)[1]

    try:
        whole = fit("whole")
        with pytest.raises(Interrupt):
            fit("broken", callbacks=[InterruptAt(3)])
        resumed = fit("broken", resume=True)
    finally:
        torch.set_num_threads(threads)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(resumed.model.state_dict()[name], value), name


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The folders of two runs that ended with SIGKILL."""
    out = tmp_path_factory.mktemp("killed")
    line = [sys.executable, str(PROGRAM), str(out), "--kill"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.stdout.split() == ["9", "9"], done.stderr
    return out


def test_killed_in_a_step_and_resumed_equals_never_killed(tiny, killed, unbroken):
    out = killed / "step"
    assert torch.load(out / "last.ckpt", weights_only=True)["global_step"] == 3
    assert "\n4," in (out / "metrics.csv").read_text()  # logged, and lost
    assert_same_run(tiny, out, unbroken)


def test_killed_in_a_write_and_resumed_equals_never_killed(tiny, killed, unbroken):
    out = killed / "write"
    assert (out / ".partial.last.ckpt").exists()
    assert torch.load(out / "last.ckpt", weights_only=True)["global_step"] == 3
    assert_same_run(tiny, out, unbroken)
    assert not (out / ".partial.last.ckpt").exists()


def test_a_finished_run_trains_no_further(tiny, tmp_path, unbroken):
    done, module = unbroken
    out = shutil.copytree(done, tmp_path / "copy")
    table = (out / "metrics.csv").read_text()
    trainer, again = tiny.tiny_fit(out, resume=True)
    assert trainer.global_step == 8
    for name, value in module.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], value), name
    assert (out / "metrics.csv").read_text() == table


def test_a_finished_run_may_be_made_longer(tiny, tmp_path):
    tiny.tiny_fit(tmp_path, recipe=tiny.tiny_recipe(max_steps=4))
    trainer, _ = tiny.tiny_fit(tmp_path, resume=True, recipe=tiny.tiny_recipe(max_steps=7))
    assert trainer.global_step == 7
    rows = (tmp_path / "metrics.csv").read_text().splitlines()[1:]
    steps = [int(row.split(",")[0]) for row in rows if row.split(",")[1]]
    assert steps == list(range(7))


def test_what_a_run_leaves_behind(unbroken):
    out, _ = unbroken
    names = {path.name.split(".")[0] for path in out.iterdir()}
    assert names == {"events", "hparams", "last", "metrics"}
    table = pd.read_csv(out / "metrics.csv")
    losses = table.dropna(subset="loss_pred")
    assert losses["step"].tolist() == list(range(8))
    assert losses["epoch"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2]
    held_out = table.dropna(subset="val_loss_pred")
    assert held_out["step"].tolist() == [5]  # after every other epoch
    assert table["lambda"].dropna().between(0, 1).all()
    hparams = (out / "hparams.yaml").read_text()
    assert "lr: 0.01" in hparams
    assert "hidden_channels: 8" in hparams
    assert "python/" not in hparams


def test_tensorboard_has_the_same_numbers(unbroken):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    out, _ = unbroken
    events = accumulator.EventAccumulator(str(next(out.glob("events.*"))))
    events.Reload()
    table = pd.read_csv(out / "metrics.csv")
    for name in ("loss_recg", "loss_pred", "lambda", "val_top1"):
        expected = table.dropna(subset=name)
        assert [event.step for event in events.Scalars(name)] == expected["step"].tolist()
        values = [event.value for event in events.Scalars(name)]
        assert values == pytest.approx(expected[name].tolist(), rel=1e-6)
    assert "hp_metric" not in events.Tags()["scalars"]


def test_logs_short_runs_in_every_step_and_long_ones_now_and_then(tmp_path):
    every = {
        steps: create_trainer(tmp_path, steps, accelerator="cpu").log_every_n_steps
        for steps in (1, 6, 100, 5000)
    }
    assert every == {1: 1, 6: 1, 100: 10, 5000: 20}
