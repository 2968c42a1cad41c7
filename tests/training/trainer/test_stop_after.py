import pytest

from pyg_skeleton.training import StopAfter


class Trainer:
    should_stop = False
    global_step = 0


@pytest.mark.parametrize(("step", "stops"), [(4, False), (5, True), (6, True)])
def test_stops_at_its_step(step, stops):
    trainer = Trainer()
    trainer.global_step = step
    StopAfter(5).on_train_batch_end(trainer, None, None, None, 0)
    assert trainer.should_stop == stops
    trainer = Trainer()
    trainer.global_step = step
    StopAfter(5).on_train_start(trainer, None)
    assert trainer.should_stop == stops
