"""The one sequence of a training run, and what each recipe promises with its own network."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch.nn.modules.batchnorm import _BatchNorm

from pyg_skeleton.datasets import ClipDataset, RenderedPoses, SyntheticLifting, SyntheticMotion
from pyg_skeleton.io import ClipSource, JoinedStores, write_clip_store
from pyg_skeleton.nn.models import CoDT, RecognitionModel, model_class
from pyg_skeleton.nn.models.clustering.codt_branch import CoDTBranch
from pyg_skeleton.nn.models.memory_bank import InstanceBank
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import CODT_METHODS, TASKS, Hardware, Interrupted, Run, hold_out, train

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
CPU = Hardware(accelerator="cpu")
LITTLE = {"channels": (8,), "strides": (1,), "dropout": 0.0}
PROGRAM = Path(__file__)


def run_of(model="st_gcn", network=LITTLE, **changes):
    lengths = {"epochs": 2, "batch_size": 4, "milestones": (), "repeat": 2, "num_frames": 8}
    preset, recipe = TASKS["recognition"].plan("embedded", model, **lengths | changes)
    return Run("recognition", {"name": "embedded"}, model, preset, recipe, network)


@pytest.fixture
def clips(tiny):
    data = tiny.Swinging(10)
    motions = [data.motion(i) for i in range(10)]
    names = [f"clip {i}" for i in range(10)]
    labels = [i % 3 for i in range(10)]
    return ClipDataset(motions, labels, names, tiny.STICK, data.classes, repeat=2)


@pytest.fixture
def fit(clips, tmp_path):
    def call(run, out="out", train_set=clips, val_set=None, **options):
        options = {"hardware": CPU, "quiet": True} | options
        return train(run, train_set, val_set, tmp_path / out, **options)

    return call


def assert_equal(first, second):
    for (name, a), b in zip(first.state_dict().items(), second.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


# The folder of a run ##############################################################################


def test_the_network_after_the_last_step(fit, tmp_path):
    model = fit(run_of())
    assert model.classes == ["slow", "medium", "fast"]
    assert_equal(model, RecognitionModel.load(tmp_path / "out" / "model.pt"))
    assert_equal(model, TASKS["recognition"].load(tmp_path / "out"))
    checkpoint = torch.load(tmp_path / "out" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 2 * (2 * 10 // 4)
    run = Run.read(tmp_path / "out")
    assert (run.recipe.epochs, run.fingerprint["samples"]) == (2, 20)


def test_resumed_equals_never_stopped(fit):
    whole = fit(run_of(), "whole")
    fit(run_of(epochs=1))
    assert_equal(whole, fit(run_of(), resume=True))


def test_resuming_nothing_is_a_new_run(fit):
    assert_equal(fit(run_of(), resume=True), fit(run_of(), "other"))


def test_a_run_is_never_overwritten_unasked(fit, tmp_path):
    fit(run_of())
    (tmp_path / "out" / "notes.txt").write_text("mine")
    kept = (tmp_path / "out" / "model.pt").read_bytes()
    with pytest.raises(FileExistsError, match=r"out holds a run: .*--resume, .*--out, .*--overwri"):
        fit(replace(run_of(), seed=1))
    assert (tmp_path / "out" / "model.pt").read_bytes() == kept
    with pytest.raises(ValueError, match="--resume or --overwrite, got both"):
        fit(run_of(), resume=True, overwrite=True)
    fit(replace(run_of(), seed=1), overwrite=True)
    assert (tmp_path / "out" / "model.pt").read_bytes() != kept
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert len(list((tmp_path / "out").glob("events.*"))) == 1


def test_an_unfinished_run_is_a_run(fit, tmp_path):
    run_of().write(tmp_path / "out")
    with pytest.raises(FileExistsError, match="holds a run"):
        fit(run_of())


def test_refuses_to_resume_with_other_settings_or_data(fit, clips):
    fit(run_of())
    with pytest.raises(ValueError, match=r"is another: recipe\.lr 0.1 there, 0.2 here; seed 0 "):
        fit(replace(run_of(lr=0.2), seed=1), resume=True)
    with pytest.raises(ValueError, match=r"is another: fingerprint\.samples 20 there, 10 here"):
        fit(run_of(batch_size=4), train_set=clips[:10], resume=True)


class Interrupt(Callback):
    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == 7:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def handler():
    """Python's own answer to Ctrl-C, which processes in the background ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_run_keeps_its_checkpoint(fit, tmp_path, handler):
    with pytest.raises(Interrupted) as error:
        fit(run_of(), callbacks=[Interrupt()])
    assert (error.value.out, error.value.resumable) == (tmp_path / "out", True)
    assert error.value.step in (7, 8)
    assert signal.getsignal(signal.SIGINT) == handler
    assert torch.load(tmp_path / "out" / "last.ckpt", weights_only=True)["global_step"] == 5
    assert_equal(fit(run_of(), resume=True), fit(run_of(), "whole"))


