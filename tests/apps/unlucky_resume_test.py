#!/usr/bin/env python3
"""Runs that stop at an unlucky moment, folders in an unlucky state, and schedules that have ended."""
import json
import random
import shutil
import signal
import struct
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from faults import FAILED, USAGE, FaultTest  # noqa: E402
from programs import main, run  # noqa: E402
from runs import (SANITIZED, RunTest, await_true, checkpoints, contents, damage, epochs,  # noqa: E402
                  partial_files, preloaded, start_training, steps, train)


def state_of(checkpoint):
    data = checkpoint.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(json.loads(data[8:8 + length])["__metadata__"]["sluice.state"])


@unittest.skipIf(SANITIZED, "a sanitizer must be loaded before any other library")
class Moments(FaultTest):
    def test_a_run_that_fails_while_a_checkpoint_is_written_finishes_that_first(self):
        out, release = self.folder / "run", self.folder / "release"
        rules = "write:checkpoints:2:WAIT;write:/steps.csv$:6:ENOSPC"
        program = start_training(self.data, out, *self.FLAGS, env=preloaded(
            "io_faults", SLUICE_TEST_FAULT=rules, SLUICE_TEST_FAULT_RELEASE=release))
        await_true(program, lambda: partial_files(self.folder))
        time.sleep(0.5)  # the run fails meanwhile
        release.write_text("")
        _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, FAILED, err)
        self.assertIn("No space left on device", err.splitlines()[-1])
        self.assertEqual([c.name for c in checkpoints(out)], ["step-000000003.safetensors"])
        self.assert_whole(out)
        self.assert_goes_on(out)

    def test_the_first_checkpoint_is_the_last_and_does_not_come_about(self):
        for rules, status in [("rename:checkpoints:1:KILL", -signal.SIGKILL),
                              ("fsync:checkpoints:1:ENOSPC", FAILED)]:
            with self.subTest(rules=rules):
                out = self.folder / "run"
                shutil.rmtree(out, ignore_errors=True)
                words = ["--epochs", 2, "--checkpoint-every", "10m"]
                self.assertEqual(self.faulty(rules, *words, out=out).status, status)
                self.assertTrue((out / "weights.safetensors").exists())
                self.assertEqual(checkpoints(out), [])
                self.assertIn("from step 0", self.resumed(out, *words).err)
                self.assert_same_run(out)


class Folders(RunTest):
    FLAGS = ["--epochs", 2, "--checkpoint-every", 3]  # 10 steps

    def test_checkpoints_on_a_disk_that_is_away(self):
        out = self.stopped_at(7, every=3)
        (out / "checkpoints").rename(self.folder / "elsewhere")
        (out / "checkpoints").symlink_to(self.folder / "away")
        self.assert_refused_untouched(out, "cannot read the folder", "checkpoints")
        (self.folder / "elsewhere").rename(self.folder / "away")
        self.resumed(out, *self.FLAGS, "--steps", 0)
        self.assert_same_run(out)

    def test_checkpoints_of_another_run_are_not_mixed_with_a_new_one(self):
        out = self.stopped_at(7)
        (out / "recipe.toml").unlink()
        before = contents(out)
        self.assert_refused(train(self.data, out, *self.FLAGS), USAGE, "already holds a run",
                            "--resume")
        self.assertEqual(contents(out), before)

    def test_a_recipe_is_kept_to_before_the_first_checkpoint_too(self):
        out = self.folder / "run"
        program = start_training(self.data, out, "--epochs", 50, "--checkpoint-every", "1h")
        await_true(program, lambda: (out / "steps.csv").exists() and len(steps(out)) > 2)
        program.kill()
        program.communicate()
        self.assert_refused_untouched(out, "train.batch was 8, now 4", words=["--set", "train.batch=4"])
        self.resumed(out, *self.FLAGS)
        self.assert_same_run(out)

    def test_a_folder_without_a_run_says_so(self):
        for words, said in [([], ("holds no run", "--data")),
                            (["--data", self.data, "--amend", "train.rate=1"], ("holds none", "--set"))]:
            with self.subTest(words=words):
                ended = run("sluice-alexnet", "train", "--resume", "--out", self.folder / "typo",
                            *words)
                self.assert_refused(ended, USAGE, *said)
                self.assertFalse((self.folder / "typo").exists())
        ended = self.resumed(self.folder / "run", *self.FLAGS)
        self.assertIn("no run in", ended.err)

    def test_a_refused_command_sets_nothing_aside_and_the_quiet_are_warned(self):
        out = self.stopped_at(7, every=3)
        newest = checkpoints(out)[0]
        damage(newest, "flipped")
        self.assert_refused_untouched(out, "train.batch", words=["--set", "train.batch=4"])
        ended = self.resumed(out, *self.FLAGS, "--steps", 0, "--quiet")
        self.assertIn(newest.name, ended.err)
        self.assertIn("set aside", ended.err)
        self.assert_same_run(out)

    def test_the_backend_may_be_named(self):
        out = self.stopped_at(7)
        self.resumed(out, *self.FLAGS, "--steps", 0, "--backend", "onednn")
        self.assert_same_run(out)
        self.assert_refused_untouched(out, "computed by onednn", "--backend onednn",
                                      words=["--backend", "reference"])

    def test_time_of_an_epoch_is_its_own(self):
        out = self.folder / "run"
        self.trained(out, *self.FLAGS)
        state = state_of(checkpoints(out)[0])
        self.assertEqual((state["epoch"], state["epoch_images"]), (2, 0))
        self.assertEqual(state["epoch_seconds"], 0)

    def test_a_cache_with_a_wrong_bit_is_measured_again(self):
        shutil.rmtree(self.folder / ".sluice-cache", ignore_errors=True)
        self.trained(self.folder / "first", *self.FLAGS)
        cache = next((self.folder / ".sluice-cache").glob("statistics-*"))
        whole = cache.read_bytes()
        damage(cache, "flipped")
        self.assertIn("measuring again", self.trained(self.folder / "run", *self.FLAGS).err)
        self.assertEqual(cache.read_bytes(), whole)
        self.assert_same_run(self.folder / "run")


