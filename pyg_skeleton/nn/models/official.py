"""Weights of the authors' networks, under our names.

A function per network takes the authors' weights and the layout, and returns the arguments of our
network, as far as the weights tell, and the weights under our names.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor

from pyg_skeleton.nn.models.checkpoint import unwrap
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.skeleton import Skeleton, SkeletonLike, partition_neighbors
from pyg_skeleton.transforms.chains import (
    Chain,
    agcn_ntu,
    codt_chain,
    ctrgcn_ntu,
    ctrgcn_nw_ucla,
    infogcn_ntu,
    stgcn_kinetics,
    stgcn_ntu,
)

Weights = Mapping[str, Tensor]
Converted = tuple[dict[str, Any], dict[str, Tensor]]
S = TypeVar("S", bound=SkeletonModel)


def build(
    cls: type[S],
    convert: Callable[[Weights, Skeleton], Converted],
    state_dict: Mapping[str, Any],
    skeleton: SkeletonLike,
    kwargs: dict[str, Any],
) -> S:
    """Creates a network with the authors' weights, in evaluation mode; a classifier that they lack
    is zero.

    The networks for recognition get the authors' preparation of joints, for the layouts of NTU,
    NW-UCLA and Kinetics-Skeleton; weights do not tell the stream that they were trained on.

    Raises:
        ValueError: If weights are missing, unknown, or of another layout.
    """
    layout = Skeleton.of(skeleton)
    arguments, weights = convert(unwrap(state_dict), layout)
    corpus = _CORPORA.get(layout.name) if convert in (st_gcn, agcn, ctr_gcn, info_gcn) else None
    if corpus is not None:  # but on NW-UCLA, their clips have a second person, who may be zero
        arguments["pad_persons"] = layout.name != "kinect20"
    model = cls(layout, **{**arguments, **kwargs})
    if corpus is not None:
        model.frame_rate, model.unit, model.up = corpus
        encoder = "classifier.weight" not in weights
        model.preparation = _preparation(convert, layout, arguments["num_classes"], encoder)
    head = {
        n: torch.zeros_like(v) for n, v in model.state_dict().items() if n[:11] == "classifier."
    }
    load_renamed(model, head | weights)
    return model.eval()


#: Frame rate, unit and upward axis of NTU, NW-UCLA and Kinetics-Skeleton, by their layout.
_CORPORA: dict[str, tuple[float | None, str, str]] = {
    "ntu25": (30.0, "m", "y"),
    "kinect20": (None, "m", "y"),
    "openpose18": (30.0, "normalized", "y"),
}


def _preparation(
    convert: Callable[..., Converted], skeleton: Skeleton, num_classes: int, encoder: bool
) -> Chain | None:
    """The authors' preparation of the joints of a clip."""
    if encoder:  # of CoDT
        return codt_chain(skeleton) if skeleton.name == "ntu25" else None
    if skeleton.name == "kinect20":
        return ctrgcn_nw_ucla(train=False)
    if skeleton.name == "openpose18":
        return stgcn_kinetics(train=False)
    if convert is ctr_gcn:  # on NTU 120, a single person is there twice
        return ctrgcn_ntu(train=False, duplicate=num_classes == 120)
    if convert is info_gcn:
        return infogcn_ntu(train=False)
    return agcn_ntu() if convert is agcn else stgcn_ntu()


def load_renamed(model: SkeletonModel, weights: dict[str, Tensor]) -> None:
    """Loads weights under our names.

    Raises:
        ValueError: If a weight is missing, unknown or of another shape.
    """
    ours = model.state_dict()
    missing = [name for name in ours if name not in weights and "num_batches" not in name]
    unknown = [name for name in weights if name not in ours]
    if missing or unknown:
        raise ValueError(
            f"these are no weights of {type(model).__name__}: missing {missing[:5]}, unknown "
            f"{unknown[:5]}"
        )
    for name, value in weights.items():
        if value.shape != ours[name].shape:
            raise ValueError(
                f"expected {name} of shape {tuple(ours[name].shape)}, got {tuple(value.shape)}"
            )
    model.load_state_dict(weights, strict=False)


