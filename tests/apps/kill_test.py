#!/usr/bin/env python3
"""SIGKILL at any moment, resumed by the same command until the run ends by itself: the same bits.

As a test: a few kills. For the record: kill_test.py --kills 100 [--aimed 20] [--seed N] for random
moments and those that are aimed at checkpoint writing; --net full --kills 5 for the whole AlexNet.
"""
import argparse
import random
import shutil
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import main, run, start  # noqa: E402
from runs import NET, RunTest, checkpoints, digest, partial_files, train_words  # noqa: E402

FULL = ["--batch", 8, "--schedule", "constant", "--rate", 0.001, "--threads", 2]


class Tally:
    def __init__(self):
        self.kills = self.aimed = self.inside = self.aimed_inside = self.runs = 0
        self.from_checkpoint = 0

    def __str__(self):
        aimed = f" and {self.aimed_inside} of {self.aimed} aimed" if self.aimed else ""
        return (f"kills {self.kills}, inside checkpoint writing {self.inside}{aimed}, resumed "
                f"{self.kills + self.aimed} ({self.from_checkpoint} from a checkpoint), "
                f"runs {self.runs}, equal")


class Victim:
    """One command in one folder, killed at some moment or ended by itself."""

    def __init__(self, words, out):
        self.words, self.out = words, out

    def writing(self):
        try:
            return any(p.name.endswith(".partial") for p in (self.out / "checkpoints").iterdir())
        except OSError:
            return False

    def killed_when(self, now):
        """Whether it was killed; it failed: AssertionError."""
        program = start("sluice-alexnet", *self.words)
        while program.poll() is None and not now():
            pass
        program.kill()
        _, err = program.communicate()
        if program.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"status {program.returncode}: {err}")
        return program.returncode != 0

    def killed_after(self, seconds):
        end = time.monotonic() + seconds

        def now():
            time.sleep(0.0005)
            return time.monotonic() >= end
        return self.killed_when(now)


class Kills(RunTest):
    FLAGS = ["--epochs", 4, "--checkpoint-every", 1]  # 20 steps
    KILLS, AIMED, SEED = 10, 2, 6

    def words(self, out):
        return train_words(self.data, out, "--resume", *self.FLAGS)

    def lives(self, tally, strike, enough):
        """Runs from their beginning to their own end, killed on the way by `strike`."""
        while not enough():
            out = self.folder / f"run{tally.runs}"
            victim = Victim(self.words(out), out)
            had = False  # a checkpoint
            while not enough() and strike(victim):
                tally.from_checkpoint += had
                had = bool(checkpoints(out))
            ended = run("sluice-alexnet", *victim.words)
            self.assertEqual(ended.status, 0, ended.err)
            tally.from_checkpoint += had
            tally.runs += 1
            self.assert_equal(out)
            shutil.rmtree(out)

    def assert_equal(self, out):
        self.assert_same_run(out)
        for name in ("weights.safetensors", "best.safetensors"):
            self.assertEqual(digest(out / name), digest(self.whole / name), name)
        self.assertEqual(partial_files(self.folder), [])

    def test_killed_at_random_moments_and_while_a_checkpoint_is_written(self):
        begin = time.monotonic()
        self.assertEqual(run("sluice-alexnet", *self.words(self.folder / "timed")).status, 0)
        seconds = time.monotonic() - begin
        self.assert_equal(self.folder / "timed")
        shutil.rmtree(self.folder / "timed")
        tally, moments = Tally(), random.Random(self.SEED)

        def at_random(victim):
            killed = victim.killed_after(moments.uniform(0, seconds))
            tally.kills += killed
            tally.inside += killed and victim.writing()
            return killed

        def aimed(victim):
            killed = victim.killed_when(victim.writing)
            tally.aimed += killed
            tally.aimed_inside += killed and victim.writing()
            return killed

        self.lives(tally, at_random, lambda: tally.kills >= self.KILLS)
        self.lives(tally, aimed, lambda: tally.aimed_inside >= self.AIMED)
        print(tally, file=sys.stderr)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--kills", type=int, help="at random moments")
    parser.add_argument("--aimed", type=int, default=0, help="more of them, inside checkpoint writing")
    parser.add_argument("--seed", type=int, default=Kills.SEED)
    parser.add_argument("--net", choices=["small", "full"], default="small")
    options, rest = parser.parse_known_args()
    if options.kills is not None:
        Kills.KILLS, Kills.AIMED, Kills.SEED = options.kills, options.aimed, options.seed
    if options.net == "full":
        Kills.FLAGS = ["--epochs", 5, "--checkpoint-every", 3]
        NET[:] = FULL
    sys.argv[1:] = rest


if __name__ == "__main__":
    parse()
    main()
