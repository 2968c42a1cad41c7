import math

import pytest
import torch

from pyg_skeleton.nn.loss import (
    bank_contrast_loss,
    collaborative_loss,
    cosine_similarity,
    same_cluster,
    same_top_features,
)


def test_pairs_by_cluster_and_by_largest_features():
    pairs = same_cluster(torch.tensor([2, 0, 2]))
    assert pairs.tolist() == [[True, False, True], [False, True, False], [True, False, True]]
    features = torch.tensor([[5.0, 4, 0, 1], [-4, 9, 1, 0], [5, 0, 4, 1]])
    # The sets of the two largest: {0, 1}, {1, 0} by magnitude, {0, 2}.
    assert same_top_features(features, 2).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, True],
    ]
    with pytest.raises(ValueError, match="k from 1 to 4 features, got 5"):
        same_top_features(features)


def test_collaboration_by_hand():
    similarity = torch.tensor([[0.5, 0.25, 0.25], [0.2, 0.6, 0.2], [0.1, 0.1, 0.3]])
    pairs = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]]).bool()
    rows = [
        -(math.log(0.5) + math.log(0.25)) / 2,
        -(math.log(0.2) + math.log(0.6)) / 2,
        -math.log(0.6),  # 0.3 of 0.5
    ]
    assert collaborative_loss(similarity, pairs).item() == pytest.approx(sum(rows) / 3, rel=1e-5)


def test_collaboration_of_equals_is_log_n_and_finite_at_the_ends():
    n = 7
    same = torch.ones(n, n).bool()
    uniform = torch.full((n, 4), 0.25)
    assert collaborative_loss(uniform @ uniform.t(), same).item() == pytest.approx(math.log(n))
    sharp = torch.eye(n, requires_grad=True)
    loss = collaborative_loss(sharp @ sharp.t(), same)
    loss.backward()
    assert loss.isfinite()
    assert sharp.grad.isfinite().all()
    with pytest.raises(ValueError, match=r"two square matrices, got \[7, 7\] and \[2, 2\]"):
        collaborative_loss(torch.eye(7), torch.eye(2).bool())


def test_cosines_of_features_without_sign_are_shares():
    features = torch.rand(5, 8, dtype=torch.double)
    similarity = cosine_similarity(features)
    torch.testing.assert_close(similarity.diag(), torch.ones(5, dtype=torch.double))
    expected = torch.nn.functional.cosine_similarity(features[0], features[3], dim=0)
    torch.testing.assert_close(similarity[0, 3], expected)
    assert similarity.min() >= 0


def test_contrast_leaves_out_the_own_row():
    torch.manual_seed(0)
    unit = torch.nn.functional.normalize
    z, positive = unit(torch.randn(3, 4)), unit(torch.randn(3, 4))
    bank, own = unit(torch.randn(6, 4)), torch.tensor([4, 0, 2])
    rows = []
    for i in range(3):
        others = [z[i] @ bank[k] for k in range(6) if k != own[i]]
        logits = torch.stack([z[i] @ positive[i], *others]) / 0.07
        rows.append(torch.nn.functional.cross_entropy(logits[None], torch.tensor([0])))
    loss = bank_contrast_loss(z, positive, bank, own)
    torch.testing.assert_close(loss, torch.stack(rows).mean())
    per_row = bank_contrast_loss(z[:1], positive[:1], bank.index_copy(0, own[:1], z[:1]), own[:1])
    torch.testing.assert_close(per_row, bank_contrast_loss(z[:1], positive[:1], bank, own[:1]))
    with pytest.raises(ValueError, match="temperature > 0, got 0"):
        bank_contrast_loss(z, positive, bank, own, 0)