def sem_gcn(state_dict: Weights, skeleton: Skeleton) -> Converted:
    """SemGCN: github.com/garyzhao/SemGCN."""
    first, last = (state_dict.get(f"gconv_{end}.W") for end in ("input.0.gconv", "output"))
    if first is None or last is None:
        raise _unknown(state_dict, "gconv_input.0.gconv.W", "gconv_output.W")
    edges = state_dict["gconv_input.0.gconv.e"]
    expected = skeleton.edge_index(self_loops=True).size(1)
    if edges.size(1) != expected:
        raise ValueError(
            f"expected weights of {expected} edges for skeleton {skeleton.name!r} "
            f"({skeleton.num_joints} joints), got {edges.size(1)}"
        )
    non_local = any(".nonlocal." in name for name in state_dict)
    step = 2 if non_local else 1  # layers per residual block
    layers = {int(m[1]) for n in state_dict if (m := re.match(r"gconv_layers\.(\d+)\.", n))}

    def layer(match: re.Match[str]) -> str:
        i = int(match[1])
        return f"non_local.{i // 2 + 1}." if non_local and i % 2 else f"blocks.{i // step}."

    weights = {}
    for name, value in state_dict.items():
        ours = re.sub(r"^gconv_layers\.(\d+)\.", layer, name)
        ours = re.sub(r"^(blocks\.\d+)\.gconv([12])\.", lambda m: f"{m[1]}.{int(m[2]) - 1}.", ours)
        if name.endswith((".gconv.W", "gconv_output.W")):
            value = value.transpose(1, 2)
        elif name.endswith(".e"):
            value = value.squeeze(0)
        elif ".nonlocal." in name and value.dim() > 2:
            value = value.flatten(1)
        weights[_renamed(ours, _SEM_GCN)] = value
    arguments = {
        "in_channels": first.size(1),
        "out_channels": last.size(2),
        "hidden_channels": first.size(2),
        "num_blocks": len(layers) // step,
        "non_local": non_local,
        "channelwise": edges.size(0) > 1,
    }
    return arguments, weights


def martinez_mlp(state_dict: Weights, skeleton: Skeleton) -> Converted:
    """The PyTorch port of the network by Martinez et al. that SemGCN's authors use."""
    weights = {_renamed(name, _MARTINEZ): value for name, value in state_dict.items()}
    if "input.0.weight" not in weights or "output.weight" not in weights:
        raise _unknown(state_dict, "w1.weight", "w2.weight")
    width, channels = weights["input.0.weight"].shape
    V, outputs = skeleton.num_joints, weights["output.weight"].size(0)
    if channels != 2 * V or outputs not in (3 * V, 3 * (V - 1)):
        raise ValueError(
            f"expected weights from {2 * V} to {3 * V} or {3 * (V - 1)} numbers for skeleton "
            f"{skeleton.name!r} ({V} joints), got {channels} to {outputs}"
        )
    arguments = {
        "hidden_channels": width,
        "num_blocks": _num_blocks(weights),
        "predict_root": outputs == 3 * V,
    }
    return arguments, weights


def st_gcn(state_dict: Weights, skeleton: Skeleton) -> Converted:
    """ST-GCN: github.com/yysijie/st-gcn, and CoDT's encoder: github.com/canbaoburen/CoDT."""
    if "A" not in state_dict or "st_gcn_networks.0.gcn.conv.weight" not in state_dict:
        raise _unknown(state_dict, "A", "st_gcn_networks.0.gcn.conv.weight")
    adjacency = state_dict["A"].transpose(1, 2)
    K = adjacency.size(0)
    weights: dict[str, Tensor] = {}
    for name, value in state_dict.items():
        ours = _renamed(name, _ST_GCN)
        if ours.endswith("conv.weight") and "gcn" in name:
            value = value.reshape(K, -1, value.size(1))
        elif ours.endswith("conv.bias"):
            value = value.reshape(K, -1)
        elif "edge_importance" in name:
            value = value.transpose(1, 2)
        weights[ours] = _without_kernel(value)
    del weights["A"]
    arguments: dict[str, Any] = {
        "in_channels": weights["blocks.0.conv.weight"].size(2),
        "channels": _widths(weights, "norm"),
        "strategy": _strategy(adjacency, skeleton),
        "edge_importance": "blocks.0.conv.importance" in weights,
    }
    arguments["strides"] = _strides(arguments["channels"])
    arguments["num_classes"] = 1  # unless the caller says otherwise
    if "classifier.weight" in weights:
        weights["classifier.weight"] = weights["classifier.weight"].squeeze(-1)
        arguments["num_classes"] = weights["classifier.weight"].size(0)
    return arguments, weights


