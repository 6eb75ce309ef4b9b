"""What tests of the programs share: running them, small data sets, and the log of cases.

Environment: SLUICE_BIN (folder of the programs), SLUICE_SOURCE (the checkout), SLUICE_DATA (real
data; default ../shared/data beside the checkout), SLUICE_CASES (where the fate of each case is
written, as tests/support/case_log.cpp describes).
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ["SLUICE_BIN"])
SOURCE = Path(os.environ["SLUICE_SOURCE"])
DATA = Path(os.environ.get("SLUICE_DATA", SOURCE.parent / "shared" / "data"))


class Ended:
    """A program that has ended."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self):
        return self.err.strip().splitlines()


def run(program, *words, timeout=300, **options):
    done = subprocess.run([BIN / program, *map(str, words)], capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, timeout=timeout, **options)
    return Ended(done.returncode, done.stdout, done.stderr)


def start(program, *words, **options):
    return subprocess.Popen([BIN / program, *map(str, words)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, **options)


class ProgramTest(unittest.TestCase):
    """A folder for each test, and what is asserted of every failure."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def shapes(self, name="shapes", train=2, val=1):
        out = self.folder / name
        done = run("sluice-data", "shapes", "--out", out, "--train", train, "--val", val)
        self.assertEqual(done.status, 0, done.err)
        return out

    def assert_refused(self, ended, status, *words):
        """One line (the last) says what is wrong; every word of `words` stands in it."""
        self.assertEqual(ended.status, status, ended.err)
        self.assertTrue(ended.lines, "nothing was said")
        for word in words:
            self.assertIn(str(word), ended.lines[-1])
        self.assertTrue(ended.lines[-1].startswith("sluice-"), ended.lines[-1])
        self.assertNotIn("unforeseen", ended.lines[-1])

    def assert_nothing_half_written(self, folder):
        """No partial file, and no weights under a final name."""
        left = [p.name for p in Path(folder).rglob("*")] if Path(folder).exists() else []
        self.assertFalse([n for n in left if "partial" in n or n.endswith(".tmp")], left)
        self.assertNotIn("weights.safetensors", left)

    def assert_account_closes(self, run_folder):
        account = json.loads((Path(run_folder) / "nodes.json").read_text())
        self.assertTrue(account["nodes"])
        for node in account["nodes"]:
            self.assertEqual(node["items_in"], node["items_out"] + node["items_failed"] +
                             node["items_held"], node)
        return {node["name"]: node for node in account["nodes"]}


class CaseLog(unittest.TextTestResult):
    """Writes begin and end of each case to SLUICE_CASES."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        path = os.environ.get("SLUICE_CASES")
        self.file = open(path, "w") if path else None
        self.fate = "passed"

    def write(self, line):
        if self.file:
            print(line, file=self.file, flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.fate = "passed"
        self.write(f"begin\t{test.id()}")

    def stopTest(self, test):
        self.write(f"end\t{self.fate}\t{test.id()}")
        super().stopTest(test)

    def addFailure(self, test, error):
        self.fate = "failed"
        super().addFailure(test, error)

    def addError(self, test, error):
        self.fate = "failed"
        super().addError(test, error)

    def addSkip(self, test, reason):
        self.fate = "skipped"
        super().addSkip(test, reason)


def main():
    runner = unittest.TextTestRunner(resultclass=CaseLog, verbosity=2, stream=sys.stderr)
    unittest.main(testRunner=runner)
