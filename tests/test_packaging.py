"""Dependencies, contents and imports of the package."""

import ast
import json
import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import pyg_skeleton

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pyg_skeleton"

OPTIONAL = [
    "h5py",
    "imageio_ffmpeg",
    "lightning",
    "matplotlib",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "pytest",
    "pytorch_lightning",
    "scipy",
    "sklearn",
    "tensorboard",
    "torch_scatter",
    "torch_sparse",
    "torchmetrics",
    "torchvision",
]

# Who may import whom, when it is imported or later; a room may always import itself.
ALLOWED = {
    "skeleton": set(),
    "io": {"skeleton"},
    "camera": {"skeleton"},
    "data": {"skeleton", "io"},
    "transforms": {"skeleton", "data"},
    "datasets": {"skeleton", "camera", "data", "io", "transforms"},
    "nn": {"skeleton", "camera", "data", "transforms"},
    "metrics": {"skeleton"},
    "visualization": {"skeleton", "camera", "data"},
    "testing": {"skeleton"},
    "training": {
        "skeleton",
        "camera",
        "data",
        "io",
        "transforms",
        "datasets",
        "nn",
        "metrics",
        "visualization",
    },
    "cli": {
        "skeleton",
        "camera",
        "data",
        "io",
        "transforms",
        "datasets",
        "nn",
        "metrics",
        "visualization",
        "training",
    },
}
# Skeleton.to_data makes an object of the room above it, and a notebook shows a player.
LAZY = {("skeleton", "data"), ("skeleton", "visualization"), ("data", "visualization")}


def test_the_core_imports_without_any_optional_package(python):
    core = [
        "skeleton",
        "camera",
        "data",
        "io",
        "transforms",
        "datasets",
        "nn",
        "nn.models",
        "testing",
    ]
    modules = ", ".join(f"pyg_skeleton.{room}" for room in core)
    done = python(f"import pyg_skeleton, {modules}", without=OPTIONAL)
    assert done.returncode == 0, done.stderr


def test_the_package_draws_in_no_optional_package(python):
    heavy = [name for name in OPTIONAL if name not in ("scipy", "torch_scatter", "torch_sparse")]
    code = f"import sys, pyg_skeleton; print([n for n in {heavy} if n in sys.modules])"
    done = python(code)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_package_imports_little_beyond_pytorch_geometric(python):
    """The time to import a package grows with its modules."""
    code = "import sys, {}; print(len(sys.modules))"
    base, ours = (
        int(python(code.format(names)).stdout)
        for names in ("torch_geometric", "pyg_skeleton.data, pyg_skeleton.nn.models")
    )
    assert ours < 1.25 * base


def test_the_version_is_the_one_of_the_distribution():
    command = [sys.executable, "setup.py", "--version"]
    out = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert out.split()[-1] == pyg_skeleton.__version__


def test_the_distribution_holds_every_file_of_the_package(tmp_path):
    command = [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)

    def files(root):
        found = (path for path in root.rglob("*") if path.is_file())
        return {str(p.relative_to(root)) for p in found if "__pycache__" not in p.parts}

    assert files(tmp_path / "pyg_skeleton") == files(PACKAGE)


def test_every_dependency_has_a_lowest_version():
    """`make test-lowest` installs these, found by the same pattern."""
    found = set(re.findall(r'"([a-z0-9-]+)>=[0-9.]+"', (ROOT / "setup.py").read_text()))
    required = [Requirement(line) for line in requires("pyg_skeleton")]
    needed = {r.name for r in required if r.marker is None or r.marker.evaluate({"extra": "all"})}
    assert {name for name in needed if name.lower() not in found} == set()


def pins(file):
    """The versions in a file for Python 3.13, by name."""
    lines = (ROOT / file).read_text().splitlines()
    found = [Requirement(line.rstrip("\\")) for line in lines if re.match(r"[a-z0-9-]+==", line)]
    newest = {"python_version": "3.13", "python_full_version": "3.13.0"}
    found = [r for r in found if r.marker is None or r.marker.evaluate(newest)]
    return {r.name: str(r.specifier) for r in found}


def test_hashes_are_those_of_the_constraints():
    hashed, constraints = pins("requirements-hashed.txt"), pins("constraints.txt")
    assert {"torch", "torch-geometric", "numpy", "lightning"} <= hashed.keys()
    common = hashed.keys() & constraints.keys()
    assert {name: hashed[name] for name in common} == {name: constraints[name] for name in common}


def test_the_bill_of_materials(tmp_path):
    line = [sys.executable, "docs/bill_of_materials.py", "--out", tmp_path / "bom.json"]
    out = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    bill = json.loads((tmp_path / "bom.json").read_text())
    assert bill["metadata"]["component"]["version"] == pyg_skeleton.__version__
    parts = {part["name"]: part for part in bill["components"]}
    assert parts["torch"]["purl"] == f"pkg:pypi/torch@{version('torch')}"
    assert {"numpy", "pandas", "lightning", "filelock"} <= parts.keys()
    assert len(out.splitlines()) == len(parts) + 2
    refs = {part["bom-ref"] for part in bill["components"]}
    ours, *_ = (d for d in bill["dependencies"] if "skeleton" in d["ref"])
    assert set(ours["dependsOn"]) <= refs
    assert parts["torch"]["bom-ref"] in ours["dependsOn"]


def imports(path):
    """All modules that a file imports, relative ones resolved, and whether lazily: in a function,
    or for type checking.
    """
    package = path.relative_to(ROOT).parent.parts

    def visit(node, lazy):
        lazy = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        lazy = lazy or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, lazy
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{module}.{alias.name}", lazy
        for child in ast.iter_child_nodes(node):
            yield from visit(child, lazy)

    return visit(ast.parse(path.read_text(encoding="utf-8")), False)


#: Modules beside the rooms, which every room may import.
SHARED = {"version", "whole_file"}


def room_of(module):
    """The room of a dotted name; '' for the top package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ALLOWED else ""


FILES = sorted(PACKAGE.glob("*/**/*.py"))


def test_every_room_has_its_place():
    found = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert found == ALLOWED.keys()


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_imports_run_downwards(room):
    for path in FILES:
        if path.relative_to(PACKAGE).parts[0] != room:
            continue
        for module, lazy in imports(path):
            parts = module.split(".")
            if parts[0] != "pyg_skeleton" or parts[-1] == "__version__" or parts[1] in SHARED:
                continue
            target = room_of(module)
            fine = target in {room, *ALLOWED[room]} or (lazy and (room, target) in LAZY)
            assert fine, f"{path.relative_to(ROOT)}: {room} must not import {module}"


def test_operators_know_no_network():
    for part in ("conv", "pool", "temporal", "loss"):
        for path in sorted((PACKAGE / "nn" / part).glob("**/*.py")):
            for module, _ in imports(path):
                assert not module.startswith("pyg_skeleton.nn.models"), f"{path}: {module}"


def test_readers_do_without_graphs():
    for path in sorted((PACKAGE / "io").glob("**/*.py")):
        for module, _ in imports(path):
            assert not module.startswith("torch_geometric"), f"{path.relative_to(ROOT)}: {module}"


def test_no_module_needs_torchvision():
    for path in FILES:
        for module, _ in imports(path):
            assert not module.startswith("torchvision"), f"{path.relative_to(ROOT)}: {module}"
