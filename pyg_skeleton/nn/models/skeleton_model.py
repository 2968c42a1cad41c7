"""The base class of all networks: arguments, presets, examples of inputs, checkpoints."""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn.models.checkpoint import (
    FORMAT,
    Checkpoint,
    build,
    check_classes,
    check_weights,
    load_weights,
    read_checkpoint,
)
from pyg_skeleton.nn.models.freeze import Freezable
from pyg_skeleton.nn.models.inputs import (
    as_list,
    body_size,
    check_answer,
    prepare,
    warn_if_untrained,
)
from pyg_skeleton.nn.models.transfer import Transfer, transfer_weights
from pyg_skeleton.nn.optimized import optimize
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph, GraphLike, SkeletonLike, as_graph
from pyg_skeleton.skeleton.checks import suggest
from pyg_skeleton.transforms.chains import Chain
from pyg_skeleton.version import __version__
from pyg_skeleton.whole_file import write_tensors

S = TypeVar("S", bound="SkeletonModel")

#: Creates a graph convolution from the numbers of channels and the layout, for example a class.
ConvFactory = Callable[[int, int, BodyGraph], torch.nn.Module]


def as_data(
    data: Any,
    edge_index: Tensor | None,
    fields: Mapping[str, Any],
    frame_channels: int | None = None,
) -> Any:
    r"""Returns the data object that a network was called with, or makes one of features.

    So :obj:`network(x, edge_index)`, as explainers call it, equals :obj:`network(data)`. With
    :obj:`frame_channels`, features :math:`(N, T \cdot C)` are taken for those of :math:`T` frames:
    PyG's explainers know no others.

    Raises:
        TypeError: If there are edges or fields beside a data object, or no features.
    """
    if isinstance(data, Tensor):
        if frame_channels is not None and data.dim() == 2 and data.size(1) % frame_channels == 0:
            data = torch.unflatten(data, 1, (-1, frame_channels))
        return Data(x=data, edge_index=edge_index, **fields)
    if isinstance(data, torch.fx.Proxy):
        raise TypeError(
            "a network cannot be traced, which to_hetero does: give it to no node types, or build "
            "a heterogeneous network of its layers"
        )
    if edge_index is not None or fields:
        raise TypeError(f"expected a data object alone, or x with edge_index, got {data} and more")
    if not isinstance(getattr(data, "x", None), Tensor):
        raise TypeError(f"expected a data object with features x, got {type(data).__name__}")
    return data


