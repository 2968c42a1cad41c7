"""
Lift: from the keypoints of a video to 3-D poses
================================================

Keypoints as a detector finds them in a video become poses in three dimensions.
"""

import torch

import pyg_skeleton
from pyg_skeleton import Clip, create_model
from pyg_skeleton.datasets import synthetic_recording
from pyg_skeleton.metrics import pa_mpjpe, procrustes_align
from pyg_skeleton.visualization import plot_lifting

# %%
# A pinhole camera, four meters in front of the person, films in 1280 x 720 pixels. In your project,
# the keypoints are ``pyg_skeleton.read("openpose_folder")``.

person = synthetic_recording(("boxing",), seconds=3, skeleton="coco17")
middle = person.joints.mean(dim=(0, 1, 2))


def to_camera(joints):
    """Meters to the right, down, and away from the camera."""
    x, y, z = (joints - middle).unbind(dim=-1)
    return torch.stack([x, -y, 4 - z], dim=-1)


seen = to_camera(person.joints)
pixels = 1000 * seen[..., :2] / seen[..., 2:] + torch.tensor([640, 360])
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

# %%
# Here, the true poses are known. They are compared after the best rotation, shift and scale.

person = synthetic_recording(("boxing",), seconds=3, skeleton=lifter.skeleton)
truth = 1000 * to_camera(person.joints[0])
lifted = torch.from_numpy(answer.poses[0])
print(f"PA-MPJPE: {pa_mpjpe(lifted, truth).mean():.0f} mm")

shown = [0, 30, 60]
figure = plot_lifting(
    keypoints.to_layout(lifter.skeleton).joints[0, shown],
    procrustes_align(lifted, truth)[shown],
    truth[shown],
    lifter.skeleton,
)
