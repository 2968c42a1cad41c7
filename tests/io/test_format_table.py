import inspect

from pyg_skeleton.io.format_table import FORMATS
from pyg_skeleton.io.formats import find_format

NAMES = [one.name for one in FORMATS]


def test_each_name_is_there_once():
    assert len(set(NAMES)) == len(NAMES)


def test_options_are_arguments_of_the_reader():
    for one in FORMATS:
        known = inspect.signature(one.read).parameters
        assert set(one.options) <= known.keys(), one.name


def test_narrow_formats_are_tried_before_wide_ones():
    """What is in none of the formats of tools is a file of the user's own."""
    assert NAMES[-4:] == ["json", "npz", "npy", "csv"]
    for tool, own in (("amass", "npz"), ("openpose", "json"), ("sleap-csv", "csv")):
        assert NAMES.index(tool) < NAMES.index(own)


def test_a_format_does_not_claim_the_file_of_another(
    keypoint_files, mocap_files, corpus_files, tmp_path
):
    """Whatever the order: only formats of the user's own take files of tools, too."""
    files = keypoint_files.files() | mocap_files.files() | corpus_files.files()
    for name, (file, content) in files.items():
        path = tmp_path / name / file
        path.parent.mkdir()
        path.write_bytes(content)
        assert find_format(path).name == name
