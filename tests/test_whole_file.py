import ast
import errno
import os
import resource
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

import pyg_skeleton
from pyg_skeleton.whole_file import read_tensors, whole_file, write_tensors, write_text

PACKAGE = Path(pyg_skeleton.__file__).parent


def test_appears_at_the_end(tmp_path):
    path = tmp_path / "new" / "table.csv"
    with whole_file(path) as partial:
        partial.write_text("a,b\n")
        assert partial.suffix == ".csv"
        assert not path.exists()
    assert path.read_text() == "a,b\n"
    assert [file.name for file in path.parent.iterdir()] == ["table.csv"]


def write_half(path, error):
    with whole_file(path) as partial:
        partial.write_text("half of the n")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
def test_after_an_error_the_old_one_is_there(tmp_path, error):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(error):
        write_half(path, error)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


def test_a_full_disk_is_an_error_with_the_name_of_the_file(tmp_path):
    path = tmp_path / "table.csv"
    with pytest.raises(OSError, match=r"No space left on device: '.*/table\.csv'"):
        write_half(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(FileNotFoundError, match=r"other\.txt"), whole_file(path):
        Path("other.txt").read_text()


def limited(code, tmp_path):
    """Runs code in a process that may write files of at most 4 kB; returns its last line."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    line = [sys.executable, "-c", f"{code}"]
    out = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, preexec_fn=limit)
    assert out.returncode == 1
    return out.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "write",
    [
        "write_text(10_000 * 'x', 'it')",
        "write_tensors({'x': torch.zeros(10_000)}, 'it')",
    ],
)
def test_a_file_that_does_not_fit(tmp_path, write):
    (tmp_path / "it").write_text("old")
    code = f"import torch\nfrom pyg_skeleton.whole_file import write_tensors, write_text\n{write}"
    assert limited(code, tmp_path) == "OSError: [Errno 27] File too large: 'it'"
    assert [file.name for file in tmp_path.iterdir()] == ["it"]
    assert (tmp_path / "it").read_text() == "old"


def test_follows_a_link(tmp_path):
    write_text("old", tmp_path / "file")
    (tmp_path / "link").symlink_to("file")
    write_text("new", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_writes_to_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    write_text("through", tmp_path / "pipe")
    assert reader.communicate()[0] == b"through"


def test_line_ends_and_letters(tmp_path):
    write_text("é\n", tmp_path / "it", newline="\r\n")
    assert (tmp_path / "it").read_bytes() == "é\r\n".encode()


def test_tensors(tmp_path):
    write_tensors({"x": torch.arange(3)}, tmp_path / "it.pt")
    assert torch.load(tmp_path / "it.pt", weights_only=True)["x"].tolist() == [0, 1, 2]


def test_damaged_tensors(tmp_path):
    path = tmp_path / "it.pt"
    with pytest.raises(FileNotFoundError, match=r"^no checkpoint at .*it\.pt$"):
        read_tensors(path)
    write_tensors({"x": torch.arange(3)}, path)
    assert read_tensors(path)["x"].tolist() == [0, 1, 2]
    content = path.read_bytes()
    number = (1).to_bytes(8, "little") + (2).to_bytes(8, "little")
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, number[::-1]))
    with pytest.raises(ValueError, match=r"it\.pt is no readable .*: archive/data/0 differs"):
        read_tensors(path)
    path.write_bytes(content[:-100])
    with pytest.raises(ValueError, match=r"it\.pt is no readable checkpoint: \S.*$"):
        read_tensors(path)


def test_compressed_tensors(tmp_path):
    """Of 200 kB, 200 MB would be made."""
    torch.save({"x": torch.zeros(1)}, tmp_path / "plain.pt")
    with (
        zipfile.ZipFile(tmp_path / "plain.pt") as plain,
        zipfile.ZipFile(tmp_path / "it.pt", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in plain.namelist():
            bomb.writestr(name, plain.read(name) if "/data/" not in name else bytes(200 << 20))
    with pytest.raises(ValueError, match="no readable checkpoint: its members are compressed"):
        read_tensors(tmp_path / "it.pt")


#: Calls that write to the path they get.
WRITERS = {"write_bytes", "to_csv", "to_json", "to_parquet", "savefig"}
#: Files that write in another way: to memory, line by line, or into a folder that is renamed.
OWN_WAY = {
    "io/clip_store_writer.py",
    "testing/state_dict.py",
    "training/trainer/metrics_table.py",
    "visualization/_figure.py",
    "whole_file.py",
}


def writes(call):
    """Whether a call writes a file in place."""
    name = getattr(call.func, "attr", getattr(call.func, "id", None))
    if name == "write_text":
        return isinstance(call.func, ast.Attribute)
    if name == "open":
        modes = [a.value for a in call.args[1:2] if isinstance(a, ast.Constant)]
        return any(set("wax+") & set(mode) for mode in modes if isinstance(mode, str))
    if name == "save":
        return ast.unparse(call.func) in ("torch.save", "np.save")
    return name in WRITERS


def test_everything_is_written_whole():
    for path in sorted(PACKAGE.glob("**/*.py")):
        if str(path.relative_to(PACKAGE)) in OWN_WAY:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if writes(call):
                assert "partial" in ast.unparse(call), (
                    f"{path}:{call.lineno}: {ast.unparse(call)} writes in place; see whole_file"
                )
