import torch

from pyg_skeleton.nn.models.motion.pose_network import cosine_transform, last_frames


def test_cosine_transform():
    matrix = cosine_transform(9, torch.zeros(1, dtype=torch.float64))
    torch.testing.assert_close(matrix @ matrix.t(), torch.eye(9).double())
    torch.testing.assert_close(matrix[0], torch.full((9,), 1 / 3).double())
    constant = matrix @ torch.ones(9).double()
    torch.testing.assert_close(constant, torch.tensor([3.0, *[0.0] * 8]).double())


def test_last_frames():
    x = torch.arange(5.0).view(1, 1, 5, 1)
    assert last_frames(x, 3).flatten().tolist() == [2, 3, 4]
    assert last_frames(x[:, :, 3:], 4).flatten().tolist() == [3, 3, 3, 4]
