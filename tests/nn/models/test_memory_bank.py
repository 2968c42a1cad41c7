import pytest
import torch

from pyg_skeleton.nn.models import InstanceBank, SampleBank, SemanticBank


@pytest.mark.parametrize("batch", [1, 3, 50])
def test_instance_bank_is_first_in_first_out(batch):
    torch.manual_seed(0)
    bank = InstanceBank(num_classes=3, per_class=4, channels=2)
    vectors, y = torch.randn(50, 2), torch.randint(3, (50,))
    kept = {c: [] for c in range(3)}
    for start in range(0, 50, batch):
        part = slice(start, start + batch)
        bank.update(vectors[part], y[part])
        for v, label in zip(vectors[part], y[part].tolist(), strict=True):
            kept[label] = [*kept[label], v][-4:]
    stored, classes, there = bank.read()
    for c in range(3):
        mine = stored[(classes == c) & there]
        assert {tuple(v.tolist()) for v in mine} == {tuple(v.tolist()) for v in kept[c]}
    assert bank.count.tolist() == torch.bincount(y).tolist()


def test_instance_bank_fills_up():
    bank = InstanceBank(2, 3, 4)
    assert not bank.read()[2].any()
    bank.update(torch.ones(2, 4), torch.tensor([1, 1]))
    assert bank.read()[2].tolist() == [False] * 3 + [True, True, False]


@pytest.mark.parametrize("batch", [1, 4, 20])
def test_semantic_bank_is_a_running_mean(batch):
    torch.manual_seed(0)
    bank = SemanticBank(3, 2, momentum=0.85)
    vectors, y = torch.randn(20, 2), torch.randint(2, (20,))
    expected = {}
    for start in range(0, 20, batch):
        part = slice(start, start + batch)
        bank.update(vectors[part], y[part])
        for v, label in zip(vectors[part], y[part].tolist(), strict=True):
            before = expected.get(label)
            expected[label] = v if before is None else 0.85 * before + 0.15 * v
    stored, classes, there = bank.read()
    assert classes.tolist() == [0, 1, 2]
    assert there.tolist() == [True, True, False]
    torch.testing.assert_close(stored[:2], torch.stack([expected[0], expected[1]]))
    with pytest.raises(ValueError, match=r"expected momentum in \[0, 1\), got 1"):
        SemanticBank(3, 2, momentum=1)


def test_sample_bank_has_a_slot_per_clip():
    bank = SampleBank(5, 2)
    bank.update(torch.ones(2, 2), torch.tensor([1, 0]), torch.tensor([4, 2]))
    bank.update(2 * torch.ones(1, 2), torch.tensor([1]), torch.tensor([4]))
    stored, classes, there = bank.read()
    assert there.tolist() == [False, False, True, False, True]
    assert classes.tolist() == [-1, -1, 0, -1, 1]
    assert stored[[2, 4]].tolist() == [[1, 1], [2, 2]]


def test_banks_are_part_of_a_checkpoint():
    for bank in (InstanceBank(2, 3, 4), SemanticBank(2, 4, 0.5), SampleBank(6, 4)):
        args = (torch.randn(2, 4), torch.tensor([0, 1]))
        bank.update(*args, *([torch.tensor([0, 3])] if isinstance(bank, SampleBank) else []))
        state = bank.state_dict()
        assert {"vectors"} < set(state)
        assert not list(bank.parameters())
