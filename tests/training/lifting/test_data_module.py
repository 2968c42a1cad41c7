import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.training import LiftingDataModule, PoseLoader


def draws(module):
    return [batch.x for batch in module.train_dataloader()]


def test_an_epoch_depends_on_the_seed_and_its_number(bodies):
    train = bodies()
    first, again, other = (draws(LiftingDataModule(train, None, 8, 3, seed)) for seed in (0, 0, 1))
    assert len(first) == 3
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


def test_an_epoch_is_a_pass_over_the_poses(bodies):
    loader = LiftingDataModule(bodies(), batch_size=9).train_dataloader()
    seen = torch.cat([batch.target.view(-1, 16, 3) for batch in loader])
    assert len(loader) == 5
    assert len(seen) == len({tuple(pose.flatten().tolist()) for pose in seen}) == 45


def test_serves_held_out_poses_in_order(bodies):
    val = bodies(seed=1)
    module = LiftingDataModule(bodies(), val, 32)
    batches = list(module.val_dataloader())
    assert torch.equal(torch.cat([b.target for b in batches]), val.targets.flatten(0, 1))
    assert LiftingDataModule(bodies()).val_dataloader() == []


def test_reads_item_by_item_where_it_must(bodies):
    plain = LiftingDataModule(bodies()).train_dataloader()
    assert isinstance(plain, PoseLoader)

    def shifted(data):
        data.x = data.x + 0.25
        return data

    module = LiftingDataModule(bodies(), bodies(transform=shifted), 48, 1)
    (batch,) = module.val_dataloader()
    assert isinstance(module.val_dataloader(), SkeletonLoader)
    assert torch.allclose(batch.x, bodies().keypoints.flatten(0, 1) + 0.25)


def test_refuses_pixels_and_empty_epochs(bodies):
    with pytest.raises(ValueError, match="steps_per_epoch >= 1, got 0"):
        LiftingDataModule(bodies(), steps_per_epoch=0)
    wrong = bodies()
    wrong._inputs = wrong._inputs * 1000
    with pytest.raises(ValueError, match=r"expected keypoints normalized to \[-1, 1\]"):
        LiftingDataModule(wrong)