class SkeletonModel(Freezable):
    """The base class of all networks.

    The arguments of the constructor are recorded in :attr:`config`, so that :meth:`save` and
    :meth:`load` need no help from a subclass. A constructor may end in ``**kwargs`` for arguments
    of its base class; ``inspect.signature`` of the class then lists them, too.

    Args:
        skeleton (BodyGraph, str, path, dict or torch.Tensor): The layout of the bodies, or any
            graph, see :func:`~pyg_skeleton.skeleton.as_graph`.
        in_channels (int): Size of a joint's input.
    """

    #: Arguments of the constructor by the name of the configuration, the default one first.
    presets: ClassVar[dict[str, dict[str, Any]]] = {}
    #: The attributes that a checkpoint keeps beside weights and arguments, plain values only.
    kept: ClassVar[tuple[str, ...]] = ("classes", "body_size", "frame_rate", "unit", "up")
    #: The present names of modules that older checkpoints call otherwise.
    renamed: ClassVar[dict[str, str]] = {}
    #: The weights of the network itself that have a dimension of joints, and its number;
    #: :obj:`None` if they only make sense on one layout.
    per_joint: ClassVar[dict[str, int | None]] = {}
    #: The layers from the features of a clip or pose to the output, see :meth:`named_parts`.
    head_layers: ClassVar[tuple[str, ...]] = ("classifier",)
    #: The linear layers with an output for each class.
    class_layers: ClassVar[tuple[str, ...]] = ("classifier",)
    #: Whether this is what :meth:`optimized` returned.
    is_optimized = False
    #: The number of persons that a clip may have.
    num_persons: int = 1
    #: The arguments of the constructor but the skeleton, with defaults filled in.
    config: dict[str, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _signature(cls)  # type: ignore[attr-defined]

    def __new__(cls, *args: Any, **kwargs: Any) -> "SkeletonModel":
        """Records the arguments of the constructor in :attr:`config`."""
        model = super().__new__(cls)
        if args or kwargs:  # copies and unpickled objects have their own state
            try:
                bound = inspect.signature(cls).bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{cls.__name__}: {error}") from None
            bound.apply_defaults()
            config = {name: _plain(value) for name, value in bound.arguments.items()}
            config.pop("skeleton", None)
            object.__setattr__(model, "config", config)
        return model

    def __init__(self, skeleton: GraphLike, in_channels: int) -> None:
        super().__init__()
        self.skeleton = as_graph(skeleton)
        self.in_channels = in_channels
        #: The names of the classes, where the data had some.
        self.classes: list[str] | None = None
        #: The deterministic transforms from a raw clip to the network's input, which
        #: :meth:`predict` applies.
        self.preparation: Chain | None = None
        #: The size of a raw training body from corner to corner, where it is known.
        self.body_size: float | None = None
        #: Frames per second of the training data, where it is known.
        self.frame_rate: float | None = None
        #: The unit of the training data, where it is known: one of
        #: :class:`~pyg_skeleton.data.Clip`, or :obj:`"rad"` for axis-angle vectors.
        self.unit: str | None = None
        #: The axis of the training data that points upwards, where it is known.
        self.up: str | None = None
        #: The report of :meth:`load` if it transferred weights to other classes or joints.
        self.transfer: Transfer | None = None

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """The type of the weights."""
        return next(self.parameters()).dtype

    @classmethod
    def from_preset(
        cls: type[S],
        preset: str | None = None,
        skeleton: GraphLike | None = None,
        **overrides: Any,
    ) -> S:
        """Creates the network from one of its :attr:`presets`.

        Args:
            preset (str, optional): The name of the preset. (default: the first one)
            skeleton (Skeleton or str, optional): The layout. (default: the preset's)
            **overrides (optional): Arguments that replace the preset's.

        Raises:
            ValueError: If there is no such preset.
        """
        arguments = {**cls.presets[cls.check_preset(preset)], **overrides}
        if skeleton is not None:
            arguments["skeleton"] = skeleton
        return cls(**arguments)

    @classmethod
    def check_preset(cls, preset: str | None) -> str:
        """Returns the name of a preset, the first one for :obj:`None`.

        Raises:
            ValueError: If there is no such preset.
        """
        if preset is None:
            return next(iter(cls.presets))
        if preset not in cls.presets:
            raise ValueError(
                f"unknown preset {preset!r} of {cls.__name__}; {suggest(preset, cls.presets)}"
            )
        return preset

    def set_preparation(self, preparation: Chain, clip: Tensor | None = None) -> None:
        r"""Sets the transforms from a raw clip to the input of the network, for :meth:`predict` and
        checkpoints.

        Args:
            preparation (Chain): The transforms, without random ones.
            clip (torch.Tensor, optional): A raw training clip :math:`(M, V, T, C)`, from which
                :meth:`predict` knows the units. (default: :obj:`None`)
        """
        self.preparation = preparation
        self.body_size = None if clip is None else body_size(clip.transpose(1, 2).double())

    def set_units(self, dataset: Any) -> None:
        """Takes over frame rate, unit and upward axis of the training data.

        Args:
            dataset (Dataset): The training data, with :obj:`frame_rate`, :obj:`unit` and :obj:`up`
                as far as they are known.
        """
        for name in ("frame_rate", "unit", "up"):
            setattr(self, name, getattr(dataset, name, None))

    def read_clips(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        image_size: tuple[int, int] | None = None,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> list[Data]:
        """Returns the input of the network for clips of the user, see
        :meth:`RecognitionModel.predict` for the arguments.
        """
        warn_if_untrained(self)
        return [
            prepare(clip, self, layout, image_size, unit, frame_rate, self.num_persons)
            for clip in as_list(clips)
        ]

    @torch.no_grad()
    def run_clips(
        self, function: Callable[[Any], Any], data: Sequence[Data], batch_size: int = 64
    ) -> Iterator[Any]:
        """Yields the output of a function for batches of clips, in order and in evaluation mode.
        A batch has clips of as many frames.

        Args:
            function (callable): Called with each batch.
            data (sequence of SkeletonData): The clips, prepared.
            batch_size (int, optional): The largest number of clips in a batch.
                (default: :obj:`64`)
        """
        training = self.training
        self.eval()
        try:
            for _, group in groupby(data, key=lambda d: d.x.shape[1:]):
                same = list(group)
                for first in range(0, len(same), batch_size):
                    batch = Batch.from_data_list(same[first : first + batch_size])
                    output = function(batch.to(self.device))
                    check_answer(output, self)
                    yield output
        finally:
            self.train(training)

    def stream(self, **kwargs: Any) -> Any:
        """Returns a :class:`~pyg_skeleton.nn.stream.Stream`, which answers frame by frame."""
        raise TypeError(f"{type(self).__name__} has no form frame by frame")

    def graph_parameters(self) -> list[torch.nn.Parameter]:
        """Returns the trained graphs, which some recipes freeze for the first epochs."""
        return []

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: by their name, the names of their modules
        and weights.

        ``head`` is all from the features of a clip or pose to the output, ``backbone`` all before
        it. Some networks have ``norm``, the normalization of the input, and ``graphs``, the trained
        graphs, which both belong to the backbone.
        """
        own = [name for name, _ in (*self.named_children(), *self.named_parameters(recurse=False))]
        graphs = {id(parameter) for parameter in self.graph_parameters()}
        parts = {
            "backbone": [name for name in own if name not in self.head_layers],
            "head": [name for name in own if name in self.head_layers],
            "norm": [name for name in own if name == "norm"],
            "graphs": [name for name, p in self.named_parameters() if id(p) in graphs],
        }
        return {part: names for part, names in parts.items() if names}

    def optimized(self: S) -> S:
        """Returns a copy for evaluation that gives the same answers in less time: batch norms are
        part of the layers in front of them, constant graphs and other functions of weights are
        computed once, parallel linear maps are one, and no layer passes messages.

        It predicts, embeds and exports as the network does, but knows no edges other than those of
        its layout, and can neither be trained nor saved.

        Raises:
            TypeError: If a layer has no such form.
        """
        if self.is_optimized:
            return self
        model = optimize(self)
        model.is_optimized = True
        return model

    def train(self: S, mode: bool = True) -> S:
        """Sets the mode.

        Raises:
            RuntimeError: If an optimized network is to be trained.
        """
        if mode and self.is_optimized:
            raise RuntimeError(
                "an optimized network cannot be trained; train the one that it was made of"
            )
        return super().train(mode)

    def forward_plain(self, x: Tensor) -> Any:
        """The forward pass on one tensor in the order of axes that files have, for export."""
        raise NotImplementedError(f"{type(self).__name__} has no forward pass on a plain tensor")

    def plain_example(self, batch_size: int = 1, num_frames: int | None = None) -> Tensor:
        r"""Returns random numbers that :meth:`forward_plain` takes: clips
        :math:`(N, M, T, V, C)`, in which the last person of the last clip is absent (zero).

        Args:
            batch_size (int, optional): The number of clips. (default: :obj:`1`)
            num_frames (int, optional): The number of frames. (default: :obj:`32`)
        """
        T, V = 32 if num_frames is None else num_frames, self.skeleton.num_joints
        x = torch.rand(batch_size, self.num_persons, T, V, self.in_channels)
        if self.num_persons > 1:
            x[-1, -1] = 0
        return x.to(self.device, self.dtype)

    def example_input(self, batch_size: int = 1, num_frames: int | None = None) -> Data:
        """Returns random data that :meth:`forward` takes, a batch for more than one clip or pose.

        Args:
            batch_size (int, optional): The number of clips or poses. (default: :obj:`1`)
            num_frames (int, optional): The number of frames. (default: :obj:`32`, or what the
                network reads)
        """
        clips = [self._to_data(x) for x in self.plain_example(batch_size, num_frames)]
        return clips[0] if batch_size == 1 else Batch.from_data_list(clips)

    def _to_data(self, x: Tensor) -> Data:
        """One clip ``[M, T, V, C]``, without absent persons."""
        present = (x != 0).flatten(1).any(dim=1)
        present[0] = True
        return self.skeleton.to_data(x[present].transpose(1, 2))

    def edges_of(self, data: Any) -> Edges | None:
        r"""Returns the edges that operators sum over, see :class:`~pyg_skeleton.nn.Edges`.

        :obj:`None` stands for the edges of the network's own layout: the data have none, or are
        known to have these, and no explainer looks at messages.
        """
        if getattr(data, "edge_index", None) is None and getattr(data, "adj_t", None) is None:
            return None
        edges, V = Edges.of(data), self.skeleton.num_joints
        explained = any(m.explain for m in self.modules() if isinstance(m, MessagePassing))
        own = not explained and edges.are_own(self.skeleton, data.x.size(0) // V)
        if self.is_optimized and not own:
            raise ValueError(
                "an optimized network has the edges of its layout, the data have others"
            )
        return None if own else edges

    def check_bodies(self, data: Any) -> None:
        """Refuses data of another layout.

        Raises:
            ValueError: If :obj:`data` names another layout or its nodes are no whole bodies.
        """
        named = getattr(data, "skeleton", None)
        named = named[0] if isinstance(named, (list, tuple)) and named else named
        if isinstance(named, str) and named != self.skeleton.name:
            raise ValueError(
                f"this {type(self).__name__} was built for skeleton {self.skeleton.name!r}, "
                f"the data are {named!r}"
            )
        if data.x.size(0) == 0 or data.x.size(0) % self.skeleton.num_joints != 0:
            raise ValueError(
                f"expected whole bodies of {self.skeleton.num_joints} joints "
                f"({self.skeleton.name}), got {data.x.size(0)} nodes"
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes weights, arguments, skeleton, preparation and the attributes :attr:`kept` to one
        file.

        The file is complete or not written at all.

        Raises:
            ValueError: If a weight is not finite, a layer was replaced, so that the arguments no
                longer describe the network, or :attr:`classes` has another length than the output.
        """
        if self.is_optimized:
            raise ValueError("an optimized network cannot be saved; save the one it was made of")
        check_weights(self.state_dict())
        self._check_shapes()
        check_classes(self.classes, self.config.get("num_classes"))
        content = {
            "format": f"pyg_skeleton.model/{FORMAT}",
            "version": __version__,
            "model": type(self).__name__,
            "config": self.config,
            "skeleton": self.skeleton.to_dict(),
            "fingerprint": self.skeleton.fingerprint,
            "edge_index": self.skeleton.edge_index(),
            "attributes": {name: getattr(self, name) for name in self.kept},
            "preparation": None if self.preparation is None else self.preparation.to_dict(),
            "state_dict": self.state_dict(),
        }
        write_tensors(content, path)

    def _check_shapes(self) -> None:
        """Compares the weights with those of a network of the same arguments."""
        if any(isinstance(v, Mapping) and "callable" in v for v in self.config.values()):
            return  # the arguments alone do not make the network
        with torch.random.fork_rng(devices=[]):
            expected = type(self)(self.skeleton, **self.config).state_dict()
        weights = self.state_dict()
        for name in expected.keys() | weights.keys():
            shapes = [tuple(d[name].shape) if name in d else None for d in (expected, weights)]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    f"cannot save this {type(self).__name__}: {name} has shape {shapes[1]}, the "
                    f"arguments of the constructor yield {shapes[0]}; pass other arguments "
                    f"(num_classes=...) instead of replacing a layer"
                )

    @classmethod
    def load(
        cls: type[S],
        path: str | os.PathLike[str],
        skeleton: GraphLike | None = None,
        classes: Sequence[str] | None = None,
        **overrides: Any,
    ) -> S:
        """Reads a file of :meth:`save`; a base class reads the networks of all its subclasses.

        With another skeleton, other classes or arguments, the network is one to fine-tune: weights
        of the same shape are taken over, weights per joint or edge by the names of the joints,
        weights per class by the names of the classes, and all others start anew. :attr:`transfer`
        is the report; print it.

        .. code-block:: python

            model = CTRGCN.load("model.pt", skeleton="coco17", classes=["wave", "nod"])
            print(model.transfer)

        The file may also hold weights alone: a state dictionary, by itself or under
        :obj:`state_dict` or :obj:`model_state_dict`, with or without the prefix of a module around
        the network. The arguments of the network are needed then:

        .. code-block:: python

            model = CTRGCN.load("weights.pt", skeleton="ntu25", num_classes=60)

        Args:
            path (str): The file.
            skeleton (Skeleton or str, optional): Another layout. (default: the file's)
            classes (list of str, optional): The names of other classes, which also set
                :obj:`num_classes`. (default: the file's)
            **overrides (optional): Arguments that replace those of the file, for example
                :obj:`num_classes`, or :obj:`conv` for a graph convolution of the caller.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged or holds something else, a weight is not finite,
                arguments are missing, or the skeletons have no joint in common.
        """
        path = Path(path)
        saved = read_checkpoint(path)
        if classes is not None:
            overrides = {"num_classes": len(classes), **overrides}
        if saved.model is None:
            model = cls._from_weights(path, saved, skeleton, overrides)
        else:
            model = cls._from_checkpoint(path, saved, skeleton, classes, overrides)
        if classes is not None:
            model.classes = [str(name) for name in classes]
        return model.eval()

    @classmethod
    def _from_checkpoint(
        cls: type[S],
        path: Path,
        saved: Checkpoint,
        skeleton: GraphLike | None,
        classes: Sequence[str] | None,
        overrides: dict[str, Any],
    ) -> S:
        kinds = {kind.__name__: kind for kind in _family(cls)}
        if saved.model not in kinds:
            raise ValueError(f"{path} holds a {saved.model}, expected a {cls.__name__}")
        kind = kinds[saved.model]
        code = {name: value for name, value in overrides.items() if callable(value)}
        config = {**saved.config, **code}
        for name, value in config.items():
            if isinstance(value, Mapping) and "callable" in value:
                raise ValueError(
                    f"{path} was saved with {name}={value['callable']}; pass it again, "
                    f"load(path, {name}=...)"
                )
        assert saved.skeleton is not None
        size = sum(weight.numel() for weight in saved.state_dict.values())
        try:
            model = build(kind, saved.skeleton, config, size)
            load_weights(model, saved.state_dict)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        model.preparation = saved.preparation
        for name in set(model.kept) & set(saved.attributes):
            setattr(model, name, saved.attributes[name])
        wanted = saved.skeleton if skeleton is None else as_graph(skeleton)
        same = wanted.fingerprint == saved.skeleton.fingerprint
        other = classes is not None and list(classes) != model.classes
        if same and not other and all(n in config and config[n] == overrides[n] for n in overrides):
            return model
        source, model = model, kind(wanted, **{**config, **overrides})
        for name in model.kept:
            setattr(model, name, getattr(source, name))
        if "num_classes" in overrides:
            names = source.classes if classes is None else list(classes)
            model.classes = names if len(names or ()) == overrides["num_classes"] else None
        model.transfer = transfer_weights(source, model)
        if same:
            model.preparation = source.preparation
        return model

    @classmethod
    def _from_weights(
        cls: type[S],
        path: Path,
        saved: Checkpoint,
        skeleton: GraphLike | None,
        overrides: dict[str, Any],
    ) -> S:
        signature = inspect.signature(cls).parameters
        config = {name: value for name, value in saved.config.items() if name in signature}
        config |= overrides
        layout = saved.skeleton if skeleton is None else as_graph(skeleton)
        if cls is SkeletonModel or _is_abstract(cls):
            raise ValueError(
                f"{path} holds weights alone; load them by the class of their network and with its "
                f"arguments, for example CTRGCN.load(path, skeleton='ntu25', num_classes=60)"
            )
        missing = [
            name
            for name, parameter in signature.items()
            if parameter.default is parameter.empty and name not in config
            if name != "skeleton" or layout is None
        ]
        if missing or layout is None:
            arguments = ", ".join(f"{name}=..." for name in missing)
            raise ValueError(
                f"{path} holds weights alone; pass the arguments of their network, "
                f"{cls.__name__}.load(path, {arguments})"
            )
        model = cls(layout, **config)
        try:
            load_weights(model, saved.state_dict)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        return model

    def extra_repr(self) -> str:  # noqa: D102
        known = {name: getattr(self, name) for name in ("frame_rate", "unit", "up", "preparation")}
        return ", ".join(f"{name}={value!r}" for name, value in known.items() if value is not None)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        for old, new in self.renamed.items():
            for name in [n for n in state_dict if n.startswith(f"{prefix}{old}.")]:
                state_dict[prefix + new + name[len(prefix + old) :]] = state_dict.pop(name)
        super()._load_from_state_dict(state_dict, prefix, *args)


def first_tensor(output: Any) -> Tensor:
    """The output of a network, or the first field that is there where it is a tuple."""
    fields = (output,) if isinstance(output, Tensor) else output
    first: Tensor = next(field for field in fields if field is not None)
    return first


def _family(cls: type[S]) -> list[type[S]]:
    """A class and its subclasses."""
    return [cls, *(kind for below in cls.__subclasses__() for kind in _family(below))]


def _is_abstract(cls: type) -> bool:
    return any(getattr(getattr(cls, n), "__isabstractmethod__", False) for n in dir(cls))


def _signature(cls: type) -> inspect.Signature:
    """The arguments of a constructor, with those of its bases where it ends in `**kwargs`."""
    parameters: dict[str, inspect.Parameter] = {}
    inherited = False
    for base in cls.__mro__:
        init: Callable[..., None] | None = vars(base).get("__init__")
        if init is None:
            continue
        own = list(inspect.signature(init).parameters.values())[1:]
        for parameter in own:
            named = parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
            if named and parameter.name not in parameters:
                kind = parameter.KEYWORD_ONLY if inherited else parameter.kind
                parameters[parameter.name] = parameter.replace(kind=kind)
        inherited = True
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own):
            break
    return inspect.Signature(sorted(parameters.values(), key=lambda p: p.kind))


def _plain(value: Any) -> Any:
    """An argument as a checkpoint can hold it; a class or function becomes its name."""
    if isinstance(value, BodyGraph):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        items = [_plain(item) for item in value]
        return tuple(items) if type(value) is tuple else items
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if callable(value):
        name = getattr(value, "__qualname__", type(value).__qualname__)
        return {"callable": f"{getattr(value, '__module__', '')}.{name}"}
    return value
