import pytest
from lightning import Trainer

from pyg_skeleton.training import Hardware


@pytest.mark.filterwarnings("ignore:::lightning.*")
@pytest.mark.parametrize(("precision", "expected"), [("32", "32-true"), ("bf16", "bf16-mixed")])
def test_options_of_a_trainer(precision, expected):
    hardware = Hardware(accelerator="cpu", precision=precision)
    trainer = Trainer(**hardware.trainer_options(), logger=False)
    assert (trainer.precision, trainer.world_size) == (expected, 1)


@pytest.mark.filterwarnings("ignore:::lightning.*")
def test_the_number_of_processes():
    assert Hardware(accelerator="cpu").num_processes() == 1
    assert Hardware(accelerator="cpu", devices="3").num_processes() == 3
    assert Hardware(accelerator="cpu", num_nodes=2).num_processes() == 2


@pytest.mark.parametrize("strategy", ["fsdp", "deepspeed_stage_2"])
def test_networks_are_not_split(strategy):
    with pytest.raises(ValueError, match=f"has the whole network, got '{strategy}'"):
        Hardware(strategy=strategy)


def test_compiled_code_recomputes_by_itself():
    with pytest.raises(ValueError, match="expected compile or recompute, got both"):
        Hardware(compile=True, recompute=True)
