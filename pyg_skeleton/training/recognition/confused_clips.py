"""The clips, the joint and the pose for a picture of a learned graph."""

import torch
from torch import Tensor

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.training.recognition.collect_graphs import ClipGraphs


def confused_clips(
    graphs: ClipGraphs, means: Tensor, names: list[str]
) -> tuple[list[int], list[str]]:
    """Clips like those of Fig. 1 of the `"Graph Contrastive Learning for Skeleton-based Action
    Recognition" <https://arxiv.org/abs/2301.10900>`_ paper: two recognized clips of each of the two
    classes that are confused most often, and one confused clip. Among the candidates, those are
    chosen whose graphs are the nearest to the mean of the predicted class.

    Args:
        graphs (ClipGraphs): The result of :func:`collect_graphs`.
        means (Tensor): The mean graph of each class, ``[K, V, V]``.
        names (list of str): The names of the classes.

    Returns:
        The positions of the clips, and a title for each. If there is no confusion, two clips of the
        first class.
    """
    K = len(names)
    cells = graphs.label * K + graphs.prediction
    mistakes = cells.bincount(minlength=K**2).view(K, K).fill_diagonal_(0)
    true, taken = divmod(int(mistakes.argmax()), K)
    wanted = [(true, true, 2), (taken, taken, 2), (true, taken, 1)]
    if not mistakes.any():
        first = int(graphs.label.min())
        wanted = [(first, first, 2)]
    distance = (
        (graphs.graph - means[graphs.prediction]).flatten(1).norm(dim=1).nan_to_num(torch.inf)
    )
    clips: list[int] = []
    titles: list[str] = []
    for label, prediction, count in wanted:
        same = ((graphs.label == label) & (graphs.prediction == prediction)).nonzero().flatten()
        nearest = same[distance[same].argsort(stable=True)][:count].tolist()
        wrong = "" if label == prediction else f",\npredicted {names[prediction]}"
        clips += nearest
        titles += [names[label] + wrong] * len(nearest)
    return clips, titles


def moving_hand(clips: list[Tensor], skeleton: Skeleton) -> str:
    """The joint of the first person that moves the most in clips ``[M, V, T, C]``, among the tips
    of the hands, or else the hands, the wrists, all joints.
    """
    for word in ("tip", "hand", "wrist", ""):
        joints = [j for j, name in enumerate(skeleton.joints) if word in name]
        if joints:
            break
    moved = torch.stack([clip[0].double().std(1, correction=0).sum(-1) for clip in clips]).sum(0)
    return skeleton.joints[joints[int(moved[joints].argmax())]]


def pose_of(clip: Tensor, skeleton: Skeleton) -> Tensor:
    """The first person in the middle of a clip ``[M, V, T, C]``; a body at rest where it is in the
    image, in which the third number is a score and y may point down.
    """
    score = clip.size(-1) != 3 or bool(((clip[..., 2] >= 0) & (clip[..., 2] <= 1)).all())
    if score:
        return rest_pose(skeleton, spread=25).double()
    return clip[0, :, clip.size(2) // 2].double()
