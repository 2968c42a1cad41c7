import copy
import inspect
import pickle
from typing import ClassVar

import pytest
import torch
from torch_geometric.loader import DataLoader

from pyg_skeleton.nn import SpatialGraphConv
from pyg_skeleton.nn.models import CTRGCN, SkeletonModel, SymGNN, create_model
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import random_skeleton


class Other(SkeletonModel):
    presets: ClassVar = {
        "small": {"skeleton": "ntu25", "width": 2},
        "large": {"skeleton": "ntu25", "width": 9},
    }

    def __init__(self, skeleton, width):
        super().__init__(skeleton, in_channels=3)
        self.lin = torch.nn.Linear(3, width)


def test_presets():
    model = Other.from_preset()
    assert model.config == {"width": 2}
    assert model.skeleton == Skeleton.get("ntu25")
    assert Other.from_preset("large").config == {"width": 9}
    assert Other.from_preset("large", width=4).config == {"width": 4}
    assert Other.from_preset("large", "coco17").skeleton.name == "coco17"
    skeleton = random_skeleton(5)
    assert Other.from_preset("large", skeleton).skeleton is skeleton
    assert "skeleton" in Other.presets["large"]
    with pytest.raises(
        ValueError, match=r"unknown preset 'huge' of Other; expected one of \['small', "
    ):
        Other.from_preset("huge")


def test_save_and_load(tmp_path):
    model = Other.from_preset("large")
    model.classes = ["walk", "run"]
    path = tmp_path / "model.pt"
    model.save(str(path))
    assert [p.name for p in tmp_path.iterdir()] == ["model.pt"]
    loaded = Other.load(path)
    assert loaded.config == model.config
    assert loaded.classes == model.classes
    assert loaded.skeleton == model.skeleton
    assert not loaded.training
    assert loaded.state_dict().keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)
    torch.load(path, weights_only=True)


def test_a_failed_save_leaves_what_was_there(tmp_path, monkeypatch):
    model, path = Other.from_preset("small"), tmp_path / "model.pt"
    model.save(path)
    before = path.read_bytes()

    def fail(content, file):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save(path)
    assert path.read_bytes() == before


def test_load_refuses_what_is_no_checkpoint(tmp_path):
    path = tmp_path / "model.pt"
    with pytest.raises(FileNotFoundError, match=r"no checkpoint at .*model\.pt"):
        Other.load(path)
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        Other.load(tmp_path)
    for content in (b"", b"nothing of the kind", b"PK\x03\x04 torn"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"model\.pt is no readable checkpoint") as info:
            Other.load(path)
        assert "\n" not in str(info.value)
    Other.from_preset("small").save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="no readable checkpoint"):
        Other.load(path)
    for content in ({"state_dict": {}}, [1, 2], {}, {"weight": 1}):
        torch.save(content, path)
        with pytest.raises(
            ValueError, match=r"model\.pt: holds neither a network of .* nor weights"
        ):
            Other.load(path)


def test_load_executes_nothing(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("executed",))

    torch.save({"format": Evil()}, tmp_path / "model.pt")
    with pytest.raises(ValueError, match="no readable checkpoint"):
        Other.load(tmp_path / "model.pt")


def test_load_refuses_another_network_or_skeleton(tmp_path):
    path = tmp_path / "model.pt"
    model = Other.from_preset("small", skeleton=random_skeleton(6))
    model.save(path)
    with pytest.raises(ValueError, match=r"model\.pt holds a Other, expected a SymGNN"):
        SymGNN.load(path)
    Other.load(path, skeleton=random_skeleton(6))


class Base(SkeletonModel):
    def __init__(self, skeleton, width=3, *, depth=2, skip: bool = False):
        super().__init__(skeleton, in_channels=2)
        self.lin = torch.nn.Linear(width, depth)


class Derived(Base):
    presets: ClassVar = {"one": {"skeleton": "coco17"}}

    def __init__(self, skeleton, scale, depth=5, **kwargs):
        super().__init__(skeleton, depth=depth, **kwargs)


def test_arguments_are_recorded():
    names = list(inspect.signature(Derived).parameters)
    assert names == ["skeleton", "scale", "depth", "width", "skip"]
    model = Derived("coco17", (1, [2]), width=4)
    assert model.config == {"scale": (1, [2]), "depth": 5, "width": 4, "skip": False}
    assert model.skeleton is Skeleton.get("coco17")
    assert copy.deepcopy(model).config == pickle.loads(pickle.dumps(model)).config == model.config
    with pytest.raises(TypeError, match="Derived: got an unexpected keyword argument 'witdh'"):
        Derived("coco17", 1, witdh=4)
    with pytest.raises(TypeError, match="Derived: missing a required argument: 'scale'"):
        Derived("coco17")


def test_an_argument_that_is_code_is_given_again(tmp_path):
    path = tmp_path / "model.pt"
    CTRGCN("ntu25", 2, channels=(8,), strides=(1,), conv=SpatialGraphConv).save(path)
    with pytest.raises(ValueError, match=r"conv=pyg_.*SpatialGraphConv; pass it again, load\(path"):
        CTRGCN.load(path)
    assert isinstance(CTRGCN.load(path, conv=SpatialGraphConv).blocks[0].conv, SpatialGraphConv)


def test_check_bodies():
    model = Other.from_preset("small")
    ntu, coco = Skeleton.get("ntu25"), Skeleton.get("coco17")
    clip = ntu.to_data(torch.randn(2, 25, 4, 3))
    model.check_bodies(clip)
    model.check_bodies(next(iter(DataLoader([clip, clip], batch_size=2))))
    other = coco.to_data(torch.randn(25, 17, 4, 3))  # as many nodes
    for data in (other, next(iter(DataLoader([other], batch_size=1)))):
        with pytest.raises(ValueError, match="built for skeleton 'ntu25', the data are 'coco17'"):
            model.check_bodies(data)
    clip.x = clip.x[:-1]
    with pytest.raises(ValueError, match=r"bodies of 25 joints \(ntu25\), got 49 nodes"):
        model.check_bodies(clip)


def test_a_replaced_layer_is_not_saved(tmp_path):
    model = CTRGCN("kinect20", 10, channels=(8,), strides=(1,))
    model.classifier = torch.nn.Linear(8, 7)
    with pytest.raises(
        ValueError, match=r"classifier.* has shape \(7.*yield \(10.*num_classes=..."
    ):
        model.save(tmp_path / "model.pt")
    assert list(tmp_path.iterdir()) == []


def test_saving_draws_no_random_numbers(tmp_path):
    model = Other.from_preset("small")
    state = torch.get_rng_state()
    model.save(tmp_path / "model.pt")
    assert torch.equal(torch.get_rng_state(), state)


def test_the_old_name_of_a_module_loads():
    options = {"channels": (8,), "strides": (1,), "hidden_channels": 8}
    model = create_model("info_gcn", "nw-ucla", **options)
    weights = {n.replace("embedding.", "embed."): v for n, v in model.state_dict().items()}
    assert "embed.weight" in weights
    create_model("info_gcn", "nw-ucla", **options).load_state_dict(weights)