def test_measures_held_out_clips_during_training(fit, clips, tmp_path):
    plain = clips[:10]
    learnt, held_out = hold_out(clips, plain, 0.4)
    assert (len(learnt), len(held_out)) == (12, 4)
    assert not set(learnt.names) & set(held_out.names)
    fit(run_of(epochs=6), train_set=learnt, val_set=held_out)
    table = pd.read_csv(tmp_path / "out" / "metrics.csv")
    assert len(table["val_top1"].dropna()) == 6
    assert table["lr"].dropna().tolist() == pytest.approx([0.1] * 18)


def test_a_slot_for_each_sample_of_the_contrast(fit, clips, tmp_path):
    contrast = {"channels": 4, "num_positives": 1, "num_hard": 2, "num_random": 2}
    run = replace(run_of("ctr_gcn"), options={"gcl": "authors_code", "contrast": contrast})
    fit(run)
    state = torch.load(tmp_path / "out" / "last.ckpt", weights_only=True)["state_dict"]
    assert len(state["model.samples.classes"]) == 20
    assert set(state["model.samples.classes"].tolist()) <= {-1, 0, 1, 2}


def test_joined_stores_are_read_in_blocks(fit, clips, tmp_path):
    parts = tmp_path / "parts"
    for part in (0, 1):
        rows = range(5 * part, 5 * part + 5)
        sources = [ClipSource(clips.names[i], int(clips.labels[i]), i) for i in rows]
        load = {i: clips.clip(i).numpy() for i in rows}.get
        write_clip_store(parts / str(part), sources, load, progress=False)
    stores = JoinedStores(parts)
    joined = ClipDataset(
        stores, stores.labels, stores.names, clips.skeleton, clips.classes, None, 2
    )
    run = run_of(block=2)
    whole = fit(run, "whole", joined)
    assert_equal(whole, fit(run, "in memory", clips))
    fit(run_of(block=2, epochs=1), "broken", joined)
    assert_equal(whole, fit(run, "broken", joined, resume=True))
    with pytest.raises(ValueError, match=r"is another: recipe\.block 2 there, 3 here"):
        fit(run_of(block=3), "broken", joined, resume=True)
    with pytest.raises(ValueError, match="got 2, and balanced_sampling draws clips one by one"):
        run_of(block=2, balanced_sampling=True)


# Two stages #######################################################################################

CODT = {"channels": (8, 8), "strides": (2, 2), "momentum": 0.9}


@pytest.mark.parametrize("method", ["bm", "ccm-fp", "ccm-pf"])
def test_methods_share_their_first_stage(task, fit, tmp_path, method):
    changes = {"epochs": 4, "clustering_epoch": 2, "batch_size": 8, "lr": 0.05}
    preset, recipe = TASKS["clustering"].plan("embedded", "codt", **changes, **CODT_METHODS[method])
    run = Run("clustering", {"name": "embedded"}, "codt", preset, recipe, CODT)
    run = replace(run, options={"method": method})
    stage1 = tmp_path / "stage1"
    first = fit(run, "a", task, stage1=stage1)
    stamp = (stage1 / "last.ckpt").stat().st_mtime_ns
    assert Run.read(stage1).options == {"method": "bm"}
    assert_equal(first, fit(run, "b", task, stage1=stage1))
    assert (stage1 / "last.ckpt").stat().st_mtime_ns == stamp
    assert_equal(first, CoDT.load(tmp_path / "b" / "model.pt"))
    with pytest.raises(ValueError, match="stage1 is another: seed 0 there, 1 here"):
        fit(replace(run, seed=1), "c", task, stage1=stage1)


# Each recipe with its own network #################################################################

