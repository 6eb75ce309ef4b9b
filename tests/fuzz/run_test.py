#!/usr/bin/env python3
"""What tests/fuzz/run makes of a target's end, with shell scripts in the targets' place."""
import contextlib
import importlib.machinery
import importlib.util
import io
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parent / "run"

GOOD = """echo '#3	INITED cov: 10 ft: 11 corp: 2/9b exec/s: 0 rss: 30Mb'
echo '#12345	DONE   cov: 20 ft: 22 corp: 7/99b lim: 4 exec/s: 6172 rss: 40Mb'
"""
FINDING = """for word in "$@"; do case $word in -artifact_prefix=*) kept=${word#*=}crash-1;; esac; done
echo input > "$kept"
echo "artifact_prefix='...'; Test unit written to $kept" >&2
exit 77
"""


def load_run():
    loader = importlib.machinery.SourceFileLoader("fuzz_run", str(RUN))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fuzz_run", loader))
    loader.exec_module(module)
    return module


class Run(unittest.TestCase):
    def outcome(self, script):
        """(whether nothing was found, what was printed, names of the kept inputs)."""
        module = load_run()
        with tempfile.TemporaryDirectory() as folder:
            module.BUILD = Path(folder)
            program = module.BUILD / "bin" / "fuzz_jpeg"
            program.parent.mkdir()
            program.write_text("#!/bin/sh\n" + script)
            program.chmod(0o755)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                fine = module.fuzz("jpeg", 1)
            findings = module.BUILD / "findings" / "jpeg"
            return fine, printed.getvalue(), [path.name for path in findings.iterdir()]

    def test_a_run_without_a_finding_gives_its_figures(self):
        fine, printed, kept = self.outcome(GOOD)
        self.assertTrue(fine)
        self.assertIn("12,345 executions, edges 10 -> 20", printed)
        self.assertEqual(kept, [])

    def test_a_finding_fails_is_kept_and_named(self):
        # libFuzzer's own exit status for it is 77, which CTest would take for skipped.
        fine, printed, kept = self.outcome(FINDING)
        self.assertFalse(fine)
        self.assertEqual(kept, ["crash-1"])
        self.assertIn("findings/jpeg/crash-1", printed)

    def test_a_program_that_runs_nothing_fails(self):
        self.assertFalse(self.outcome("exit 0\n")[0])

    def test_every_target_has_seeds_a_program_and_a_line(self):
        module = load_run()
        lines = (module.HERE / "CMakeLists.txt").read_text()
        for target in module.targets():
            self.assertIn(f"sluice_fuzz_target({target})", lines)
            self.assertTrue((module.HERE / f"{target}.cpp").is_file())
        self.assertEqual(lines.count("  sluice_fuzz_target("), len(module.targets()))


if __name__ == "__main__":
    unittest.main()
