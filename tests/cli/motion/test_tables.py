import re

import pytest

from pyg_skeleton.cli import SYM_GNN_EXPERIMENTS
from pyg_skeleton.skeleton import Skeleton

NOT_OF_THE_NETWORK = {
    "shuffle_targets", "shuffle_labels", "observation_ratio", "future", "perturbation", "seed",
}  # fmt: skip


def networks():
    """The different networks of all experiments."""
    seen = []
    for experiment, runs in SYM_GNN_EXPERIMENTS.items():
        for name, changes in runs.items():
            network = {k: v for k, v in changes.items() if k not in NOT_OF_THE_NETWORK}
            if network not in seen:
                seen.append(network)
                yield pytest.param(network, id=f"{experiment}: {name}")


def test_every_experiment_of_the_paper_is_there():
    assert set(SYM_GNN_EXPERIMENTS) == {
        "ablation", "speed", "noisy-targets", "noisy-labels", "observation", "hops", "lambda-act",
        "differences", "streams", "perturbation", "symbiosis",
    }  # fmt: skip


def test_values_of_the_paper():
    runs = SYM_GNN_EXPERIMENTS
    assert [c["num_iterations"] for c in runs["speed"].values()] == [0, 1, 2, 3, 4]
    shares = [c.get("shuffle_targets") for c in runs["noisy-targets"].values()]
    assert shares == [0.0, 0.1, 0.2, 0.5, 0.7, 1.0, None]
    shares = [c.get("shuffle_labels") for c in runs["noisy-labels"].values()]
    assert shares == [0.0, 0.1, 0.2, 0.3, 0.5, 1.0, None]
    assert [c["lambda_act"] for c in runs["lambda-act"].values()] == [i / 10 for i in range(11)]
    ratios = {c["observation_ratio"] for c in runs["observation"].values()}
    assert ratios == {0.1, 0.2, 0.3, 0.5, 0.7, 0.9}
    kinds = {(c["future"], c.get("prediction", True)) for c in runs["observation"].values()}
    assert kinds == {(10, True), ("all", True), (10, False)}


def test_names_are_good_for_folders():
    for runs in SYM_GNN_EXPERIMENTS.values():
        folders = [name.replace(" ", "_").replace(",", "") for name in runs]
        assert len(set(folders)) == len(folders)
        assert all(re.fullmatch(r"[\w=.()-]+", folder) for folder in folders)


@pytest.mark.parametrize("changes", list(networks()))
def test_networks_of_the_experiments_run(tiny, changes):
    clip = tiny.Swinging(1)[0]
    model = tiny.tiny_model(**changes).eval()
    output = model(clip)
    assert (output.logits is None) == (changes.get("recognition") is False)
    assert (output.prediction is None) == (changes.get("prediction") is False)
    assert Skeleton.from_dict(model.skeleton.to_dict()) == tiny.STICK
