"""Networks as programs without Python: torch.export and ONNX."""

import copy
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.whole_file import whole_file

P = TypeVar("P", bound="PlainNetwork")

#: The largest difference that :func:`export_onnx` lets pass, relative and absolute.
TOLERANCE = 1e-3, 1e-4


class PlainNetwork(torch.nn.Module):
    r"""A network as a function of one tensor, in the order of axes of files of clips: its
    :meth:`~SkeletonModel.forward_plain`.

    Clips are padded with zeros to :attr:`num_persons`; a person whose joints are all zero is absent
    and has no influence, but in networks with :obj:`pad_persons=True`, which were trained so.
    Sym-GNN takes poses in the units of its training data and standardizes them itself.

    Args:
        model (SkeletonModel): The network.

    Shapes:
        - **input:** clips :math:`(N, M, T, V, C)`; of a :class:`LiftingModel` poses
          :math:`(N, V, C)`, or :math:`(N, F, V, C)` for :math:`F` frames
        - **output:** logits :math:`(N, \text{classes})`; of Sym-GNN also, or only, the predicted
          frames :math:`(N, M, T^{\prime}, V, C)`; of a :class:`LiftingModel` poses
          :math:`(N, V, 3)`
    """

    def __init__(self, model: SkeletonModel) -> None:
        super().__init__()
        self.model = model

    @property
    def num_persons(self) -> int:
        """The number of persons :math:`M` of a padded clip."""
        return self.model.num_persons

    def example(self, batch_size: int, frames: int) -> Tensor:
        """Returns an input of random numbers; the last person of the last clip is absent."""
        return self.model.plain_example(batch_size, frames)

    def inputs(self, batch_size: int, frames: int) -> dict[str, Tensor]:
        """Returns all inputs by name, see :meth:`example`."""
        return {"x": self.example(batch_size, frames)}

    def free_dims(self) -> dict[str, tuple[int, ...]]:
        """Returns the dimensions of inputs whose sizes an exported network leaves open: clips,
        persons and frames, or poses.
        """
        if self.example(1, 8).dim() < 5:
            return {"x": (0,)}
        return {"x": (0, 1, 2) if self.num_persons > 1 else (0, 2)}

    def forward(self, x: Tensor) -> Any:
        """Returns the output of the network for a plain tensor."""
        return self.model.forward_plain(x)

    def optimized(self: P) -> P:
        """Returns the same function with an optimized network, where there is one, see
        :meth:`SkeletonModel.optimized`; otherwise itself.
        """
        other = copy.copy(self)
        with suppress(TypeError):
            other._modules = {**self._modules, "model": self.model.optimized()}
        return other


def export_program(
    network: SkeletonModel | PlainNetwork, frames: int = 32
) -> torch.export.ExportedProgram:
    """Exports a network in evaluation mode, see :class:`PlainNetwork`; the numbers of clips,
    persons and frames stay free. The program is that of the network's
    :meth:`~SkeletonModel.optimized` form, where there is one.

    Args:
        network (SkeletonModel or PlainNetwork): The network.
        frames (int, optional): The frames of the clips that it is traced with.
            (default: :obj:`32`)
    """
    plain = as_plain(network)
    inputs = plain.inputs(3, frames)
    dims = plain.free_dims()
    free = {name: dict.fromkeys(dims.get(name, ()), torch.export.Dim.DYNAMIC) for name in inputs}
    with _evaluation(plain.model):
        args = tuple(inputs.values())
        return torch.export.export(plain.optimized(), args, dynamic_shapes=free)


def export_onnx(
    network: SkeletonModel | PlainNetwork,
    path: str | os.PathLike[str],
    frames: int = 32,
    int8: bool = False,
    about: Mapping[str, str] | None = None,
) -> None:
    """Writes a network to an ONNX file, see :class:`PlainNetwork`, and compares the outputs of the
    file and of the network for other numbers of clips and longer clips.

    The input is called :obj:`x`, the outputs :obj:`output` and, where there is a second one,
    :obj:`prediction`.

    Args:
        network (SkeletonModel or PlainNetwork): The network.
        path (str): The file; it is complete or not written at all.
        frames (int, optional): The frames of the clips that it is traced with.
            (default: :obj:`32`)
        int8 (bool, optional): Whether linear maps are stored and computed in 8 bits (dynamic
            quantization); outputs differ and are not compared. (default: :obj:`False`)
        about (dict, optional): Texts by name for the metadata of the file. (default: :obj:`None`)

    Raises:
        ImportError: If onnx, onnxscript or onnxruntime is missing (extra ``onnx``).
        RuntimeError: If the outputs of the file and the network differ.
    """
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ImportError(f"ONNX files need the extra 'onnx': {error}") from error
    plain = as_plain(network)
    program = export_program(plain, frames)
    names = ["output", "prediction"][: len(program.graph_signature.user_outputs)]
    with whole_file(path) as partial:
        with _quiet():
            file = torch.onnx.export(
                program,
                input_names=list(plain.inputs(1, frames)),
                output_names=names,
                verbose=False,
            )
        assert file is not None
        file.model.metadata_props.update(about or {})
        file.save(partial)
        if int8:
            quantize(partial, partial)
        session = onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
        if not int8:
            _compare(plain, session, frames)


def as_plain(network: SkeletonModel | PlainNetwork) -> PlainNetwork:
    """A network as a function of plain tensors."""
    return network if isinstance(network, PlainNetwork) else PlainNetwork(network)


def quantize(source: Path, path: Path) -> None:
    """Writes an ONNX file whose linear maps are stored and computed in 8 bits."""
    import onnx
    from onnxruntime.quantization import quantize_dynamic

    file = onnx.load(source)
    del file.graph.value_info[
        :
    ]  # shapes that the exporter left there can be those of other tensors
    with _quiet():
        quantize_dynamic(file, path, op_types_to_quantize=["MatMul", "Gemm"])


@torch.no_grad()
def _compare(plain: PlainNetwork, session: Any, frames: int) -> None:
    with _evaluation(plain.model):
        for batch_size, length in ((1, frames), (4, frames + 9)):
            inputs = plain.inputs(batch_size, length)
            expected = plain(**inputs)
            expected = expected if isinstance(expected, tuple) else (expected,)
            given = {name: value.cpu().numpy() for name, value in inputs.items()}
            for ours, array in zip(expected, session.run(None, given), strict=True):
                ours, theirs = ours.cpu(), torch.from_numpy(array)
                if not torch.allclose(ours, theirs, *TOLERANCE):
                    apart = (ours - theirs).abs().max()
                    shape = list(inputs["x"].shape)
                    raise RuntimeError(
                        f"the ONNX file of {type(plain.model).__name__} gives something else for x "
                        f"of shape {shape}: {apart:.2g} apart, of {ours.abs().max():.2g}"
                    )


@contextmanager
def _evaluation(model: torch.nn.Module) -> Iterator[None]:
    """Evaluates a network in evaluation mode."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences the exporter about packages that it does not need."""
    names = (None, "torch.onnx", "onnxscript", "onnx_ir")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
