"""Runs of a small net, interrupted and resumed, and what is compared of them."""
import csv
import hashlib
import json
import os
import shutil
import signal
import struct
import tempfile
import time
from pathlib import Path

from programs import BIN, ProgramTest, run, start

NET = ["--width", 0.06, "--batch", 8, "--schedule", "constant", "--init", "he", "--rate", 0.001,
       "--threads", 2]
DAMAGED, INTERRUPTED = ".damaged", 130


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def tensors(path):
    """The bytes of each tensor of a safetensors file: what is left of it without the metadata."""
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    begin = 8 + length
    return {name: data[begin + entry["data_offsets"][0]:begin + entry["data_offsets"][1]]
            for name, entry in header.items() if name != "__metadata__"}


def rows(path, without):
    return [{key: value for key, value in row.items() if key != without}
            for row in csv.DictReader(Path(path).open())]


def steps(out):
    return rows(out / "steps.csv", "images_per_second")


def epochs(out):
    return rows(out / "epochs.csv", "seconds")


def checkpoints(out):
    """Newest first."""
    return sorted((out / "checkpoints").glob("step-*.safetensors"), reverse=True)


def partial_files(folder):
    """Those of runs; a cache may be in use by others, and keeps what a killed writer left."""
    found = [p.relative_to(folder) for p in Path(folder).rglob("*.partial")]
    return [str(p) for p in found if ".sluice-cache" not in p.parts]


def contents(folder):
    """Every file of a folder, to see that it was left alone."""
    return {str(p.relative_to(folder)): digest(p) for p in sorted(Path(folder).rglob("*"))
            if p.is_file()}


def copy_run(run_folder, to):
    shutil.copytree(run_folder, to)
    return to


def train_words(data, out, *words):
    return ["train", "--data", data, "--out", out, *NET, *words]


def train(data, out, *words, **options):
    return run("sluice-alexnet", *train_words(data, out, *words), **options)


def start_training(data, out, *words, **options):
    return start("sluice-alexnet", *train_words(data, out, *words), **options)


def lines_of(path):
    try:
        return path.read_text().count("\n")
    except OSError:
        return 0


def await_true(program, condition, seconds=120):
    """Waits for something of a running program; its end or the time's end is a failure."""
    end = time.monotonic() + seconds
    while not condition():
        if program.poll() is not None or time.monotonic() > end:
            program.kill()
            raise AssertionError("ended before it came so far: " + program.communicate()[1])
        time.sleep(0.001)


def await_steps(program, out, count):
    await_true(program, lambda: lines_of(out / "steps.csv") > count)


def interrupt(program, number=signal.SIGINT):
    """Status and words of a program that was told to stop."""
    program.send_signal(number)
    _, err = program.communicate(timeout=120)
    return program.returncode, err


class RunTest(ProgramTest):
    """One data set, and one undisturbed run on it, for all tests of a class."""
    TRAIN, VAL = 4, 1           # images of each of ten classes
    FLAGS = ["--epochs", 3]     # 15 steps

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="sluice-runs-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.data = cls.shared / "data"
        made = run("sluice-data", "shapes", "--out", cls.data, "--train", cls.TRAIN, "--val",
                   cls.VAL)
        assert made.status == 0, made.err
        cls.whole = cls.shared / "whole"
        done = train(cls.data, cls.whole, *cls.FLAGS)
        assert done.status == 0, done.err

    def copy_of_data(self):
        return Path(shutil.copytree(self.data, self.folder / "data"))

    def trained(self, out, *words, data=None, **options):
        """A run that must succeed."""
        ended = train(data or self.data, out, *words, **options)
        self.assertEqual(ended.status, 0, ended.err)
        return ended

    def resumed(self, out, *words, **options):
        return self.trained(out, "--resume", *words, **options)

    def stopped_at(self, step, out=None, *words, every=2):
        """A run folder whose run has stopped behind a step, with checkpoints on the way."""
        out = out or self.folder / "run"
        self.trained(out, *self.FLAGS[:2], "--steps", step, "--checkpoint-every", every, *words)
        return out

    def assert_same_tables(self, out, whole=None):
        whole = whole or self.whole
        self.assertEqual(steps(out), steps(whole))
        self.assertEqual(epochs(out), epochs(whole))

    def assert_same_run(self, out, whole=None):
        """The same bits, tables and nothing half-written; metadata hold the flags and may differ."""
        whole = whole or self.whole
        self.assert_same_tables(out, whole)
        for name in ("weights.safetensors", "best.safetensors"):
            self.assertEqual((out / name).exists(), (whole / name).exists(), name)
            if (whole / name).exists():
                self.assertTrue(tensors(out / name) == tensors(whole / name),
                                f"{name} is another one")
        self.assertEqual(partial_files(out), [])

    def assert_refused_untouched(self, out, *said, words=(), data=None, status=2):
        before = contents(out)
        ended = train(data or self.data, out, "--resume", *words)
        self.assert_refused(ended, status, *said)
        self.assertEqual(contents(out), before)
        return ended


def damage(path, how):
    """Spoils a file in a way of this name."""
    whole = path.read_bytes()
    if how == "flipped":
        at = len(whole) * 2 // 3
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
    elif how == "flipped metadata":
        at = whole.index(b"sluice.state") + 60
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
    else:
        path.write_bytes({"cut": whole[:len(whole) // 2], "longer": whole + b"more",
                          "empty": b"", "text": b"this is no checkpoint\n" * 9}[how])


def environment(**settings):
    return {**os.environ, **{name: str(value) for name, value in settings.items()}}


def preloaded(library, **settings):
    """The environment that puts a library of the tests before a program's own calls."""
    return environment(LD_PRELOAD=BIN / f"libsluice_{library}.so", **settings)


SANITIZED = "asan" in str(BIN) or "tsan" in str(BIN)  # a sanitizer must be loaded first
