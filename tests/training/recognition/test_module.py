import pandas as pd
import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import CTRGCN, InfoGCN, SkeletonGCL
from pyg_skeleton.training import (
    TASKS,
    RecognitionModule,
    RecognitionRecipe,
    Run,
    SkeletonDataModule,
    create_trainer,
)
from pyg_skeleton.transforms import FrameDraw

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
#: Small banks, so that a run of seconds goes once round them.
BANKS = {"channels": 6, "per_class": 5, "num_positives": 2, "num_hard": 3, "num_random": 3}


def clips(tiny, count=24, repeat=1):
    """Sticks that swing at three speeds, of which frames are drawn at random."""
    data = tiny.Swinging(count)
    return ClipDataset(
        [data.motion(i) for i in range(count)],
        [i % 3 for i in range(count)],
        [f"clip {i}" for i in range(count)],
        tiny.STICK,
        data.classes,
        FrameDraw(8),
        repeat,
    )


def network(tiny, kind=CTRGCN, seed=0, **changes):
    torch.manual_seed(seed)
    options = {"channels": (8, 8), "strides": (1, 2), "num_persons": 1}
    if kind is CTRGCN:
        options["dropout"] = 0.2
    return kind(tiny.STICK, 3, **options | changes)


def recipe(**changes):
    options = {"epochs": 3, "batch_size": 6, "milestones": (2,), "warmup": 2}
    return RecognitionRecipe(**options | changes)


def contrasted(model, gcl, num_samples=24, **options):
    if gcl == "none":
        return model
    return SkeletonGCL(model, 3, recipe=gcl, num_samples=num_samples, **BANKS | options)


def fit(out, module, data, resume=False, epochs=None, **hardware):
    epochs = module.recipe.epochs if epochs is None else epochs
    hardware = {"accelerator": "cpu", "devices": 1, "check_val_every_n_epoch": 1} | hardware
    trainer = create_trainer(out, epochs * data.steps_per_epoch(), resume, **hardware)
    trainer.fit(module, data, ckpt_path=out / "last.ckpt" if resume else None)
    return trainer


def batch_of(data, size=6):
    return next(iter(SkeletonLoader(data, size)))


@pytest.fixture
def logged(monkeypatch):
    """Returns the logged values of a module without a trainer."""
    values = {}
    log = lambda self, name, value, **_: values.update({name: value})  # noqa: E731
    monkeypatch.setattr(RecognitionModule, "log", log)
    return values


# One step #########################################################################################


def test_loss_is_the_smoothed_cross_entropy(tiny, logged):
    model, batch = network(tiny, dropout=0.0), batch_of(clips(tiny))
    module = RecognitionModule(model, recipe(label_smoothing=0.1))
    loss = module.training_step(batch, 0)
    logp = model(batch).log_softmax(1)
    nll = -logp.gather(1, batch.y.unsqueeze(1)).squeeze(1)
    torch.testing.assert_close(loss, (0.9 * nll - 0.1 * logp.mean(1)).mean())
    assert set(logged) == {"loss_classes"}


@pytest.mark.parametrize("gcl", ["paper", "authors_code"])
def test_contrast_is_added(tiny, logged, gcl):
    model, batch = network(tiny, dropout=0.0), batch_of(clips(tiny), 12)
    module = RecognitionModule(contrasted(model, gcl, only_full=False), recipe())
    module.training_step(batch, 0)  # so that there is something in the banks
    loss = module.training_step(batch, 0)
    torch.testing.assert_close(loss, logged["loss_classes"] + logged["loss_contrast"])
    torch.testing.assert_close(logged["loss_classes"], F.cross_entropy(model(batch), batch.y))
    assert logged["loss_contrast"].item() > 0
    # The head learns in the one recipe, and is not even in the optimizer in the other.
    trained = {id(p) for g in module.configure_optimizers().param_groups for p in g["params"]}
    assert (id(module.model.head.weight) in trained) == (gcl == "paper")
    assert {id(p) for p in model.parameters()} <= trained


def test_info_gcn(tiny, logged):
    model, batch = network(tiny, InfoGCN, latent_channels=8, noise=0.0), batch_of(clips(tiny))
    module = RecognitionModule(model, recipe(loss="info_gcn", label_smoothing=0.1))
    torch.manual_seed(0)
    loss = module.training_step(batch, 0)
    torch.manual_seed(0)
    output = model(batch)
    torch.testing.assert_close(loss, module.info_gcn_loss(output.logits, output.latent, batch.y))
    assert loss.item() > F.cross_entropy(output.logits, batch.y, label_smoothing=0.1).item()
    assert "info_gcn_loss.prior" in module.state_dict()


def test_info_gcns_loss_is_for_info_gcn(tiny):
    with pytest.raises(ValueError, match="is about the codes of InfoGCN, got CTRGCN"):
        RecognitionModule(network(tiny), recipe(loss="info_gcn"))


# A run ############################################################################################


