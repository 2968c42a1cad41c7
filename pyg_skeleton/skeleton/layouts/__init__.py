"""The layouts that ship with the package, one file per family of corpora.

A layout is data: each joint with its parent in the order of the corpus, and the joints of each
part. Left and right joints are mirror pairs by their names.
"""

from pyg_skeleton.skeleton.layouts import cmu, h36m, keypoints, kinect, smpl

__all__ = ["cmu", "h36m", "keypoints", "kinect", "smpl"]
