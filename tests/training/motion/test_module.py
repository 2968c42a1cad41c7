import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.data import EpochSampler, SkeletonLoader
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import SymGNNModule

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
PROGRAM = Path(__file__).parents[1] / "tiny_run.py"


def a_batch(tiny, **kwargs):
    return next(iter(SkeletonLoader(tiny.Swinging(6, **kwargs), 6)))


def a_module(tiny, monkeypatch, model=None, **recipe):
    """A module outside of a trainer, whose one step is one of plain gradient descent."""
    recipe = tiny.tiny_recipe(**{"gradient_clip": 0.0} | recipe)
    module = SymGNNModule(tiny.tiny_model(dropout=0.0) if model is None else model, recipe)
    logged = {}
    monkeypatch.setattr(module, "log", lambda name, value, **_: logged.update({name: float(value)}))
    return module, logged


def gradients(module, batch):
    """The gradients of both tasks, zero where there is none, taken apart from the module."""
    named = dict(module.model.named_parameters())
    output = module.model(batch)
    losses = (
        F.cross_entropy(output.logits, batch.y),
        (output.prediction - batch.target).abs().mean(),
    )
    both = []
    for loss in losses:
        grads = torch.autograd.grad(
            loss, list(named.values()), retain_graph=True, allow_unused=True
        )
        both.append(
            {
                name: torch.zeros_like(p) if g is None else g
                for (name, p), g in zip(named.items(), grads, strict=True)
            }
        )
    return [loss.detach() for loss in losses], *both


def is_shared(name):
    return ".agim." in name or ".branches." in name


def closed_form(first, second):
    """The weight of equation 15, from its derivation: the foot of the perpendicular."""
    one, two = (torch.cat([g[n].flatten() for n in g if is_shared(n)]) for g in (first, second))
    foot = float((two @ two - one @ two) / (one @ one - 2 * one @ two + two @ two))
    return min(max(foot, 0.0), 1.0)


def assert_steps_to(module, before, expected):
    for name, p in module.model.named_parameters():
        torch.testing.assert_close(
            before[name] - p.detach(), expected[name], rtol=1e-4, atol=1e-6, msg=name
        )


def step(module, batch):
    """A step as of Lightning's loop; returns the weights before."""
    before = {n: p.detach().clone() for n, p in module.model.named_parameters()}
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    batches = batch if isinstance(batch, list) else [batch]
    for number, one in enumerate(batches):
        module.backward(module.training_step(one, number))
    module.on_before_optimizer_step(optimizer)
    module.configure_gradient_clipping()
    module.optimizer_step(0, 0, optimizer)
    return before


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_mgda_weighs_the_shared_parameters(tiny, monkeypatch, seed):
    model = tiny.tiny_model(seed=seed, dropout=0.0)
    # The last layer of prediction starts near zero; both tasks shall have a say.
    torch.nn.init.normal_(model.decoder.out[2].weight, std=1.0)
    module, logged = a_module(tiny, monkeypatch, model)
    batch = a_batch(tiny)
    losses, recg, pred = gradients(module, batch)
    weight = closed_form(recg, pred)
    before = step(module, batch)
    assert logged["lambda"] == pytest.approx(weight, abs=1e-4)
    assert logged["loss_recg"] == pytest.approx(float(losses[0]))
    assert logged["loss_pred"] == pytest.approx(float(losses[1]))
    expected = {}
    for name in recg:
        if is_shared(name):
            expected[name] = weight * recg[name] + (1 - weight) * pred[name]
        else:  # each head follows its own loss
            expected[name] = (pred if name.startswith("decoder.") else recg)[name]
    assert_steps_to(module, before, expected)


def test_mgda_strictly_between_the_tasks(tiny, monkeypatch):
    """The case above with a weight that is not clipped, so that the test does not hide in 0."""
    model = tiny.tiny_model(dropout=0.0)
    torch.nn.init.normal_(model.decoder.out[2].weight, std=2.0)
    module, logged = a_module(tiny, monkeypatch, model)
    step(module, a_batch(tiny))
    assert 0.01 < logged["lambda"] < 0.99


def test_mgda_may_weigh_the_heads_too(tiny, monkeypatch):
    model = tiny.tiny_model(dropout=0.0)
    torch.nn.init.normal_(model.decoder.out[2].weight, std=2.0)
    module, logged = a_module(tiny, monkeypatch, model, scale_heads=True)
    batch = a_batch(tiny)
    _, recg, pred = gradients(module, batch)
    before = step(module, batch)
    w = logged["lambda"]
    assert_steps_to(module, before, {n: w * recg[n] + (1 - w) * pred[n] for n in recg})


