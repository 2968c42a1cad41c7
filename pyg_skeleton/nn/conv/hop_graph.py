import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.sums.copies import num_copies
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.nn.temporal.temporal_conv import TemporalConv


class HopGraph(torch.nn.Module):
    r"""The temporal-aware dynamic graph of the `"Learning Skeletal Graph Neural Networks for Hard
    3D Pose Estimation" <https://arxiv.org/abs/2108.07181>`_ paper (equations 7 and 8).

    .. math::
        \mathbf{A}_k = \mathbf{M}_k + \alpha \mathbf{O}_k, \qquad
        \mathbf{O}_k = \tanh \left( \frac{1}{C' T'} \sum_{t=1}^{T'} \theta_k(\mathbf{X})_t
        \, \phi_k(\mathbf{X})_t^{\top} \right)

    for each group :math:`k` of hops, where :math:`\theta_k, \phi_k` are temporal convolutions (maps
    of single frames for :obj:`kernel_size=1`). A clip has one graph; the paper's strided variant
    leaves no other reading. The paper gives neither the width :math:`C'` nor the scale of the
    product nor the first :math:`\alpha`: they are those of 2s-AGCN, which has the same formula.

    Args:
        in_channels (int): Size of each input feature.
        hidden_channels (int): The width :math:`C'`.
        template (EdgeTemplate): The edges of each group.
        hop (torch.Tensor): Whether an edge is in the group's hops, :math:`(E)`; a free graph can
            learn the others.
        init (str, optional): :math:`\mathbf{M}_k` at the start: :obj:`"ori"`, one on the group's
            hops and zero elsewhere; :obj:`"dense"`, one on all edges; :obj:`"rand"`, uniform in
            [0, 1]; or :obj:`"none"`, no :math:`\mathbf{M}_k` at all. (default: :obj:`"ori"`)
        offset (bool, optional): Whether there is an :math:`\mathbf{O}_k`. (default: :obj:`True`)
        alpha (float, optional): The first :math:`\alpha`. (default: :obj:`0.0`)
        learn_alpha (bool, optional): Whether it is trained. (default: :obj:`True`)
        kernel_size (int, optional): The frames :math:`F` that :math:`\theta_k, \phi_k` see.
            (default: :obj:`1`)
        stride (int, optional): Their step in frames. (default: :obj:`1`)
        dilation (int, optional): Their distance between frames. (default: :obj:`1`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`, or :math:`(B \cdot V, C)` for poses
        - **output:** edge weights :math:`(B, E)`; :math:`(E)` without :math:`\mathbf{O}_k`

    Raises:
        ValueError: If :obj:`init` is unknown, or neither :math:`\mathbf{M}_k` nor
            :math:`\mathbf{O}_k` is left.
    """

    hop: Tensor
    slot: Tensor
    alpha: Tensor

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        template: EdgeTemplate,
        hop: Tensor,
        init: str = "ori",
        offset: bool = True,
        alpha: float = 0.0,
        learn_alpha: bool = True,
        kernel_size: int = 1,
        stride: int = 1,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        if init not in ("ori", "dense", "rand", "none"):
            raise ValueError(f"expected init 'ori', 'dense', 'rand' or 'none', got {init!r}")
        if init == "none" and not offset:
            raise ValueError("expected a graph of edges (init) or of features (offset), got none")
        self.init, self.hidden_channels, self.first_alpha = init, hidden_channels, alpha
        self.num_nodes, self.num_groups = template.num_nodes, template.num_relations
        self.register_buffer("hop", hop, persistent=False)
        self.register_buffer("slot", template.slot.clone(), persistent=False)
        self.base = None if init == "none" else Parameter(torch.empty(template.num_edges))
        self.embed: TemporalConv | None = None
        if offset:
            width = 2 * self.num_groups * hidden_channels
            self.embed = TemporalConv(in_channels, width, kernel_size, stride, dilation)
            first = torch.tensor(float(alpha))
            self.alpha = Parameter(first) if learn_alpha else first
            if not learn_alpha:
                del self.alpha
                self.register_buffer("alpha", first, persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        if self.embed is not None:
            torch.nn.init.kaiming_normal_(self.embed.weight, mode="fan_out")
            torch.nn.init.zeros_(self.embed.bias)  # type: ignore[arg-type]
            torch.nn.init.constant_(self.alpha, self.first_alpha)
        if self.base is not None and self.init == "rand":
            torch.nn.init.uniform_(self.base)
        elif self.base is not None:
            with torch.no_grad():
                self.base.copy_(self.hop if self.init == "ori" else torch.ones_like(self.base))

    def forward(self, x: Tensor) -> Tensor:
        """Returns the weights of all edges."""
        if self.embed is None:
            return self.base  # type: ignore[return-value]
        weight = self.alpha * self.offsets(x)
        return weight if self.base is None else self.base + weight

    def offsets(self, x: Tensor) -> Tensor:
        r"""Returns :math:`\mathbf{O}_k` of all edges, :math:`(B, E)`."""
        assert self.embed is not None
        h = self.embed(x.unsqueeze(1) if x.dim() == 2 else x)  # [B * V, T', 2 * G * H]
        return self.products(h).index_select(1, self.slot).tanh()

    def products(self, h: Tensor) -> Tensor:
        r"""Returns the mean products of embedded joints, :math:`(B, K \cdot V^2)`."""
        V, G, H = self.num_nodes, self.num_groups, self.hidden_channels
        B, T = num_copies(h, V), h.size(1)
        h = h.view(B, V, T, 2, G, H).permute(3, 0, 4, 1, 2, 5).reshape(2, B * G, V, T * H)
        graph = torch.bmm(h[0], h[1].transpose(1, 2)) / (T * H)  # targets in the rows
        return graph.view(B, G * V * V)
