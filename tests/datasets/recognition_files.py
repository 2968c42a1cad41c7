"""Writes small corpora of clips to recognize, in the formats of the real ones.

A function per corpus writes into a folder, and returns the options of the command and one file.
"""

import json
import pickle

import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton


def wave(seed, frames=12, joints=20, channels=3):
    """A person who moves a hand up or to the side."""
    generator = np.random.default_rng(seed)
    clip = generator.normal(size=(1, joints, channels)) + 0.01 * generator.normal(
        size=(frames, joints, channels)
    )
    clip[:, min(5, joints - 1), seed % 2] += np.sin(np.arange(frames))
    return clip.astype(np.float32)


def nw_ucla(root):
    for action in (1, 2):
        for view in (1, 2, 3):
            for take in range(3):
                clip = wave(10 * take + action)
                path = root / f"a{action:02d}_s01_e{take:02d}_v{view:02d}.json"
                path.write_text(json.dumps({"skeletons": clip.tolist()}))
    return ("--data", "nw-ucla", "--root", root), path


def ntu60(root):
    for subject in (1, 3):
        for action in (1, 2):
            for take in range(1, 4):
                joints = wave(10 * take + action, joints=25)
                frames = np.arange(12)
                bodies = [NTUBody(7, frames, joints, 0 * frames)]
                if take == 1:
                    bodies.append(NTUBody(8, frames, joints + 1, 0 * frames + 1))
                path = root / f"S001C001P{subject:03d}R{take:03d}A{action:03d}.skeleton"
                write_ntu_skeleton(path, NTURecording(12, bodies))
    return ("--data", "ntu60", "--root", root, "--benchmark", "xsub"), path


def ntu120(root):
    for setup in (2, 1):  # train, test
        for action in (1, 61):
            for take in range(1, 4):
                joints, frames = wave(10 * take + action, joints=25), np.arange(12)
                path = root / f"S{setup:03d}C001P001R{take:03d}A{action:03d}.skeleton"
                write_ntu_skeleton(path, NTURecording(12, [NTUBody(7, frames, joints, 0 * frames)]))
    return ("--data", "ntu120", "--root", root, "--benchmark", "xset"), path


def kinetics(root):
    for split in ("train", "val"):
        (root / f"kinetics_{split}").mkdir()
        labels = {}
        for i in range(6):
            xy = 0.5 + 0.1 * wave(i, joints=18, channels=2)
            frames = [
                {"pose": pose.flatten().tolist(), "score": 18 * [0.9]} for pose in xy.astype(float)
            ]
            data = [{"frame_index": t + 1, "skeleton": [p]} for t, p in enumerate(frames)]
            path = root / f"kinetics_{split}" / f"clip{i}.json"
            path.write_text(json.dumps({"data": data}))
            name = ("waving", "saluting")[i % 2]
            labels[f"clip{i}"] = {"label": name, "label_index": i % 2, "has_skeleton": True}
        (root / f"kinetics_{split}_label.json").write_text(json.dumps(labels))
    return ("--data", "kinetics", "--root", root), path


def utd_mhad(root):
    savemat = pytest.importorskip("scipy.io").savemat
    for subject in (1, 2):
        for take in range(6):
            path = root / f"a{1 + take % 2}_s{subject}_t{take}_skeleton.mat"
            savemat(path, {"d_skel": wave(take).transpose(1, 2, 0)})
    return ("--data", "utd-mhad", "--root", root), array(root)


def msr_action3d(root):
    for subject in (1, 2):
        for take in range(6):
            path = root / f"a{1 + take % 2:02d}_s{subject:02d}_e{take:02d}_skeleton3D.txt"
            np.savetxt(path, np.insert(wave(take).reshape(-1, 3), 3, 1, axis=1), fmt="%.7g")
    return ("--data", "msr-action3d", "--root", root), array(root)


def utkinect(root):
    (root / "joints").mkdir()
    text = ""
    for subject in (1, 2):
        clip = np.concatenate([wave(take) for take in range(4)])
        rows = np.insert(clip.reshape(48, 60), 0, np.arange(48), axis=1)
        np.savetxt(root / "joints" / f"joints_s0{subject}_e01.txt", rows, fmt="%.7g")
        names = enumerate(("walk", "push", "pull", "clapHands"))
        text += f"s0{subject}_e01\n"
        text += "".join(f"{name}: {12 * i} {12 * i + 11}\n" for i, name in names)
    (root / "actionLabel.txt").write_text(text)
    return ("--data", "utkinect", "--root", root), array(root)


def array(root):
    """An array of one's own for a network of 20 joints."""
    np.save(root / "own.npy", wave(0))
    return root / "own.npy"


def pose_annotations(root):
    clips = [
        {
            "frame_dir": f"clip{i}",
            "label": i % 2,
            "total_frames": 12,
            "keypoint": 100 + wave(i, joints=17, channels=2)[None],
            "keypoint_score": np.ones((1, 12, 17), np.float16),
            "img_shape": (480, 640),
        }
        for i in range(12)
    ]
    names = [clip["frame_dir"] for clip in clips]
    splits = {"sub_train": names[:8], "sub_val": names[8:]}
    path = root / "hrnet.pkl"
    path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
    return ("--data", "pose-annotations", "--root", path, "--benchmark", "sub"), path


def folder_of_clips(root):
    for split in ("train", "test"):
        for i in range(8):
            path = root / split / ("up", "side")[i % 2] / f"{i}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, wave(i, joints=17, channels=2))
    return ("--data", "clips", "--root", root, "--layout", "coco17", "--model", "st_gcn"), path


def table_of_clips(root):
    _, path = folder_of_clips(root)
    rows = [(p.relative_to(root), p.parent.name, p.parts[-3]) for p in sorted(root.glob("*/*/*"))]
    table = pd.DataFrame(rows, columns=["file", "label", "split"])
    table.to_csv(root / "clips.csv", index=False)
    place = ("--data", "clips", "--root", root / "clips.csv")
    return (*place, "--layout", "coco17", "--model", "st_gcn"), path


def table_of_several_classes(root):
    place, path = table_of_clips(root)
    table = pd.read_csv(root / "clips.csv")
    table.loc[::3, "label"] += ";still"
    table.to_csv(root / "clips.csv", index=False)
    return place, path


def table_of_scores(root):
    place, path = table_of_clips(root)
    table = pd.read_csv(root / "clips.csv").drop(columns="label")
    table["score"] = [100 + 10 * (row % 4) for row in range(len(table))]
    table.to_csv(root / "clips.csv", index=False)
    return place, path


def pose_annotations_3d(root, joints=25):
    """NTU's joints; the second person leaves, a third one is furniture."""
    clips = []
    for i in range(6):
        persons = np.stack([wave(seed, joints=joints) for seed in (i, i + 50, 99)])
        persons[1, 8:] = 0
        clips.append({"frame_dir": f"clip{i}", "label": i % 2, "total_frames": 12})
        clips[-1]["keypoint"] = persons[: 1 + i % 3]
    names = [clip["frame_dir"] for clip in clips]
    splits = {"sub_train": names[:3], "sub_val": names[3:]}
    path = root / "ntu.pkl"
    path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
    return ("--data", "pose-annotations", "--root", path, "--benchmark", "sub"), path


def pose_annotations_kinect(root):
    """The same with the joints of the first Kinect."""
    return pose_annotations_3d(root, joints=20)
