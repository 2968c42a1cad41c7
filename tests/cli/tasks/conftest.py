"""The options of a task, as the command line has them."""

import pytest

from pyg_skeleton.cli.options import read_settings
from pyg_skeleton.cli.tasks import TASKS


@pytest.fixture(scope="session")
def run_of():
    """The record of the run that a command line describes."""

    def create(task, *line):
        command = TASKS[task]
        return command.create_run(read_settings(command, list(map(str, line)), "train"))

    return create
