import importlib.util
import warnings
from pathlib import Path

import pytest


@pytest.mark.fuzz
def test_every_reader_on_mutated_files(tmp_path):
    """Thirty seconds; `python tests/io/fuzz.py --seconds 3600` goes on longer."""
    spec = importlib.util.spec_from_file_location("fuzz", Path(__file__).with_name("fuzz.py"))
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*the last line has no line end")
        results = fuzz.run(tmp_path, 30)
    assert len(results) >= 40
    assert {key: result.faults[:3] for key, result in results.items() if result.faults} == {}
    assert max(result.megabytes for result in results.values()) < 500
