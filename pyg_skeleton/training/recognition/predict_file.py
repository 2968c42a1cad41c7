"""The likeliest classes of clips in a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from pyg_skeleton.datasets.recognition.kinetics_skeleton import kinetics_persons
from pyg_skeleton.datasets.recognition.ntu_persons import NTU_PERSONS
from pyg_skeleton.io import (
    read_kinetics_skeleton,
    read_npy,
    read_ntu_skeleton,
    read_nw_ucla,
    read_openpose,
    read_pose_annotations,
)
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.recognition.data import chain_of, is_planar, persons_of
from pyg_skeleton.training.recognition.module import logits_of
from pyg_skeleton.training.recognition.run import RecognitionRun

Joints = NDArray[Any]
Size = tuple[int, int] | None
#: A clip's name, its joints ``[M, T, V, C]`` if anybody is there, and the size of its picture.
Clip = tuple[str, Joints | None, Size]


@torch.no_grad()
def predict_file(
    model: SkeletonModel,
    run: RecognitionRun,
    path: str | Path,
    image_size: tuple[int, int] | None = None,
    top: int = 5,
) -> dict[str, pd.DataFrame]:
    r"""Recognizes the action of each clip in a file, prepared as the network was trained.

    Args:
        model (SkeletonModel): The network.
        run (RecognitionRun): How it was trained.
        path (str): The file: a ``.skeleton`` of NTU; a ``.npy`` with an array :math:`(T, V, C)` or
            :math:`(M, T, V, C)`; a ``.pkl`` of pyskl or mmaction2; a ``.json`` of OpenPose,
            Kinetics-Skeleton or NW-UCLA; or the folder that OpenPose has filled with a file for
            each frame.
        image_size (tuple[int, int], optional): Width and height of the picture in pixels, where
            joints are in pixels and the file does not say. (default: :obj:`None`)
        top (int, optional): How many classes to name. (default: :obj:`5`)

    Returns:
        By the name of the clip, its likeliest classes with their probability, likeliest first.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is of another kind or damaged, nobody is in it, or its joints are
            not those of the network.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    model.eval()
    V, C = model.skeleton.num_joints, model.in_channels
    tables = {}
    for name, persons, size in _clips(path, run, model, image_size):
        if persons is not None and (persons.ndim != 4 or persons.shape[2:] != (V, C)):
            raise ValueError(
                f"{path}: expected (M, T, {V}, {C}) for the layout {model.skeleton.name!r} and the "
                f"channels of the network, got {persons.shape}"
            )
        if persons is None or not np.any(persons):
            raise ValueError(f"{path}: nobody is in clip {name!r}")
        with np.errstate(over="ignore"):
            joints = torch.from_numpy(np.array(persons, np.float32))
        if not bool(joints.isfinite().all()):
            raise ValueError(f"{path}: clip {name!r} has a joint that is not a finite number")
        data = model.skeleton.to_data(joints.transpose(1, 2))
        if size is not None:
            data.image_size = torch.tensor([size])
        data = chain_of(run, False, model.skeleton, C)(data)
        logits = logits_of(model(data.to(model.device)))
        probability, order = logits[0].softmax(0).cpu().topk(min(top, logits.size(1)))
        names = model.classes or [str(number) for number in range(logits.size(1))]
        tables[name] = pd.DataFrame(
            {"class": [names[i] for i in order.tolist()], "probability": probability.tolist()}
        )
    return tables


def _clips(path: Path, run: RecognitionRun, model: SkeletonModel, size: Size) -> Iterator[Clip]:
    kind = "openpose" if path.is_dir() else path.suffix
    if kind == ".json":
        content = read_json(path)
        keys = content if isinstance(content, dict) else {}
        kind = "openpose" if "people" in keys else "kinetics" if "data" in keys else "nw-ucla"
    in_pixels = kind in ("openpose", ".npy") and is_planar(run, model.skeleton)
    if size is None and (in_pixels or (kind, run.dataset) == ("openpose", "kinetics")):
        raise ValueError(f"{path}: joints are in pixels, expected --image-size WIDTH HEIGHT")

    if kind == ".skeleton":
        found = NTU_PERSONS[persons_of(run)](read_ntu_skeleton(path))
        yield path.stem, None if found is None else found.swapaxes(1, 2), None
    elif kind == ".npy":
        array = read_npy(path)
        yield path.stem, array[None] if array.ndim == 3 else array, size
    elif kind in (".pkl", ".pickle"):
        for clip in read_pose_annotations(path).clips:
            joints = clip.keypoints
            if joints.shape[3] == 2:
                sure = np.ones(joints.shape[:3], "f4") if clip.scores is None else clip.scores
                joints = np.concatenate([joints, sure[..., None]], axis=-1)
            yield clip.name, joints[clip.keypoints.any((1, 2, 3))], clip.image_size or size
    elif kind == "openpose":
        yield path.stem, _openpose(path, run, model, size), size
    elif kind == "kinetics":
        if run.dataset != "kinetics":
            raise ValueError(f"{path}: is of Kinetics, the network was trained on {run.dataset}")
        found = kinetics_persons(read_kinetics_skeleton(path))
        yield path.stem, None if found is None else found.swapaxes(1, 2), None
    elif kind == "nw-ucla":
        yield path.stem, read_nw_ucla(path)[None], None
    else:
        raise ValueError(
            f"{path}: expected a .skeleton, .npy, .pkl or .json file, or a folder of OpenPose"
        )


def _openpose(path: Path, run: RecognitionRun, model: SkeletonModel, size: Size) -> Joints | None:
    """Of each frame the two persons of the highest confidence, with the joints of the network."""
    persons, skeleton = read_openpose(path), model.skeleton
    theirs = Skeleton.get({18: "openpose18", 25: "body25"}[persons.shape[2]]).joints
    unknown = [joint for joint in skeleton.joints if joint not in theirs]
    if unknown:
        raise ValueError(f"{path}: OpenPose has no {unknown[0]!r}, a joint of {skeleton.name!r}")
    persons = persons[:, :, [theirs.index(joint) for joint in skeleton.joints]]
    if run.dataset == "kinetics":
        persons[..., :2] /= np.array(size, np.float32)
        found = kinetics_persons(persons)
        return None if found is None else found.swapaxes(1, 2)
    order = np.argsort(-persons[..., 2].sum(-1), axis=0, kind="stable")[:2]
    persons = np.take_along_axis(persons, order[..., None, None], axis=0)
    return persons[persons.any((1, 2, 3))][..., : model.in_channels]
