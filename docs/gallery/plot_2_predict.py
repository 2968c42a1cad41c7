"""
Predict: how a motion goes on
=============================

A network that was trained on many bodies continues the motion of another one.
"""

import torch

import pyg_skeleton
from pyg_skeleton import create_model
from pyg_skeleton.datasets import synthetic_recording
from pyg_skeleton.visualization import plot_prediction_strip

clip = synthetic_recording(("walking",), seconds=3)
model = create_model("sym_gnn", weights="predictor")
answer = model.predict(clip[:25])
print(answer.future.shape)  # persons, frames, joints, coordinates

# %%
# Poses are relative to the pelvis, and so is the truth here. It is wide and pale in the player;
# *distance to truth* colors each joint by its error.

truth = clip[25:50].to_layout(model.skeleton)
pelvis = truth.joints[:, :, [model.skeleton.joint_id("pelvis")]]
truth = truth.replace(joints=truth.joints - pelvis)
pyg_skeleton.view({"truth": truth, "predicted": answer.to_clip()})

# %%
# The last pose held still is the usual baseline.

predicted = torch.from_numpy(answer.future[0])
last = torch.from_numpy(answer.observed[0][-1:]).expand_as(predicted)
figure = plot_prediction_strip(
    truth.joints[0], {"Sym-GNN": predicted, "the last pose": last}, model.skeleton, every_ms=160
)
