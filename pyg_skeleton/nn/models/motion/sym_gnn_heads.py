"""The two heads of Sym-GNN."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.utils import scatter

from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.conv.joint_conv import JointConv
from pyg_skeleton.nn.conv.part_conv import PartConv
from pyg_skeleton.nn.pool import JointToPartPool, PartToJointUnpool
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.skeleton import BodyGraph


class RecognitionHead(torch.nn.Module):
    r"""The action-recognition head of Sym-GNN (section 5.2): a layer per joint, the mean over
    the joints of a clip (and its persons), a linear classifier.

    Args:
        in_channels (int): Size of the concatenated branches.
        hidden_channels (int): Size of the hidden layer.
        num_classes (int): The number of classes.
        num_nodes (int): The number of nodes of a body.
        dropout (float, optional): Dropout probability before the classifier.
            (default: :obj:`0.0`)

    Shapes:
        - **input:** :math:`(B \cdot V, C)` and the clip of each body :math:`(B)`
        - **output:** logits :math:`(N, \text{classes})`
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        num_classes: int,
        num_nodes: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.num_nodes = num_nodes
        self.hidden = torch.nn.Linear(in_channels, hidden_channels)
        self.dropout = torch.nn.Dropout(dropout)
        self.classifier = torch.nn.Linear(hidden_channels, num_classes)

    def forward(self, h: Tensor, clip: Tensor, num_clips: int) -> Tensor:
        """Returns the logits of each clip."""
        h = self.hidden(h).relu()
        h = h.view(-1, self.num_nodes, h.size(-1)).mean(dim=1)
        h = scatter(h, clip, dim=0, dim_size=num_clips, reduce="mean")
        return self.classifier(self.dropout(h))


class PredictionHead(torch.nn.Module):
    r"""The motion-prediction head of Sym-GNN (equation 10, Fig. 7), autoregressive and residual.

    .. math::
        \tilde{\mathbf{H}}^{(t)} &= \mathrm{JGC}(\mathbf{H}^{(t)})

        \mathbf{H}^{(t+1)} &= \mathrm{GRU}([\hat{\mathbf{X}}^{(t)}, \Delta^1 \hat{\mathbf{X}}^{(t)},
        \Delta^2 \hat{\mathbf{X}}^{(t)}, \hat{\mathbf{y}}], \tilde{\mathbf{H}}^{(t)})

        \hat{\mathbf{X}}^{(t+1)} &= \hat{\mathbf{X}}^{(t)} + f_{pred}(\mathbf{H}^{(t+1)})

    The GRU cell is shared by all joints. Its gates and its candidate read the convolved state
    :math:`\tilde{\mathbf{H}}`; what it carries over is the state before the convolution, as in the
    authors' later DMGNN. Read literally (:obj:`carry="convolved"`) the equation carries the
    convolved state, so that a linear map without bound acts on it anew in each frame; training
    then diverges on some data. The differences at the first step read the last observed
    frames. Where neither a structural nor an actional graph is left ("Only P"), the hidden state
    passes through the part graph instead. The last layer starts near zero, that is, the untrained
    network predicts the last pose.

    Args:
        in_channels (int): Size of the concatenated branches.
        hidden_channels (int): Size of the hidden state.
        pose_channels (int): Size of a joint's pose.
        num_classes (int): The number of classes in :math:`\hat{\mathbf{y}}`; 0 for none.
        skeleton (BodyGraph): The joints' graph.
        structural (bool): Whether the convolution has a structural part.
        actional (bool): Whether the convolution has an actional part.
        carry (str): :obj:`"hidden"` or :obj:`"convolved"`, see above.
        **kwargs (optional): Arguments of :class:`~pyg_skeleton.nn.JointConv`.

    Shapes:
        - **input:** :math:`(B \cdot V, C)`, the observed frames :math:`(B \cdot V, T \geq 3, D)`,
          the actional graph, class probabilities of each node :math:`(B \cdot V, \text{classes})`
        - **output:** :math:`(B \cdot V, T', D)`
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        pose_channels: int,
        num_classes: int,
        skeleton: BodyGraph,
        structural: bool = True,
        actional: bool = True,
        carry: str = "hidden",
        **kwargs: Any,
    ) -> None:
        super().__init__()
        if carry not in ("hidden", "convolved"):
            raise ValueError(f"expected carry 'hidden' or 'convolved', got {carry!r}")
        self.carry = carry
        H = hidden_channels
        self.embed = torch.nn.Sequential(
            torch.nn.Linear(in_channels, H), torch.nn.ReLU(), torch.nn.Linear(H, H)
        )
        self.conv: torch.nn.Module
        if structural or actional:
            self.conv = JointConv(
                H, H, skeleton, structural=structural, actional=actional, **kwargs
            )
        else:
            self.conv = torch.nn.Sequential(
                JointToPartPool(skeleton), PartConv(H, H, skeleton), PartToJointUnpool(skeleton)
            )
        self.gru = torch.nn.GRUCell(3 * pose_channels + num_classes, H)
        self.out = torch.nn.Sequential(
            torch.nn.Linear(H, H), torch.nn.ReLU(), torch.nn.Linear(H, pose_channels)
        )
        torch.nn.init.normal_(self.out[2].weight, std=1e-3)  # type: ignore[arg-type]
        torch.nn.init.zeros_(self.out[2].bias)  # type: ignore[arg-type]

    def forward(
        self,
        h: Tensor,
        x: Tensor,
        actional: ActionalGraph | None,
        probability: Tensor | None,
        num_future: int,
        edges: Edges | None = None,
    ) -> Tensor:
        """Continues the observed frames; :obj:`edges` are those of the structural graph."""
        before, last, pose = x[:, -3], x[:, -2], x[:, -1]
        # Neither graphs nor classes change from frame to frame.
        conv = self._convolution(actional, edges)
        in_motion, in_classes = self.gru.weight_ih.tensor_split([3 * x.size(-1)], dim=1)
        classes: Tensor = self.gru.bias_ih
        if probability is not None:
            classes = F.linear(probability, in_classes, classes)
        h = self.embed(h)
        frames = []
        for _ in range(num_future):
            motion = torch.cat([pose, pose - last, pose - 2 * last + before], dim=-1)
            convolved = conv(h)
            carried = h if self.carry == "hidden" else convolved
            h = self._gru(torch.addmm(classes, motion, in_motion.t()), convolved, carried)
            before, last, pose = last, pose, pose + self.out(h)
            frames.append(pose)
        return torch.stack(frames, dim=1)

    def _convolution(
        self, actional: ActionalGraph | None, edges: Edges | None
    ) -> Callable[[Tensor], Tensor]:
        relations = getattr(self.conv, "relations", None)  # also of the optimized form
        if relations is None:
            return self.conv
        if edges is None and getattr(self.conv, "fused", True):
            graphs, weight = relations(actional)
            return lambda h: relational_sum(h, graphs, weight)
        return lambda h: self.conv(h, actional, edges)

    def _gru(self, from_input: Tensor, convolved: Tensor, carried: Tensor) -> Tensor:
        """The GRU cell without its map of the input, of which a part is the same for all frames."""
        from_state = F.linear(convolved, self.gru.weight_hh, self.gru.bias_hh)
        (r, z, n), (hr, hz, hn) = from_input.chunk(3, dim=1), from_state.chunk(3, dim=1)
        r, z = (r + hr).sigmoid_(), (z + hz).sigmoid_()
        return torch.lerp(torch.addcmul(n, r, hn).tanh_(), carried, z)
