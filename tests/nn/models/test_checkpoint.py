"""Files of networks: older formats, weights of scripts, and files that are damaged."""

import copy
import random
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.nn.models import CTRGCN, RecognitionModel, SemGCN, SkeletonModel, SymGNN
from pyg_skeleton.nn.models.checkpoint import FORMAT, unwrap
from pyg_skeleton.skeleton import Skeleton

FOLDER = Path(__file__).parent / "checkpoints"
SMALL = {"channels": (8,), "strides": (1,)}


@pytest.fixture(scope="module")
def write(load_file):
    """The module that has written the files in `checkpoints`."""
    return load_file("nn/models/checkpoints/write.py")


@pytest.fixture
def model():
    return CTRGCN("kinect20", 3, **SMALL)


@pytest.fixture
def content(model, tmp_path):
    """What a file of the present format holds."""
    model.classes = ["sit", "stand", "wave"]
    model.save(tmp_path / "saved.pt")
    return torch.load(tmp_path / "saved.pt", weights_only=True)


@pytest.fixture
def load(tmp_path):
    """Loads a network from a file with some content."""

    def call(content, kind=SkeletonModel, *args, **options):
        torch.save(content, tmp_path / "model.pt")
        return kind.load(tmp_path / "model.pt", *args, **options)

    return call


# Formats ##########################################################################################


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
@pytest.mark.parametrize("name", ["ctr_gcn", "sym_gnn", "sem_gcn"])
def test_each_format_is_read(name, number, write, tmp_path):
    loaded = SkeletonModel.load(FOLDER / f"{name}.{number}.pt")
    assert loaded.classes == ["sit", "stand", "wave"]
    expected = torch.load(FOLDER / f"answers.{number}.pt", weights_only=True)[name]
    torch.testing.assert_close(write.answer(name, loaded), expected, rtol=1e-4, atol=1e-4)
    loaded.save(tmp_path / "again.pt")
    content = torch.load(tmp_path / "again.pt", weights_only=True)
    assert content["format"] == f"pyg_skeleton.model/{FORMAT}"
    SkeletonModel.load(tmp_path / "again.pt")


def test_a_newer_format_is_named(content, load):
    for name, message in (
        (f"pyg_skeleton.model/{FORMAT + 1}", f"format {FORMAT + 1} is of a newer version of pyg_"),
        ("pyg_skeleton.model/0", "unknown format 0"),
        ("other/1", "expected format 'pyg_skeleton.model/2', got 'other/1'"),
        (3, "got 3"),
    ):
        with pytest.raises(ValueError, match=message):
            load({**content, "format": name})


# Weights alone ####################################################################################


def test_weights_of_scripts_are_unwrapped():
    weights = {"a.weight": torch.ones(1), "module_b": torch.zeros(1)}
    parallel = {f"module.{name}": value for name, value in weights.items()}
    for content in (weights, parallel, {"state_dict": weights}, {"model_state_dict": parallel}):
        assert unwrap(content) == weights


@pytest.mark.parametrize("prefix", ["", "module.", "model.", "model._orig_mod.", "net.backbone."])
@pytest.mark.parametrize("key", [None, "state_dict", "model_state_dict"])
def test_weights_alone(model, load, prefix, key):
    weights = {f"{prefix}{name}": value for name, value in model.state_dict().items()}
    if "." in prefix.strip("."):  # of a module with a part of its own
        weights["net.head.weight"] = torch.ones(2)
    content = weights if key is None else {key: weights, "epoch": 3}
    loaded = load(content, CTRGCN, skeleton="kinect20", num_classes=3, **SMALL)
    assert not loaded.training
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)


def test_weights_alone_need_arguments(model, load):
    weights = model.state_dict()
    with pytest.raises(ValueError, match=r"CTRGCN.load\(path, skeleton=..., num_classes=...\)"):
        load(weights, CTRGCN)
    with pytest.raises(ValueError, match=r"CTRGCN.load\(path, num_classes=...\)$"):
        load(weights, CTRGCN, "kinect20")
    with pytest.raises(ValueError, match=r"SemGCN.load\(path, skeleton=...\)$"):
        load(weights, SemGCN)
    for kind in (SkeletonModel, RecognitionModel):
        with pytest.raises(ValueError, match="by the class of their network"):
            load(weights, kind, "kinect20", num_classes=3)


def test_weights_of_another_network(model, load):
    weights = model.state_dict()
    options = {"skeleton": "kinect20", **SMALL}
    with pytest.raises(ValueError, match="no weights of this CTRGCN: size mismatch for classifier"):
        load(weights, CTRGCN, num_classes=4, **options)
    less = {n: v for n, v in weights.items() if n != "norm.bias"}
    with pytest.raises(ValueError, match=r"missing \['norm.bias'\], unknown \[\]$"):
        load(less, CTRGCN, num_classes=3, **options)
    with pytest.raises(ValueError, match=r"unknown \['fc.weight'\]; CTRGCN.from_official reads"):
        load({"fc.weight": torch.ones(3)}, CTRGCN, num_classes=3, **options)
    whole = {**weights, "norm.bias": torch.ones(60, dtype=torch.long)}
    with pytest.raises(
        ValueError, match=r"expected norm.bias of type torch.float32, got torch.int"
    ):
        load(whole, CTRGCN, num_classes=3, **options)


