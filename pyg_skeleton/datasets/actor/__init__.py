"""The synthetic actors of the embedded data set: people, movements and bodies."""

from pyg_skeleton.datasets.actor.body import Body
from pyg_skeleton.datasets.actor.movements import MOVEMENTS
from pyg_skeleton.datasets.actor.people import STYLES, Person, Style
from pyg_skeleton.datasets.actor.stage import film
from pyg_skeleton.datasets.actor.take import PIVOTS, Take

__all__ = ["MOVEMENTS", "PIVOTS", "STYLES", "Body", "Person", "Style", "Take", "film"]
