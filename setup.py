"""Packaging of pyg_skeleton; tool settings live in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

root = Path(__file__).parent
version: dict[str, str] = {}
exec((root / "pyg_skeleton" / "version.py").read_text(encoding="utf-8"), version)

extras = {
    "train": ["lightning>=2.4", "torchmetrics>=1.4", "tensorboard"],
    "viz": ["matplotlib>=3.8"],
    # Source only on the registry: they need torch at build time, hence --no-build-isolation.
    "sparse": ["torch-scatter", "torch-sparse"],
    "cluster": ["scikit-learn>=1.4", "scipy>=1.11"],
    "onnx": ["onnx", "onnxscript", "onnxruntime"],
    "h5": ["h5py>=3.8"],
}
extras["dev"] = [
    *extras["train"],
    *extras["viz"],
    *extras["cluster"],
    *extras["onnx"],
    *extras["h5"],
    "pytest",
    "pytest-cov",
    "pytest-xdist",
    "hypothesis",
    "ruff",
    "mypy",
    "pandas-stubs",
    "types-PyYAML",
    "sphinx",
    "furo",
]

setup(
    name="pyg_skeleton",
    version=version["__version__"],
    description="Graph neural networks for human skeletons on PyTorch Geometric",
    long_description=(root / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="pyg_skeleton contributors",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    packages=find_packages(include=["pyg_skeleton", "pyg_skeleton.*"]),
    package_data={"": ["py.typed", "*.yaml"]},
    install_requires=["torch>=2.5", "torch-geometric>=2.6", "numpy", "pandas", "pyyaml"],
    extras_require=extras,
)
