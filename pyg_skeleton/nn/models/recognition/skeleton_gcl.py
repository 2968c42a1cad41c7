from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.utils import scatter

from pyg_skeleton.nn.loss.graph_contrast import graph_contrast_loss, graph_triplet_loss
from pyg_skeleton.nn.models.memory_bank import InstanceBank, SampleBank, SemanticBank
from pyg_skeleton.nn.models.recognition.model import GraphLayer
from pyg_skeleton.nn.processes import gather

RECIPES: dict[str, dict[str, Any]] = {
    "paper": {"bank": "both", "train_head": True, "split": False, "only_full": False},
    "authors_code": {"bank": "samples", "train_head": False, "split": True, "only_full": True},
}


class GCLOutput(NamedTuple):
    """The output of :class:`SkeletonGCL`."""

    output: Any
    """The output of the network."""
    contrast: Tensor | None
    """The loss to add to that of the classes; :obj:`None` in evaluation mode."""


class SkeletonGCL(torch.nn.Module):
    r"""Graph contrastive learning beside any network that learns graphs, from the `"Graph
    Contrastive Learning for Skeleton-based Action Recognition" <https://arxiv.org/abs/2301.10900>`_
    paper.

    .. math::
        \mathcal{L} = \mathcal{L}_{CE} + \mathcal{L}_{NCE}^{Ins} + \mathcal{L}_{NCE}^{Sem}

    In training, a hook on one layer reads its graph, a head embeds it, and
    :func:`~pyg_skeleton.nn.loss.graph_contrast_loss` contrasts it with the embeddings in two
    memory banks: the latest clips of each class, and a running mean of each class. In evaluation
    mode :attr:`model` runs unchanged.

    Two recipes. :obj:`"paper"`: both banks, a trained head, one denominator; a clip is compared
    before it enters the banks. :obj:`"authors_code"`, as in the released code: a single bank with
    one slot per training clip, a fixed random head, separate denominators for hard and for random
    negatives; a clip enters the bank before it is compared. Each difference is one argument.

    .. code-block:: python

        gcl = SkeletonGCL(create_model("ctr_gcn", "nw-ucla"), num_classes=10, per_class=342)
        logits, contrast = gcl(batch)
        loss = F.cross_entropy(logits, batch.y) + contrast

    Args:
        model (torch.nn.Module): The network; its input has :obj:`y`, the class of each clip.
        num_classes (int): The number of classes.
        layer (int, str or torch.nn.Module, optional): The layer whose graph is contrasted: its
            position in the network's :meth:`~RecognitionModel.graph_layers`, or a module, or the
            name of one, whose output is a graph; or :obj:`"feature"`, to contrast the input of the
            network's :obj:`classifier` instead (Table 4). (default: the last one)
        recipe (str, optional): :obj:`"paper"` or :obj:`"authors_code"`. (default: :obj:`"paper"`)
        num_samples (int, optional): The number of training clips, for a bank of samples; the input
            then has :obj:`sample`, the number of each clip. (default: :obj:`None`)
        channels (int, optional): The size :math:`C_g` of an embedding. (default: :obj:`256`)
        per_class (int, optional): The size :math:`P` of the instance bank; the paper has 342 on
            NW-UCLA. (default: :obj:`684`)
        momentum (float, optional): :math:`\alpha` of the semantic bank. (default: :obj:`0.85`)
        temperature (float, optional): :math:`\tau`. (default: :obj:`0.8`)
        num_positives (int, optional): See the loss. (default: :obj:`128`)
        num_hard (int, optional): See the loss. (default: :obj:`512`)
        num_random (int, optional): See the loss. (default: :obj:`512`)
        positives (str, optional): See the loss. (default: :obj:`"hard"`)
        negatives (str, optional): See the loss. (default: :obj:`"both"`)
        objective (str, optional): :obj:`"infonce"`, :obj:`"triplet"`, or :obj:`"cross_entropy"` of
            a linear classifier on the embedding. (default: :obj:`"infonce"`)
        head (str, optional): :obj:`"fc"`, :obj:`"mlp"` (of two layers), or :obj:`"none"`.
            (default: :obj:`"fc"`)
        graph_size (int, optional): The size of a flattened graph; needed for other networks than
            ours. (default: :obj:`None`)
        average (int, optional): The dimension of the graph to average over first: channels or
            frames. (default: that of the layer, see :class:`GraphLayer`)
        bank (str, optional): :obj:`"both"`, :obj:`"instance"`, :obj:`"semantic"`, :obj:`"samples"`,
            or :obj:`"none"`: the other clips of the batch. (default: the recipe's)
        train_head (bool, optional): Whether the head learns. (default: the recipe's)
        split (bool, optional): See the loss. (default: the recipe's)
        only_full (bool, optional): See the loss. (default: the recipe's)

    Shapes:
        - **input:** what the network takes
        - **output:** :class:`GCLOutput`

    Raises:
        ValueError: If an argument is unknown or something is missing.

    Example:
        >>> network = CTRGCN("ntu25", 60, channels=(16, 32), strides=(1, 2))
        >>> model = SkeletonGCL(network, num_classes=60)
        >>> data = Skeleton.get("ntu25").to_data(torch.randn(25, 64, 3), y=7)
        >>> logits, contrast = model(data)
        >>> logits.shape
        torch.Size([1, 60])
    """

    def __init__(
        self,
        model: torch.nn.Module,
        num_classes: int,
        layer: int | str | torch.nn.Module = -1,
        recipe: str = "paper",
        num_samples: int | None = None,
        channels: int = 256,
        per_class: int = 684,
        momentum: float = 0.85,
        temperature: float = 0.8,
        num_positives: int = 128,
        num_hard: int = 512,
        num_random: int = 512,
        positives: str = "hard",
        negatives: str = "both",
        objective: str = "infonce",
        head: str = "fc",
        graph_size: int | None = None,
        average: int | None = None,
        bank: str | None = None,
        train_head: bool | None = None,
        split: bool | None = None,
        only_full: bool | None = None,
    ) -> None:
        super().__init__()
        if recipe not in RECIPES:
            raise ValueError(f"expected recipe {' or '.join(RECIPES)}, got {recipe!r}")
        given = {"bank": bank, "train_head": train_head, "split": split, "only_full": only_full}
        chosen = RECIPES[recipe] | {k: v for k, v in given.items() if v is not None}
        banks = ("both", "instance", "semantic", "samples", "none")
        for name, word, known in (
            ("bank", chosen["bank"], banks),
            ("objective", objective, ("infonce", "triplet", "cross_entropy")),
            ("head", head, ("fc", "mlp", "none")),
        ):
            if word not in known:
                raise ValueError(f"expected {name} {', '.join(known)}, got {word!r}")
        self.model, self.bank, self.objective = model, chosen["bank"], objective
        self.loss_options: dict[str, Any] = {
            "num_positives": num_positives,
            "num_hard": num_hard,
            "num_random": num_random,
            "positives": positives,
            "negatives": negatives,
            "temperature": temperature,
            "split": chosen["split"],
            "only_full": chosen["only_full"],
        }
        self._graph: Tensor | None = None
        source, size, averaged_dim = _find_layer(model, layer)
        if layer == "feature":
            source.register_forward_pre_hook(lambda module, args: self._keep(args[0]))
        else:
            source.register_forward_hook(lambda module, args, output: self._keep(output))
        self.average = averaged_dim if average is None else average
        size = size if graph_size is None else graph_size
        if size is None:
            raise ValueError(
                f"expected graph_size, the size of a flattened graph of {type(source).__name__}"
            )
        self.graph_size = int(size)
        self.head = _make_head(head, self.graph_size, channels, num_classes, chosen["train_head"])
        width = channels if head != "none" else self.graph_size
        self.instances = self.semantics = self.samples = self.classifier = None
        if objective == "cross_entropy":
            self.classifier = torch.nn.Linear(width, num_classes)
            return
        if self.bank in ("both", "instance"):
            self.instances = InstanceBank(num_classes, per_class, width)
        if self.bank in ("both", "semantic"):
            self.semantics = SemanticBank(num_classes, width, momentum)
        if self.bank == "samples":
            if num_samples is None:
                raise ValueError("a bank of samples needs num_samples, the number of clips")
            self.samples = SampleBank(num_samples, width)

    def graph_parameters(self) -> list[torch.nn.Parameter]:
        """Returns the trained graphs of the network, see :class:`SkeletonModel`."""
        parameters: list[torch.nn.Parameter] = getattr(self.model, "graph_parameters", list)()
        return parameters

    def _keep(self, graph: Tensor) -> None:
        if self.training:
            self._graph = graph

    def forward(self, data: Any) -> GCLOutput:
        """Returns what the network returns, in training with the loss of its graphs."""
        output = self.model(data)
        if not self.training:
            return GCLOutput(output, None)
        graph, self._graph = self._graph, None
        if graph is None:
            raise ValueError("the forward pass did not call the layer whose graph is contrasted")
        with torch.autocast(graph.device.type, enabled=False):
            v = self.embed(graph.float(), data)
            return GCLOutput(output, self.contrast(v, data.y, getattr(data, "sample", None)))

    def embed(self, graph: Tensor, data: Any) -> Tensor:
        r"""Returns the embeddings of the graphs of a batch, :math:`(N, C_g)`.

        Args:
            graph (torch.Tensor): What the layer returned, one graph per body or per clip.
            data (SkeletonData): The batch.
        """
        if self.average is not None:
            graph = graph.mean(self.average)
        graph = graph.flatten(1)
        if graph.size(1) != self.graph_size:
            raise ValueError(
                f"expected graphs of {self.graph_size} numbers, got {graph.size(1)}; average=... "
                f"is the dimension of channels or frames"
            )
        num_clips = data.y.numel()
        if graph.size(0) != num_clips:
            clip = getattr(data, "batch", None)
            bodies = None if clip is None else clip[:: clip.numel() // graph.size(0)]
            if bodies is None or bodies.numel() != graph.size(0):  # padded: as many in each clip
                graph = graph.view(num_clips, -1, graph.size(1)).mean(1)
            else:
                graph = scatter(graph, bodies, dim=0, dim_size=num_clips, reduce="mean")
        return F.normalize(self.head(graph))

    def contrast(self, v: Tensor, y: Tensor, sample: Tensor | None = None) -> Tensor:
        """Returns the loss of embeddings, and adds them to the banks. Several processes compute the
        loss of the embeddings of all, and have equal banks.
        """
        if self.classifier is not None:
            return F.cross_entropy(self.classifier(v), y)
        v, y = gather(v), gather(y)
        sample = None if sample is None else gather(sample)
        if self.bank == "none":
            others = ~torch.eye(len(y), dtype=torch.bool, device=y.device)
            return self._loss(v, y, v, y, others)
        seen = v.detach()
        if self.samples is not None:
            if sample is None:
                raise ValueError("a bank of samples needs data.sample, the number of each clip")
            self.samples.update(seen, y, sample)
            return self._loss(v, y, *self.samples.read())
        loss = v.new_zeros(())
        if self.instances is not None:
            loss = loss + self._loss(v, y, *self.instances.read())
            self.instances.update(seen, y)
        if self.semantics is not None:
            means, classes, there = self.semantics.read()
            if self.objective == "triplet":
                loss = loss + graph_triplet_loss(v, y, means, classes, there)
            else:
                # One positive and all other classes, so nothing is chosen.
                everyone = {"num_positives": 1, "num_hard": len(classes), "negatives": "hard"}
                options = self.loss_options | everyone | {"positives": "hard", "only_full": False}
                loss = loss + graph_contrast_loss(v, y, means, classes, there, **options)
            self.semantics.update(seen, y)
        return loss

    def _loss(self, v: Tensor, y: Tensor, bank: Tensor, bank_y: Tensor, valid: Tensor) -> Tensor:
        # The bank is updated before the backward pass, which needs the present values.
        bank = bank if bank is v else bank.clone()
        if self.objective == "triplet":
            return graph_triplet_loss(v, y, bank, bank_y, valid)
        return graph_contrast_loss(v, y, bank, bank_y, valid, **self.loss_options)


def _find_layer(model: torch.nn.Module, layer: int | str | torch.nn.Module) -> GraphLayer:
    """The layer by its position, its name, or its module."""
    layers: list[GraphLayer] = getattr(model, "graph_layers", list)()
    if isinstance(layer, torch.nn.Module):
        known = (record for record in layers if record.module is layer)
        return next(known, GraphLayer(layer, None))
    if isinstance(layer, int):
        if not -len(layers) <= layer < len(layers):
            raise ValueError(
                f"{type(model).__name__} has {len(layers)} layers that learn graphs, got layer "
                f"{layer}; give the module whose output is the graph"
            )
        return layers[layer]
    modules = dict(model.named_modules())
    name = "classifier" if layer == "feature" else layer
    if name not in modules:
        raise ValueError(f"there is no module {name!r} in {type(model).__name__}")
    if layer == "feature":
        return GraphLayer(modules[name], getattr(modules[name], "in_features", None))
    return _find_layer(model, modules[name])


def _make_head(
    kind: str, size: int, channels: int, num_classes: int, trained: bool
) -> torch.nn.Module:
    if kind == "none":
        return torch.nn.Identity()
    last = torch.nn.Linear(size if kind == "fc" else channels, channels)
    head: torch.nn.Module = last
    if kind == "mlp":
        head = torch.nn.Sequential(torch.nn.Linear(size, channels), torch.nn.ReLU(), last)
    torch.nn.init.normal_(last.weight, 0.0, (2 / num_classes) ** 0.5)  # as the authors do
    torch.nn.init.zeros_(last.bias)
    return head.requires_grad_(trained)
