import pytest
import torch

from pyg_skeleton.nn.models import InfoGCN
from pyg_skeleton.nn.models.recognition.info_gcn import bone_matrix
from pyg_skeleton.skeleton import Skeleton


def test_bones_of_info_gcn():
    ntu = Skeleton.get("ntu25")
    rows = [int((bone_matrix(ntu, k) - torch.eye(25)).any(1).sum()) for k in range(1, 5)]
    assert rows[0] == 24
    assert rows == sorted(rows, reverse=True)
    x = torch.randn(25, 3)
    parents = list(ntu.parents)
    expected = torch.stack([x[v] - (x[p] if p >= 0 else 0) for v, p in enumerate(parents)])
    torch.testing.assert_close(bone_matrix(ntu, 1) @ x, expected)
    assert torch.equal(bone_matrix(ntu, 0), torch.eye(25))
    with pytest.raises(ValueError, match="expected bone_order >= 0, got -1"):
        bone_matrix(ntu, -1)


def test_bones_of_the_authors_on_ntu():
    """Their root is the spine: facts of their matrix, the rows that are not those of the unit."""
    ntu = Skeleton.get("ntu25")
    eye = torch.eye(25)
    matrices = [bone_matrix(ntu, k, root="spine") for k in range(1, 9)]
    assert [int((m - eye).any(1).sum()) for m in matrices] == [24, 22, 17, 12, 8, 4, 2, 0]
    ours, theirs = bone_matrix(ntu, 1), matrices[0]
    assert (ours != theirs).nonzero().tolist() == [[1, 20], [20, 1]]
    assert ours[1, 20] == theirs[20, 1] == -1


def test_official_weights_give_the_official_output(answers):
    model, output, _, fixture = answers(InfoGCN, "infogcn_kinect20", bone_order=1)
    torch.testing.assert_close(output.latent, fixture["second_output"], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(model.bones, fixture["A_vector"].float())


def test_from_official_refuses_what_does_not_fit(refuses):
    refuses(InfoGCN, "infogcn_kinect20")
