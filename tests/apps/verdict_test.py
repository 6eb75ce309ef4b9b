#!/usr/bin/env python3
"""What the verdict of a whole program says of limits that no other work on the machine can hide (those
that can be hidden: tests/bench/planted), and what predictions look like."""
import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import BIN, ProgramTest, main, run  # noqa: E402

PLANTED = (BIN / "planted_profile").exists()
SANITIZED = "asan" in str(BIN) or "tsan" in str(BIN)


class Verdicts(ProgramTest):
    def setUp(self):
        super().setUp()
        self.data = self.shapes(train=8)

    def profile(self, program, *words, **options):
        out = self.folder / "run"
        done = run(program, *words, "--data", self.data, "--batch", 8, "--threads", 2, "--quiet",
                   "--json", "--out", out, **options)
        self.assertEqual(done.status, 0, done.err)
        account = json.loads((out / "nodes.json").read_text())
        self.assertEqual(account, json.loads(done.out)["account"])
        return account

    def assert_limit(self, verdict, resource, node):
        self.assertEqual((verdict["resource"], verdict["limiting_node"]), (resource, node),
                         verdict["text"])
        self.assertGreater(verdict["rate"]["images_per_second"], 0)
        self.assertLessEqual(len(verdict["remedies"]), 3)

    def test_a_slow_device_limits_and_a_faster_one_is_predicted(self):
        verdict = self.profile("sluice-alexnet", "profile", "--assume-step-ms", 250, "--seconds",
                               4)["verdict"]
        self.assertEqual(verdict["resource"], "step", verdict["text"])
        device = verdict["remedies"][0]
        self.assertEqual(device["action"], "device")
        self.assertRegex(device["how"], r"^--assume-step-ms [\d.]+$")
        self.assertGreater(device["rate"]["images_per_second"],
                           verdict["rate"]["images_per_second"])
        self.assertGreater(device["rate"]["error"], 0)

    @unittest.skipUnless(PLANTED, "the benchmarks are not built")
    def test_a_report_that_waits_limits(self):
        verdict = self.profile("planted_profile", "--plant", "report:250ms:waiting", "--until",
                               "collate", "--seconds", 4)["verdict"]
        self.assert_limit(verdict, "report", "report")

    @unittest.skipUnless(PLANTED, "the benchmarks are not built")
    def test_a_node_that_waits_wants_more_threads(self):
        verdict = self.profile("planted_profile", "--plant", "flip:60ms:waiting", "--until",
                               "collate", "--seconds", 4)["verdict"]
        self.assert_limit(verdict, "threads", "flip")
        self.assertRegex(verdict["remedies"][0]["how"], r"^(--threads \d+|--set augment.flip.*)$")

    @unittest.skipUnless(PLANTED, "the benchmarks are not built")
    @unittest.skipIf(SANITIZED, "a sanitizer must be loaded first")
    def test_a_disk_that_seeks_limits(self):
        settings = {**os.environ, "SLUICE_SLOW_DISK_MS": "60",
                    "LD_PRELOAD": str(BIN / "libsluice_slow_disk.so")}
        verdict = self.profile("planted_profile", "--until", "collate", "--seconds", 4,
                               env=settings)["verdict"]
        self.assert_limit(verdict, "disk", "read")
        self.assertEqual(verdict["remedies"][0]["action"], "disk")

    def test_a_moment_is_too_short_to_say(self):
        verdict = self.profile("sluice-alexnet", "profile", "--until", "collate", "--seconds",
                               0.2)["verdict"]
        self.assertEqual((verdict["resource"], verdict["limiting_node"]), ("", ""))
        self.assertIn("too short", verdict["text"])
        self.assertEqual(verdict["remedies"], [])

    @unittest.skipUnless(PLANTED, "the benchmarks are not built")
    def test_a_plant_that_does_not_fit_is_refused(self):
        for plant in ("flip", "flip:5", "flip:+5%:often", "flip:1ms:one-in-0", "nobody:1ms"):
            done = run("planted_profile", "--plant", plant, "--data", self.data, "--until", "flip")
            self.assertEqual(done.status, 2, done.err)
            self.assertIn("valid", done.err)


class Predictions(ProgramTest):
    def test_rates_of_other_threads_come_from_one_run(self):
        done = run("sluice-alexnet", "profile", "--data", self.shapes(train=8), "--until",
                   "collate", "--batch", 8, "--threads", 1, "--seconds", 2, "--predict-threads",
                   "1,2,1024", "--json", "--quiet")
        self.assertEqual(done.status, 0, done.err)
        account = json.loads(done.out)["account"]
        one, two, many = account["predictions"]
        self.assertEqual([p["threads"] for p in (one, two, many)], [1, 2, 1024])
        self.assertAlmostEqual(one["rate"]["images_per_second"],
                               account["verdict"]["rate"]["images_per_second"], delta=1.0)
        self.assertGreater(two["rate"]["images_per_second"], one["rate"]["images_per_second"])
        self.assertEqual(two["needs_cores"], account["cores"] < 2)
        self.assertTrue(many["needs_cores"])
        for prediction in (one, two, many):
            self.assertGreater(prediction["rate"]["error"], 0)

    def test_numbers_of_threads_that_cannot_be_are_refused(self):
        for words in ("0", "1,two", "1025", "-1", ""):
            done = run("sluice-alexnet", "profile", "--data", self.folder, "--predict-threads",
                       words)
            self.assert_refused(done, 2, "--predict-threads")


if __name__ == "__main__":
    main()
