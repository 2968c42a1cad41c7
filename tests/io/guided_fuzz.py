"""The readers of `fuzz.py` on files that atheris makes, guided by the lines that they reach.

    pip install atheris
    python tests/io/guided_fuzz.py openpose -max_total_time=600

The options after the name of a reader are those of libFuzzer. A file that is neither read nor
refused in one line ends it, and stays in the working directory as `crash-...`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pyg_skeleton.io", "pyg_skeleton.skeleton"]):
    import fuzz


def main() -> None:
    """Fuzzes one reader until it fails, or as long as the options say."""
    seeds = fuzz.seeds()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reader", choices=sorted(seeds), metavar="READER", help=", ".join(seeds))
    args, options = parser.parse_known_args()
    name, read, contents = seeds[args.reader]
    folder = Path(tempfile.mkdtemp())
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, content in enumerate(contents):
        (corpus / str(number)).write_bytes(content)
    path = folder / name

    def read_or_refuse(data: bytes) -> None:
        path.write_bytes(data)
        error = fuzz.attempt(path, read)
        if error is not None and not fuzz.is_one_line(error, path):
            raise error

    atheris.Setup([sys.argv[0], *options, str(corpus)], read_or_refuse)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
