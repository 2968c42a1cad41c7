"""Training that starts from a trained network, and with frozen parts."""

import json
from dataclasses import replace

import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import RenderedPoses, SyntheticClips, SyntheticLifting, SyntheticMotion
from pyg_skeleton.nn.models import CTRGCN, SymGNN
from pyg_skeleton.training import TASKS, Hardware, RecognitionModule, Run, load_task, train
from pyg_skeleton.training.pretrained import find_pretrained, read_pretrained

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
CPU = Hardware(accelerator="cpu")
LITTLE = {"channels": (8,), "strides": (1,)}
BLOCKS = ((4, 4), (4, 4, 2, 3))


def a_run(name, model, network, **changes):
    preset, recipe = TASKS[name].plan("embedded", model, **changes)
    return Run(name, {"name": "embedded"}, model, preset, recipe, network)


@pytest.fixture
def fit(tmp_path):
    def call(run, data, out, **options):
        return train(run, data, None, tmp_path / out, hardware=CPU, quiet=True, **options)

    return call


def clips(classes, skeleton="kinect20"):
    return SyntheticClips("train", skeleton, 8, classes=classes, clips_per_class=4)


RECOGNITION = a_run(
    "recognition", "ctr_gcn", LITTLE, epochs=1, batch_size=4, milestones=(), num_frames=8, repeat=1
)


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def changed(before, model):
    return {name for name, v in model.state_dict().items() if not torch.equal(v, before[name])}


def test_starts_from_a_run_with_other_classes_and_joints(fit, tmp_path):
    source = fit(RECOGNITION, clips(["walking", "waving"]), "source")
    run = replace(RECOGNITION, pretrained=str(tmp_path / "source"), network={}, preset=None)
    data = clips(["bowing", "waving", "kicking"], "coco17")
    model = TASKS["recognition"].create_network(run, data)
    assert model.training
    assert model.config["channels"] == (8,)
    assert (model.skeleton.name, model.classes) == ("coco17", ["bowing", "waving", "kicking"])
    assert torch.equal(model.classifier.weight[1], source.classifier.weight[1])  # waving
    assert not torch.equal(model.classifier.weight[0], source.classifier.weight[0])
    assert torch.equal(model.blocks[0].conv.weight, source.blocks[0].conv.weight)
    assert "classifier.weight" in model.transfer.partly
    fit(run, data, "tuned")
    record = json.loads((tmp_path / "tuned" / "run.json").read_text())
    assert record["pretrained"] == str(tmp_path / "source")
    assert len(record["fingerprint"]["pretrained"]) == 16
    assert Run.read(tmp_path / "tuned").pretrained == run.pretrained


def test_resumes_from_the_same_network_only(fit, tmp_path):
    data = clips(["walking", "waving"])
    fit(RECOGNITION, data, "source")
    fit(replace(RECOGNITION, seed=1), data, "other")
    run = replace(
        RECOGNITION,
        recipe=RECOGNITION.recipe.replace(epochs=2),
        pretrained=str(tmp_path / "source"),
        freeze=("backbone",),
        freeze_statistics=True,
    )
    whole = fit(run, data, "whole")
    fit(replace(run, recipe=RECOGNITION.recipe), data, "tuned")
    with pytest.raises(ValueError, match=r"is another: fingerprint.pretrained '\w+' there"):
        fit(replace(run, pretrained=str(tmp_path / "other")), data, "tuned", resume=True)
    with pytest.raises(ValueError, match=r"is another: freeze \['backbone'\] there, \[\] here"):
        fit(replace(run, freeze=()), data, "tuned", resume=True)
    (tmp_path / "moved").mkdir()
    (tmp_path / "source" / "model.pt").rename(tmp_path / "moved" / "model.pt")
    moved = replace(run, pretrained=str(tmp_path / "moved" / "model.pt"))
    assert not changed(weights(whole), fit(moved, data, "tuned", resume=True))


