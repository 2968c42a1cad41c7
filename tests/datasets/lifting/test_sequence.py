import pytest
import torch


def test_sequence(make_sequence):
    sequence = make_sequence(7, confidence=torch.ones(7, 17))
    assert sequence.num_frames == 7
    assert str(sequence) == "PoseSequence('A/walking 1/camera 0', 'walking', frames=7)"


def test_keypoints_may_be_missing(make_sequence):
    assert make_sequence(3, keypoints=torch.full((3, 17, 2), float("nan"))).num_frames == 3


def test_errors(make_sequence):
    with pytest.raises(ValueError, match=r"camera 0.*: keypoints must be \[T, V, 2\], got \[5, 34"):
        make_sequence(5, keypoints=torch.zeros(5, 34))
    with pytest.raises(ValueError, match=r"keypoints must be \[T, V, 2\], got \[0, 17, 2\]"):
        make_sequence(5, keypoints=torch.zeros(0, 17, 2))
    message = r"positions must be \[4, 17, 3\] as the keypoints are \[4, 17, 2\], got \[5, 17, 3\]"
    with pytest.raises(ValueError, match=message):
        make_sequence(5, keypoints=torch.zeros(4, 17, 2))
    with pytest.raises(ValueError, match=r"confidence must be \[5, 17\], got \[5\]"):
        make_sequence(5, confidence=torch.ones(5))
    positions = make_sequence(5).positions.clone()
    positions[2, 3, 1] = float("nan")
    with pytest.raises(ValueError, match="the position of joint 3 in frame 2 is not a number"):
        make_sequence(5, positions=positions)
    with pytest.raises(ValueError, match="some are infinite"):
        make_sequence(5, keypoints=torch.full((5, 17, 2), float("inf")))
    with pytest.raises(ValueError, match="fps must be positive, got 0"):
        make_sequence(5, fps=0)
