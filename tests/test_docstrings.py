"""The examples in docstrings run and print as they say."""

import doctest
import inspect

import pytest
import torch

import pyg_skeleton
from pyg_skeleton import nn
from pyg_skeleton.nn import conv, models, pool, temporal

ROOMS = (pyg_skeleton, conv, pool, temporal, models)
PUBLIC = {
    name: value
    for room in ROOMS
    for name, value in ((name, getattr(room, name)) for name in room.__all__)
    if inspect.isclass(value)
}
NAMES = {**vars(nn), **vars(models), **PUBLIC, "create_model": models.create_model, "torch": torch}


def networks():
    return {models.model_class(name).__name__ for name in models.list_models()}


def operators():
    return {
        name
        for name, value in vars(conv).items()
        if inspect.isclass(value) and issubclass(value, conv.SkeletonConv)
    } - {"SkeletonConv", "CompleteConv"}  # base classes


def test_operators_and_networks_have_an_example():
    main = {"Clip", "Skeleton", "SkeletonData", "SkeletonLoader", "SkeletonGCL"}
    missing = [
        name
        for name in main | operators() | networks()
        if ">>> " not in (PUBLIC[name].__doc__ or "")
    ]
    assert not missing


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if ">>> " in (PUBLIC[name].__doc__ or "")]
)
@pytest.mark.filterwarnings("ignore:joints converted")
def test_examples(name):
    torch.manual_seed(0)
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner(verbose=False)
    output = []
    for test in finder.find(PUBLIC[name], name, globs=dict(NAMES)):
        runner.run(test, out=output.append)
    assert not output, "".join(output)
