#!/usr/bin/env python3
"""Disks and files that fail: exit status, words, and what is left behind.

A row of the tables below is a fault (tests/support/io_faults.cpp), the exit status, and words of
the last line. Whatever it was, nothing is half-written under a final name, checkpoints that were
whole stay so, and `--resume` without the fault reaches the bits of the undisturbed run.
"""
import os
import resource
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from faults import FAILED, USAGE, FaultTest  # noqa: E402
from programs import BIN, Ended, main, run  # noqa: E402
from runs import (INTERRUPTED, SANITIZED, await_steps, await_true, contents, copy_run,  # noqa: E402
                  digest, interrupt, lines_of, partial_files, preloaded, start_training, train,
                  train_words)

EIO = "Input/output error"
NO_SPACE = "No space left on device"

# Of one file that is written beside and renamed; {} is a part of its path.
WRITING = [("open:{}:N:EACCES", "Permission denied"), ("write:{}:N:ENOSPC", NO_SPACE),
           ("fsync:{}:N:EIO", EIO), ("pwrite:{}:N:EIO", EIO),
           ("close:{}:N:EDQUOT", "Disk quota exceeded"), ("rename:{}:N:EIO", EIO)]


def rules_of(part):
    return [(rule.format(part).replace(":N:", ":1:"), words) for rule, words in WRITING]


@unittest.skipIf(SANITIZED, "a sanitizer must be loaded first")
class Writing(FaultTest):
    def test_checkpoints(self):
        for rules, words in rules_of("/step-000000006"):
            self.fails(rules, FAILED, "step-000000006.safetensors", words, left=[3])

    def test_a_checkpoint_that_its_folder_does_not_know_for_sure(self):
        self.fails("fsync:/checkpoints$:2:EIO", FAILED, "step-000000006.safetensors is written",
                   "folder", EIO, left=[6, 3])

    def test_the_tables_under_a_checkpoint(self):
        self.fails("fdatasync:/steps.csv:2:EIO", FAILED, "steps.csv", EIO, left=[3])
        self.fails("fdatasync:/epochs.csv:1:EIO", FAILED, "epochs.csv", EIO, left=[])

    def test_weights(self):
        for rules, words in rules_of("/weights"):
            self.fails(rules, FAILED, "weights.safetensors", words)

    def test_best_weights(self):
        for rules, words in rules_of("/best"):
            self.fails(rules, FAILED, "best.safetensors", words)

    def test_the_statistics(self):
        for rules, words in rules_of("/statistics"):
            self.fails(rules, FAILED, "statistics-", words, left=[])

    def test_the_recipe(self):
        for call, words in [("open", EIO), ("write", EIO), ("fsync", EIO), ("close", EIO),
                            ("rename", EIO)]:
            self.fails(f"{call}:/recipe.toml:1:EIO", FAILED, "recipe.toml", words, left=[])

    def test_the_account(self):
        for call in ("open", "write", "fsync", "close", "rename"):
            self.fails(f"{call}:/nodes.json:1:ENOSPC", FAILED, "nodes.json", NO_SPACE)

    def test_the_tables(self):
        for name in ("steps.csv", "epochs.csv", "bad_files.tsv"):
            for call in ("open", "write"):
                self.fails(f"{call}:/{name}:1:EIO", USAGE, name, EIO, "--out", left=[])
        self.fails("write:/steps.csv:6:ENOSPC", FAILED, "steps.csv", NO_SPACE)
        self.fails("write:/epochs.csv:2:EIO", FAILED, "epochs.csv", EIO)

    def test_the_folder_of_checkpoints(self):
        self.fails("mkdir:/checkpoints:1:EACCES", USAGE, "checkpoints", "Permission denied")

    def test_what_may_fail(self):
        for rules in ("unlink:/step-:1+:EIO",          # an old checkpoint stays
                      "fsync:/checkpoints$:1+:EINVAL",  # a file system without syncs of folders
                      "fdatasync:/steps.csv:1+:EINVAL"):
            with self.subTest(rules=rules):
                out = self.folder / rules.split(":")[0]
                ended = self.faulty(rules, out=out)
                self.assertEqual(ended.status, 0, ended.err)
                self.assert_same_run(out)


