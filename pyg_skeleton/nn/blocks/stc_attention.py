import torch
from torch import Tensor


class STCAttention(torch.nn.Module):
    r"""Attention over joints, then frames, then channels, of the `"Skeleton-Based Action
    Recognition with Multi-Stream Adaptive Graph Convolutional Networks"
    <https://arxiv.org/abs/1912.06971>`_ paper (equations 5 to 7).

    .. math::
        \mathbf{X} \leftarrow \mathbf{X} + \mathbf{X} \odot \sigma(g(\mathrm{mean}(\mathbf{X})))

    with a convolution :math:`g` over joints of the mean over frames; one over frames of the mean
    over joints; and two linear maps of the mean over both.

    Args:
        channels (int): Size of each feature.
        num_nodes (int): The number of joints.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`
        - **output:** :math:`(B \cdot V, T, C)`
    """

    def __init__(self, channels: int, num_nodes: int) -> None:
        super().__init__()
        self.num_nodes = num_nodes
        odd = num_nodes if num_nodes % 2 else num_nodes - 1
        self.joint = torch.nn.Conv1d(channels, 1, odd, padding=(odd - 1) // 2)
        self.frame = torch.nn.Conv1d(channels, 1, 9, padding=4)
        self.squeeze = torch.nn.Linear(channels, channels // 2)
        self.channel = torch.nn.Linear(channels // 2, channels)
        torch.nn.init.xavier_normal_(self.joint.weight)
        torch.nn.init.kaiming_normal_(self.squeeze.weight)
        for layer in (self.frame, self.channel):
            torch.nn.init.zeros_(layer.weight)
        for layer in (self.joint, self.frame, self.squeeze, self.channel):
            torch.nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Weighs joints, then frames, then channels."""
        h = x.view(-1, self.num_nodes, *x.shape[1:])  # [B, V, T, C]
        gate = self.joint(h.mean(2).transpose(1, 2)).sigmoid().view(*h.shape[:2], 1, 1)
        h = h + h * gate
        gate = self.frame(h.mean(1).transpose(1, 2)).sigmoid().view(h.size(0), 1, -1, 1)
        h = h + h * gate
        gate = self.channel(self.squeeze(h.mean((1, 2))).relu()).sigmoid()
        h = h + h * gate.view(h.size(0), 1, 1, -1)
        return h.view(x.shape)