#: By recipe, its network, its data and their layout.
RECOGNITION = {
    "tiny": ("ctr_gcn", "embedded", "ntu25"),
    "nw-ucla-small": ("ctr_gcn", "nw-ucla", "kinect20"),
    "info-gcn-small": ("info_gcn", "nw-ucla", "kinect20"),
    "ctr-gcn-ntu": ("ctr_gcn", "ntu60", "ntu25"),
    "ctr-gcn-nw-ucla": ("ctr_gcn", "nw-ucla", "kinect20"),
    "st-gcn-ntu": ("st_gcn", "ntu60", "ntu25"),
    "st-gcn-kinetics": ("st_gcn", "kinetics", "openpose18"),
    "agcn-ntu": ("agcn", "ntu60", "ntu25"),
    "aagcn-ntu": ("agcn", "ntu60", "ntu25"),
    "info-gcn-ntu": ("info_gcn", "ntu60", "ntu25"),
    "hcsf-ntu": ("skeletal_gnn_classifier", "ntu60", "ntu25"),
}


class Watch(Callback):
    """Keeps the weights before each step, and checks its learning rate."""

    def __init__(self):
        self.before, self.moved = None, set()

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        self.before = {n: p.clone() for n, p in pl_module.network.named_parameters()}

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        recipe, step = pl_module.recipe, trainer.global_step - 1
        time = step if recipe.unit == "step" else trainer.current_epoch
        (rate,) = {group["lr"] for group in trainer.optimizers[0].param_groups}
        assert rate == recipe.learning_rate(time, pl_module.length)
        after = dict(pl_module.network.named_parameters())
        self.moved |= {n for n, p in self.before.items() if not torch.equal(p, after[n])}
        self.batch = batch


@pytest.mark.parametrize("name", TASKS["recognition"].recipes)
def test_recipes_of_recognition(fit, name):
    task = TASKS["recognition"]
    model, data, layout = RECOGNITION[name]
    preset = "aagcn-ntu60" if name == "aagcn-ntu" else None
    small = {"max_steps": 1, "batch_size": 2, "repeat": 1}
    preset, recipe = task.plan(data, model, preset, name, **small)
    skeleton = Skeleton.get(layout)
    motions = torch.randn(2, 2, skeleton.num_joints, 40, 3, generator=torch.Generator())
    clips = ClipDataset(list(motions), [0, 1], ["a", "b"], skeleton, ["one", "two"])
    clips.transform = clips.preparation(True, "joint", recipe.num_frames, recipe.pipeline)
    network = {} if model == "skeletal_gnn_classifier" else {"channels": (8, 8), "strides": (1, 2)}
    run = Run("recognition", {"name": data}, model, preset, recipe, network)
    watch = Watch()
    trained = fit(run, train_set=clips, callbacks=[watch])
    assert watch.batch.x.size(1) == recipe.num_frames
    graphs = {id(p) for p in trained.graph_parameters()}
    names = {n for n, p in trained.named_parameters() if id(p) in graphs}
    if recipe.frozen_epochs:
        assert names
        assert not names & watch.moved
    else:
        assert names <= watch.moved
    assert watch.moved - names


@pytest.mark.parametrize("model", ["agcn", "ctr_gcn", "info_gcn"])
def test_graphs_thaw_after_their_epochs(fit, clips, model):
    run = run_of(model, {"channels": (8,), "strides": (1,)}, frozen_epochs=1, lr=1e-3)
    run = replace(run, preset="aagcn-ntu60") if model == "agcn" else run
    torch.manual_seed(0)
    before = TASKS["recognition"].create_network(run, clips).graph_parameters()
    frozen = fit(replace(run, recipe=run.recipe.replace(epochs=1)), "frozen").graph_parameters()
    thawed = fit(run, "thawed").graph_parameters()
    assert len(before) > 0
    for start, still, moved in zip(before, frozen, thawed, strict=True):
        assert torch.equal(start, still)
        assert not torch.equal(start, moved)


@pytest.mark.parametrize("name", TASKS["motion"].recipes)
def test_recipes_of_motion(fit, name):
    task = TASKS["motion"]
    model = name.replace("-", "_")
    model = model if model in ("si_mlpe", "trajectory_gcn") else "sym_gnn"
    preset = name if name in model_class(model).presets else "tiny"
    preset, recipe = task.plan("cmu", model, preset, name, max_steps=1, batch_size=2)
    sizes = {"num_observed": recipe.num_observed, "num_future": 3, "clips_per_class": 1}
    clips = SyntheticMotion("ntu25", classes=["walking", "waving"], **sizes)
    network = {"blocks": ((4, 4), (4, 8)), "agim_channels": 4, "hidden_channels": 4}
    network = {"si_mlpe": {"num_layers": 2}, "trajectory_gcn": {}}.get(model, network)
    watch = Watch()
    run = Run("motion", {"name": "cmu"}, model, preset, recipe, network)
    fit(run, train_set=clips, callbacks=[watch])
    assert watch.batch.x.size(1) == recipe.num_observed
    moved = {"sym_gnn": "agim", "si_mlpe": "layers"}.get(model, "joints")
    assert any(moved in n for n in watch.moved)


