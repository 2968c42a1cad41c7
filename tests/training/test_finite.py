"""No run goes on with numbers that are not finite, and none saves them."""

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from pyg_skeleton.datasets import ClipDataset, RenderedPoses, SyntheticLifting
from pyg_skeleton.nn.models import SemGCN
from pyg_skeleton.training import TASKS, Hardware, NonFiniteError, Run, train

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
ONE_LAYER = {"channels": (8,), "strides": (1,), "dropout": 0.0}
NAMES = [f"clip {i}" for i in range(12)]


class Spoil(Callback):
    """Spoils a field of a batch, the weights, or the loss, in one step."""

    def __init__(self, field, step=4, clip=2):
        self.field, self.step, self.clip = field, step, clip

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step != self.step:
            return
        if self.field == "weights":
            with torch.no_grad():
                next(pl_module.model.parameters()).fill_(float("inf"))
            return
        data = batch[-1] if isinstance(batch, tuple) else batch
        value = data[self.field]
        value[self.clip * len(value) // data.num_graphs] = float("nan")


@pytest.fixture
def settings(tiny, bodies, task):
    """A small run of each task, with an epoch of three steps, and its data."""

    def make(name):
        plan, network, model = {"batch_size": 4}, {}, None
        if name == "recognition":
            plan |= {"epochs": 3, "milestones": (), "repeat": 1, "num_frames": 8}
            data, model, network = "embedded", "st_gcn", ONE_LAYER
            motions = [tiny.Swinging(12).motion(i) for i in range(12)]
            labels = [i % 3 for i in range(12)]
            clips = ClipDataset(motions, labels, NAMES, tiny.STICK, ["slow", "medium", "fast"])
        elif name == "motion":
            plan |= {"max_steps": 9, "steps_per_epoch": 3, "num_observed": 8}
            data, model, clips = "embedded", "sym_gnn", tiny.Swinging(12)
            network = {"blocks": ((4, 4), (4, 8)), "agim_channels": 4, "hidden_channels": 4}
        elif name == "lifting":
            plan |= {"max_steps": 9, "steps_per_epoch": 3}
            data, model, clips = "embedded", "sem_gcn", bodies("h36m16")
            network = {"hidden_channels": 8}
        elif name == "image-lifting":
            plan |= {"max_steps": 9, "steps_per_epoch": 3}
            options = {"clips_per_class": 1, "clip_length": 4, "num_subjects": 3, "num_cameras": 1}
            poses = SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **options)
            clips = RenderedPoses(poses.sequences, poses.skeleton, image_size=32)
            data, model = "rendered", "sem_gcn"
        else:
            plan |= {"epochs": 3, "steps_per_epoch": 3, "clustering_epoch": 0}
            data, model, clips, network = (
                "embedded",
                "codt",
                task,
                {"channels": (8,), "strides": (1,)},
            )
        preset, recipe = TASKS[name].plan(data, model, **plan)
        return Run(name, {"name": data}, model, preset, recipe, network), clips

    return make


@pytest.fixture
def fit(settings, tmp_path):
    def call(name, callback, **options):
        run, clips = settings(name)
        options = {"hardware": Hardware(accelerator="cpu"), "quiet": True} | options
        train(run, clips, None, tmp_path, callbacks=[callback], **options)

    return call


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("field", ["data", "weights"])
def test_every_task_stops_and_keeps_its_last_checkpoint(fit, tmp_path, name, field):
    if field == "data":  # step 4 of image-lifting does not use the joints in the images
        field = "target" if name == "image-lifting" else "x"
    with pytest.raises(NonFiniteError) as stop:
        fit(name, Spoil(field))
    message = str(stop.value)
    assert message.startswith("stopped at step 4 (epoch 1): ")
    assert message.endswith(f"; the last good checkpoint is {tmp_path / 'last.ckpt'}")
    assert "\n" not in message
    assert not (tmp_path / "model.pt").exists()
    kept = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert kept["global_step"] == 3
    assert all(v.isfinite().all() for v in kept["state_dict"].values())


def test_inputs_are_named(fit):
    with pytest.raises(NonFiniteError, match=r"x of 'clip \d+' is not finite; the last"):
        fit("recognition", Spoil("x"))
    with pytest.raises(NonFiniteError, match=r"target of sample \d+ is not finite; the last"):
        fit("motion", Spoil("target"), overwrite=True)
    with pytest.raises(NonFiniteError, match=r"step 1 .* is not finite; there is no checkpoint"):
        fit("lifting", Spoil("target", step=1), overwrite=True)