def agcn(state_dict: Weights, skeleton: Skeleton) -> Converted:
    """2s-AGCN: github.com/lshiwjx/2s-AGCN, and AAGCN, its successor."""
    arguments, weights = _numbered_blocks(state_dict, "gcn1.bn.weight", skeleton)
    for block in _block_names(arguments):
        for part in ("weight", "bias"):
            a, b, d = (
                [_linear(weights.pop(f"{block}.gcn1.conv_{x}.{k}.{part}")) for k in range(3)]
                for x in "abd"
            )
            weights[f"{block}.conv.similarity.embed.{part}"] = torch.cat([*a, *b])
            weights[f"{block}.conv.{part}"] = torch.stack(d)
        weights[f"{block}.conv.learned"] = weights.pop(f"{block}.gcn1.PA").transpose(1, 2)
    weights = {_renamed(name, _AGCN): _without_kernel(value) for name, value in weights.items()}
    arguments["attention"] = "blocks.0.conv.alpha" in weights
    return arguments | _persons(state_dict, weights, skeleton), weights


def ctr_gcn(state_dict: Weights, skeleton: Skeleton) -> Converted:
    """CTR-GCN: github.com/Uason-Chen/CTR-GCN."""
    arguments, weights = _numbered_blocks(state_dict, "gcn1.bn.weight", skeleton)
    for block in _block_names(arguments):
        for part in ("weight", "bias"):
            one, two, three, four = (
                [_linear(weights.pop(f"{block}.gcn1.convs.{k}.conv{j}.{part}")) for k in range(3)]
                for j in (1, 2, 3, 4)
            )
            weights[f"{block}.conv.refinement.embed.{part}"] = torch.cat([*one, *two])
            weights[f"{block}.conv.{part}"] = torch.stack(three)
            weights[f"{block}.conv.refinement.{part}"] = torch.stack(four)
        weights[f"{block}.conv.shared"] = weights.pop(f"{block}.gcn1.PA")
        _gather_branches(weights, f"{block}.tcn1", f"{block}.temporal")
    weights = {_renamed(name, _CTR_GCN): _without_kernel(value) for name, value in weights.items()}
    return arguments | _persons(state_dict, weights, skeleton), weights


def info_gcn(state_dict: Weights, skeleton: Skeleton) -> Converted:
    """InfoGCN: github.com/stnoah1/infogcn."""
    arguments, weights = _numbered_blocks(state_dict, "agcn.bn.weight", skeleton)
    weights["position"] = weights.pop("pos_embedding").squeeze(0)
    heads = weights["blocks.0.agcn.shared_topology"].size(0)
    for block in _block_names(arguments):
        for part in ("weight", "bias"):
            values = [weights.pop(f"{block}.agcn.conv_d.{k}.{part}") for k in range(heads)]
            weights[f"{block}.conv.{part}"] = torch.stack([_linear(value) for value in values])
        _gather_branches(weights, f"{block}.tcn", f"{block}.temporal")
    weights = {_renamed(name, _INFO_GCN): _without_kernel(value) for name, value in weights.items()}
    hidden, channels = weights["embedding.weight"].shape
    arguments |= {
        "in_channels": channels,
        "hidden_channels": hidden,
        "latent_channels": weights["hidden.weight"].size(0),
        "heads": heads,
        "num_persons": state_dict["data_bn.weight"].numel() // (skeleton.num_joints * hidden),
        # Where their bones point in another direction than ours.
        "bone_root": "spine" if skeleton.name == "ntu25" else None,
        "reversed_bones": skeleton.name == "kinect20",
    }
    return arguments, weights


