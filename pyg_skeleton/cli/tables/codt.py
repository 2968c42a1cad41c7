"""The experiments of the `"Collaborating Domain-shared and Target-specific Feature Clustering for
Cross-domain 3D Action Recognition" <https://arxiv.org/abs/2207.09767>`_ paper.
"""

from pyg_skeleton.cli.tables.table import Table


def _methods(title: str, *names: str) -> Table:
    return Table("clustering", title, {name: {"method": name} for name in names})


#: By name.
CODT = {
    "ablation": _methods("each loss in turn (Table 1; supplement, Table 2)", "bm", "ocm", "codt"),
    "collaboration": _methods("what makes a pair, and what learns", "codt", "ccm-fp", "ccm-pf"),
}
