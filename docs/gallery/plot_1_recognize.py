"""
Recognize: from a recording to a timeline of classes
====================================================

A trained network answers with the classes of a clip, and with the times of classes in a long one.
"""

from pathlib import Path
from tempfile import mkdtemp

import pyg_skeleton
from pyg_skeleton import create_model
from pyg_skeleton.datasets import synthetic_recording
from pyg_skeleton.nn.models import timeline
from pyg_skeleton.visualization import plot_timeline

path = Path(mkdtemp()) / "session.bvh"
movements = ("walking", "squatting", "waving", "kicking")
synthetic_recording(movements, seconds=4).to_unit("cm").save(path)  # BVH is in centimeters

# %%
# ``read`` tells the format by its content. A BVH file does not say its unit, so we do.

clip = pyg_skeleton.read(path, unit="cm")
print(clip)
clip

# %%
# The network was trained on another layout; joints are converted by name, with a line that says so.

model = create_model("ctr_gcn", weights="recognizer")
spans = timeline(model, clip, window=50, stride=10)
spans.to_frame()

# %%
# Blue is the likeliest class at each time.

figure = plot_timeline(spans, title="16 seconds of one person")

# %%
# For one clip with one answer, ``predict`` is enough; ``embed`` returns the features for another
# classifier or for retrieval.

print(model.predict(clip[:100]).to_frame(top=3))
print(model.embed(clip[:100]).shape)