@unittest.skipIf(SANITIZED, "a sanitizer must be loaded first")
class Reading(FaultTest):
    def setUp(self):
        super().setUp()
        self.half = self.stopped_at(8, self.folder / "half", every=3)

    def resume(self, rules, **options):
        self.out = self.folder / "run"
        shutil.rmtree(self.out, ignore_errors=True)
        copy_run(self.half, self.out)
        return self.faulty(rules, "--resume", "--steps", 0, out=self.out, **options)

    def test_a_checkpoint_that_cannot_be_read_is_named_and_the_one_before_taken(self):
        for rules in ("pread:/step-000000008:1:EIO", "pread:/step-000000008:2:EIO", "pread:/step-000000008:5:EIO"):
            with self.subTest(rules=rules):
                ended = self.resume(rules)
                self.assertEqual(ended.status, 0, ended.err)
                self.assertTrue([l for l in ended.lines if "step-000000008" in l and EIO in l],
                                ended.err)
                self.assertIn("step-000000006.safetensors", ended.err)
                self.assert_same_run(self.out)

    def test_a_checkpoint_that_cannot_be_opened_may_be_whole_and_is_waited_for(self):
        for number, said in (("EACCES", "Permission denied"), ("EMFILE", "Too many open files")):
            with self.subTest(number=number):
                ended = self.resume(f"open:/step-000000008:1:{number}")
                self.assert_refused(ended, USAGE, "step-000000008.safetensors", said)
                self.assertEqual(contents(self.out), contents(self.half))
                self.assert_goes_on(self.out, "--steps", 0)

    def test_a_checkpoint_whose_disk_fails_later_ends_the_run_and_stays(self):
        for number in (9, 14, 30):
            with self.subTest(number=number):
                ended = self.resume(f"pread:/step-000000008:{number}:EIO")
                self.assert_refused(ended, USAGE, "step-000000008.safetensors", EIO)
                self.assertEqual(contents(self.out), contents(self.half))
                self.assert_goes_on(self.out, "--steps", 0)

    def test_what_stands_in_the_folder(self):
        for rules, said in [("read:/recipe.toml:1:EIO", "recipe.toml"),
                            ("open:/steps.csv:1:EIO", "steps.csv"),
                            ("ftruncate:/epochs.csv:1:EIO", "epochs.csv")]:
            with self.subTest(rules=rules):
                self.assert_refused(self.resume(rules), USAGE, said)
                self.assert_goes_on(self.out, "--steps", 0)

    def test_kept_statistics_are_measured_again(self):
        ended = self.faulty("pread:/statistics-:1:EIO", out=self.folder / "run")
        self.assertEqual(ended.status, 0, ended.err)
        self.assertIn("measuring again", ended.err)
        self.assert_same_run(self.folder / "run")

    def test_images_that_cannot_be_read_are_bad_files(self):
        for rules, said in [("open:.jpg:60:EMFILE", "Too many open files"),
                            ("read:/train/:60:EIO", EIO)]:
            with self.subTest(rules=rules):
                out = self.folder / "run"
                shutil.rmtree(out, ignore_errors=True)
                self.assert_refused(self.faulty(rules), FAILED, "--max-bad", ".jpg", said)
                shutil.rmtree(out)
                ended = self.faulty(rules, *self.FLAGS, "--max-bad", 1)
                self.assertEqual(ended.status, 0, ended.err)
                listed = (out / "bad_files.tsv").read_text().splitlines()[1:]
                self.assertEqual(len(listed), 1)
                self.assertIn(said, listed[0])

    def test_weights_that_cannot_be_read_are_named(self):
        for number in (1, 2, 4, 9):
            ended = run("sluice-alexnet", "evaluate", "--data", self.data, "--weights",
                        self.half / "weights.safetensors", "--quiet", "--batch", 8,
                        env=preloaded("io_faults",
                                      SLUICE_TEST_FAULT=f"pread:/weights.safetensors:{number}:EIO"))
            self.assert_refused(ended, USAGE, "weights.safetensors", EIO)

    def test_short_and_interrupted_calls_change_nothing(self):
        for what in ("SHORT", "EINTR"):
            with self.subTest(what=what):
                rules = ";".join(f"{call}:/:%{every}:{what}" for call, every in
                                 [("write", 3), ("pwrite", 2), ("read", 3), ("pread", 2)])
                ended = self.resume(rules)
                self.assertEqual(ended.status, 0, ended.err)
                self.assert_same_run(self.out)
                out = self.folder / what
                ended = self.faulty(rules, out=out)
                self.assertEqual(ended.status, 0, ended.err)
                self.assertGreater(lines_of(self.report), 40)
                self.assert_same_run(out)
                self.assertEqual(digest(out / "weights.safetensors"),
                                 digest(self.whole / "weights.safetensors"))


