"""Memory and descriptors of a long run."""

import os
from pathlib import Path

import pytest
from lightning.pytorch.callbacks import Callback

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on few cores
]
EPOCHS, WARM = 200, 60


def resident():
    """The memory of this process in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


class Measure(Callback):
    """Memory, descriptors and processes after each epoch."""

    def __init__(self):
        self.memory, self.files, self.children = [], [], []

    def on_train_epoch_start(self, trainer, pl_module):
        self.memory.append(resident())
        self.files.append(len(os.listdir("/proc/self/fd")))
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        self.children.append(len(children.split()))


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_flat_over_many_epochs_with_workers(small_runs, tmp_path, monkeypatch):
    # Not to wait for the disk in each epoch.
    monkeypatch.setattr("pyg_skeleton.whole_file.os.fsync", lambda file: None)
    measure = Measure()
    run = small_runs.recognition

    def little(random):
        plan, train_set, _ = run(random, "st_gcn", epochs=EPOCHS, steps_per_epoch=1)
        return plan, train_set, None

    monkeypatch.setitem(small_runs.RUNS, "long", little)
    small_runs.small_train("long", tmp_path, workers=1, random=True, callbacks=[measure])
    assert len(measure.files) == EPOCHS
    assert max(measure.files[WARM:]) <= max(measure.files[:WARM])
    assert max(measure.children[WARM:]) <= max(measure.children[:WARM])
    assert measure.memory[-1] - measure.memory[WARM] < 4_000
