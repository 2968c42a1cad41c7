"""Packaging of pyg_skeleton; tool settings live in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

root = Path(__file__).parent
version: dict[str, str] = {}
exec((root / "pyg_skeleton" / "version.py").read_text(encoding="utf-8"), version)

REPOSITORY = "https://github.com/pyg-skeleton/pyg_skeleton"


def long_description() -> str:
    """README with absolute links, as PyPI needs them: pages of files, and raw pictures."""
    text = (root / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"(!\[[^\]]*\]\()(?!https?:)([^)\s]+)", rf"\1{REPOSITORY}/raw/main/\2", text)
    text = re.sub(r'(<img[^>]*\bsrc=")(?!https?:)', rf"\1{REPOSITORY}/raw/main/", text)
    return re.sub(r"(?<!!)(\[[^\]]*\]\()(?!https?:|#|mailto:)", rf"\1{REPOSITORY}/blob/main/", text)


extras = {
    # tyro is the parser of the command pyg-skeleton.
    "train": ["lightning>=2.5.5", "torchmetrics>=1.4", "tensorboard>=2.17", "tyro>=1.0"],
    "viz": ["matplotlib>=3.10"],
    "video": ["matplotlib>=3.10", "imageio-ffmpeg>=0.5"],
    # Source only on the registry: they need torch at build time, hence --no-build-isolation.
    "sparse": ["torch-scatter", "torch-sparse"],
    "cluster": ["scikit-learn>=1.4", "scipy>=1.11.1"],
    "onnx": ["onnx>=1.18", "onnxscript>=0.6", "onnxruntime>=1.20"],
    "h5": ["h5py>=3.10"],
}
extras["all"] = [
    *extras["train"],
    *extras["video"],
    *extras["cluster"],
    *extras["onnx"],
    *extras["h5"],
]
extras["dev"] = [
    *extras["all"],
    "ezc3d",  # writes the C3D files of the tests
    # Explainers and summaries of PyG.
    "captum",
    "tabulate",
    "pytest",
    "pytest-cov",
    "pytest-xdist",
    "playwright",
    "hypothesis",
    "ruff",
    "mypy",
    "pandas-stubs",
    "types-PyYAML",
    "sphinx",
    "furo",
    "myst-parser",
    "sphinx-gallery",
]

setup(
    name="pyg_skeleton",
    version=version["__version__"],
    description="Graph neural networks for human skeletons on PyTorch Geometric",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    author="pyg_skeleton contributors",
    url=REPOSITORY,
    project_urls={
        "Source": REPOSITORY,
        "Documentation": f"{REPOSITORY}/tree/main/docs",
        "Issues": f"{REPOSITORY}/issues",
        "Changelog": f"{REPOSITORY}/blob/main/CHANGELOG.md",
    },
    license="MIT",
    license_files=["LICENSE"],
    keywords=[
        "skeleton",
        "human pose",
        "graph neural networks",
        "pytorch",
        "pytorch geometric",
        "action recognition",
        "motion prediction",
        "3D human pose estimation",
    ],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 14)),
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Recognition",
        "Typing :: Typed",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=["pyg_skeleton", "pyg_skeleton.*"]),
    package_data={"": ["py.typed", "*.yaml", "*.json", "*.js", "*.css", "*.html", "weights/*"]},
    install_requires=[
        "torch>=2.10",
        "torch-geometric>=2.7",
        "numpy>=1.26",
        "pandas>=2.2.2",
        "pyyaml>=6.0.1",
    ],
    extras_require=extras,
    entry_points={"console_scripts": ["pyg-skeleton = pyg_skeleton.cli.main:main"]},
)
