"""Networks on another device than the CPU.

Without such a device: on the device "meta", whose tensors have no numbers. The branches for other
devices run, and each operation must stay on one device. With the environment variable TEST_DEVICE,
"cuda" for example, what they compute there is compared with what they compute on the CPU.
"""

import copy
import os
from contextlib import nullcontext

import pytest
import torch
from torch.fx.experimental import _config
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.nn.models import SkeletonGCL, list_models

#: Networks with statistics of each person.
PERSONS = ("agcn", "codt", "ctr_gcn", "info_gcn", "st_gcn")
aten = torch.ops.aten
#: Operations that may have tensors of several devices, on CUDA too.
ACROSS = {aten.index.Tensor, aten._to_copy.default, aten.copy_.default}


class OneDevice(TorchDispatchMode):
    """Refuses operations on tensors of several devices; a number on the CPU is no tensor here."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        leaves = tree_leaves((args, kwargs or {}))
        devices = {x.device.type for x in leaves if isinstance(x, torch.Tensor) and x.dim() > 0}
        assert len(devices) < 2 or func in ACROSS, f"{func} on {', '.join(sorted(devices))}"
        return func(*args, **(kwargs or {}))


@pytest.fixture
def elsewhere(monkeypatch):
    """Checks a training step and an evaluation on another device."""
    if not hasattr(_config, "meta_nonzero_assume_all_nonzero"):
        pytest.skip(f"PyTorch {torch.__version__} has no nonzero without numbers")
    # This device has no autocast.
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda *args: False)
    monkeypatch.setattr(torch, "autocast", lambda *args, **kwargs: nullcontext())

    def check(model, clips):
        batch = next(iter(SkeletonLoader(clips, len(clips)))).to("meta")
        model.to("meta")
        # How many entries are not zero is unknown, too.
        with _config.patch(meta_nonzero_assume_all_nonzero=True), OneDevice():
            outputs = tensors(model.train()(batch))
            sum(out.sum() for out in outputs if out.requires_grad).backward()
            with torch.no_grad():
                outputs += tensors(model.eval()(batch))
        assert {out.device.type for out in outputs} == {"meta"}
        found = [p.grad for p in model.parameters() if p.grad is not None]
        assert {grad.device.type for grad in found} == {"meta"}

    return check


@pytest.mark.parametrize("name", list_models())
def test_networks_stay_on_their_device(name, small_network, elsewhere):
    # Which persons there are decides sizes in training.
    one = {"num_persons": 1} if name in PERSONS else {}
    model = small_network(name, **one)
    clips = model.plain_example(3, num_frames=8)
    elsewhere(model, [model._to_data(x[:1] if one else x) for x in clips])


def test_skeleton_gcl_stays_on_its_device(small_network, elsewhere):
    model = small_network("ctr_gcn", num_persons=1)
    clips = [model._to_data(x[:1]) for x in model.plain_example(3, num_frames=8)]
    for y, clip in enumerate(clips):
        clip.y = torch.tensor([y])
    elsewhere(SkeletonGCL(model, 60, per_class=4, num_positives=2), clips)


def test_a_tensor_on_the_cpu_is_found(small_network, elsewhere):
    model = small_network("lcn")
    clips = [model._to_data(x) for x in model.plain_example(3)]
    forward = model.forward
    model.forward = lambda data: forward(data) @ torch.eye(3)
    with pytest.raises(AssertionError, match=r"aten\.mm\.default on cpu, meta"):
        elsewhere(model, clips)


@pytest.mark.parametrize("name", list_models())
def test_a_device_computes_what_the_cpu_does(name, small_network):
    device = os.environ.get("TEST_DEVICE") or pytest.skip("TEST_DEVICE is not set")
    model = small_network(name).double()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):  # random numbers are those of the device
            module.p = 0.0
    clips = [model._to_data(x) for x in model.plain_example(3, num_frames=8)]
    batch = next(iter(SkeletonLoader(clips, 3)))
    batch.x = batch.x.double()
    other = copy.deepcopy(model).to(device)
    values = []
    for network, data in ((model, batch), (other, batch.clone().to(device))):
        outputs = tensors(network.train()(data))
        sum(out.square().sum() for out in outputs if out.requires_grad).backward()
        outputs += [p.grad for p in network.parameters() if p.grad is not None]
        values.append(outputs + tensors(network.eval()(data)))
    for expected, value in zip(*values, strict=True):
        assert value.device.type == torch.device(device).type
        torch.testing.assert_close(value.cpu(), expected, rtol=1e-6, atol=1e-8)


def tensors(output):
    """The tensors of an output."""
    if isinstance(output, torch.Tensor):
        return [output]
    parts = output if isinstance(output, (list, tuple)) else []
    return [tensor for part in parts for tensor in tensors(part)]
