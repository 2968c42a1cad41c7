"""Readers and writers of motion capture: BVH, C3D, SMPL, Azure Kinect, MVNX, .pose and TRC."""