# Damaged files ####################################################################################


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_are_finite(content, load, value):
    content["state_dict"]["classifier.weight"][1, 2] = value
    number = str(value)
    with pytest.raises(ValueError, match=rf"classifier.weight is not finite: {number} at \[1, 2\]"):
        load(content)
    with pytest.raises(ValueError, match=r"classifier.weight is not finite"):
        load(content["state_dict"], CTRGCN, "kinect20", num_classes=3, **SMALL)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model", None, "expected 'model' to be a str, got NoneType"),
        ("config", [3], "expected 'config' to be a dict, got list"),
        ("config", {1: 2}, r"expected names of arguments in 'config', got \[1\]"),
        ("config", {"widht": 2}, "no arguments of CTRGCN: .*missing a required argument"),
        ("config", {"num_classes": "many"}, "no arguments of CTRGCN: "),
        ("skeleton", {"name": "none"}, "damaged skeleton: "),
        ("fingerprint", "0123", "its fingerprint is '.*', the file has '0123'"),
        ("edge_index", torch.zeros(2, 3, dtype=torch.long), "edges .* not those of .*'kinect20'"),
        ("edge_index", None, "edges in the file are not those"),
        ("attributes", {"classes": ["sit"]}, r"the names of 3 classes, got 1: \['sit'\]"),
        ("attributes", {"classes": "sit"}, "expected a list of names of classes, got 'sit'"),
        ("attributes", {"body_size": float("nan")}, "finite value of body_size, got nan"),
        ("attributes", {"body_size": torch.ones(1)}, "expected a plain, finite value of body_size"),
        ("preparation", {"transform": "Nothing"}, "damaged preparation: "),
        (
            "state_dict",
            {"classifier.weight": 1},
            "expected tensors by name, got 'classifier.weight'",
        ),
        ("state_dict", {"norm.bias": torch.ones(1).expand(60)}, "norm.bias is no plain tensor"),
        ("state_dict", {}, "no weights of this CTRGCN: missing"),
    ],
)
def test_each_field_is_checked(content, load, name, value, message):
    with pytest.raises(ValueError, match=message) as error:
        load({**content, name: value})
    assert re.match(r"\S*model.pt: .*$", str(error.value))
    del content[name]
    if name != "preparation":
        with pytest.raises(ValueError, match=r"model\.pt"):
            load(content)


@pytest.mark.parametrize(
    "change", [{"channels": (10**5, 10**5), "strides": (1, 1)}, {"num_classes": 10**12}]
)
def test_arguments_of_a_giant(content, load, change):
    content["config"] |= change
    content["attributes"]["classes"] = None
    with pytest.raises(ValueError, match="no arguments of CTRGCN: they need more than"):
        load(content)


def test_an_endless_network(load, tmp_path):
    SemGCN("h36m16", hidden_channels=4, num_blocks=1).save(tmp_path / "saved.pt")
    content = torch.load(tmp_path / "saved.pt", weights_only=True)
    content["config"]["num_blocks"] = 10**9
    with pytest.raises(ValueError, match="they need more than"):
        load(content)


def test_mutated_files_are_one_error(content, load, tmp_path):
    """Whatever is replaced or missing: the network, or a ValueError of one line with the file."""
    values = [None, 0, -1, 10**9, 0.5, "x", b"x", [], {}, (), [1], {"a": 1}, torch.ones(2), True]
    draw = random.Random(0)

    def places(value, path=()):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield (*path, key)
            if isinstance(value[key], (dict, list)):
                yield from places(value[key], (*path, key))

    refused = 0
    every = [p for p in places(content) if p[0] != "state_dict"]
    for place in every + [("state_dict", name) for name in list(content["state_dict"])[:5]]:
        mutated = copy.deepcopy(content)
        *way, last = place
        inner = mutated
        for key in way:
            inner = inner[key]
        if draw.random() < 0.3:
            del inner[last]
        else:
            inner[last] = draw.choice(values)
        message = None
        try:
            load(mutated)
        except ValueError as error:
            message = str(error)
        assert message is None or re.match(r"\S*model.pt", message), place
        refused += message is not None
    assert refused > len(every) / 2


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file, its network, and its bytes."""
    path = tmp_path_factory.mktemp("saved") / "model.pt"
    model = CTRGCN("kinect20", 3, **SMALL)
    model.classes = ["sit", "stand", "wave"]
    model.save(path)
    return path, model, path.read_bytes()


@settings(max_examples=80)
@given(data=st.data())
def test_damaged_bytes_are_an_error_or_the_same_network(saved, data):
    """A bit of a weight, too: some places of the archive say nothing."""
    path, model, content = saved
    at = data.draw(st.integers(0, len(content) - 1), "place")
    piece = data.draw(st.binary(min_size=1, max_size=8), "bytes")
    path.write_bytes(content[:at] + piece + content[at + len(piece) :])
    loaded, refusal = None, ""
    try:
        loaded = SkeletonModel.load(path)
    except ValueError as error:
        refusal = str(error)
    if loaded is None:
        assert refusal.startswith(str(path))
        assert "\n" not in refusal
        return
    assert (loaded.classes, loaded.config) == (model.classes, model.config)
    assert loaded.skeleton == model.skeleton
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight), name


def test_classes_are_checked_before_they_are_saved(model, tmp_path):
    model.classes = ["sit", "stand"]
    with pytest.raises(ValueError, match=r"names of 3 classes, got 2: \['sit', 'stand'\]"):
        model.save(tmp_path / "model.pt")
    assert list(tmp_path.iterdir()) == []


def test_skeletons_of_the_user_are_in_the_file(tmp_path):
    body = Skeleton("stick", ["hip", "neck", "head"], [("neck", "hip"), ("head", "neck")], "hip")
    SymGNN(body, 2, 3, blocks=((4, 4), (4, 4)), parts=False).save(tmp_path / "model.pt")
    assert SymGNN.load(tmp_path / "model.pt").skeleton == body
