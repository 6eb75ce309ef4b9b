#!/usr/bin/env python3
"""Clocks that jump, address space that ends, signals twice, and two runs in one folder."""
import resource
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from faults import FAILED, USAGE, FaultTest  # noqa: E402
from programs import main, run  # noqa: E402
from runs import (INTERRUPTED, NET, SANITIZED, await_steps, await_true, copy_run,  # noqa: E402
                  interrupt, partial_files, preloaded, start_training, train)


@unittest.skipIf(SANITIZED, "a sanitizer must be loaded first")
class Clocks(FaultTest):
    def test_clocks_that_jump_change_no_bits(self):
        out = self.folder / "run"
        ended = train(self.data, out, *self.FLAGS[:2], "--checkpoint-every", "30m", "--steps", 6,
                      env=preloaded("clock_jumps"))
        self.assertEqual(ended.status, 0, ended.err)
        self.resumed(out, *self.FLAGS, "--steps", 0, env=preloaded("clock_jumps"))
        self.assert_same_run(out)
        self.assert_account_closes(out)

    def test_a_folder_named_by_such_a_clock_is_still_a_new_one(self):
        for _ in range(2):
            ended = run("sluice-alexnet", "train", "--data", self.data, *NET, "--epochs", 1, "--steps",
                        1, "--checkpoint-every", 0, cwd=self.folder, env=preloaded("clock_jumps"))
            self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(len(list((self.folder / "runs").glob("alexnet-*"))), 2)


@unittest.skipIf(SANITIZED, "sanitizers reserve the address space")
class Memory(FaultTest):
    """RLIMIT_AS from too little for the loader up to enough."""

    def limited(self, megabytes, out, *words):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        ended = train(self.data, out, "--quiet", "--memory", "40M", *words, preexec_fn=limit)
        if ended.status == 127 and "shared libraries" in ended.err:
            return ended  # not yet our program
        self.assertIn(ended.status, (0, FAILED, USAGE), ended.err)
        if ended.status != 0:
            self.assert_refused(ended, ended.status, "memory")
            self.assertEqual(len(ended.lines), 1, ended.err)
        self.assertEqual(partial_files(self.folder), [])
        return ended

    def sweep(self, limits, prepare, *words):
        """Limits that end in each status."""
        seen = {}
        for megabytes in limits:
            with self.subTest(megabytes=megabytes):
                out = prepare(self.folder / f"run{megabytes}")
                ended = self.limited(megabytes, out, *words)
                seen.setdefault(ended.status, []).append(megabytes)
                if ended.status == 0:
                    self.assert_same_run(out)
                elif out.exists():
                    self.assert_goes_on(out, *words[1:])
        self.assertIn(0, seen)
        self.assertIn(USAGE, seen)

    def test_from_the_beginning(self):
        self.sweep([16, 72, 90, 120, 150, 170, 200, 260, 400, 520, 2000],
                   lambda out: out, "--resume", *self.FLAGS)

    def test_going_on(self):
        half = self.stopped_at(4, self.folder / "half")
        self.sweep([100, 160, 220, 420, 2000], lambda out: copy_run(half, out),
                   "--resume", "--steps", 0)


@unittest.skipIf(SANITIZED, "a sanitizer must be loaded first")
class Signals(FaultTest):
    """A writer that waits holds a run where a signal or a second run meets it."""

    def waiting(self, rules, out):
        self.report, self.release = self.folder / "struck", self.folder / "release"
        self.report.unlink(missing_ok=True)
        self.release.unlink(missing_ok=True)
        self.addCleanup(self.release.touch)
        return start_training(self.data, out, *self.FLAGS, "--resume", "--quiet", env=preloaded(
            "io_faults", SLUICE_TEST_FAULT=rules, SLUICE_TEST_FAULT_REPORT=self.report,
            SLUICE_TEST_FAULT_RELEASE=self.release))

    def test_a_second_signal_ends_at_once_and_the_run_can_go_on(self):
        for first, second in [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT),
                              (signal.SIGINT, signal.SIGTERM)]:
            with self.subTest(first=first.name, second=second.name):
                out = self.folder / f"{first.name}-{second.name}"
                program = self.waiting("write:/weights.safetensors:2:WAIT", out)
                await_steps(program, out, 4)
                program.send_signal(first)
                await_true(program, self.report.exists)
                time.sleep(0.2)
                self.assertIsNone(program.poll(), "it has not waited")
                begin = time.monotonic()
                status, err = interrupt(program, second)
                self.assertEqual(status, INTERRUPTED, err)
                self.assertLess(time.monotonic() - begin, 10)
                self.assert_goes_on(out)

    def test_a_second_run_in_the_folder_is_refused_and_the_first_goes_on_unharmed(self):
        out = self.folder / "run"
        program = self.waiting("fsync:/step-000000006:1:WAIT", out)
        await_true(program, self.report.exists)
        for words in ([], ["--resume"], ["--resume", "--amend", "train.rate=0.1"]):
            for _ in range(2):
                ended = train(self.data, out, *self.FLAGS, *words)
                self.assert_refused(ended, USAGE, str(out), "in use by another run")
        self.release.touch()
        _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, 0, err)
        self.assert_same_run(out)
        self.assertEqual(sorted(p.name for p in out.iterdir()),
                         sorted(p.name for p in self.whole.iterdir()))

    def test_a_run_that_was_killed_leaves_no_lock(self):
        out = self.folder / "run"
        program = self.waiting("fsync:/step-000000006:1:WAIT", out)
        await_true(program, self.report.exists)
        program.kill()
        program.communicate()
        self.assert_goes_on(out)


if __name__ == "__main__":
    main()
