"""The layouts that ship with the package, one file per family of corpora.

A layout lists each joint with its parent, in the order of the corpus, and the joints of each part.
Mirror pairs follow from the prefixes `left_` and `right_`.
"""

from pyg_skeleton.skeleton.layouts import cmu, h36m, keypoints, kinect, smpl, whole_body

__all__ = ["cmu", "h36m", "keypoints", "kinect", "smpl", "whole_body"]
