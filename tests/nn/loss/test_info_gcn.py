import pytest
import torch

from pyg_skeleton.nn.loss import InfoGCNLoss


def test_info_gcn_loss_is_the_printed_sum():
    torch.manual_seed(0)
    loss = InfoGCNLoss(4, latent_channels=6)
    gram = loss.prior @ loss.prior.t()
    torch.testing.assert_close(gram, 9 * torch.eye(4), atol=1e-5, rtol=0)
    logits, z, y = torch.randn(5, 4), torch.randn(5, 6), torch.tensor([0, 0, 2, 2, 2])
    log = logits.log_softmax(1)
    ce = -(0.9 * log[range(5), y] + 0.1 * log.mean(1)).mean()
    off = [((z[y == c].mean(0) - loss.prior[c]) ** 2).mean() for c in (0, 2)]
    expected = ce + 1e-4 * z.mean(0).norm() + 0.1 * sum(off) / 2
    torch.testing.assert_close(loss(logits, z, y), expected)
    assert "prior" in loss.state_dict()
    with pytest.raises(ValueError, match="at most 2 classes"):
        InfoGCNLoss(3, latent_channels=2)