def test_what_is_taken_over(fit, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no trained network at .*nowhere"):
        find_pretrained(tmp_path / "nowhere")
    RECOGNITION.write(tmp_path / "source")
    with pytest.raises(
        FileNotFoundError, match=r"model.pt; its run has not been trained to the end"
    ):
        find_pretrained(tmp_path / "source")
    model = CTRGCN("kinect20", 3, **LITTLE, dropout=0.25)
    model.save(tmp_path / "source" / "model.pt")
    found = read_pretrained(tmp_path / "source")
    assert found == ("ctr_gcn", "nw-ucla-small", LITTLE)  # as the record says
    (tmp_path / "source" / "run.json").unlink()
    model_name, preset, network = read_pretrained(tmp_path / "source" / "model.pt")
    assert (model_name, preset) == ("ctr_gcn", "ntu60")
    assert network == {**LITTLE, "dropout": 0.25, "classifier_std": 0.01}
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    with pytest.raises(
        ValueError, match=r"weights.pt holds no network of the registry, got weights"
    ):
        read_pretrained(tmp_path / "weights.pt")


# Every task #######################################################################################


def test_lifting_keeps_its_backbone(fit, tmp_path):
    data = SyntheticLifting("train", "h36m16", clips_per_class=1, clip_length=4, num_subjects=3)
    network = {"hidden_channels": 8, "num_blocks": 1}
    run = a_run("lifting", "sem_gcn", network, max_steps=2, steps_per_epoch=2, batch_size=4)
    before = weights(fit(run, data, "source"))
    run = replace(run, pretrained=str(tmp_path / "source"), freeze=("backbone",))
    after = fit(replace(run, freeze_statistics=True), data, "tuned")
    assert {name.split(".")[0] for name in changed(before, after)} == {"output"}


def test_clustering_keeps_its_encoders(fit, tmp_path):
    names = {"source_classes": ["walking", "waving"], "target_classes": ["running", "bowing"]}
    data = load_task("embedded", clips_per_class=4, test_clips_per_class=2, **names)
    run = a_run("clustering", "codt", LITTLE, epochs=1, clustering_epoch=0, batch_size=4)
    before = weights(fit(run, data, "source"))
    run = replace(run, pretrained=str(tmp_path / "source"), freeze=("backbone",))
    after = fit(replace(run, freeze_statistics=True), data, "tuned")
    moved = {name for name in changed(before, after) if "encoder" in name}
    assert moved == set()
    assert "b1.student.clusters.weight" in changed(before, after)


@pytest.mark.parametrize("freeze", [("backbone",), ("backbone", "prediction"), ("recognition",)])
def test_mgda_steps_aside_where_nothing_is_shared(fit, tmp_path, freeze):
    data = SyntheticMotion(
        "kinect20", num_observed=8, num_future=2, clips_per_class=2, classes=["walking", "waving"]
    )
    network = {"blocks": BLOCKS, "differences": (0,), "agim_frames": 3, "detach_classes": True}
    changes = {"max_steps": 2, "steps_per_epoch": 2, "batch_size": 4, "balance": "mgda-loss"}
    run = a_run("motion", "sym_gnn", network, **changes)
    before = weights(fit(run, data, "source"))
    run = replace(run, pretrained=str(tmp_path / "source"), freeze=freeze, freeze_statistics=True)
    model = fit(run, data, "tuned")
    assert isinstance(SymGNN.load(tmp_path / "tuned" / "model.pt"), SymGNN)
    moved = {name for name in changed(before, model) if name not in ("mean", "std")}
    prediction, recognition = ({n for n in moved if w in n} for w in ("decoder.", ".head."))
    assert bool(prediction) is ("prediction" not in freeze)
    assert bool(recognition) is ("recognition" not in freeze)
    assert bool(moved - prediction - recognition) is ("backbone" not in freeze)


def test_images_keep_their_backbone(fit, tmp_path):
    options = {"clips_per_class": 1, "clip_length": 4, "num_subjects": 3, "num_cameras": 1}
    poses = SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **options)
    data = RenderedPoses(poses.sequences, poses.skeleton, image_size=32)
    changes = {"max_steps": 3, "steps_per_epoch": 1, "batch_size": 2, "stages": (1.0, 1.0, 1.0)}
    run = a_run("image-lifting", "sem_gcn", {"hidden_channels": 8, "num_blocks": 1}, **changes)
    before = weights(fit(run, data, "source"))
    run = replace(run, pretrained=str(tmp_path / "source"), freeze=("backbone",))
    model = fit(replace(run, freeze_statistics=True), data, "tuned")
    assert {name.split(".")[0] for name in changed(before, model)} == {"head", "graph"}
    assert not any(p.requires_grad for p in model.backbone.parameters())
    with pytest.raises(ValueError, match=r"expected no first stage, .* with backbone and head fro"):
        fit(replace(run, freeze=("backbone", "head")), data, "refused")