class Schedules(RunTest):
    """A rate that falls by plateau, batches that do not divide the data, and bad files."""
    FLAGS = ["--epochs", 8, "--divisions", 2, "--patience", 1, "--set", "train.batch=12", "--set",
             "train.schedule=plateau", "--max-bad", 0.5, "--checkpoint-every", 2]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for part, count in (("train", 2), ("val", 1)):
            for file in sorted((cls.data / part).rglob("*.jpg"))[3:3 + count]:
                file.write_bytes(b"no picture")
        shutil.rmtree(cls.whole)
        done = train(cls.data, cls.whole, *cls.FLAGS)
        assert done.status == 0, done.err

    def assert_same_run(self, out, whole=None):
        super().assert_same_run(out, whole)
        self.assertEqual((out / "bad_files.tsv").read_text(),
                         ((whole or self.whole) / "bad_files.tsv").read_text())

    def test_killed_again_and_again(self):
        out, moments, kills = self.folder / "run", random.Random(3), 0
        words = ["--resume", *self.FLAGS]
        while kills < 6:
            program = start_training(self.data, out, *words)
            time.sleep(moments.uniform(0.1, 0.6))
            program.kill()
            program.communicate()
            kills += 1
        self.resumed(out, *self.FLAGS)
        self.assert_same_run(out)

    def ended_by_plateau(self, out):
        flags = ["--epochs", 40, "--divisions", 0, *self.FLAGS[4:]]
        self.trained(out, *flags)
        return flags

    def test_a_schedule_that_has_ended_goes_on_where_the_rate_is_divided_by_hand(self):
        out = self.folder / "run"
        flags = self.ended_by_plateau(out)
        ended = len(epochs(out))
        self.assertLess(ended, 40)
        words = ["--resume", *flags]
        again = train(self.data, out, *words)
        self.assertEqual(again.status, 0, again.err)
        self.assertIn("the schedule has ended", again.err)
        self.assertIn("--amend", again.err)
        self.assertEqual(len(epochs(out)), ended)
        on = train(self.data, out, *words, "--amend", "train.rate=0.0001")
        self.assertEqual(on.status, 0, on.err)
        self.assertGreater(len(epochs(out)), ended)
        self.assertEqual(float(steps(out)[-1]["learning_rate"]), 0.0001)
        anew = self.folder / "anew"
        done = run("sluice-alexnet", "train", "--recipe", out / "recipe.toml", "--out", anew)
        self.assertEqual(done.status, 0, done.err)
        super().assert_same_run(out, anew)

    def test_a_later_amendment_of_the_same_key_goes(self):
        out = self.folder / "run"
        self.trained(out, *self.FLAGS, "--steps", 4, "--keep-checkpoints", 9)
        self.resumed(out, *self.FLAGS, "--steps", 8, "--keep-checkpoints", 9, "--amend",
                     "train.rate=0.0005")
        for file in checkpoints(out)[:-1]:
            damage(file, "cut")
        self.resumed(out, *self.FLAGS, "--steps", 8, "--amend", "train.rate=0.0002")
        self.assertEqual([row["learning_rate"] for row in steps(out)],
                         ["0.001"] * 2 + ["0.0002"] * 6)
        self.assertEqual((out / "recipe.toml").read_text().count("[[amend]]"), 1)

    def test_a_rate_that_no_schedule_can_have_is_refused(self):
        out = self.folder / "run"
        self.trained(out, *self.FLAGS, "--steps", 4)
        self.assert_refused_untouched(out, "factor", words=[*self.FLAGS, "--amend",
                                                            "train.factor=0"])


if __name__ == "__main__":
    main()
