"""Networks as programs of their own: torch.export and ONNX."""

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.motion.sym_gnn import SymGNN
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel

#: The largest difference that :func:`export_onnx` lets pass, relative and absolute.
TOLERANCE = 1e-3, 1e-4


class PlainNetwork(torch.nn.Module):
    r"""A network as a function of one tensor, in the order of axes that files of clips have.

    Clips of several persons are padded with zeros, as everybody does; a person whose joints are all
    zero is not there, and has no say. (With :obj:`pad_persons=True` it has, as the network was
    trained so.) Sym-GNN takes poses in the units of its training data and standardizes them itself.

    Args:
        model (SkeletonModel): The network.

    Shapes:
        - **input:** clips :math:`(N, M, T, V, C)`; of a :class:`LiftingModel` poses
          :math:`(N, V, C)`, or :math:`(N, F, V, C)` for :math:`F` frames
        - **output:** logits :math:`(N, \text{classes})`; of Sym-GNN also, or only, what it
          predicts, :math:`(N, M, T^{\prime}, V, C)`; of a :class:`LiftingModel` poses
          :math:`(N, V, 3)`
    """

    def __init__(self, model: SkeletonModel) -> None:
        super().__init__()
        self.model: Any = model

    @property
    def num_persons(self) -> int:
        """The number of persons :math:`M` of a padded clip."""
        return int(getattr(self.model, "num_persons", 2))

    def example(self, batch_size: int, frames: int) -> Tensor:
        """Returns an input of random numbers; the last person of the last clip is not there."""
        V, C = self.model.mean.shape
        if isinstance(self.model, LiftingModel):
            F = self.model.num_frames
            return torch.rand((batch_size, *((F,) if F > 1 else ()), V, C))
        x = torch.rand(batch_size, self.num_persons, frames, V, C)
        if self.num_persons > 1:
            x[-1, -1] = 0
        return x

    def forward(self, x: Tensor) -> Any:
        """Runs the forward pass of the module."""
        network: Any = self.model
        if isinstance(network, LiftingModel):
            return self._lift(x)
        N, M, T, V, C = x.shape
        clip = torch.arange(N, device=x.device).unsqueeze(1).expand(N, M)
        if M > 1 and not getattr(network, "pad_persons", False):
            # Who is not there goes to a clip that is left out at the end.
            clip = torch.where((x != 0).flatten(2).any(dim=2), clip, N)
        clip = clip.flatten()
        if isinstance(network, SymGNN):
            return self._sym_gnn(x, clip)
        bodies = x.transpose(2, 3).reshape(N * M * V, T, C)
        person = torch.arange(M, device=x.device).repeat(N)
        names = {"person": person} if hasattr(network, "num_persons") else {}
        output = network.forward_clips(bodies, clip, num_clips=N + 1, **names)
        return (output if isinstance(output, Tensor) else output[0])[:N]

    def _lift(self, x: Tensor) -> Tensor:
        nodes = (x if x.dim() == 3 else x.transpose(1, 2)).flatten(0, 1)
        pose: Tensor = self.model.forward_poses(nodes)
        return pose.view(x.size(0), -1, 3)

    def _sym_gnn(self, x: Tensor, clip: Tensor) -> tuple[Tensor, ...]:
        N, M, T, V, C = x.shape
        mean, std = self.model.mean, self.model.std
        bodies = ((x - mean) / std).transpose(2, 3).reshape(N * M * V, T, C)
        output = self.model.forward_clips(bodies, clip, N + 1)
        parts = [] if output.logits is None else [output.logits[:N]]
        if output.prediction is not None:
            future = output.prediction.view(N, M, V, -1, C).transpose(2, 3)
            parts.append(future * std + mean)
        return tuple(parts)


def export_program(model: SkeletonModel, frames: int = 32) -> torch.export.ExportedProgram:
    """Exports a network in evaluation mode, see :class:`PlainNetwork`; the batch and the number of
    frames stay free.

    Args:
        model (SkeletonModel): The network.
        frames (int, optional): The frames of the clips that it is traced with.
            (default: :obj:`32`)
    """
    plain = PlainNetwork(model)
    free = {0: torch.export.Dim.DYNAMIC}
    if not isinstance(model, LiftingModel):
        free[2] = torch.export.Dim.DYNAMIC
    training = model.training
    model.eval()
    try:
        return torch.export.export(plain, (plain.example(3, frames),), dynamic_shapes=(free,))
    finally:
        model.train(training)


def export_onnx(model: SkeletonModel, path: str | os.PathLike[str], frames: int = 32) -> None:
    """Writes a network to an ONNX file, see :class:`PlainNetwork`, and compares what the file and
    the network make of other clips: more and fewer of them, and longer ones.

    The input is called :obj:`x`, the outputs :obj:`output` and, where there is a second one,
    :obj:`prediction`.

    Args:
        model (SkeletonModel): The network.
        path (str): The file; it appears whole or not at all.
        frames (int, optional): The frames of the clips that it is traced with.
            (default: :obj:`32`)

    Raises:
        ImportError: If onnx, onnxscript or onnxruntime is missing (extra ``onnx``).
        RuntimeError: If the file gives something else than the network.
    """
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ImportError(f"ONNX files need the extra 'onnx': {error}") from error
    program = export_program(model, frames)
    names = ["output", "prediction"][: len(program.graph_signature.user_outputs)]
    partial = Path(f"{os.fspath(path)}.partial")
    options: dict[str, Any] = {"input_names": ["x"], "output_names": names, "verbose": False}
    try:
        with _quiet():
            torch.onnx.export(program, (), partial, external_data=False, **options)
        session = onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
        _compare(PlainNetwork(model), lambda x: session.run(None, {"x": x.numpy()}), frames)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@torch.no_grad()
def _compare(plain: PlainNetwork, file: Callable[[Tensor], list[Any]], frames: int) -> None:
    training = plain.model.training
    plain.model.eval()
    try:
        for batch_size, length in ((1, frames), (4, frames + 9)):
            x = plain.example(batch_size, length).to(plain.model.mean.device)
            expected = plain(x)
            expected = expected if isinstance(expected, tuple) else (expected,)
            for ours, theirs in zip(expected, file(x.cpu()), strict=True):
                ours, theirs = ours.cpu(), torch.from_numpy(theirs)
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
    """Without what the exporter says about packages that it does not need."""
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
