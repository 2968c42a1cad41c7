"""A compact notation for layouts."""

from pyg_skeleton.skeleton.registry import register_skeleton
from pyg_skeleton.skeleton.skeleton import Skeleton


def layout(
    name: str,
    joints: str,
    *,
    head: str,
    torso: str,
    upper_arm: str,
    forearm: str,
    thigh: str,
    crus: str,
    links: str = "",
    part_edges: str = "",
) -> Skeleton:
    """Registers a layout with the ten parts of Sym-GNN.

    Args:
        name (str): The name of the layout.
        joints (str): `child:parent` for each joint in the order of the corpus, only `child` for the
            root.
        head (str): The joints of the head.
        torso (str): The joints of the torso.
        upper_arm (str): The joints of an upper arm without `left_` or `right_`, as in all limbs.
        forearm (str): The joints of a forearm and hand.
        thigh (str): The joints of a thigh.
        crus (str): The joints of a lower leg and foot.
        links (str, optional): `joint:joint` for each edge that is not a bone.
            (default: :obj:`""`)
        part_edges (str, optional): `part:part` for each edge between parts, if those derived from
            the bones are wrong. (default: :obj:`""`)
    """
    parts = {"head": head.split(), "torso": torso.split()}
    for limbs in ({"upper_arm": upper_arm, "forearm": forearm}, {"thigh": thigh, "crus": crus}):
        for side in ("left", "right"):
            for limb, members in limbs.items():
                parts[f"{side}_{limb}"] = [f"{side}_{joint}" for joint in members.split()]
    tree = [token.partition(":") for token in joints.split()]
    description = {
        "name": name,
        "joints": {child: parent or None for child, _, parent in tree},
        "parts": parts,
        "links": [token.split(":") for token in links.split()],
        "part_edges": [token.split(":") for token in part_edges.split()] or None,
    }
    return register_skeleton(Skeleton.from_dict(description))
