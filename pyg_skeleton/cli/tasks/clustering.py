"""Clustering across domains by CoDT on the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.parser import Option, options_of
from pyg_skeleton.cli.reports import clustering as report
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks.task import TaskCommand
from pyg_skeleton.datasets import ClipDataset, ClipTable, load_task
from pyg_skeleton.datasets.registry import CROSS_DOMAIN
from pyg_skeleton.training import CODT_METHODS, Run, cluster_clips, cluster_table, evaluate_clusters
from pyg_skeleton.whole_file import whole_file

if TYPE_CHECKING:
    from pyg_skeleton.cli.options import Settings

ROOTS = ("root_source", "root_target")


@dataclass(frozen=True)
class ClusteringOptions:
    """Options of training.

    Args:
        method (str, optional): A row of the paper's tables: baseline (bm), with online clustering
            (ocm), with collaborative clustering (codt), and its variants.
    """

    method: Literal["bm", "ocm", "codt", "ccm-fp", "ccm-pf"] = "codt"


class ClusteringCommand(TaskCommand):
    """Trains a network on labeled clips of one domain and clusters unlabeled clips of another;
    writes clusters, their scores and pictures.
    """

    name = "clustering"
    corpora = CROSS_DOMAIN
    options = ClusteringOptions

    def root_options(self, data: str) -> list[Option]:
        """The places of source and target."""
        return [
            Option(root, Path | None, None, f"The folder or file of the {root[5:]}.")
            for root in ROOTS
        ]

    def data_options(self, data: str) -> list[Option]:
        """The options of a task."""
        parameters = signature(self.corpora[data]).parameters
        required = {name: None for name, p in parameters.items() if p.default is p.empty}
        return options_of(self.corpora[data], required, skip=(*ROOTS, "seed"))

    def create_run(self, settings: "Settings") -> Run:
        """The record of the run; a method sets losses that are not set otherwise."""
        run = super().create_run(settings)
        changes = {**CODT_METHODS[settings.method], **settings.given("recipe")}
        return replace(run, recipe=run.recipe.replace(**changes))

    def open(self, run: Run, roots: Mapping[str, Any], split: str = "", **supplied: Any) -> Any:
        """Source and target."""
        options = {name: value for name, value in run.data.items() if name != "name"}
        return load_task(run.data["name"], *(roots[root] for root in ROOTS), **options)

    def open_training(self, run: Run, roots: Mapping[str, Any]) -> tuple[Any, Any]:
        """Source and target; the test clips of the target are measured during training."""
        return self.open(run, roots), None

    def open_test(self, run: Run, roots: Mapping[str, Any], train: Any = None) -> Any:
        """The test clips of the target."""
        return (train or self.open(run, roots)).target_test

    def measure(
        self, run: Run, model: Any, test: Any, folder: Path, options: Mapping[str, Any]
    ) -> Report:
        """Clusters the test clips, and compares them with their classes where they have some."""
        clips: ClipDataset = test
        labels = clips.labels if clips.num_classes > 1 else None  # one class: unlabeled
        out = cluster(run, model, clips, folder, labels)
        if labels is None:
            return out
        method, output = run.options.get("method", "codt"), out.output
        scores = evaluate_clusters(output, labels, run.seed)
        out.results = {method: {str(run.seed): scores}}
        table = report.score_table(out.results)
        with whole_file(folder / "results.csv") as partial:
            table.to_csv(partial)
        out.text = report.text(table)
        out.files.append("results.csv")
        return out

    def compare(self, reports: Mapping[str, Report], out: Path) -> Report | None:
        """The scores of all methods, averaged over seeds."""
        results: dict[str, Any] = {}
        for one in reports.values():
            for method, seeds in one.results.items():
                results.setdefault(method, {}).update(seeds)
        if not results:
            return None
        table = report.score_table(results)
        with whole_file(out / "results.csv") as partial:
            table.to_csv(partial)
        return Report({}, report.text(table), ["results.csv"])


def cluster(run: Run, model: Any, clips: ClipDataset, folder: Path, labels: Any = None) -> Report:
    """Clusters clips; writes clusters.csv to a folder."""
    output = cluster_clips(model, clips)
    logits = {"B0": output.shared_logits, "B1": output.logits}
    features = {"B0": output.shared_features, "B1": output.features}
    folder.mkdir(parents=True, exist_ok=True)
    names = clips.names
    table = cluster_table(names, output.shared_logits, output.logits, model.cluster_order)
    with whole_file(folder / "clusters.csv") as partial:
        table.to_csv(partial, float_format="%.4f")
    view: dict[str, Any] = {"coordinates": 2, "up": "-y"} if is_planar(run) else {}
    pictures = report.pictures(clips, logits, features, labels, order=model.cluster_order, **view)
    players = report.players(clips, output.shared_logits, labels)
    return Report({}, str(table.to_string()), ["clusters.csv"], pictures, players, output)


def own_clips(model: Any, folder: Path) -> ClipDataset:
    """Unlabeled clips: the .npy files of a folder, prepared as in training.

    Raises:
        UsageError: If the network does not know the preparation.
    """
    if model.preparation is None:
        raise UsageError("the network has no preparation; train it again")
    return ClipTable.from_unlabeled(folder, model.skeleton, transform=model.preparation)


def is_planar(run: Run) -> bool:
    """Returns :obj:`True` if poses are two coordinates and a score instead of 3-D positions."""
    return run.data["name"] == "kinetics-ntu60" or bool(run.data.get("flat", False))