def test_mgda_on_gradients_divided_by_their_loss(tiny, monkeypatch):
    model = tiny.tiny_model(dropout=0.0)
    torch.nn.init.normal_(model.decoder.out[2].weight, std=2.0)
    module, logged = a_module(tiny, monkeypatch, model, balance="mgda-loss")
    batch = a_batch(tiny)
    losses, recg, pred = gradients(module, batch)
    scaled = [
        {n: g / float(loss) for n, g in grads.items()}
        for grads, loss in zip((recg, pred), losses, strict=True)
    ]
    step(module, batch)
    assert logged["lambda"] == pytest.approx(closed_form(*scaled), abs=1e-4)


@pytest.mark.parametrize("weight", [0.0, 0.3, "0.3", 1.0])
def test_fixed_weight_scales_everything(tiny, monkeypatch, weight):
    module, logged = a_module(tiny, monkeypatch, balance=weight)
    batch = a_batch(tiny)
    _, recg, pred = gradients(module, batch)
    before = step(module, batch)
    w = float(weight)
    assert logged["lambda"] == pytest.approx(w)
    assert_steps_to(module, before, {n: w * recg[n] + (1 - w) * pred[n] for n in recg})


@pytest.mark.parametrize("only", ["recognition", "prediction"])
def test_one_task_alone_is_plain_training(tiny, monkeypatch, only):
    other = {"recognition": "prediction", "prediction": "recognition"}[only]
    model = tiny.tiny_model(dropout=0.0, **{other: False})
    module, logged = a_module(tiny, monkeypatch, model)
    batch = a_batch(tiny)
    output = module.model(batch)
    if only == "recognition":
        loss = F.cross_entropy(output.logits, batch.y)
    else:
        loss = (output.prediction - batch.target).abs().mean()
    named = dict(module.model.named_parameters())
    grads = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    expected = {
        n: torch.zeros_like(p) if g is None else g
        for (n, p), g in zip(named.items(), grads, strict=True)
    }
    before = step(module, batch)
    assert_steps_to(module, before, expected)
    name = {"recognition": "loss_recg", "prediction": "loss_pred"}[only]
    assert logged == {name: pytest.approx(float(loss.detach()))}


def test_prediction_loss_as_printed(tiny, monkeypatch):
    module, logged = a_module(tiny, monkeypatch, prediction_reduction="sum")
    batch = a_batch(tiny)
    expected = float((module.model(batch).prediction - batch.target).abs().sum().detach() / 6)
    step(module, batch)
    assert logged["loss_pred"] == pytest.approx(expected)


def test_gradient_clip(tiny, monkeypatch):
    module, _ = a_module(tiny, monkeypatch, gradient_clip=1e-3)
    before = step(module, a_batch(tiny))
    moved = [before[n] - p.detach() for n, p in module.model.named_parameters()]
    norm = torch.cat([m.flatten() for m in moved]).norm()
    torch.testing.assert_close(norm, torch.tensor(1e-3), rtol=1e-3, atol=0)


def test_the_balance_is_that_of_all_batches_of_a_step(tiny, monkeypatch):
    model = tiny.tiny_model(dropout=0.0).eval()  # with the statistics that it has
    torch.nn.init.normal_(model.decoder.out[2].weight, std=1.0)
    module, logged = a_module(tiny, monkeypatch, model, accumulate=2)
    clips = tiny.Swinging(6)
    _, recg, pred = gradients(module, next(iter(SkeletonLoader(clips, 6))))
    halves = list(SkeletonLoader(clips, 3))
    alone = [closed_form(*gradients(module, half)[1:]) for half in halves]
    before = step(module, halves)
    weight = closed_form(recg, pred)
    assert logged["lambda"] == pytest.approx(weight, abs=1e-4)
    assert abs(weight - sum(alone) / 2) > 1e-3
    combined = {n: weight * recg[n] + (1 - weight) * pred[n] for n in recg}
    own = {n: (pred if n.startswith("decoder.") else recg)[n] for n in recg}
    assert_steps_to(module, before, {n: (combined if is_shared(n) else own)[n] for n in recg})


