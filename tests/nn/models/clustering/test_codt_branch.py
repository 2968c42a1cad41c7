import pytest
import torch

from pyg_skeleton.nn.models import STGCN, CoDTBranch
from pyg_skeleton.skeleton import Skeleton

NTU = Skeleton.get("ntu25")


def make(**options):
    torch.manual_seed(0)
    encoder = lambda: STGCN(NTU, 1, channels=(8,), strides=(1,))  # noqa: E731
    given = {"projection": 4, "copy_teacher": True, "teacher_dropout": False, **options}
    return CoDTBranch(encoder, num_clusters=3, num_samples=12, **given)


def test_where_teachers_begin_and_what_they_drop():
    branch = make()
    weights = [list(n.state_dict().values()) for n in (branch.student, branch.teacher)]
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))
    other = make(copy_teacher=False, teacher_dropout=True)
    assert not torch.equal(other.student.clusters.weight, other.teacher.clusters.weight)
    for b, drops in ((branch, False), (other, True)):
        dropouts = [m for m in b.teacher.modules() if isinstance(m, torch.nn.Dropout)]
        assert dropouts
        assert all(m.training == drops for m in dropouts)
        assert b.teacher.encoder.norm.training
        assert not any(p.requires_grad for p in b.teacher.parameters())


def test_pseudo_labels_are_balanced_and_start_where_they_ended():
    branch = make()
    branch.bank.add_(torch.eye(8)[0] * 3)
    branch.start_clusters(torch.eye(8)[:3])
    nearest = branch.teacher.clusters(branch.bank).argmax(1)
    assert nearest.bincount(minlength=3).tolist() == [12, 0, 0]
    labels = branch.pseudo_labels(10.0)
    assert 3 <= labels.bincount(minlength=3).min() <= labels.bincount(minlength=3).max() <= 5
    assert bool(branch.potential.isfinite().all())
    before = branch.potential.clone()
    assert torch.equal(branch.pseudo_labels(10.0), labels)
    torch.testing.assert_close(branch.potential, before, atol=0.1, rtol=0.1)
    assert "potential" in branch.state_dict()


@pytest.mark.parametrize("wrong", [[float("nan")], [float("inf")], [float("inf"), -float("inf")]])
def test_a_bank_that_is_no_number_is_refused(wrong):
    branch = make()
    branch.bank[7, : len(wrong)] = torch.tensor(wrong)
    with pytest.raises(ValueError, match="bank of finite features, those of clip 7 are not"):
        branch.pseudo_labels(10.0)


def test_centroids_become_classifiers():
    branch = make()
    branch.start_clusters(torch.arange(24.0).view(3, 8))
    for network in (branch.student, branch.teacher):
        assert torch.equal(network.clusters.weight, torch.arange(24.0).view(3, 8))
        assert not network.clusters.bias.any()