@pytest.mark.parametrize("name", TASKS["lifting"].recipes)
def test_recipes_of_lifting(fit, bodies, name):
    task, model = TASKS["lifting"], {"martinez": "martinez_mlp", "lcn": "lcn"}.get(name, "sem_gcn")
    model = "skeletal_gnn" if name == "hcsf" else model
    preset, recipe = task.plan("h36m", model, None, name, max_steps=2, batch_size=4)
    if recipe.schedule == "plateau":
        recipe = recipe.replace(steps_per_epoch=1)
    layout = {"lcn": "h36m17", "skeletal_gnn": "h36m17"}.get(model, "h36m16")
    watch = Watch() if recipe.schedule != "plateau" else Callback()
    run = Run("lifting", {"name": "h36m"}, model, preset, recipe, {"hidden_channels": 8})
    trained = fit(run, train_set=bodies(layout), callbacks=[watch])
    assert trained.bone_length > 0
    if recipe.schedule != "plateau":
        assert any(n.startswith("output") for n in watch.moved)


def test_the_recipe_of_images(fit, tmp_path):
    options = {"clips_per_class": 1, "clip_length": 4, "num_subjects": 3, "num_cameras": 1}
    poses = SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **options)
    pictures = RenderedPoses(poses.sequences, poses.skeleton, image_size=32)
    task = TASKS["image-lifting"]
    preset, recipe = task.plan("rendered", "sem_gcn", max_steps=9, batch_size=4)
    run = Run("image-lifting", {"name": "rendered"}, "sem_gcn", preset, recipe)
    moved = []

    class Stages(Watch):
        def on_train_batch_end(self, trainer, pl_module, *args):
            self.moved = set()
            super().on_train_batch_end(trainer, pl_module, *args)
            moved.append(sorted({n.split(".")[0] for n in self.moved}))

    model = fit(run, train_set=pictures, callbacks=[Stages()])
    assert moved == 3 * [["backbone", "head"]] + 4 * [["graph"]] + 2 * [
        ["backbone", "graph", "head"]
    ]
    assert_equal(model, task.load(tmp_path / "out"))


# Several processes ################################################################################


