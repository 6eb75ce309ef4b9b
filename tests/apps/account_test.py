#!/usr/bin/env python3
"""The account of whole programs closes against the kernel's count, and its gap can open."""
import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import BIN, ProgramTest, main, run  # noqa: E402

MOST_GAP = 2.0  # percent
FOREIGN = BIN / "libsluice_foreign_thread.so"


class Account(ProgramTest):
    def profile(self, *words, **options):
        done = run("sluice-alexnet", "profile", "--json", "--quiet", *words, **options)
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)["account"]

    def assert_closes(self, account):
        cpu = account["account"]
        parts = (sum(node["cpu_seconds"] for node in account["nodes"]) +
                 sum(cpu["cpu_seconds_overheads"].values()))
        self.assertAlmostEqual(parts, cpu["cpu_seconds_attributed"], places=6)
        self.assertLessEqual(abs(cpu["gap_percent"]), MOST_GAP)
        for node in account["nodes"]:
            self.assertEqual(node["items_in"],
                             node["items_out"] + node["items_failed"] + node["items_held"])
            self.assertLessEqual(node["p50_ms"], node["p90_ms"])
            self.assertLessEqual(node["p90_ms"], node["p99_ms"])
            if node["unit"] == "batch" and node["name"].split("/")[-1] != "order":
                states = node["busy_seconds"] + node["starved_seconds"] + node["blocked_seconds"]
                self.assertAlmostEqual(states, node["run_seconds"], delta=0.01)

    def test_preparing_alone_closes_for_any_number_of_threads(self):
        data = self.shapes(train=40)
        for threads in (1, 2, 8):
            with self.subTest(threads=threads):
                account = self.profile("--data", data, "--until", "collate", "--epochs", 4,
                                       "--threads", threads)
                self.assert_closes(account)
                self.assertEqual(account["threads"], threads)
                self.assertGreater(account["process"]["bytes_read"], 0)

    def test_training_closes_with_statistics_and_validation(self):
        data = self.shapes(train=8, val=2)
        out = self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", data, "--out", out, "--epochs", 2,
                   "--batch", 16, "--checkpoint-every", 0, "--json", "--quiet")
        self.assertEqual(done.status, 0, done.err)
        account = json.loads((out / "nodes.json").read_text())
        self.assert_closes(account)
        names = [node["name"] for node in account["nodes"]]
        self.assertIn("backward", names)
        self.assertIn("validation/decode", names)
        self.assertIn("statistics/decode", names)
        self.assertGreater(account["account"]["cpu_seconds_overheads"]["start-up"], 0)
        self.assertIn("text", account["verdict"])

    def test_of_a_stand_in_for_a_device_it_is_said_who_waited_for_whom(self):
        data = self.shapes(train=8)
        account = self.profile("--data", data, "--assume-step-ms", 300, "--batch", 16,
                               "--seconds", 2)
        # Of a second of CPU a busy machine may leave more without a name than is passed over: then the
        # verdict ends with just that figure, else with who waited.
        gap = account["account"]["gap_percent"]
        end = rf"(; {gap:.1f} % of the process's CPU has no name)?" if gap > MOST_GAP else ""
        self.assertRegex(account["verdict"]["text"],
                         r"; the device waited for data \d+ %, data waited for the device \d+ %"
                         rf"{end}$")
        self.assertEqual(account["devices"], [])

    @unittest.skipIf("asan" in str(BIN) or "tsan" in str(BIN), "a sanitizer must be loaded first")
    def test_a_foreign_thread_is_the_gap_and_not_the_training(self):
        data = self.shapes(train=4)
        report = self.folder / "burnt"
        settings = {**os.environ, "LD_PRELOAD": str(FOREIGN), "SLUICE_TEST_BURN": "0.1",
                    "SLUICE_TEST_BURN_REPORT": str(report)}
        account = self.profile("--data", data, "--epochs", 1, "--batch", 8, env=settings)
        cpu = account["account"]
        burnt = float(report.read_text())
        self.assertGreater(burnt, 0.0)
        self.assertAlmostEqual(cpu["gap_percent"], 100 * burnt / cpu["cpu_seconds_process"],
                               delta=1.0)
        self.assertGreater(cpu["gap_percent"], MOST_GAP)
        self.assertRegex(account["verdict"]["text"],
                         rf"; {cpu['gap_percent']:.1f} % of the process's CPU has no name$")


if __name__ == "__main__":
    main()
