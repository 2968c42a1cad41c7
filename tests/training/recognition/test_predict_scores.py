import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import STGCN
from pyg_skeleton.training import recognize


@pytest.fixture
def clips(tiny):
    data = tiny.Swinging(5)
    motions = [data.motion(i) for i in range(5)]
    names = [f"clip {i}" for i in range(5)]
    return ClipDataset(motions, [0, 1, 2, 0, 1], names, tiny.STICK, ["slow", "medium", "fast"])


@pytest.fixture
def model(tiny):
    torch.manual_seed(0)
    return STGCN(tiny.STICK, 3, channels=(8,), strides=(1,), dropout=0.5, num_persons=1)


def test_scores_of_clips_in_order(model, clips):
    model.train()
    table = recognize(model, clips, batch_size=2)
    assert model.training
    assert table.index.tolist() == clips.names
    assert table["label"].tolist() == [0, 1, 2, 0, 1]
    model.eval()
    (batch,) = SkeletonLoader(clips, 5)
    expected = model(batch).detach().numpy()
    np.testing.assert_allclose(table[clips.classes].to_numpy(), expected, rtol=1e-4, atol=1e-5)
    assert not model(batch).isnan().any()


def test_clips_without_names_and_labels(model, tiny):
    data = tiny.Swinging(3, num_future=0, labels=False)
    table = recognize(model, data)
    assert table.index.tolist() == ["0", "1", "2"]
    assert table["label"].tolist() == [-1, -1, -1]


def test_the_mode_is_restored_after_a_mistake(model, clips):
    model.train()
    clips.transform = lambda data: 1 / 0
    with pytest.raises(ZeroDivisionError):
        recognize(model, clips)
    assert model.training