@unittest.skipIf(SANITIZED, "a sanitizer must be loaded first")
class Killed(FaultTest):
    """At every stage of every file: what tests/apps/kill_test.py meets only by chance."""

    def killed(self, rules):
        with self.subTest(rules=rules):
            out = self.folder / "run"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(self.folder / ".sluice-cache", ignore_errors=True)
            self.assertEqual(self.faulty(rules).status, -signal.SIGKILL)
            self.assert_goes_on(out)
            for name in ("weights.safetensors", "best.safetensors"):
                self.assertEqual(digest(out / name), digest(self.whole / name), name)

    def test_inside_checkpoints(self):
        self.killed("open:/step-000000003:1:KILL")  # not yet one
        for stage in ("open", "pwrite", "fsync", "close", "rename"):
            self.killed(f"{stage}:/step-000000006:1:KILL")
        for number in (1, 2, 7):
            self.killed(f"write:/step-000000006:{number}:KILL")
        self.killed("fsync:/checkpoints$:2:KILL")  # under its name, perhaps
        self.killed("unlink:/step-:1:KILL")        # and the oldest still there
        self.killed("fdatasync:/steps.csv:2:KILL")

    def test_inside_everything_else(self):
        for rules in ("mkdir:/checkpoints:1:KILL", "write:/steps.csv:1:KILL",
                      "write:/steps.csv:8:KILL", "write:/epochs.csv:2:KILL",
                      "rename:/recipe.toml:1:KILL", "fsync:/recipe.toml:1:KILL",
                      "rename:/best:1:KILL", "write:/best:2:KILL", "rename:/weights:1:KILL",
                      "write:/weights:3:KILL", "rename:/step-000000010:1:KILL",
                      "write:/nodes.json:1:KILL", "write:/statistics-:2:KILL"):
            self.killed(rules)


def needs_mounts(test):
    """A shell whose mounts are its own: ended, or skipped where that is not allowed."""
    def shell(command):
        done = subprocess.run(["unshare", "--mount", "sh", "-c", command], capture_output=True,
                              text=True, timeout=300)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            test.skipTest("this machine does not allow a mount of its own")
        return Ended(done.returncode, done.stdout, done.stderr)
    if os.geteuid() != 0:
        test.skipTest("only root may mount")
    return shell


class Disks(FaultTest):
    def command(self, data, out, *words):
        return " ".join(f"'{word}'" for word in [str(BIN / "sluice-alexnet"),
                                                 *map(str, train_words(data, out, *words))])

    def test_a_disk_that_fills_up_under_a_checkpoint(self):
        shell = needs_mounts(self)
        disk, out = self.folder / "disk", self.folder / "saved"
        disk.mkdir()
        cache = ["--cache", self.folder / "cache", *self.FLAGS]
        again = self.command(self.data, disk / "run", "--resume", *cache)
        ended = shell(f"mount -t tmpfs -o size=5m none '{disk}' && {again}; echo status $?; "
                      f"find '{disk}' -type f; mount -o remount,size=64m '{disk}'; "
                      f"echo ENLARGED >&2; {again} && cp -r '{disk}/run' '{out}'")
        first, second = ended.err.split("ENLARGED\n")
        self.assertIn("status 1", ended.out)
        self.assert_refused(Ended(1, "", first), FAILED, "step-000000006.safetensors", NO_SPACE)
        self.assertIn("step-000000003.safetensors\n", ended.out)
        self.assertNotIn("partial", ended.out)
        self.assertIn("resumed at step 3", second)
        self.assert_same_run(out)

    def test_a_run_folder_that_may_only_be_read(self):
        shell = needs_mounts(self)
        for name in ("empty", "run"):
            with self.subTest(name=name):
                out = self.folder / name
                out.mkdir() if name == "empty" else self.stopped_at(4, out)
                before = contents(out)
                ended = shell(f"mount --bind '{out}' '{out}' && mount -o remount,ro,bind '{out}' && "
                              + self.command(self.data, out, "--resume", *self.FLAGS))
                self.assert_refused(ended, USAGE, str(out), "Read-only file system")
                self.assertEqual(contents(out), before)

    def test_a_limit_of_file_size(self):
        out = self.folder / "run"
        ended = train(self.data, out, *self.FLAGS, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (1_200_000, resource.RLIM_INFINITY)))
        self.assert_refused(ended, FAILED, "safetensors", "File too large")
        self.assertEqual(partial_files(self.folder), [])
        self.assert_goes_on(out)


