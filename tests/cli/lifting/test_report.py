import torch

from pyg_skeleton.cli import evaluate_lifting, format_lifting


def test_text(bodies):
    data = bodies()
    poses = data.positions.clone()
    poses[:, 1:] += torch.tensor([100.0, 0, 0])
    result = evaluate_lifting(poses, data, ["gt 2-D"])
    lines = format_lifting({"ours": result, "theirs": result}).splitlines()
    assert lines[0] == "ours: 48 frames, 48 poses in 4 sequences of subjects S9, 2 actions"
    assert lines[1] == "  [1] MPJPE (16 joints, P1, root-relative, gt 2-D) mm"
    head = next(i for i, line in enumerate(lines) if line.split()[:2] == ["[1]", "[2]"])
    assert lines[head].split() == ["[1]", "[2]", "[3]", "[4]", "[5]", "[6]"]
    rows = [line.split() for line in lines[head + 1 : head + 6]]
    assert rows[0][:2] == ["sitting", "93.8"]  # fifteen of sixteen joints are 100 mm off
    assert rows[1][0] == "walking"
    assert rows[2][:4] == ["average", "over", "actions", "93.8"]
    assert rows[3][:4] == ["average", "over", "poses", "93.8"]
    assert rows[4] == ["waiting", "(no", "test", "recording)"]
    assert lines[head + 6] == (
        "poses by [1]: > 60 mm 100.0%, > 40 mm 100.0%, < 30 mm 0.0%; mean of the worst 5 %: 93.8 mm"
    )
    assert lines[head + 7] == ""
    assert lines[head + 8].startswith("theirs: 48 frames")
    assert len({len(line) for line in lines[head : head + 5]}) == 1
