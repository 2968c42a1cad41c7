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
    "cli": (0.5, 6),
    "training": (1, 5),
    "visualization": (-1, 4),
    "metrics": (0, 4),
    "nn": (1, 4),
    "datasets": (2, 4),
    "transforms": (2.35, 3),
    "testing": (-1, 2),
    "camera": (1.0, 2),
    "data": (2.4, 2),
    "io": (2.0, 1),
    "skeleton": (0.5, 0),
}
CONTENT = {
    "skeleton": "joints, bones, parts\nhops, layouts",
    "io": "a reader for each\nfile format",
    "camera": "projection, distortion",
    "data": "SkeletonData, Clip\nloader, sampler",
    "transforms": "preparation of clips",
    "metrics": "errors, scores",
    "testing": "checks for layers",
    "nn": "conv, sums, blocks, pool\ntemporal, image, loss\nmodels, stream, optimized",
    "datasets": "recognition, lifting, motion\ncross_domain, actor",
    "visualization": "poses, graphs, charts\nthe player",
    "training": "recognition, motion\nlifting, clustering",
    "cli": "the command pyg-skeleton\nreports, papers' tables",
}
#: Skeleton.to_data and the players in notebooks are of rooms above.
LAZY = {("skeleton", "data"), ("skeleton", "visualization"), ("data", "visualization")}
INK, BOX, LINE = "#22303c", "#eaf1f6", "#7c93a6"


def imported_rooms(room: str) -> set[str]:
    """The other rooms that the files of a room import, at the top or where they need them."""
    rooms = set()
    for path in (PACKAGE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            rooms |= {m.split(".")[1] for m in modules if m.startswith("pyg_skeleton.")}
    return {other for other in rooms & CONTENT.keys() - {room} if (room, other) not in LAZY}


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
    width, height = 2.1, 0.86
    place = {room: (2.3 * x, 1.3 * y) for room, (x, y) in PLACE.items()}
    for room, others in direct({room: imported_rooms(room) for room in PLACE}).items():
        for other in others:
            (x0, y0), (x1, y1) = place[room], place[other]
            shift = 0.7 * max(-1.0, min(1.0, (x1 - x0) / 3))
            ax.annotate(
                "",
                (x1 - shift, y1 + height / 2),
                (x0 + shift, y0 - height / 2),
                arrowprops={"arrowstyle": "-|>", "color": LINE, "lw": 1.3, "shrinkA": 0},
                zorder=1,
            )
    for room, (x, y) in place.items():
        box = plt.Rectangle(
            (x - width / 2, y - height / 2), width, height, fc=BOX, ec=INK, lw=1.2, zorder=2
        )
        ax.add_patch(box)
        ax.text(x, y + 0.26, room, ha="center", va="center", color=INK, weight="bold", size=12)
        ax.text(x, y - 0.14, CONTENT[room], ha="center", va="center", color=INK, size=7.4)
    ax.set_xlim(-3.5, 7.0)
    ax.set_ylim(-0.5, 8.5)
    ax.set_aspect("equal")
    ax.axis("off")


def main() -> None:
    """Writes the picture."""
    figure, ax = plt.subplots(figsize=(10.2, 8.4))
    draw(ax)
    figure.savefig(HERE / "pictures" / "rooms.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
