#!/usr/bin/env python3
"""What tests/run counts: cases that pass, fail, skip, and programs that die."""
import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parent.parent / "run"


def load_run():
    loader = importlib.machinery.SourceFileLoader("tests_run", str(RUN))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tests_run", loader))
    loader.exec_module(module)
    return module


class Tally(unittest.TestCase):
    def counts(self, junit, cases):
        """(passed, failed, skipped) of a CTest report and the case files by test name."""
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder)
            (build / "cases").mkdir()
            (build / "ctest.xml").write_text(f"<testsuite>{junit}</testsuite>")
            for name, text in cases.items():
                (build / "cases" / f"{name}.tsv").write_text(text)
            result = load_run().tally(build)
        return tuple(result.counts[fate] for fate in ("passed", "failed", "skipped"))

    def test_cases_are_counted_rather_than_programs(self):
        lines = ("begin\ta\nend\tpassed\ta\nbegin\tb\nend\tskipped\tb\n"
                 "begin\tc\nend\tpassed\tc\n")
        self.assertEqual(self.counts('<testcase name="t" status="run"/>', {"t": lines}), (2, 0, 1))

    def test_a_failed_case_is_counted_once(self):
        lines = "begin\ta\nend\tfailed\ta\nbegin\tb\nend\tpassed\tb\n"
        self.assertEqual(self.counts('<testcase name="t" status="fail"/>', {"t": lines}), (1, 1, 0))

    def test_a_program_that_dies_fails_the_case_it_is_in(self):
        lines = "begin\ta\nend\tpassed\ta\nbegin\tb\n"
        for status in ("fail", "run"):  # `run`: it left with exit status 0 in the middle
            with self.subTest(status=status):
                junit = f'<testcase name="t" status="{status}"/>'
                self.assertEqual(self.counts(junit, {"t": lines}), (1, 1, 0))

    def test_a_failure_outside_of_cases_counts(self):
        lines = "begin\ta\nend\tpassed\ta\n"
        self.assertEqual(self.counts('<testcase name="t" status="fail"/>', {"t": lines}), (1, 1, 0))
        self.assertEqual(self.counts('<testcase name="t" status="fail"/>', {}), (0, 1, 0))

    def test_scripts_count_one_each(self):
        junit = ('<testcase name="good" status="run"/><testcase name="bad" status="fail"/>'
                 '<testcase name="idle" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
                 "</testcase>")
        self.assertEqual(self.counts(junit, {}), (1, 1, 1))

    def test_a_program_that_is_not_there_failed(self):
        junit = ('<testcase name="t" status="notrun"><skipped message="Unable to find executable"/>'
                 "</testcase>")
        self.assertEqual(self.counts(junit, {}), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
