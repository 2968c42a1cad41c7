import warnings

import pytest


@pytest.mark.fuzz
def test_every_reader_on_mutated_files(tmp_path, load_file):
    """Thirty seconds; `python tests/io/fuzz.py --seconds 3600` goes on longer."""
    fuzz = load_file("io/fuzz.py")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*the last line has no line end")
        results = fuzz.run(tmp_path, 30)
    assert len(results) >= 40
    assert {key: result.faults[:3] for key, result in results.items() if result.faults} == {}
    assert max(result.megabytes for result in results.values()) < 500
