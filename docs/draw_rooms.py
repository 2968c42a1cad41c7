"""Draws ``pictures/rooms.png``: the rooms of the package and who imports whom, read from the code.

python docs/draw_rooms.py
"""

import ast
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "pyg_skeleton"
#: Column and row of each room; a room imports rooms of lower rows only.
PLACE = {
    "cli": (-1.0, 5),
    "visualization": (3.0, 4),
    "training": (-1.0, 4),
    "nn": (-1.0, 3),
    "datasets": (1.0, 3),
    "transforms": (-1.0, 2),
    "io": (3.0, 2),
    "metrics": (-3.0, 1),
    "data": (-1.0, 1),
    "camera": (1.0, 1),
    "testing": (3.0, 1),
    "skeleton": (0.0, 0),
}
CONTENT = {
    "skeleton": "joints, bones, parts, hops, layouts",
    "io": "one reader per file format",
    "camera": "projection, distortion",
    "data": "SkeletonData, loader, sampler",
    "transforms": "one step of a preparation per file",
    "metrics": "one metric per file",
    "testing": "checks for layers, shipped",
    "nn": "conv · sums · blocks · pool · temporal\nimage · loss · models",
    "datasets": "recognition · lifting · motion\ncross_domain · actor",
    "visualization": "poses, graphs, charts",
    "training": "one recipe, one module, one record of a run\n"
    "recognition · motion · lifting · clustering",
    "cli": "the command pyg-skeleton, reports, tables",
}
INK, BOX, LINE = "#22303c", "#eaf1f6", "#7c93a6"


def imported_rooms(room: str) -> set[str]:
    """The other rooms that the files of a room import when they are loaded."""
    rooms = set()
    for path in (PACKAGE / room).rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            rooms |= {m.split(".")[1] for m in modules if m.startswith("pyg_skeleton.")}
    return rooms & CONTENT.keys() - {room}


def direct(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leaves out an arrow where a longer way leads to the same room."""

    def below(room: str) -> set[str]:
        return edges[room].union(*(below(other) for other in edges[room]))

    return {
        room: {lower for lower in to if not any(lower in below(other) for other in to - {lower})}
        for room, to in edges.items()
    }


def draw(ax: Axes) -> None:
    """Draws the boxes, and behind them the arrows from row to row."""
    width, height = 3.6, 0.86
    place = {room: (1.95 * x, 1.45 * y) for room, (x, y) in PLACE.items()}
    for room, others in direct({room: imported_rooms(room) for room in PLACE}).items():
        for other in others:
            (x0, y0), (x1, y1) = place[room], place[other]
            shift = 0.8 * max(-1.0, min(1.0, (x1 - x0) / 3))
            ax.annotate(
                "",
                (x1 - shift, y1 + height / 2),
                (x0 + shift, y0 - height / 2),
                arrowprops={"arrowstyle": "-|>", "color": LINE, "lw": 1.3},
                zorder=1,
            )
    for room, (x, y) in place.items():
        box = plt.Rectangle(
            (x - width / 2, y - height / 2), width, height, fc=BOX, ec=INK, lw=1.2, zorder=2
        )
        ax.add_patch(box)
        ax.text(x, y + 0.24, room, ha="center", va="center", color=INK, weight="bold", size=11)
        ax.text(x, y - 0.12, CONTENT[room], ha="center", va="center", color=INK, size=6.6)
    ax.set_xlim(-7.9, 7.9)
    ax.set_ylim(-0.6, 7.9)
    ax.axis("off")


def main() -> None:
    """Writes the picture."""
    figure, ax = plt.subplots(figsize=(11.5, 6.4))
    draw(ax)
    figure.savefig(HERE / "pictures" / "rooms.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
