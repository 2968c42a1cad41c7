"""
Predict: how a motion goes on
=============================

A network that was trained on many bodies continues the motion of another one.
"""

import pyg_skeleton
from pyg_skeleton import create_model
from pyg_skeleton.datasets import synthetic_recording

clip = synthetic_recording(("running",), seconds=4)
model = create_model("sym_gnn", weights="predictor")
observed = clip[:60]
answer = model.predict(observed)
print(answer.future.shape)  # frames, joints, coordinates

# %%
# The truth is wide and pale in the player; *distance to truth* colors each joint by its error.

future = answer.to_clip()
truth = clip.to_layout(model.skeleton).resample(model.frame_rate)
start = round(60 * model.frame_rate / clip.frame_rate)
pyg_skeleton.view({"truth": truth[start : start + len(future)], "predicted": future})