def test_all_weights_learn_with_the_statistics_of_the_source(fit, tmp_path):
    data = clips(["walking", "waving"])
    before = weights(fit(RECOGNITION, data, "source"))
    run = replace(RECOGNITION, pretrained=str(tmp_path / "source"), freeze_statistics=True)
    model = fit(run, data, "tuned")
    learned = {name for name, p in model.named_parameters() if p.requires_grad}
    assert changed(before, model) == learned == {name for name, _ in model.named_parameters()}
    with pytest.raises(ValueError, match="a pretrained network or of frozen parts, got neither"):
        fit(replace(run, pretrained=None), data, "refused")
    assert not (tmp_path / "refused").exists()


def test_nothing_left_to_train(fit):
    run = replace(RECOGNITION, freeze=("backbone", "head"))
    with pytest.raises(ValueError, match="nothing is left to train: backbone, head frozen"):
        fit(run, clips(["walking", "waving"]), "out")


def test_several_processes_wait_for_no_frozen_gradient(tmp_path):
    """DistributedDataParallel refuses a step in which a weight that learns has no gradient."""
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1
    )
    try:
        model = CTRGCN("kinect20", 2, **LITTLE).freeze("backbone", statistics=True)
        parallel = torch.nn.parallel.DistributedDataParallel(model)
        for _ in range(2):
            parallel(model.example_input(2, num_frames=8)).sum().backward()
        assert {n for n, p in model.named_parameters() if p.grad is not None} == {
            "classifier.weight",
            "classifier.bias",
        }
    finally:
        torch.distributed.destroy_process_group()


# Heads ############################################################################################


def test_accuracy_follows_a_head_that_was_swapped():
    model = CTRGCN("kinect20", 2, **LITTLE)
    model.classifier = torch.nn.Linear(8, 7)
    module = RecognitionModule(model, RECOGNITION.recipe)
    logged = {}
    module.log = lambda name, value, **_: logged.update({name: value})
    data, model = model.example_input(8, num_frames=8), module.eval().network
    data.y = model(data).argmax(1)
    data.y[:2] = (data.y[:2] + 1) % 7
    module.validation_step(data, 0)
    assert float(logged["val_top1"].compute()) == pytest.approx(0.75)


def test_names_of_classes_fit_the_output(fit):
    run = replace(RECOGNITION, network={**LITTLE, "num_classes": 5})
    with pytest.raises(ValueError, match="the names of 5 classes, got 2"):
        fit(run, clips(["walking", "waving"]), "out")


@pytest.mark.parametrize(
    "name", ["ctr_gcn", "agcn", "info_gcn", "st_gcn", "skeletal_gnn_classifier"]
)
def test_first_losses_are_those_of_chance(name):
    data = clips(["walking", "waving"])
    network = {"channels": (16, 16), "strides": (1, 2)}
    run = replace(RECOGNITION, model=name, preset=None, network=network)
    model = TASKS["recognition"].create_network(run, data)
    batch = next(iter(SkeletonLoader(data, len(data))))
    output = model(batch)
    logits = output if isinstance(output, torch.Tensor) else output[0]
    loss = float(torch.nn.functional.cross_entropy(logits, batch.y).detach())
    assert loss == pytest.approx(0.693, abs=0.1)
