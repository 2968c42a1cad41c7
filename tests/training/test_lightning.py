"""Our modules, data modules and loaders in a trainer of a user's own."""

import pytest
import torch
from lightning import Trainer
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.training import TASKS, RecognitionModule, SafeCheckpointIO, infer
from pyg_skeleton.whole_file import write_tensors

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
#: By run, what is measured of held-out samples.
MEASURED = {
    "recognition": {"loss", "top1", "top5"},
    "contrast": {"loss", "top1", "top5"},
    "motion": {"loss_recg", "loss_pred", "top1", "top5"},
    "lifting": {"loss", "mpjpe_mm"},
    "images": {"loss", "mpjpe_mm", "pixels"},
    "clustering": {"acc_b0", "acc_b1"},
}


@pytest.fixture
def trainer(tmp_path):
    """Makes a trainer that shows and writes nothing."""
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    options = quiet | {"accelerator": "cpu", "enable_checkpointing": False}
    return lambda **changes: Trainer(**options | {"default_root_dir": tmp_path} | changes)


@pytest.fixture
def parts(small_runs):
    """Makes the module and the data module of a run."""

    def make(name):
        run, train_set, _ = small_runs.RUNS[name](False)
        task = TASKS[run.task]
        held_out = train_set.target_test if name == "clustering" else train_set[:7]
        torch.manual_seed(0)
        model = task.create_network(run, train_set)
        data = task.create_data(run, train_set, held_out)
        return task.create_module(run, model, train_set), data

    return make


def first(output):
    return output if isinstance(output, torch.Tensor) else output[0]


@pytest.mark.parametrize("name", MEASURED)
def test_test_and_predict(parts, trainer, name):
    module, data = parts(name)
    (measured,) = trainer().test(module, datamodule=data, verbose=False)
    assert measured.keys() == {f"test_{key}" for key in MEASURED[name]}
    loader = SkeletonLoader(data.val, batch_size=4)
    (again,) = trainer().test(module, loader, verbose=False)
    assert again == pytest.approx(measured, rel=1e-4)

    expected = infer(module.network, data.val, step=lambda batch: first(module.network(batch)))
    for options in ({"datamodule": data}, {"dataloaders": loader}):
        outputs = trainer().predict(module, **options)
        predicted = torch.cat([first(output) for output in outputs])
        torch.testing.assert_close(predicted, expected)


def test_callbacks_and_loggers_of_a_user(parts, trainer, tmp_path):
    module, data = parts("recognition")
    best = ModelCheckpoint(tmp_path, monitor="val_loss", filename="best")
    callbacks = [best, EarlyStopping("val_loss"), LearningRateMonitor()]
    options = {"enable_checkpointing": True, "logger": CSVLogger(tmp_path), "max_epochs": 2}
    trainer(callbacks=callbacks, log_every_n_steps=1, **options).fit(module, data)
    assert best.best_model_score is not None
    text = next(tmp_path.glob("lightning_logs/**/metrics.csv")).read_text()
    assert {"val_top1", "loss_classes", "lr"} <= set(text.splitlines()[0].split(","))

    other, _ = parts("recognition")
    given = {"model": other.model, "recipe": other.recipe, "map_location": "cpu"}
    loaded = RecognitionModule.load_from_checkpoint(best.best_model_path, **given)
    saved = torch.load(best.best_model_path, weights_only=True)["state_dict"]
    assert all(torch.equal(saved[key], value) for key, value in loaded.state_dict().items())


def test_a_checkpoint_of_a_gpu_on_a_cpu(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
        write_tensors({"loops": {}, "x": torch.ones(3)}, tmp_path / "last.ckpt")
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
            torch.load(tmp_path / "last.ckpt", weights_only=True)
    content = SafeCheckpointIO().load_checkpoint(tmp_path / "last.ckpt")
    assert content["x"].device.type == "cpu"
