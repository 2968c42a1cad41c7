import re
from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from pyg_skeleton.nn.conv.sem_g_conv import SemGConv
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.skeleton import Skeleton


@register_model("sem_gcn")
class SemGCN(GraphResNet):
    r"""Semantic graph convolutional networks, from the `"Semantic Graph Convolutional Networks for
    3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section 3.3, Fig. 2).

    :class:`GraphResNet` of :class:`~pyg_skeleton.nn.SemGConv` layers. Presets: :obj:`"paper"` (the
    0.43 M parameters of Table 1), :obj:`"no-non-local"` (0.27 M), :obj:`"channelwise"` (the layers
    of configuration 2) and :obj:`"channelwise-no-non-local"`.

    Args:
        skeleton (Skeleton): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input: 2, and image features.
            (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width. (default: :obj:`128`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`4`)
        non_local (bool, optional): Whether there are non-local layers. (default: :obj:`True`)
        channelwise (bool, optional): Edge weights per channel. (default: :obj:`False`)
        separate_self (bool, optional): A matrix for a joint, another for its neighbors.
            (default: :obj:`True`)
        groups (str, optional): The groups of the non-local layers. (default: :obj:`"pairs"`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        init (str, optional): How weights are drawn, see :class:`~pyg_skeleton.nn.VanillaGConv`.
            (default: :obj:`"official"`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m16"},
        "no-non-local": {"skeleton": "h36m16", "non_local": False},
        "channelwise": {"skeleton": "h36m16", "channelwise": True},
        "channelwise-no-non-local": {
            "skeleton": "h36m16",
            "channelwise": True,
            "non_local": False,
        },
    }

    def __init__(
        self,
        skeleton: Skeleton,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 128,
        num_blocks: int = 4,
        non_local: bool = True,
        channelwise: bool = False,
        separate_self: bool = True,
        groups: str = "pairs",
        dropout: float = 0.0,
        init: str = "official",
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        self._conv = {"channelwise": channelwise, "separate_self": separate_self, "init": init}
        super().__init__(
            skeleton,
            config,
            in_channels,
            out_channels,
            hidden_channels,
            num_blocks,
            non_local,
            groups,
            dropout,
        )

    def conv(self, in_channels: int, out_channels: int, last: bool = False) -> SemGConv:
        """Returns a graph convolution."""
        return SemGConv(in_channels, out_channels, self.skeleton, **self._conv)  # type: ignore[arg-type]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Tensor], skeleton: Skeleton | str = "h36m16"
    ) -> "SemGCN":
        """Builds the network from the weights of the authors' one (github.com/garyzhao/SemGCN).

        Width, blocks, edge weights per channel and non-local layers are told from the weights.

        Args:
            state_dict (dict): The weights under the authors' names; of a checkpoint of their
                scripts, the entry ``state_dict``.
            skeleton (Skeleton or str, optional): The layout, in the order of joints that the
                weights were trained with. (default: :obj:`"h36m16"`)

        Raises:
            ValueError: If a weight is missing or unknown, or the layout has another number of
                edges.
        """
        skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        first, last = (state_dict.get(f"gconv_{end}.W") for end in ("input.0.gconv", "output"))
        if first is None or last is None:
            raise ValueError(
                "expected the weights of the authors' SemGCN, 'gconv_input.0.gconv.W' and so on, "
                f"got {', '.join(sorted(state_dict)[:3])}, …"
            )
        edges = state_dict["gconv_input.0.gconv.e"]
        expected = skeleton.edge_index(self_loops=True).size(1)
        if edges.size(1) != expected:
            raise ValueError(
                f"expected weights of {expected} edges for skeleton {skeleton.name!r} "
                f"({skeleton.num_joints} joints), got {edges.size(1)}"
            )
        non_local = any(".nonlocal." in name for name in state_dict)
        layers = {int(m[1]) for n in state_dict if (m := re.match(r"gconv_layers\.(\d+)\.", n))}
        model = cls(
            skeleton,
            in_channels=first.size(1),
            out_channels=last.size(2),
            hidden_channels=first.size(2),
            num_blocks=len(layers) // (1 + non_local),
            non_local=non_local,
            channelwise=edges.size(0) > 1,
        )
        ours = {}
        for name, value in state_dict.items():
            ours[_our_name(name, 1 + non_local)] = _our_value(name, value)
        missing = [n for n, _ in model.named_parameters() if n not in ours]
        unknown = [n for n in ours if n not in model.state_dict()]
        if missing or unknown:
            raise ValueError(f"weights missing: {missing}; weights unknown: {unknown}")
        model.load_state_dict(ours | {"mean": model.mean, "std": model.std})
        return model.eval()


_NAMES = (
    (r"^gconv_input\.0", "input"),
    (r"^gconv_input\.1", "non_local.0"),
    (r"^gconv_output", "output"),
    (r"\.gconv\.", ".conv."),
    (r"\.bn\.", ".norm."),
    (r"\.W$", ".weight"),
    (r"\.e$", ".edge_weight"),
    (r"\.nonlocal\.W\.0", ".out"),
    (r"\.nonlocal\.W\.1", ".norm"),
    (r"\.nonlocal\.theta", ".theta"),
    (r"\.nonlocal\.phi(\.0)?\.", ".phi."),
    (r"\.nonlocal\.g(\.0)?\.", ".value."),
    (r"\.nonlocal\.concat_project\.0", ".affinity"),
)


def _our_name(name: str, step: int) -> str:
    def layer(match: re.Match[str]) -> str:
        i = int(match[1])
        return f"non_local.{i // 2 + 1}." if step == 2 and i % 2 else f"blocks.{i // step}."

    name = re.sub(r"^gconv_layers\.(\d+)\.", layer, name)
    name = re.sub(r"^(blocks\.\d+)\.gconv([12])\.", lambda m: f"{m[1]}.{int(m[2]) - 1}.", name)
    for pattern, replacement in _NAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _our_value(name: str, value: Tensor) -> Tensor:
    if name.endswith((".gconv.W", "gconv_output.W")):
        return value.transpose(1, 2)
    if name.endswith(".e"):
        return value.squeeze(0)
    return value.flatten(1) if ".nonlocal." in name and value.dim() > 2 else value
