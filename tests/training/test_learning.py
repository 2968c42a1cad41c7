"""Two hundred steps of a small network of each task: the loss falls to where it fell before.

A network that does not learn, or at a tenth of the learning rate, is outside of the bands.
"""

import pytest
from lightning.pytorch.callbacks import Callback

from pyg_skeleton.datasets import SyntheticClips, SyntheticLifting, SyntheticMotion
from pyg_skeleton.training import TASKS, Hardware, Run, load_task, train

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
CLASSES = ["walking", "waving", "kicking"]


class Losses(Callback):
    """The losses of each step, by name."""

    def __init__(self):
        self.steps = []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        metrics = trainer.callback_metrics.items()
        self.steps.append({name: float(value) for name, value in metrics if "loss" in name})

    def mean(self, name, steps):
        return sum(step[name] for step in self.steps[steps]) / len(self.steps[steps])


def learn(out, task, model, network, data, seed=0, **changes):
    """The losses of 200 steps."""
    preset, recipe = TASKS[task].plan("embedded", model, **changes)
    run = Run(task, {"name": "embedded"}, model, preset, recipe, network, seed)
    losses, hardware = Losses(), Hardware(accelerator="cpu")
    train(run, data, None, out, hardware=hardware, callbacks=[losses], quiet=True)
    assert len(losses.steps) == 200
    return losses


def recognition(out, seed=0):
    data = SyntheticClips("train", "kinect20", 20, classes=CLASSES, clips_per_class=16)
    data.transform = data.preparation(True, "joint", 16, "ctrgcn")
    network = {"channels": (8, 16), "strides": (1, 2)}
    changes = {"epochs": 50, "batch_size": 12, "milestones": (40,), "repeat": 1, "num_frames": 16}
    return learn(out, "recognition", "ctr_gcn", network, data, seed, **changes)


def motion(out, seed=0):
    data = SyntheticMotion(
        "kinect20", num_observed=10, num_future=5, classes=CLASSES, clips_per_class=16
    )
    network = {
        "blocks": ((8, 8), (8, 8, 2, 3)),
        "differences": (0, 1),
        "agim_channels": 8,
        "agim_frames": 5,
        "hidden_channels": 16,
    }
    changes = {"max_steps": 200, "steps_per_epoch": 50, "batch_size": 12}
    changes |= {"balance": "mgda-loss"}
    return learn(out, "motion", "sym_gnn", network, data, seed, **changes)


def lifting(out, seed=0):
    options = {"clips_per_class": 2, "clip_length": 20, "num_subjects": 4}
    data = SyntheticLifting("train", "h36m16", classes=CLASSES, **options)
    network = {"hidden_channels": 16, "num_blocks": 1}
    changes = {"max_steps": 200, "steps_per_epoch": 50, "batch_size": 32}
    return learn(out, "lifting", "sem_gcn", network, data, seed, **changes)


def clustering(out, seed=0):
    names = {"source_classes": ["walking", "waving"], "target_classes": ["running", "bowing"]}
    data = load_task("embedded", clips_per_class=20, test_clips_per_class=2, **names)
    network = {"channels": (8,), "strides": (4,)}
    changes = {"epochs": 50, "clustering_epoch": 0, "batch_size": len(data.target_train) // 4}
    return learn(out, "clustering", "codt", network, data, seed, **changes)


#: By task and loss, the range of the mean of the first five steps, and of the last twenty.
BANDS = {
    recognition: {"loss_classes": ((0.9, 1.3), (0.05, 0.4))},
    motion: {"loss_recg": ((0.9, 1.3), (0.1, 0.5)), "loss_pred": ((0.2, 0.25), (0.14, 0.18))},
    lifting: {"loss": ((0.08, 0.25), (0.009, 0.018))},
    clustering: {
        "loss_dec": ((0.4, 0.65), (0.1, 0.17)),
        "loss_cont": ((4.2, 5.0), (3.1, 3.8)),
        "loss_ocm": ((1.34, 1.45), (1.1, 1.33)),
    },
}


@pytest.mark.parametrize("task", BANDS)
def test_the_loss_falls_as_it_did(task, tmp_path):
    losses = task(tmp_path / "out")
    for name, bands in BANDS[task].items():
        means = losses.mean(name, slice(5)), losses.mean(name, slice(-20, None))
        for mean, (low, high) in zip(means, bands, strict=True):
            assert low < mean < high, f"{name}: {means}"
