"""Writes small checkpoints beside this file, in the format of the installed version, and what the
networks answer: `NETWORK.FORMAT.pt` and `answers.FORMAT.pt`.

Run it once when a format is released, with that version (`git checkout`) on the path:
`PYTHONPATH=. python tests/nn/models/checkpoints/write.py`. Files of older formats stay as they are.
Format 1 was written at commit 7a078a4.
"""

from pathlib import Path

import torch

from pyg_skeleton.nn.models import create_model

NETWORKS = {
    "ctr_gcn": ("nw-ucla", {"num_classes": 3, "channels": (8,), "strides": (1,)}),
    "sym_gnn": (
        "tiny",
        {
            "num_classes": 3,
            "num_future": 2,
            "blocks": ((4, 4), (4, 4, 2, 3, True), (8, 4, 2, 3)),
            "differences": (0,),
            "agim_channels": 4,
            "agim_frames": 3,
            "hidden_channels": 4,
        },
    ),
    "sem_gcn": ("paper", {"hidden_channels": 4, "num_blocks": 1}),
}


def answer(name, model):
    """The output of a network for numbers that are easy to write down."""
    V = model.skeleton.num_joints
    if name == "sem_gcn":
        return model.forward_poses(torch.linspace(-1, 1, 2 * V * 2).view(2 * V, 2))
    x = torch.linspace(-1, 1, 2 * V * 8 * 3).sin().view(2 * V, 8, 3)
    output = model.forward_clips(x, torch.tensor([0, 1]), num_clips=2)
    return output if isinstance(output, torch.Tensor) else output.prediction


def main():
    folder, answers = Path(__file__).parent, {}
    for name, (preset, options) in NETWORKS.items():
        torch.manual_seed(0)
        model = create_model(name, preset, **options).eval()
        with torch.no_grad():
            for value in model.state_dict().values():  # statistics, too
                if value.is_floating_point():
                    value.copy_(0.5 + 0.5 * torch.rand_like(value))
            answers[name] = answer(name, model)
        model.classes = ["sit", "stand", "wave"]
        model.save(folder / "new.pt")
        number = torch.load(folder / "new.pt", weights_only=True)["format"].split("/")[1]
        (folder / "new.pt").rename(folder / f"{name}.{number}.pt")
    torch.save(answers, folder / f"answers.{number}.pt")


if __name__ == "__main__":
    main()
