"""The experiments of the papers as data: each is a table, with a run in every row."""

from pyg_skeleton.cli.tables.codt import CODT
from pyg_skeleton.cli.tables.hcsf import HCSF
from pyg_skeleton.cli.tables.sem_gcn import SEM_GCN
from pyg_skeleton.cli.tables.skeleton_gcl import SKELETON_GCL
from pyg_skeleton.cli.tables.sym_gnn import SYM_GNN
from pyg_skeleton.cli.tables.table import Row, Table, absent, row, sweep

#: By name, :obj:`paper/experiment`.
TABLES: dict[str, Table] = {
    f"{paper}/{name}": table
    for paper, tables in {
        "sym-gnn": SYM_GNN,
        "sem-gcn": SEM_GCN,
        "hcsf": HCSF,
        "skeleton-gcl": SKELETON_GCL,
        "codt": CODT,
    }.items()
    for name, table in tables.items()
}

__all__ = ["TABLES", "Row", "Table", "absent", "row", "sweep"]