def test_two_processes_leave_one_run(tmp_path, without_gloo):
    line = [sys.executable, str(PROGRAM), str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(without_gloo(done.stdout).split()) == ["NoneType", "STGCN"]
    assert Run.read(tmp_path).model == "st_gcn"
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 2 * 2


# Mixed precision ##################################################################################


@pytest.mark.parametrize(
    "name", ["recognition", "contrast", "motion", "lifting", "images", "clustering"]
)
def test_mixed_precision_is_near(small_runs, tmp_path, name):
    """Also with blocks that compute their activations again."""
    mixed = {
        again: Hardware("cpu", precision="bf16", recompute=again == "again")
        for again in ("once", "again")
    }
    runs = {"32": Hardware("cpu"), **mixed}
    losses = {}
    for label, hardware in runs.items():
        small_runs.small_train(name, tmp_path / label, hardware=hardware)
        table = pd.read_csv(tmp_path / label / "metrics.csv")
        column = next(c for c in table if c.startswith("loss"))
        losses[label] = table[column].dropna()
    assert losses["once"].iloc[0] == pytest.approx(losses["32"].iloc[0], rel=0.05)
    assert losses["once"].iloc[0] != losses["32"].iloc[0]
    assert losses["again"].tolist() == pytest.approx(losses["once"].tolist(), rel=0.02)


# Compiled code ####################################################################################


@pytest.mark.parametrize(("name", "parts"), [("images", 2), ("clustering", 4)])
def test_compiled_equals_eager(small_runs, tmp_path, monkeypatch, name, parts):
    """Code generation is left out: what it takes is minutes, and PyTorch's."""
    run, *data = small_runs.RUNS[name](False)
    short = {"max_steps": 3}
    if name == "clustering":
        short = {"epochs": 1, "clustering_epoch": 0, "fill_banks": False}
        run = replace(run, network=run.network | {"channels": (8,), "strides": (2,)})
    run = replace(run, recipe=run.recipe.replace(**short))
    monkeypatch.setitem(small_runs.RUNS, name, lambda random: (run, *data))
    compiled, compile = [], torch.compile

    def without_code_generation(method):
        compiled.append(method)
        return compile(method, backend="eager")

    monkeypatch.setattr(torch, "compile", without_code_generation)
    tables = []
    for chosen in (False, True):
        out = tmp_path / str(chosen)
        torch._dynamo.utils.counters.clear()
        hardware = replace(CPU, compile=chosen)
        model = small_runs.small_train(name, out, hardware=hardware)
        tables.append(pd.read_csv(out / "metrics.csv"))
    assert len(compiled) == parts
    assert not torch._dynamo.utils.counters["graph_break"]
    pd.testing.assert_frame_equal(*tables, rtol=1e-3, atol=1e-5)
    assert not any("forward" in vars(m) or "find_joints" in vars(m) for m in model.modules())


# Several batches for a step #######################################################################

TWO_BATCHES = {"batch_size": 2, "accumulate": 2, "epochs": 2, "repeat": 1}


@pytest.mark.parametrize("name", ["recognition", "motion", "lifting", "images"])
def test_two_batches_of_a_step_are_one(small_runs, tmp_path, monkeypatch, name):
    """But for batch norms, which see single batches, and are frozen here."""
    run, *data = small_runs.RUNS[name](False)
    network = TASKS[run.task].create_network(run, data[0])
    norms = tuple(n for n, m in network.named_modules() if isinstance(m, _BatchNorm))
    run = replace(run, freeze=norms, freeze_statistics=True)
    monkeypatch.setitem(small_runs.RUNS, name, lambda random: (run, *data))
    ends, steps = [], []
    for number in (1, 2):
        out = tmp_path / str(number)
        callbacks = [small_runs.Double(), small_runs.Keep(out)]
        small_runs.small_train(name, out, accumulate=number, callbacks=callbacks)
        ends.append(torch.load(out / "rank0.pt", weights_only=True))
        steps.append(pd.read_csv(out / "metrics.csv")["step"].tolist())
    for key, value in ends[0].items():
        torch.testing.assert_close(ends[1][key], value, rtol=1e-6, atol=1e-9, msg=key)
    assert steps[0] == steps[1]


class TerminateInAStep(Callback):
    """Sends SIGTERM before the first of the two batches of the fourth step."""

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == 3 and batch_idx % 2 == 0:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("name", ["contrast", "clustering"])
def test_banks_see_batches_and_teachers_see_steps(small_runs, tmp_path, monkeypatch, name):
    moved, seen = [], []
    for kind, method, calls in (
        (CoDTBranch, "update_teacher", moved),
        (CoDTBranch, "remember", seen),
        (InstanceBank, "update", seen),
    ):
        own = getattr(kind, method)

        def count(self, *args, own=own, calls=calls):
            calls.append(self)
            return own(self, *args)

        monkeypatch.setattr(kind, method, count)
    small_runs.small_train(name, tmp_path, accumulate=2)
    steps = torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"]
    assert steps == {"contrast": 12, "clustering": 8}[name]
    assert len(moved) == (2 * steps if name == "clustering" else 0)
    assert len(seen) >= 2 * steps


def test_a_step_of_two_batches_is_not_torn(fit):
    run = run_of(**TWO_BATCHES)
    whole = fit(run, "whole")
    with pytest.raises(Interrupted, match="interrupted at step 4"):
        fit(run, "broken", callbacks=[TerminateInAStep()])
    assert_equal(whole, fit(run, "broken", resume=True))


def test_a_step_is_not_larger_than_the_data(fit):
    with pytest.raises(ValueError, match=r"20 samples in a step.*, got 6 batches of 4"):
        fit(run_of(accumulate=6))


def test_blocks_compute_their_activations_again(fit):
    run = run_of(network={"channels": (8, 8), "strides": (1, 1), "dropout": 0.5})
    again = fit(run, "again", hardware=replace(CPU, recompute=True))
    assert_equal(fit(run, "once"), again)


def main(out):
    stick = Skeleton.get("kinect20")
    motions = list(torch.randn(16, 1, 20, 8, 3, generator=torch.Generator()))
    clips = ClipDataset(motions, [0, 1] * 8, [str(i) for i in range(16)], stick, ["a", "b"])
    hardware = Hardware(accelerator="cpu", devices="2")
    model = train(run_of(), clips, out=out, hardware=hardware, quiet=True)
    sys.stdout.write(f"{type(model).__name__}\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
