"""Networks as programs without Python: torch.export and ONNX."""

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.whole_file import whole_file

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

    def forward(self, x: Tensor) -> Any:
        """Returns the output of the network for a plain tensor."""
        return self.model.forward_plain(x)


def export_program(model: SkeletonModel, frames: int = 32) -> torch.export.ExportedProgram:
    """Exports a network in evaluation mode, see :class:`PlainNetwork`; the batch and the number of
    frames stay free.

    Args:
        model (SkeletonModel): The network.
        frames (int, optional): The frames of the clips that it is traced with.
            (default: :obj:`32`)
    """
    plain = PlainNetwork(model)
    x = plain.example(3, frames)
    free = {0: torch.export.Dim.DYNAMIC}
    if x.dim() == 5:  # clips
        free[2] = torch.export.Dim.DYNAMIC
    training = model.training
    model.eval()
    try:
        return torch.export.export(plain, (x,), dynamic_shapes=(free,))
    finally:
        model.train(training)


def export_onnx(model: SkeletonModel, path: str | os.PathLike[str], frames: int = 32) -> None:
    """Writes a network to an ONNX file, see :class:`PlainNetwork`, and compares the outputs of the
    file and of the network for other numbers of clips and longer clips.

    The input is called :obj:`x`, the outputs :obj:`output` and, where there is a second one,
    :obj:`prediction`.

    Args:
        model (SkeletonModel): The network.
        path (str): The file; it is complete or not written at all.
        frames (int, optional): The frames of the clips that it is traced with.
            (default: :obj:`32`)

    Raises:
        ImportError: If onnx, onnxscript or onnxruntime is missing (extra ``onnx``).
        RuntimeError: If the outputs of the file and the network differ.
    """
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ImportError(f"ONNX files need the extra 'onnx': {error}") from error
    program = export_program(model, frames)
    names = ["output", "prediction"][: len(program.graph_signature.user_outputs)]
    options: dict[str, Any] = {"input_names": ["x"], "output_names": names, "verbose": False}
    with whole_file(path) as partial:
        with _quiet():
            torch.onnx.export(program, (), partial, external_data=False, **options)
        session = onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
        _compare(PlainNetwork(model), lambda x: session.run(None, {"x": x.numpy()}), frames)


@torch.no_grad()
def _compare(plain: PlainNetwork, file: Callable[[Tensor], list[Any]], frames: int) -> None:
    training = plain.model.training
    plain.model.eval()
    try:
        for batch_size, length in ((1, frames), (4, frames + 9)):
            x = plain.example(batch_size, length)
            expected = plain(x)
            expected = expected if isinstance(expected, tuple) else (expected,)
            for ours, array in zip(expected, file(x.cpu()), strict=True):
                ours, theirs = ours.cpu(), torch.from_numpy(array)
                if not torch.allclose(ours, theirs, *TOLERANCE):
                    apart = (ours - theirs).abs().max()
                    raise RuntimeError(
                        f"the ONNX file of {type(plain.model).__name__} gives something else for x "
                        f"of shape {list(x.shape)}: {apart:.2g} apart, of {ours.abs().max():.2g}"
                    )
    finally:
        plain.model.train(training)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences the exporter about packages that it does not need."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
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
