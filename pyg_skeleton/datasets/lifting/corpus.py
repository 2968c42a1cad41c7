"""The base class of lifting corpora, which converts files to sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.camera import Camera
from pyg_skeleton.camera.camera import Distortion
from pyg_skeleton.datasets.lifting.dataset import LiftingDataset
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.io import CameraCalibration
from pyg_skeleton.skeleton import Skeleton


class LiftingCorpus(LiftingDataset):
    """The base class of lifting data sets that are read from the files of a corpus."""

    def summary(self) -> dict[str, Any]:
        """Returns the names of subjects and actions, and the numbers of takes, sequences (one take
        by one camera), frames of all sequences and poses (items).
        """
        found = [self.sequences[i] for i in sorted(set(self.sequence_ids.tolist()))]
        actions = {sequence.action for sequence in found}
        return {
            "subjects": tuple(dict.fromkeys(sequence.subject for sequence in found)),
            "actions": tuple(name for name in self.actions if name in actions),
            "takes": len({(sequence.subject, sequence.take) for sequence in found}),
            "sequences": len(found),
            "frames": sum(sequence.num_frames for sequence in found),
            "poses": len(self),
        }


def to_camera(calibration: CameraCalibration, distortion: Distortion) -> Camera:
    """Creates a camera from a calibration.

    Raises:
        ValueError: If it has no focal length.
    """
    if np.isnan(calibration.focal).any():
        raise ValueError(f"camera {calibration.name!r} has no focal length")
    return Camera(
        width=calibration.width,
        height=calibration.height,
        focal=torch.tensor(calibration.focal),
        center=torch.tensor(calibration.center),
        radial=torch.tensor(calibration.radial),
        tangential=torch.tensor(calibration.tangential),
        rotation=torch.tensor(calibration.rotation),
        translation=torch.tensor(calibration.translation),
        name=calibration.name,
        distortion=distortion,
    )


def fit_intrinsics(
    calibration: CameraCalibration, world: Tensor, keypoints: Tensor
) -> CameraCalibration:
    r"""Fits focal lengths and center of a camera to joints in the world and in its images.

    .. math::
        \min_{\mathbf{f}, \mathbf{c}} \sum_n \left\lVert \mathbf{f} \odot
        (x_n, y_n) / z_n + \mathbf{c} - \mathbf{u}_n \right\rVert^2

    Args:
        calibration (CameraCalibration): The place and the direction of the camera.
        world (Tensor): Joints in meters, :math:`(N, 3)`.
        keypoints (Tensor): The same joints in pixels, :math:`(N, 2)`.

    Raises:
        ValueError: If the camera does not see two joints.
    """
    place, turn = torch.tensor(calibration.translation), torch.tensor(calibration.rotation)
    seen = (world.double() - place) @ turn.T
    good = keypoints.isfinite().all(-1) & seen.isfinite().all(-1) & (seen[:, 2] > 0)
    if int(good.sum()) < 2:
        raise ValueError(f"camera {calibration.name!r} sees no joints to fit its focal length to")
    ratio, pixels = seen[good, :2] / seen[good, 2:], keypoints[good].double()
    ones = torch.ones_like(ratio[:, 0])
    fits = [
        torch.linalg.lstsq(torch.stack([ratio[:, i], ones], 1), pixels[:, i, None]).solution
        for i in range(2)
    ]
    focal, center = torch.cat(fits, dim=1).numpy()
    return calibration._replace(focal=focal, center=center)


def convert_clip(
    clip: NDArray[Any], source: Skeleton, target: Skeleton, name: str, derive: bool = False
) -> Tensor:
    """Converts a clip to another layout, ``[T, V, C]``.

    Raises:
        ValueError: If joints are missing; the message begins with the name.
    """
    converter = target.converter_from(source, derive=derive)
    if converter.missing:
        raise ValueError(
            f"{name}: has the joints of {source.name!r}, without {', '.join(converter.missing)} "
            f"of {target.name!r}"
        )
    return converter(torch.tensor(clip), dim=1)


def check_detections(sequences: Sequence[PoseSequence], name: str) -> None:
    """Raises an error if 2-D detections are far from the projected 3-D joints.

    This detects cameras of another studio and a wrong order of joints. Only the first frame of each
    sequence is checked.

    Raises:
        ValueError: If the median distance is more than 5% of the width of the image.
    """
    distances = torch.cat(
        [
            (s.keypoints[0] - s.camera.project(s.positions[0])).norm(dim=-1) / s.camera.width
            for s in sequences
        ]
    )
    median = float(distances.median())
    if median > 0.05:
        raise ValueError(
            f"{name}: joints are {median:.0%} of the width of the image (median) from where the "
            f"cameras see them: the cameras of another data set, or joints in another order"
        )


def film_take(
    subject: str,
    action: str,
    take: str,
    world: Tensor,
    cameras: Sequence[Camera],
    detect: Callable[[int], Tensor] | None,
    fps: float,
) -> Iterator[PoseSequence]:
    """Creates one sequence per camera from a take.

    Args:
        subject (str): The name of the subject.
        action (str): The name of the action.
        take (str): The name of the take.
        world (Tensor): The joints in the world, :math:`(T, V, 3)`, in meters.
        cameras (sequence of Camera): The cameras.
        detect (callable): Returns the 2-D joints of the camera with a given index. If :obj:`None`,
            the joints are projected.
        fps (float): Frames per second.
    """
    for number, camera in enumerate(cameras):
        positions = camera.world_to_camera(world)
        keypoints = camera.project(positions) if detect is None else detect(number)
        yield PoseSequence(subject, action, take, camera, keypoints, positions, fps)