_SEM_GCN = (
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
_MARTINEZ = (
    (r"^w1\.", "input.0."),
    (r"^batch_norm1\.", "input.1."),
    (r"^w2\.", "output."),
    (r"^linear_stages\.(\d+)\.w([12])\.", r"blocks.\1.\2.0."),
    (r"^linear_stages\.(\d+)\.batch_norm([12])\.", r"blocks.\1.\2.1."),
    (r"^(blocks\.\d+)\.1\.", r"\1.0."),
    (r"^(blocks\.\d+)\.2\.", r"\1.1."),
)
_ST_GCN = (
    (r"^data_bn", "norm"),
    (r"^fcn", "classifier"),
    (r"^edge_importance\.(\d+)", r"blocks.\1.conv.importance"),
    (r"^(st_gcn_networks\.\d+)\.edge_importance", r"\1.conv.importance"),
    (r"^st_gcn_networks", "blocks"),
    (r"\.gcn\.conv", ".conv"),
    (r"\.tcn\.0", ".norm"),
    (r"\.tcn\.2", ".temporal"),
    (r"\.tcn\.3", ".temporal_norm"),
)
_COMMON = (
    (r"^data_bn", "norm"),
    (r"\.residual\.conv", ".residual.0"),
    (r"\.residual\.bn", ".residual.1"),
)
_CTR_GCN = (
    *_COMMON,
    (r"^fc\.", "classifier."),
    (r"\.gcn1\.alpha", ".conv.alpha"),
    (r"\.gcn1\.bn", ".norm"),
    (r"\.gcn1\.down", ".down"),
)
_AGCN = (
    *_CTR_GCN,
    (r"\.gcn1\.conv_sa", ".attention.joint"),
    (r"\.gcn1\.conv_ta", ".attention.frame"),
    (r"\.gcn1\.fc1c", ".attention.squeeze"),
    (r"\.gcn1\.fc2c", ".attention.channel"),
    (r"\.tcn1\.conv", ".temporal.0"),
    (r"\.tcn1\.bn", ".temporal.1"),
)
_INFO_GCN = (
    *_COMMON,
    (r"^to_joint_embedding", "embedding"),
    (r"^fc\.", "hidden."),
    (r"^fc_mu", "latent_mean"),
    (r"^fc_logvar", "latent_log_std"),
    (r"^decoder", "classifier"),
    (r"\.agcn\.shared_topology", ".conv.shared"),
    (r"\.agcn\.attn\.to_qk", ".conv.attention.embed"),
    (r"\.agcn\.attn\.ln", ".conv.attention.norm"),
    (r"\.agcn\.bn", ".norm"),
    (r"\.agcn\.down", ".down"),
)


def _renamed(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def _unknown(state_dict: Weights, *expected: str) -> ValueError:
    some = ", ".join(sorted(state_dict)[:3])
    names = ", ".join(map(repr, expected))
    return ValueError(f"expected weights {names} and so on, got {some}, …")


def _linear(value: Tensor) -> Tensor:
    """The weights of a 1 x 1 convolution as those of a linear map."""
    return value.flatten(1) if value.dim() > 1 else value


def _without_kernel(value: Tensor) -> Tensor:
    """The weights of a convolution over one of two dimensions, without the other one."""
    return value.squeeze(-1) if value.dim() == 4 else value


def _num_blocks(weights: Weights) -> int:
    return len({name.split(".")[1] for name in weights if name.startswith("blocks.")})


def _widths(weights: Weights, norm: str) -> tuple[int, ...]:
    return tuple(weights[f"blocks.{i}.{norm}.weight"].numel() for i in range(_num_blocks(weights)))


def _strides(channels: tuple[int, ...]) -> tuple[int, ...]:
    """Time is halved where the width grows, but in CoDT's encoder, which keeps ST-GCN's strides."""
    if len(channels) == 10:
        return (1, 1, 1, 1, 2, 1, 1, 2, 1, 1)
    return tuple(2 if i and n != channels[i - 1] else 1 for i, n in enumerate(channels))


def _strategy(adjacency: Tensor, skeleton: Skeleton) -> str:
    """The partition of ST-GCN that yields a graph."""
    for strategy in ("spatial", "legacy", "distance", "uniform"):
        graph = partition_neighbors(skeleton, strategy).to(adjacency)
        if graph.shape == adjacency.shape and torch.allclose(graph, adjacency, atol=1e-5):
            return strategy
    raise ValueError(
        f"these weights have a graph of shape {tuple(adjacency.shape)} that is none of skeleton "
        f"{skeleton.name!r} ({skeleton.num_joints} joints)"
    )


def _numbered_blocks(state_dict: Weights, norm: str, skeleton: Skeleton) -> Converted:
    """The arguments that blocks ``l1``, ``l2``, … tell, and the weights with blocks numbered from
    zero: ``l1.`` becomes ``blocks.0.``.
    """
    channels: list[int] = []
    while f"l{len(channels) + 1}.{norm}" in state_dict:
        channels.append(state_dict[f"l{len(channels) + 1}.{norm}"].numel())
    if not channels or "data_bn.weight" not in state_dict:
        raise _unknown(state_dict, f"l1.{norm}", "data_bn.weight")
    graph = next(v for n, v in state_dict.items() if re.match(r"l1\..*(PA|shared_topology)$", n))
    if graph.size(-1) != skeleton.num_joints:
        raise ValueError(
            f"expected weights for the {skeleton.num_joints} joints of {skeleton.name!r}, got "
            f"{graph.size(-1)}"
        )
    classifier = "decoder.weight" if "decoder.weight" in state_dict else "fc.weight"
    arguments = {
        "num_classes": state_dict[classifier].size(0),
        "channels": tuple(channels),
        "strides": tuple(2 if i and n != channels[i - 1] else 1 for i, n in enumerate(channels)),
    }
    weights = {
        re.sub(r"^l(\d+)\.", lambda m: f"blocks.{int(m[1]) - 1}.", name): value
        for name, value in state_dict.items()
    }
    return arguments, weights


def _persons(state_dict: Weights, weights: Weights, skeleton: Skeleton) -> dict[str, Any]:
    """The channels of a joint and the number of persons, whom the first norm tells apart."""
    channels = weights["blocks.0.conv.weight"].size(2)
    width = skeleton.num_joints * channels
    return {
        "in_channels": channels,
        "num_persons": state_dict["data_bn.weight"].numel() // width,
    }


def _block_names(arguments: dict[str, Any]) -> list[str]:
    return [f"blocks.{i}" for i in range(len(arguments["channels"]))]


def _gather_branches(weights: dict[str, Tensor], source: str, target: str) -> None:
    """Replaces the four branches of a multi-scale temporal convolution by our joint weights."""

    def take(name: str) -> Tensor:
        return _without_kernel(weights.pop(f"{source}.branches.{name}"))

    for part in ("weight", "bias"):
        squeeze = torch.cat([take(f"{b}.0.{part}") for b in range(3)])
        weights[f"{target}.squeeze.{part}"] = _linear(squeeze)
        weights[f"{target}.point.{part}"] = _linear(take(f"3.0.{part}"))
        for b in range(2):
            weights[f"{target}.convs.{b}.{part}"] = take(f"{b}.3.conv.{part}")
    for part in ("weight", "bias", "running_mean", "running_var"):
        norms = torch.cat([take(f"{b}.1.{part}") for b in range(3)])
        weights[f"{target}.squeeze_norm.{part}"] = norms
        last = ("0.3.bn", "1.3.bn", "2.4", "3.1")
        weights[f"{target}.norm.{part}"] = torch.cat([take(f"{name}.{part}") for name in last])
    for name in [n for n in weights if n.startswith(f"{source}.") and "num_batches" in n]:
        weights.pop(name)
