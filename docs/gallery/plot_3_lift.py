"""
Lift: from the keypoints of a video to 3-D poses
================================================

Keypoints as a detector finds them in a video become poses in three dimensions.
"""

import torch

import pyg_skeleton
from pyg_skeleton import Clip, create_model
from pyg_skeleton.datasets import synthetic_recording

# %%
# A pinhole camera, four meters in front of the person, films in 1280 x 720 pixels. In your project,
# the keypoints are ``pyg_skeleton.read("openpose_folder")``.

person = synthetic_recording(("boxing",), seconds=3, skeleton="coco17")
x, y, z = person.joints.unbind(dim=-1)
depth = 4 - (z - z.mean())
pixels = torch.stack([640 + 1000 * (x - x.mean()) / depth, 360 - 1000 * (y - y.mean()) / depth], -1)
keypoints = Clip(pixels, "coco17", person.frame_rate, image_size=(1280, 720), unit="px", up="-y")
print(keypoints)

# %%
# Each frame is lifted for itself. A single picture does not tell how large and how far away a
# person is: poses are those of an adult of average build, in millimeters around the pelvis.

lifter = create_model("sem_gcn", weights="lifter")
answer = lifter.predict(keypoints)
print(answer.poses.shape)

# %%
pyg_skeleton.view([keypoints, answer.to_clip()])