class Draw(Callback):
    """Keeps the samples of the step that is to be spoiled."""

    def __init__(self, spoil):
        self.spoil, self.drawn = spoil, None

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == self.spoil.step:
            self.drawn = batch.sample.tolist()


def test_the_clips_of_the_loss_are_those_of_the_batch(fit):
    spoil = Draw(Spoil("weights"))

    class Both(Callback):
        def on_train_batch_start(self, *args):
            spoil.on_train_batch_start(*args)
            spoil.spoil.on_train_batch_start(*args)

    with pytest.raises(NonFiniteError) as stop:
        fit("recognition", Both())
    clips = ", ".join(repr(NAMES[i]) for i in spoil.drawn)
    assert f"the loss is nan, for {clips}; --detect-anomaly" in str(stop.value)


def test_samples_without_a_name_are_those_of_the_sampler(fit, tiny):
    clips, spoil, found = tiny.Swinging(12), Spoil("x"), []
    mean, std = (value.unsqueeze(1) for value in clips.statistics)

    class Find(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if trainer.global_step == spoil.step:
                x = batch.x.view(4, 5, 8, 3)[spoil.clip] * std + mean
                found.extend(i for i in range(12) if torch.allclose(clips[i].x, x, atol=1e-5))
            spoil.on_train_batch_start(trainer, pl_module, batch, batch_idx)

    with pytest.raises(NonFiniteError) as stop:
        fit("motion", Find())
    (sample,) = found
    assert f"x of sample {sample} is not finite" in str(stop.value)


@pytest.mark.parametrize("name", ["recognition", "motion", "lifting"])
def test_anomaly_detection_names_the_layer(fit, name):
    hardware = Hardware(accelerator="cpu", detect_anomaly=True)
    with pytest.raises(NonFiniteError, match=r"the first layer with such an output is [\w.]+ \(\w"):
        fit(name, Spoil("weights"), hardware=hardware)


class BadGradient(Callback):
    """Gives a network a weight at zero whose square root is part of the output."""

    def on_fit_start(self, trainer, pl_module):
        network = pl_module.network
        network.root = torch.nn.Parameter(torch.zeros(1))
        network.register_forward_hook(lambda m, args, output: output + (m.root * 0).sqrt())


@pytest.mark.filterwarnings("ignore:Error detected in")
def test_anomaly_detection_finds_gradients(fit):
    hardware = Hardware(accelerator="cpu", detect_anomaly=True)
    with pytest.raises(NonFiniteError, match=r"in a gradient, Function '.*' returned nan values"):
        fit("lifting", BadGradient(), hardware=hardware)


class SpoilTheEnd(Callback):
    """Spoils a weight after the last step of an epoch, when no loss follows."""

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if trainer.global_step == 6:
            with torch.no_grad():
                next(pl_module.model.parameters())[0] = float("nan")


def test_a_checkpoint_of_nan_does_not_replace_a_good_one(fit, tmp_path):
    with pytest.raises(NonFiniteError, match=r"step 6 .* is not finite: nan at .*; the last"):
        fit("recognition", SpoilTheEnd())
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 3


def test_a_network_of_nan_is_not_saved(tmp_path):
    model = SemGCN.from_preset("paper", "h36m16", hidden_channels=4, num_blocks=1)
    with torch.no_grad():
        next(model.parameters())[0] = float("inf")
    with pytest.raises(ValueError, match="is not finite: inf at"):
        model.save(tmp_path / "model.pt")
    assert not list(tmp_path.iterdir())


class WrongLabel(Callback):
    """Gives a clip of the data set a class that the network does not have."""

    def __init__(self, clips):
        self.clips = clips

    def on_train_start(self, trainer, pl_module):
        self.clips.labels = self.clips.labels + 2


def test_labels_outside_of_the_classes_end_a_run(settings, tmp_path):
    run, clips = settings("recognition")
    hardware = Hardware(accelerator="cpu")
    with pytest.raises(ValueError, match=r"sample \d+ has the label [34], expected one"):
        train(
            run, clips, None, tmp_path, callbacks=[WrongLabel(clips)], hardware=hardware, quiet=True
        )