def test_several_persons_per_clip(tiny, monkeypatch):
    module, logged = a_module(tiny, monkeypatch)
    step(module, a_batch(tiny, persons=2))
    assert set(logged) == {"loss_recg", "loss_pred", "lambda"}


def test_prediction_needs_no_labels(tiny, tmp_path, monkeypatch):
    """Custom clips without labels."""
    data = tiny.Swinging
    monkeypatch.setattr(tiny, "Swinging", lambda *args: data(*args, labels=False))
    model = tiny.tiny_model(recognition=False, num_classes=1)
    trainer, _ = tiny.tiny_fit(tmp_path, model=model, recipe=tiny.tiny_recipe(max_steps=6))
    assert trainer.global_step == 6


def test_bfloat16(tiny, tmp_path):
    trainer, module = tiny.tiny_fit(tmp_path, precision="bf16-mixed")
    assert trainer.global_step == 8
    assert all(p.dtype == torch.float32 and p.isfinite().all() for p in module.parameters())


def test_compiled_equals_eager(tiny, tmp_path, monkeypatch):
    """MGDA walks the graph of the compiled network twice, too."""
    compiled = []

    def without_code_generation(function, **kwargs):
        compiled.append(function)
        return real(function, **kwargs | {"backend": "aot_eager"})

    real = torch.compile
    monkeypatch.setattr(torch, "compile", without_code_generation)
    small = {"blocks": ((4, 4),), "differences": (0,), "dropout": 0.0, "order": 1}
    small |= {"bone": False, "parts": False, "actional": False}
    recipe = tiny.tiny_recipe(max_steps=4, algorithm="sgd")
    runs = []
    for compile in (False, True):
        model = tiny.tiny_model(**small)
        tiny.tiny_fit(tmp_path / str(compile), model=model, recipe=recipe, compile=compile)
        runs.append(model)
    assert len(compiled) == 1
    assert "forward_clips" not in runs[1].__dict__
    for eager, other in zip(*(m.state_dict().values() for m in runs), strict=True):
        torch.testing.assert_close(eager, other, rtol=1e-3, atol=1e-4)


# Resuming #########################################################################################


@pytest.fixture(scope="module")
def finished(tiny, tmp_path_factory):
    """The folder of a short run."""
    out = tmp_path_factory.mktemp("finished")
    tiny.tiny_fit(out, recipe=tiny.tiny_recipe(max_steps=1))
    return out


def test_refuses_to_resume_another_network(tiny, finished):
    other = tiny.tiny_model(hidden_channels=4, dropout=0.0)
    message = (
        "the checkpoint is of another training: dropout=0.2 there, 0.0 here; "
        "hidden_channels=8 there, 4 here$"
    )
    with pytest.raises(ValueError, match=message):
        tiny.tiny_fit(finished, resume=True, model=other)


def test_refuses_to_resume_with_another_recipe_or_seed(tiny, finished):
    message = "another training: lr=0.01 there, 0.02 here; seed=0 there, 5 here$"
    with pytest.raises(ValueError, match=message):
        tiny.tiny_fit(finished, resume=True, recipe=tiny.tiny_recipe(lr=0.02), seed=5)


def test_refuses_to_resume_another_skeleton(tiny, finished):
    stick = tiny.STICK.to_dict()
    joints = [name.replace("head", "nose") for name in stick["joints"]]
    text = str(stick).replace("'head'", "'nose'")
    other = Skeleton.from_dict(eval(text) | {"name": "stick5-nose"})
    assert list(other.joints) == joints
    message = "the checkpoint is of another skeleton: .*head.*nose"
    with pytest.raises(ValueError, match=message) as error:
        tiny.tiny_fit(finished, resume=True, model=tiny.tiny_model(other))
    assert "\n" not in str(error.value)


