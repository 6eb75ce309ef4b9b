"""Runs under faults (tests/support/io_faults.cpp), and what they may leave behind."""
import shutil

from programs import run
from runs import RunTest, checkpoints, partial_files, preloaded, train

FAILED, USAGE = 1, 2


class FaultTest(RunTest):
    FLAGS = ["--epochs", 2, "--checkpoint-every", 3]  # 10 steps

    def faulty(self, rules, *words, out=None, data=None, strikes=True):
        """A run under faults, which must strike."""
        self.report = self.folder / "struck"
        self.report.unlink(missing_ok=True)
        ended = train(data or self.data, out or self.folder / "run", *words or self.FLAGS,
                      env=preloaded("io_faults", SLUICE_TEST_FAULT=rules,
                                    SLUICE_TEST_FAULT_REPORT=self.report))
        if strikes:
            self.assertTrue(self.report.exists(), f"{rules} has struck nothing: {ended.err}")
        return ended

    def assert_whole(self, out):
        """Nothing half-written, and every checkpoint can be used."""
        self.assertEqual(partial_files(self.folder), [])
        for file in [*checkpoints(out), *out.glob("*.safetensors")]:
            self.assertTrue(self.usable(file), file)

    def usable(self, file):
        """As the reader sees it; metadata hold the checksum of the rest."""
        ended = run("sluice-alexnet", "evaluate", "--data", self.data, "--weights", file, "--quiet",
                    "--batch", 8)
        return ended.status == 0

    def assert_goes_on(self, out, *words):
        self.resumed(out, *words or self.FLAGS)
        self.assert_same_run(out)
        self.assertEqual(partial_files(self.folder), [])

    def fails(self, rules, status, *said, left=None):
        """One row of a table."""
        with self.subTest(rules=rules):
            out = self.folder / "run"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(self.folder / ".sluice-cache", ignore_errors=True)
            ended = self.faulty(rules)
            self.assert_refused(ended, status, *said)
            self.assertEqual(partial_files(self.folder), [])
            if left is not None:
                self.assertEqual([f.name for f in checkpoints(out)],
                                 [f"step-{step:09}.safetensors" for step in left])
            self.assert_goes_on(out)