def test_rates_and_accuracies(tiny, tmp_path):
    module = RecognitionModule(network(tiny), recipe(epochs=4))
    fit(tmp_path, module, SkeletonDataModule(clips(tiny), clips(tiny, 9), 6))
    table = pd.read_csv(tmp_path / "metrics.csv")
    rates = table["lr"].dropna().tolist()
    assert rates == pytest.approx(4 * [0.05] + 4 * [0.1] + 8 * [0.01])
    assert table["val_top1"].dropna().between(0, 1).all()
    assert table["val_top5"].dropna().tolist() == 4 * [1.0]  # of three classes


def test_shared_graphs_stay_frozen(tiny, tmp_path):
    model = network(tiny)
    before = model.blocks[0].conv.shared.detach().clone()
    data = SkeletonDataModule(clips(tiny), None, 6)
    moved = []
    for frozen in (3, 2):
        module = RecognitionModule(model, recipe(frozen_epochs=frozen))
        fit(tmp_path, module, data)
        moved.append(not torch.equal(model.blocks[0].conv.shared, before))
    assert moved == [False, True]


@pytest.mark.parametrize("gcl", ["none", "paper"])
def test_the_mean_of_the_weights_is_measured_and_kept(tiny, tmp_path, gcl):
    module = RecognitionModule(contrasted(network(tiny), gcl), recipe(epochs=2, average=0.9))
    means, update = [], module.averaged.update_parameters

    def followed(model):
        update(model)
        weight = model.blocks[0].conv.weight.detach().clone()
        means.append(0.9 * means[-1] + 0.1 * weight if means else weight)

    module.averaged.update_parameters = followed
    held_out = clips(tiny, 9)
    trainer = fit(tmp_path, module, SkeletonDataModule(clips(tiny), held_out, 6))
    assert len(means) == 8
    torch.testing.assert_close(module.network.blocks[0].conv.weight.detach(), means[-1])
    # What was measured at the end is the network that is left.
    last = pd.read_csv(tmp_path / "metrics.csv")["val_loss"].dropna().iloc[-1]
    module.averaged = None
    again = trainer.test(module, SkeletonLoader(held_out, batch_size=6), verbose=False)
    assert again[0]["test_loss"] == pytest.approx(last, rel=1e-5)


def test_a_resumed_run_goes_on_with_the_mean_of_the_weights(tiny, tmp_path):
    weights = []
    for name, lengths in (("whole", [3]), ("parts", [1, 3])):
        for epochs in lengths:
            module = RecognitionModule(network(tiny), recipe(average=0.9))
            data = SkeletonDataModule(clips(tiny), None, 6)
            fit(tmp_path / name, module, data, resume=epochs != lengths[0], epochs=epochs)
        weights.append(module.network.state_dict())
    torch.testing.assert_close(weights[0], weights[1], rtol=0, atol=0)


def test_bfloat16(tiny, tmp_path):
    module = RecognitionModule(contrasted(network(tiny), "paper"), recipe(epochs=1))
    trainer = fit(
        tmp_path, module, SkeletonDataModule(clips(tiny), None, 6), precision="bf16-mixed"
    )
    assert trainer.global_step == 4
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in module.parameters())


def test_compiled_equals_eager(tiny, tmp_path, monkeypatch):
    """The hook of SkeletonGCL fires in compiled code, too, also where the same class was compiled
    without it before."""
    compiled = []

    def only_traced(function, **kwargs):
        compiled.append(function)
        return real(function, backend="eager", fullgraph=True, **kwargs)

    real = torch.compile
    monkeypatch.setattr(torch, "compile", only_traced)
    runs = []
    for compile, gcl in ((True, "none"), (False, "paper"), (True, "paper")):
        little = network(tiny, dropout=0.0, channels=(8,), strides=(1,))
        module = RecognitionModule(contrasted(little, gcl), recipe(epochs=1), compile=compile)
        fit(tmp_path, module, SkeletonDataModule(clips(tiny), None, 12))
        assert "forward_clips" not in module.network.__dict__
        runs.append(module.state_dict())
    runs.pop(0)
    assert len(compiled) == 2
    for name, value in runs[0].items():
        torch.testing.assert_close(value, runs[1][name], rtol=1e-3, atol=1e-4, msg=name)


# Resuming #########################################################################################


@pytest.mark.parametrize(
    ("kind", "gcl"),
    [(CTRGCN, "none"), (CTRGCN, "paper"), (CTRGCN, "authors_code"), (InfoGCN, "paper")],
)
def test_resumed_equals_never_stopped(tiny, tmp_path, kind, gcl):
    """Bit for bit: weights, running statistics, momentum, banks and head."""

    def module():
        loss = "info_gcn" if kind is InfoGCN else "cross_entropy"
        model = contrasted(network(tiny, kind), gcl, num_samples=48)
        return RecognitionModule(model, recipe(loss=loss), seed=3)

    def data():
        return SkeletonDataModule(clips(tiny, repeat=2), None, 6, seed=3)

    whole, first, rest = module(), module(), module()
    fit(tmp_path / "whole", whole, data())
    fit(tmp_path / "parts", first, data(), epochs=1)
    fit(tmp_path / "parts", rest, data(), resume=True)
    states = [
        torch.load(tmp_path / out / "last.ckpt", weights_only=True) for out in ("whole", "parts")
    ]
    for one, two in (
        (states[0]["state_dict"], states[1]["state_dict"]),
        *zip(*(s["optimizer_states"][0]["state"].values() for s in states), strict=True),
    ):
        assert one.keys() == two.keys()
        for name, value in one.items():
            assert torch.equal(value, two[name]), name
    counts = {n: v for n, v in states[0]["state_dict"].items() if n.endswith(("count", "classes"))}
    if gcl == "paper":
        assert counts["model.instances.count"].sum() == 3 * 48
    if gcl == "authors_code":
        assert (counts["model.samples.classes"] >= 0).all()
    assert any(not torch.equal(m, first.state_dict()[n]) for n, m in rest.state_dict().items())


