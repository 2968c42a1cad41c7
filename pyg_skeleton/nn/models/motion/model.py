"""The base of the networks that continue motions."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Data

from pyg_skeleton.data import Clip
from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.models.bodies import bodies_of, flatten_clips
from pyg_skeleton.nn.models.inputs import is_several, pose_table
from pyg_skeleton.nn.models.recognition.model import Recognition
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel, as_data
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


class SymGNNOutput(NamedTuple):
    """The output of a :class:`MotionModel`; a head that it lacks yields :obj:`None`."""

    logits: Tensor | None
    prediction: Tensor | None
    actional: ActionalGraph | None


class SymGNNForecast(NamedTuple):
    """The output of :meth:`MotionModel.predict`; what a head lacks is :obj:`None`."""

    probability: np.ndarray | None
    """The probability of each class, ``[classes]``, or ``[N, classes]`` for a list of clips."""
    classes: list[str] | None
    """The names of the classes."""
    future: Any
    """The predicted frames, ``[T, V, C]``, or ``[M, T, V, C]`` for several persons; for a list of
    clips a list of them."""
    skeleton: Any = None
    """The layout of the predicted frames."""
    frame_rate: float | None = None
    """Frames per second of the predicted frames, where it is known."""
    unit: str | None = None
    """Their unit, where it is known."""
    up: str | None = None
    """Their axis that points upwards, where it is known."""
    observed: Any = None
    """The frames that the network saw, in the form of :attr:`future`."""

    def to_clip(self, clip: int = 0, observed: bool = False) -> Clip:
        """Returns the predicted frames as a clip, to save or to look at.

        Args:
            clip (int, optional): The number of the clip, of a list. (default: :obj:`0`)
            observed (bool, optional): Whether the frames that the network saw come first.
                (default: :obj:`False`)

        Raises:
            ValueError: If the network has no prediction head, or predicts angles.
        """
        self._check_future()
        if self.unit == "rad":
            raise ValueError("expected positions, this network predicts axis-angle vectors")
        parts = []
        for frames in (self.observed, self.future) if observed else (self.future,):
            array = frames[clip] if isinstance(frames, list) else frames
            parts.append(torch.from_numpy(array).reshape(-1, *array.shape[-3:]))
        x = torch.cat(parts, dim=1)
        known: dict[str, Any] = {"unit": self.unit, "up": self.up}
        return Clip(x, self.skeleton, self.frame_rate, **known)

    def to_frame(self, top: int = 5) -> pd.DataFrame:
        """Returns the likeliest classes of each clip with their probability, likeliest first.

        Args:
            top (int, optional): The number of classes. (default: :obj:`5`)

        Raises:
            ValueError: If the network has no recognition head.
        """
        if self.probability is None:
            raise ValueError("this network predicts motion alone; see future and poses_to_frame()")
        probability = np.atleast_2d(self.probability)
        names = self.classes or [str(c) for c in range(probability.shape[1])]
        return Recognition(probability, names).to_frame(top)

    def poses_to_frame(self) -> pd.DataFrame:
        """Returns a row for each clip, person, predicted frame and joint.

        Raises:
            ValueError: If the network has no prediction head.
        """
        self._check_future()
        return pose_table(self.future, self.skeleton.joints)

    def _check_future(self) -> None:
        if self.future is None:
            raise ValueError("this network recognizes actions alone; see to_frame()")


class MotionModel(SkeletonModel):
    """The base of the networks that continue motions, and may recognize them.

    They read and predict standardized poses; :meth:`predict` takes poses in the units of the
    training data. A subclass has a method :meth:`forward_clips`.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        in_channels (int): Size of a joint's pose.
        num_future (int): The number of frames to predict.
    """

    kept: ClassVar[tuple[str, ...]] = (*SkeletonModel.kept, "num_observed", "constant")
    per_joint: ClassVar[dict[str, int | None]] = {"mean": 0, "std": 0}
    num_persons = 2
    mean: Tensor
    std: Tensor

    def __init__(self, skeleton: GraphLike, in_channels: int, num_future: int) -> None:
        super().__init__(skeleton, in_channels)
        self.num_future = num_future
        #: The number of frames that it was trained on, where it is known.
        self.num_observed: int | None = None
        #: The joints and channels that are constant in the training data.
        self.constant: list[tuple[str, int]] = []
        shape = (self.skeleton.num_joints, in_channels)
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("std", torch.ones(shape))

    @property
    def recognizes(self) -> bool:
        """Whether the network has a head that recognizes actions."""
        return bool(self.config.get("recognition", False))

    @property
    def predicts(self) -> bool:
        """Whether the network has a head that predicts motion."""
        return bool(self.config.get("prediction", True))

    def backbone_parameters(self) -> list[torch.nn.Parameter]:
        """The parameters that both heads share."""
        return []

    def prediction_parameters(self) -> list[torch.nn.Parameter]:
        """The parameters of the prediction head."""
        return []

    def set_normalization(self, mean: Tensor, std: Tensor, constant: Tensor | None = None) -> None:
        r"""Sets how the training data were standardized, for :meth:`predict` and checkpoints.

        Args:
            mean (torch.Tensor): The mean of each joint and channel, :math:`(V, C)`.
            std (torch.Tensor): The standard deviation of each joint and channel, :math:`(V, C)`.
            constant (torch.Tensor, optional): The mask of components that the data set has set to
                their mean, :math:`(V, C)`. (default: :obj:`None`)

        Raises:
            ValueError: If a shape is not the skeleton's, or a standard deviation is not positive.
        """
        for name, value in (("mean", mean), ("std", std)):
            if value.shape != self.mean.shape:
                expected, got = tuple(self.mean.shape), tuple(value.shape)
                raise ValueError(f"expected {name} of shape {expected}, got {got}")
        if not bool((std > 0).all()):
            joint, channel = (~(std > 0)).nonzero()[0].tolist()
            raise ValueError(
                f"expected positive standard deviations, got {float(std[joint, channel])} of "
                f"channel {channel} of joint {self.skeleton.joints[joint]!r}; give 1 for what "
                f"never moves"
            )
        self.mean.copy_(mean)
        self.std.copy_(std)
        places = [] if constant is None else constant.nonzero().tolist()
        self.constant = [(self.skeleton.joints[joint], channel) for joint, channel in places]

    def forward(
        self,
        data: Any,
        edge_index: Tensor | None = None,
        num_future: int | None = None,
        **fields: Any,
    ) -> SymGNNOutput:
        """Recognizes and continues standardized clips.

        The edges are those of the joints; parts and bones keep the layout's.

        Args:
            data (SkeletonData or torch.Tensor): A clip, a batch, or their features :obj:`x`.
            edge_index (torch.Tensor, optional): The edges beside :obj:`x`. (default: :obj:`None`)
            num_future (int, optional): The number of frames to predict.
                (default: the network's)
            **fields (optional): Further fields of the data beside :obj:`x`.
        """
        data = as_data(data, edge_index, fields, self.in_channels)
        self.check_bodies(data)
        clip, _, num_clips = bodies_of(data, self.skeleton.num_joints)
        return self.forward_clips(data.x, clip, num_clips, num_future, self.edges_of(data))

    def forward_clips(
        self,
        x: Tensor,
        clip: Tensor | None = None,
        num_clips: int = 1,
        num_future: int | None = None,
        edges: Edges | None = None,
    ) -> SymGNNOutput:
        """The forward pass on plain tensors; the arguments are those of
        :meth:`SymGNN.forward_clips`.
        """
        raise NotImplementedError

    def forward_plain(self, x: Tensor) -> tuple[Tensor, ...]:
        r"""The forward pass on padded clips in the units of the training data, for export.

        A person whose joints are all zero is absent and has no influence.

        Shapes:
            - **input:** :math:`(N, M, T, V, C)`
            - **output:** logits :math:`(N, \text{classes})` and the predicted frames
              :math:`(N, M, T', V, C)`, or one of them
        """
        N, M, _, V, C = x.shape
        _, clip, _ = flatten_clips(x)
        bodies, _, _ = flatten_clips((x - self.mean) / self.std)
        output = self.forward_clips(bodies, clip, N + 1)
        parts = [] if output.logits is None else [output.logits[:N]]
        if output.prediction is not None:
            future = output.prediction.view(N, M, V, -1, C).transpose(2, 3)
            parts.append(future * self.std + self.mean)
        return tuple(parts)

    def predict(
        self,
        clips: Any,
        num_future: int | None = None,
        layout: SkeletonLike | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> SymGNNForecast:
        r"""Recognizes and continues clips of the user.

        Args:
            clips (numpy.ndarray, SkeletonData, Clip or list of them): A clip, or several. An array
                has the shape :math:`(T, V, C)`, or :math:`(M, T, V, C)` for :math:`M` persons.
                Persons whose joints are all zero are left out, and so are such frames at the end.
            num_future (int, optional): The number of frames to predict.
                (default: the network's)
            layout (Skeleton or str, optional): The layout of arrays; joints are converted by name.
                (default: that of the network)
            batch_size (int, optional): Clips at a time. (default: :obj:`64`)
            unit (str, optional): The unit of the joints, where a clip does not say.
                (default: that of the training data)
            frame_rate (float, optional): Frames per second, where a clip does not say.
                (default: that of the training data)

        Returns:
            The poses are in the layout, unit and frame rate of the training data.

        Raises:
            ValueError: If the shape is another, a value is not finite, there are fewer frames than
                in training, or the poses are in other units.
        """
        data = self.read_clips(clips, layout, None, unit, frame_rate)

        def run(batch: Any) -> SymGNNOutput:
            output: SymGNNOutput = self(batch, num_future=num_future)
            return output

        outputs = list(self.run_clips(run, data, batch_size))
        several = is_several(clips)
        probability: np.ndarray | None = None
        future: Any = None
        observed: Any = None
        if outputs[0].logits is not None:
            logits = torch.cat([output.logits for output in outputs])
            probability = logits.float().softmax(dim=-1).cpu().numpy()
            probability = probability if several else probability[0]
        if outputs[0].prediction is not None:
            nodes = torch.cat([output.prediction for output in outputs])
            future = [self._poses(y) for y in torch.split(nodes, [d.x.size(0) for d in data])]
            observed = [self._poses(d.x) for d in data]
            if not several:
                single = not isinstance(clips, (Clip, Data)) and np.ndim(clips) == 3
                future, observed = (v[0][0] if single else v[0] for v in (future, observed))
        known = (self.skeleton, self.frame_rate, self.unit, self.up)
        return SymGNNForecast(probability, self.classes, future, *known, observed)

    def _poses(self, x: Tensor) -> np.ndarray:
        """Standardized nodes ``[M * V, T, C]`` as poses ``[M, T, V, C]`` in units of the data."""
        bodies = x.float().cpu().view(-1, self.skeleton.num_joints, *x.shape[1:]).transpose(1, 2)
        return (bodies * self.std.float().cpu() + self.mean.float().cpu()).numpy()

    def stream(self, **kwargs: Any) -> Any:
        """Returns a stream that predicts motion from the last frames.

        Args:
            **kwargs (optional): See :class:`~pyg_skeleton.nn.stream.MotionStream`.
        """
        from pyg_skeleton.nn.stream.window_stream import MotionStream

        return MotionStream(self, **kwargs)

    def read_clips(self, clips: Any, *args: Any, **kwargs: Any) -> list[Data]:
        """Returns the standardized clips, see :meth:`SkeletonModel.read_clips`."""
        mean, std = (value.float().cpu().unsqueeze(1) for value in (self.mean, self.std))
        out = super().read_clips(clips, *args, **kwargs)
        for data in out:
            x = data.x.float().unflatten(0, (-1, self.skeleton.num_joints))
            fewest = self.num_observed or 3
            if x.size(2) < fewest:
                raise ValueError(
                    f"expected {fewest} frames or more, as in training, got {x.size(2)}"
                )
            for name, channel in self.constant:
                if name in self.skeleton.joints:
                    joint = self.skeleton.joint_id(name)
                    x[:, joint, :, channel] = mean[joint, 0, channel]
            x = (x - mean) / std
            if (away := float(x.abs().median())) > 30:
                raise ValueError(
                    f"expected poses in the units of the training data, got joints {away:,.0f} "
                    f"deviations from their mean; are these millimeters instead of meters?"
                )
            data.x = x.flatten(0, 1).to(self.dtype)
        return out