# Two processes ####################################################################################


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Returns the final states of two processes."""
    out = tmp_path_factory.mktemp("pair")
    line = [sys.executable, str(PROGRAM), str(out)]
    # PyTorch 2.14 warns PyG.
    environment = {**os.environ, "PYTHONWARNINGS": "ignore::FutureWarning"}
    done = subprocess.run(line, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done, *(torch.load(out / f"rank{rank}.pt", weights_only=True) for rank in (0, 1))


def test_two_processes_agree(pair):
    _, first, second = pair
    assert first["state"].keys() == second["state"].keys()
    for name, value in first["state"].items():
        assert torch.equal(value, second["state"][name]), name
    assert first["lambda"] == second["lambda"]
    assert len(first["lambda"]) == 8


def test_two_processes_see_different_clips(tiny, pair):
    _, *ranks = pair
    for rank, result in enumerate(ranks):
        sampler = EpochSampler(12, num_samples=3 * 4 * 2, rank=rank, world_size=2)
        clips = [*sampler, *sampler, *sampler][: 8 * 4]
        labels = torch.cat([y for _, _, y in result["batches"]])
        assert labels.tolist() == [clip % 3 for clip in clips]
    assert not torch.equal(ranks[0]["batches"][0][0], ranks[1]["batches"][0][0])


def test_two_processes_step_by_the_mean_of_their_gradients(tiny, pair, monkeypatch):
    """The whole run again, in one process and by hand."""
    _, *ranks = pair
    model = tiny.tiny_model(dropout=0.0)
    model.set_normalization(*tiny.Swinging().statistics)
    module, _ = a_module(tiny, monkeypatch, model)
    recipe = tiny.tiny_recipe()
    optimizer = recipe.optimizer(model.parameters())
    buffers = [b for b in model.buffers() if b.is_floating_point()]
    for number in range(8):
        sums, running = None, []
        before = [b.clone() for b in buffers]
        for result in ranks:
            for b, old in zip(buffers, before, strict=True):
                b.copy_(old)
            x, target, y = result["batches"][number]
            motions = zip(x.view(4, 5, 8, 3), target.view(4, 5, 4, 3), y, strict=True)
            clips = [tiny.STICK.to_data(past, int(c), target=future) for past, future, c in motions]
            batch = next(iter(SkeletonLoader(clips, 4)))
            _, *both = gradients(module, batch)
            running.append([b.clone() for b in buffers])
            sums = (
                both
                if sums is None
                else [{n: a[n] + b[n] for n in a} for a, b in zip(sums, both, strict=True)]
            )
        for b, one, two in zip(buffers, *running, strict=True):
            b.copy_((one + two) / 2)
        recg, pred = ({n: g / 2 for n, g in grads.items()} for grads in sums)
        weight = closed_form(recg, pred)
        assert ranks[0]["lambda"][number] == pytest.approx(weight, abs=1e-3)
        for name, p in model.named_parameters():
            own = pred if name.startswith("decoder.") else recg
            p.grad = (
                weight * recg[name] + (1 - weight) * pred[name] if is_shared(name) else own[name]
            )
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * recipe.factor(number)
        optimizer.step()
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            ended = ranks[0]["state"][name]
            torch.testing.assert_close(ended, value, rtol=1e-2, atol=1e-3, msg=name)


def test_two_processes_speak_with_one_voice(pair, without_gloo):
    done, *_ = pair
    assert without_gloo(done.stdout) == ""
    assert "Traceback" not in done.stderr
    assert "warning" not in done.stderr.lower()
    assert done.stderr.count("training: 100%") == 1


def test_loss_in_the_unit_of_the_data_and_of_the_steps(tiny, monkeypatch):
    module, _ = a_module(tiny, monkeypatch, prediction_unit="data", velocity_weight=2.0)
    module.model.std.copy_(0.5 + torch.rand_like(module.model.std))
    batch = a_batch(tiny)
    output = module.model(batch)
    V = module.model.skeleton.num_joints
    prediction, target, x = (
        value.unflatten(0, (-1, V)) * module.model.std.unsqueeze(1)
        for value in (output.prediction, batch.target, batch.x)
    )
    steps, true_steps = (
        motion - torch.cat([x[:, :, -1:], motion[:, :, :-1]], dim=2)
        for motion in (prediction, target)
    )
    expected = (prediction - target).abs().mean() + 2 * (steps - true_steps).abs().mean()
    torch.testing.assert_close(module.losses(batch, output)["pred"], expected)


def test_mean_of_the_weights(tiny, monkeypatch):
    module, _ = a_module(tiny, monkeypatch, average=0.9)
    assert all(p.requires_grad is False for p in module.averaged.parameters())
    batch = a_batch(tiny)
    name, weight = next(iter(module.model.named_parameters()))
    values = []
    for _ in range(3):
        step(module, batch)
        values.append(weight.detach().clone())
    expected = 0.9 * (0.9 * values[0] + 0.1 * values[1]) + 0.1 * values[2]
    torch.testing.assert_close(module.averaged.module.get_parameter(name), expected)
    assert not torch.equal(weight, expected)
    module.on_fit_end()
    torch.testing.assert_close(weight, expected)