def test_refuses_to_resume_with_another_temperature(tiny, tmp_path):
    data = SkeletonDataModule(clips(tiny), None, 6)
    fit(tmp_path, RecognitionModule(contrasted(network(tiny), "paper"), recipe()), data, epochs=1)
    other = contrasted(network(tiny), "paper", temperature=0.5)
    with pytest.raises(ValueError, match=r"of another training: gcl=.*'temperature': 0.8"):
        fit(tmp_path, RecognitionModule(other, recipe()), data, resume=True)


# Rare classes #####################################################################################


def rare(tiny):
    """Twelve clips of the first class, three of each other one."""
    data = clips(tiny, 18, repeat=2)
    data.labels = torch.tensor([0] * 12 + [1] * 3 + [2] * 3)
    return data


def run_of(**changes):
    lengths = {"epochs": 1, "batch_size": 4, "milestones": (), "num_frames": 8}
    task = TASKS["recognition"]
    preset, recipe = task.plan("embedded", "st_gcn", **lengths | changes)
    return task, Run("recognition", {"name": "embedded"}, "st_gcn", preset, recipe, {})


def test_class_weights(tiny):
    data = rare(tiny)
    task, run = run_of(class_weights=True)
    model = network(tiny)
    module = task.create_module(run, model, data)
    assert module.loss_weight.tolist() == [0.5, 2.0, 2.0]
    logits, y = torch.randn(6, 3), torch.tensor([0, 0, 0, 0, 1, 2])
    losses = F.cross_entropy(logits, y, reduction="none")
    expected = (losses * module.loss_weight[y]).sum() / module.loss_weight[y].sum()
    torch.testing.assert_close(module.loss(logits, y), expected)
    assert task.create_module(run_of()[1], model, data).loss_weight is None


# Several classes, and scores ######################################################################


def labeled(tiny, target):
    """Clips that are fast or slow or both, or have a score, whose mean is 100."""
    data = clips(tiny, 12)
    row = [[1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]] if target == "classes" else [90, 110]
    labels = torch.tensor(row * (12 // len(row)), dtype=torch.float).view(12, -1)
    classes = data.classes if target == "classes" else ["score"]
    motions = [data.clip(i) for i in range(12)]
    return ClipDataset(
        motions, labels, data.names, tiny.STICK, classes, FrameDraw(8), target=target
    )


def test_several_classes_have_the_binary_cross_entropy(tiny, logged):
    data = labeled(tiny, "classes")
    task, run = run_of()
    model = network(tiny)
    model.target = "classes"
    module = task.create_module(run, model, data)
    logits, y = torch.randn(4, 3, dtype=torch.double), data.labels[:4].double()
    p = logits.sigmoid()
    expected = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    torch.testing.assert_close(module.loss(logits, y), expected)


@pytest.mark.parametrize(("target", "name"), [("classes", "exact"), ("score", "error")])
def test_held_out_clips_of_other_targets(tiny, tmp_path, target, name):
    data = labeled(tiny, target)
    task, run = run_of()
    model = task.create_network(run, data)
    module = task.create_module(run, model, data)
    fit(tmp_path, module, SkeletonDataModule(data, data, 4))
    table = pd.read_csv(tmp_path / "metrics.csv")
    value = table[f"val_{name}"].dropna().iloc[-1]
    assert "val_top1" not in table
    result = task.evaluate(model.eval(), data)
    assert value == pytest.approx(result[name], abs=1e-3)


def test_contrast_needs_one_class(tiny):
    model = network(tiny)
    model.target = "classes"
    with pytest.raises(ValueError, match="SkeletonGCL needs one class of each clip"):
        RecognitionModule(contrasted(model, "paper"), recipe())
    with pytest.raises(ValueError, match="label_smoothing needs one class of each clip"):
        RecognitionModule(model, recipe(label_smoothing=0.1))


def test_scores_have_the_smooth_l1_loss_of_standardized_numbers(tiny):
    model = network(tiny, seed=1)
    model.target, model.score_mean, model.score_std = "score", 100.0, 10.0
    loss = RecognitionModule(model, recipe()).loss(
        torch.tensor([[1.0], [-4.0]]), torch.tensor([[120.0], [90.0]])
    )
    assert loss.item() == pytest.approx(((2 - 1 - 0.5) + (4 - 1 - 0.5)) / 2)