class Data(FaultTest):
    """Data that change under a running process."""
    FLAGS = ["--epochs", 1]

    def changed(self, change, *words):
        """A long run whose data change after its first epoch; bad files are listed, or it ends."""
        data, out = self.copy_of_data(), self.folder / "run"
        program = start_training(data, out, "--epochs", 4000, "--quiet", "--checkpoint-every", 5,
                                 *words)
        await_steps(program, out, 6)
        named = change(data)
        if words:
            await_true(program, lambda: lines_of(out / "bad_files.tsv") > named)
            status, err = interrupt(program)
            self.assertEqual(status, INTERRUPTED, err)
        else:
            _, err = program.communicate(timeout=120)
            self.assert_refused(Ended(program.returncode, "", err), FAILED, "--max-bad")
        self.assertEqual(partial_files(self.folder), [])
        return (out / "bad_files.tsv").read_text(), err

    def vanish(self, data):
        self.files = sorted((data / "train").rglob("*.jpg"))[3:4]
        self.files[0].unlink()
        return 1

    def shrink(self, data):
        self.files = sorted((data / "train").rglob("*.jpg"))[3:4]
        os.truncate(self.files[0], 100)
        return 1

    def replace(self, data):
        self.files = sorted((data / "train").rglob("*.jpg"))[3:4]
        self.files[0].write_bytes(b"x" * self.files[0].stat().st_size)
        return 1

    def another_image(self, data):
        files = sorted((data / "train").rglob("*.jpg"))
        self.files = files[3:4]
        other = next(f for f in files if f.stat().st_size != files[3].stat().st_size)
        shutil.copy(other, self.files[0])
        return 1

    def lose_a_class(self, data):
        folder = sorted((data / "train").iterdir())[2]
        self.files = sorted(folder.iterdir())
        shutil.rmtree(folder)
        return len(self.files)

    def lose_all(self, data):
        self.files = sorted((data / "train").rglob("*.jpg"))
        shutil.rmtree(data)
        return 1

    CASES = [(vanish, "No such file"), (shrink, "changed while running: 100 bytes, was"),
             (replace, "not a JPEG"), (another_image, "changed while running"),
             (lose_a_class, "No such file")]

    def test_bad_files_are_listed_with_words_where_they_are_allowed(self):
        for change, words in self.CASES:
            with self.subTest(change=change.__name__):
                listed, _ = self.changed(lambda data: change(self, data), "--max-bad", 1)
                for file in self.files:
                    rows = [row for row in listed.splitlines() if
                            row.startswith(f"{file.parent.name}/{file.name}\t")]
                    self.assertEqual(len(rows), 1, listed)
                    self.assertIn(words, rows[0])
                shutil.rmtree(self.folder)
                self.folder.mkdir()

    def test_one_more_than_allowed_ends_the_run(self):
        for change, words in self.CASES:
            with self.subTest(change=change.__name__):
                _, err = self.changed(lambda data: change(self, data))
                self.assertIn(words, err.splitlines()[-1])
                self.assertIn(self.files[0].parent.name, err.splitlines()[-1])
                shutil.rmtree(self.folder)
                self.folder.mkdir()

    def test_all_of_them_gone_ends_the_run_whatever_is_allowed(self):
        data, out = self.copy_of_data(), self.folder / "run"
        program = start_training(data, out, "--epochs", 4000, "--quiet", "--max-bad", 1)
        await_steps(program, out, 6)
        self.lose_all(data)
        _, err = program.communicate(timeout=120)
        self.assert_refused(Ended(program.returncode, "", err), FAILED, "none of its images",
                            "bad_files.tsv")


if __name__ == "__main__":
    main()
