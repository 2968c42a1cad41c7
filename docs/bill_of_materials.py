"""Writes the software bill of materials of pyg_skeleton with all extras, as installed here, in the
CycloneDX format, and prints the licenses.

    python docs/bill_of_materials.py --out bom.json
"""

import argparse
import json
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "pyg-skeleton"


def requirements(package: Distribution, extras: set[str]) -> Iterator[Requirement]:
    """Yields what a package requires on this machine."""
    for line in package.requires or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


def collect(name: str, extras: set[str]) -> dict[str, Distribution]:
    """Returns a package and all that it requires, by name; what is not installed is left out."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(name, frozenset(extras))]
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        try:
            package = distribution(key[0])
        except PackageNotFoundError:
            continue
        found[key[0]] = package
        for requirement in requirements(package, set(key[1])):
            waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return dict(sorted(found.items()))


def license_of(package: Distribution) -> str:
    """Returns the license that a package states."""
    meta = package.metadata
    classifiers = [c for c in meta.get_all("Classifier", []) if c.startswith("License ::")]
    stated = meta.get("License-Expression") or ", ".join(c.split(" :: ")[-1] for c in classifiers)
    return stated or (meta.get("License") or "not stated").split("\n")[0]


def bill(packages: dict[str, Distribution]) -> dict[str, Any]:
    """Returns the bill of materials in plain values."""
    parts = {
        name: {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{package.version}",
            "purl": f"pkg:pypi/{name}@{package.version}",
            "name": name,
            "version": package.version,
            "licenses": [{"license": {"name": license_of(package)}}],
        }
        for name, package in packages.items()
    }
    links = []
    for name, package in packages.items():
        extras = {"all"} if name == OURS else set()
        names = {canonicalize_name(r.name) for r in requirements(package, extras)} & parts.keys()
        needed = sorted(str(parts[other]["bom-ref"]) for other in names)
        links.append({"ref": parts[name]["bom-ref"], "dependsOn": needed})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": parts.pop(OURS)},
        "components": list(parts.values()),
        "dependencies": links,
    }


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("bom.json"))
    out: Path = parser.parse_args().out
    packages = collect(OURS, {"all"})
    out.write_text(json.dumps(bill(packages), indent=1) + "\n")
    for name, package in packages.items():
        sys.stdout.write(f"{name} {package.version}: {license_of(package)}\n")
    sys.stdout.write(f"{out}: {len(packages)} packages\n")


if __name__ == "__main__":
    main()
