#!/usr/bin/env python3
"""A run that stopped goes on bit for bit, from a state that is whole, or says why it cannot."""
import json
import os
import shutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import main, run  # noqa: E402
from runs import (INTERRUPTED, RunTest, await_steps, checkpoints, contents, copy_run,  # noqa: E402
                  damage, digest, interrupt, start_training, steps, tensors, train)

TABLES = ("steps.csv", "epochs.csv", "bad_files.tsv")


class Interrupted(RunTest):
    def stop_by(self, number, after):
        out = self.folder / "run"
        program = start_training(self.data, out, *self.FLAGS, "--quiet")
        await_steps(program, out, after)
        return out, *interrupt(program, number)

    def test_ctrl_c_and_sigterm_in_the_middle_of_an_epoch(self):
        for number, after in [(signal.SIGINT, 2), (signal.SIGTERM, 7)]:
            with self.subTest(signal=number.name):
                out, status, err = self.stop_by(number, after)
                if len(steps(out)) < len(steps(self.whole)):  # else it was quicker than the signal
                    self.assertEqual(status, INTERRUPTED, err)
                self.assertEqual(len(checkpoints(out)), 1)
                ended = self.resumed(out, *self.FLAGS)
                self.assertIn(f"from {checkpoints(out)[-1]}", ended.err)
                self.assert_same_run(out)
                for name in ("weights.safetensors", "best.safetensors"):
                    self.assertEqual(digest(out / name), digest(self.whole / name))
                self.assertTrue((out / "nodes.1.json").exists())
                shutil.rmtree(out)

    def test_again_and_again(self):
        out = self.folder / "run"
        for _ in range(100):
            before = len(steps(out)) if (out / "steps.csv").exists() else 0
            program = start_training(self.data, out, *self.FLAGS, "--quiet", "--resume")
            if before >= 15:
                program.communicate(timeout=120)
                break
            await_steps(program, out, min(before + 3, 15))
            interrupt(program, signal.SIGTERM)
        self.assert_same_run(out)

    def test_more_steps_and_more_epochs(self):
        for words, more in [(["--steps", 7, "--epochs", 3], ["--steps", 0]),
                            (["--steps", 10, "--epochs", 3], ["--steps", 0]),
                            (["--epochs", 1], ["--epochs", 3])]:
            with self.subTest(words=words):
                out = self.folder / "run"
                self.trained(out, *words)
                self.resumed(out, *more)
                self.assert_same_run(out)
                shutil.rmtree(out)

    def test_resume_starts_what_was_not_begun_and_leaves_alone_what_has_ended(self):
        out = self.folder / "run"
        self.resumed(out, *self.FLAGS)
        self.assert_same_run(out)
        before = contents(out)
        ended = self.resumed(out, *self.FLAGS)
        self.assertIn("nothing is left to do after step 15", ended.err)
        after = contents(out)
        for name in before:
            if "checkpoints" not in name:
                self.assertEqual(after[name], before[name], name)
        self.assertEqual(sorted(after), sorted(before))
        self.assert_same_run(out)

    def test_checkpoints_are_weights_too(self):
        out = self.stopped_at(6)
        words = ["--data", self.data, "--json", "--quiet", "--batch", 8]
        found = [json.loads(run("sluice-alexnet", "evaluate", "--weights", file, *words).out)
                 for file in (checkpoints(out)[0], out / "weights.safetensors")]
        self.assertEqual({k: found[0][k] for k in ("top1", "top5", "images")},
                         {k: found[1][k] for k in ("top1", "top5", "images")})

    def test_only_the_newest_are_kept(self):
        for keep in (1, 3):
            out = self.stopped_at(9, self.folder / f"keep{keep}", "--keep-checkpoints", keep, every=1)
            self.assertEqual(len(checkpoints(out)), keep)
            self.assertEqual(checkpoints(out)[0].name, "step-000000009.safetensors")

    def test_no_checkpoints_where_none_are_wanted(self):
        out = self.folder / "run"
        self.trained(out, *self.FLAGS, "--steps", 3, "--checkpoint-every", 0)
        self.assertFalse((out / "checkpoints").exists())
        self.assert_refused_untouched(out, "no checkpoint", "--out")

    def test_other_threads_have_the_same_batches(self):
        out = self.stopped_at(7)
        ended = run("sluice-alexnet", "train", "--out", out, "--resume", "--steps", 0, "--threads", 1)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertIn("threads: 1, were 2", ended.err)
        mine, whole = steps(out), steps(self.whole)
        self.assertEqual([(s["step"], s["epoch"], s["images"]) for s in mine],
                         [(s["step"], s["epoch"], s["images"]) for s in whole])
        # Forward of the first batch behind the checkpoint: the weights are bit for bit the same.
        self.assertAlmostEqual(float(mine[7]["loss"]) / float(whole[7]["loss"]), 1.0, delta=1e-5)


class Damaged(RunTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.half = cls.shared / "half"
        done = train(cls.data, cls.half, *cls.FLAGS, "--steps", 8, "--checkpoint-every", 3)
        assert done.status == 0, done.err

    def test_a_damaged_newest_one_is_named_and_the_one_before_taken(self):
        for how in ("flipped", "flipped metadata", "cut", "longer", "empty", "text"):
            with self.subTest(how=how):
                out = copy_run(self.half, self.folder / how.replace(" ", "-"))
                newest, older = checkpoints(out)
                damage(newest, how)
                spoiled = digest(newest)
                ended = self.resumed(out, "--steps", 0)
                said = [line for line in ended.lines if str(newest) in line]
                self.assertTrue(said, ended.err)
                self.assertIn(f"from {older}", ended.err)
                aside = newest.with_name(newest.name + ".damaged")
                self.assertIn(f"set aside as {aside}", ended.err)
                self.assertEqual(digest(aside), spoiled)
                self.assert_same_run(out)

    def test_a_newest_one_that_is_no_file_is_passed_over(self):
        out = copy_run(self.half, self.folder / "run")
        newest, older = checkpoints(out)
        newest.unlink()
        newest.mkdir()
        self.assertIn(f"from {older}", self.resumed(out, "--steps", 0).err)
        self.assert_same_run(out)

    def test_when_none_is_whole_nothing_is_touched(self):
        out = copy_run(self.half, self.folder / "run")
        for file, how in zip(checkpoints(out), ("flipped", "empty")):
            damage(file, how)
        self.assert_refused_untouched(out, "no checkpoint", str(checkpoints(out)[0]), "damaged",
                                      str(out / "checkpoints"), words=["--steps", 0])

    def test_of_another_net_it_is_refused(self):
        out = copy_run(self.half, self.folder / "run")
        ended = run("sluice-alexnet", "train", "--data", self.data, "--out", self.folder / "other",
                    "--width", 0.05, "--batch", 8, "--steps", 1, "--epochs", 1)
        self.assertEqual(ended.status, 0, ended.err)
        for file in checkpoints(out):
            shutil.copy(checkpoints(self.folder / "other")[0], file)
        self.assert_refused_untouched(out, "net.width")

    def test_a_table_that_became_shorter_is_refused(self):
        for name in ("steps.csv", "epochs.csv", "bad_files.tsv"):
            with self.subTest(name=name):
                out = copy_run(self.half, self.folder / name)
                (out / name).write_text((out / name).read_text()[:20])
                left = {n: d for n, d in contents(out).items() if n not in TABLES}
                ended = train(self.data, out, "--resume", "--steps", 0)
                self.assert_refused(ended, 2, name, "was changed", "put it back")
                self.assertEqual({n: d for n, d in contents(out).items() if n not in TABLES}, left)

    def test_a_table_that_is_gone_is_refused(self):
        out = copy_run(self.half, self.folder / "run")
        (out / "epochs.csv").unlink()
        self.assert_refused_untouched(out, "epochs.csv", words=["--steps", 0])

    def test_a_longer_table_is_cut_back(self):
        out = copy_run(self.half, self.folder / "run")
        with (out / "steps.csv").open("a") as table:
            table.write("9,2,68,1.5,0.001,1\n10,2")
        self.resumed(out, "--steps", 0)
        self.assert_same_run(out)

    def test_without_its_recipe_file_the_checkpoint_knows_it(self):
        out = copy_run(self.half, self.folder / "run")
        (out / "recipe.toml").unlink()
        ended = run("sluice-alexnet", "train", "--out", out, "--resume", "--steps", 0)
        self.assertEqual(ended.status, 0, ended.err)
        self.assert_same_run(out)

    def test_the_folder_says_all_that_is_needed(self):
        out = copy_run(self.half, self.folder / "run")
        ended = run("sluice-alexnet", "train", "--out", out, "--resume", "--steps", 0)
        self.assertEqual(ended.status, 0, ended.err)
        self.assert_same_run(out)


class Recipes(RunTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.half = cls.shared / "half"
        done = train(cls.data, cls.half, *cls.FLAGS, "--steps", 7)
        assert done.status == 0, done.err

    def go_on(self, *words):
        return run("sluice-alexnet", "train", "--out", self.out, "--resume", *words)

    def setUp(self):
        super().setUp()
        self.out = copy_run(self.half, self.folder / "run")

    def refused(self, words, *said):
        before = contents(self.out)
        self.assert_refused(self.go_on(*words), 2, *said)
        self.assertEqual(contents(self.out), before)

    def test_a_changed_flag_is_refused_with_the_difference(self):
        self.refused(["--momentum", 0.8], "train.momentum was 0.9, now 0.8")
        self.refused(["--batch", 16], "train.batch was 8, now 16")
        self.refused(["--seed", 2, "--decay", 0], "seed was 1, now 2", "train.decay was 0.0005")

    def test_a_changed_chain_is_refused_with_the_difference(self):
        self.refused(["--flip", 0.25], "augment.flip.probability was 0.5, now 0.25")
        self.refused(["--set", "augment.pca-colour.use=false"],
                     "augment.pca-colour.use was true, now false")
        self.refused(["--set", "augment.rescale.side=260"], "augment.rescale.side was 256, now 260")

    def test_a_changed_recipe_file_is_refused_with_the_difference(self):
        recipe = self.out / "recipe.toml"
        whole = recipe.read_text()
        other = self.folder / "other.toml"
        other.write_text(whole.replace("momentum = 0.9", "momentum = 0.5"))
        self.refused(["--recipe", other], "train.momentum was 0.9, now 0.5")
        recipe.write_text(whole.replace("sigma = 0.1", "sigma = 0.2"))
        self.refused([], "augment.pca-colour.sigma was 0.1, now 0.2")
        nodes = whole.split("[[augment]]")
        recipe.write_text("[[augment]]".join(nodes[:5] + nodes[6:]))
        self.refused([], "chain", "flip")
        recipe.write_text("this is no recipe")
        self.refused([], "recipe.toml:1")

    def test_a_changed_rate_points_to_amend(self):
        self.refused(["--rate", 0.1], "train.rate was 0.001, now 0.1", "--amend train.rate=")
        self.refused(["--schedule", "steps"], "train.schedule was", "--amend train.schedule=")

    def test_the_same_recipe_file_goes_on(self):
        ended = self.go_on("--recipe", self.whole / "recipe.toml")
        self.assertEqual(ended.status, 0, ended.err)
        self.assert_same_run(self.out)

    def test_what_changes_no_bits_may_change(self):
        ended = self.go_on("--steps", 0, "--slots", 2, "--memory", "300M", "--max-bad", 0.5,
                           "--checkpoint-every", 2, "--keep-checkpoints", 5)
        self.assertEqual(ended.status, 0, ended.err)
        self.assert_same_run(self.out)
        self.assertEqual(len(checkpoints(self.out)), 5)

    def test_amend_lists_what_can_be_amended(self):
        self.refused(["--amend", "train.momentum=0.5"], "train.momentum", "train.rate",
                     "train.schedule", "train.factor")
        self.refused(["--amend", "train.rte=0.5"], "train.rte", "train.rate")
        self.refused(["--amend", "train.rate=fast"], "train.rate", "number")
        self.refused(["--amend", "train.rate=1000"], "train.rate", "0 to 100")
        self.refused(["--amend", "train.rate"], "KEY=VALUE")
        self.refused(["--amend", "train.schedule=steps"], "train.schedule_epochs")

    def test_amend_and_resume_need_each_other_and_a_folder(self):
        ended = train(self.data, self.folder / "new", "--amend", "train.rate=0.1")
        self.assert_refused(ended, 2, "--amend", "--resume")
        self.assertFalse((self.folder / "new").exists())
        self.assert_refused(run("sluice-alexnet", "train", "--data", self.data, "--resume"), 2,
                            "--resume", "--out")

    def test_a_run_is_not_begun_anew_over_another(self):
        before = contents(self.out)
        self.assert_refused(train(self.data, self.out), 2, "--resume", "--out")
        self.assertEqual(contents(self.out), before)

    def test_an_amendment_of_the_past_is_refused(self):
        recipe = self.out / "recipe.toml"
        recipe.write_text(recipe.read_text() +
                          '\n[[amend]]\nstep = 3\nkey = "train.rate"\nvalue = 0.5\n')
        self.refused([], "[[amend]]", "before step 7")


class Amended(RunTest):
    """The strongest: the resolved recipe of an amended run gives the same bits from scratch."""

    def assert_recipe_repeats(self, out, *lines):
        text = (out / "recipe.toml").read_text()
        for line in lines:
            self.assertIn(line, text)
        again = self.folder / "again"
        ended = run("sluice-alexnet", "train", "--recipe", out / "recipe.toml", "--out", again)
        self.assertEqual(ended.status, 0, ended.err)
        self.assert_same_run(out, again)
        self.assertEqual(digest(out / "weights.safetensors"), digest(again / "weights.safetensors"))
        self.assertFalse(tensors(out / "weights.safetensors") ==
                         tensors(self.whole / "weights.safetensors"))

    def rates(self, out):
        return [float(row["learning_rate"]) for row in steps(out)]

    def test_in_the_middle_of_an_epoch(self):
        out = self.stopped_at(7)
        self.resumed(out, "--steps", 0, "--amend", "train.rate=0.0005")
        self.assertEqual(self.rates(out), [0.001] * 7 + [0.0005] * 8)
        self.assert_recipe_repeats(out, '[[amend]]\nstep = 7\nkey = \'train.rate\'\nvalue = 0.0005')

    def test_at_the_end_of_an_epoch(self):
        for stop in (["--epochs", 2], ["--epochs", 3, "--steps", 10]):
            with self.subTest(stop=stop):
                out = self.folder / "run"
                self.trained(out, *stop)
                self.resumed(out, "--epochs", 3, "--steps", 0, "--amend", "train.rate=0.0005")
                self.assertEqual(self.rates(out), [0.001] * 10 + [0.0005] * 5)
                self.assert_recipe_repeats(out, "step = 10")
                shutil.rmtree(out)
                shutil.rmtree(self.folder / "again")

    def test_before_the_first_step(self):
        recipe, out = self.folder / "recipe.toml", self.folder / "run"
        recipe.write_text((self.whole / "recipe.toml").read_text() +
                          '\n[[amend]]\nstep = 0\nkey = "train.rate"\nvalue = 0.0005\n')
        ended = run("sluice-alexnet", "train", "--recipe", recipe, "--out", out)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(self.rates(out), [0.0005] * 15)
        self.assert_recipe_repeats(out, "step = 0")

    def test_a_schedule(self):
        out = self.stopped_at(7)
        self.resumed(out, "--steps", 0, "--amend", "train.schedule_epochs=2", "--amend",
                     "train.schedule=steps", "--amend", "train.factor=0.5")
        self.assertEqual(self.rates(out), [0.001] * 10 + [0.0005] * 5)
        self.assert_recipe_repeats(out, "step = 7\nkey = 'train.schedule'\nvalue = 'steps'",
                                   "step = 7\nkey = 'train.factor'\nvalue = 0.5")

    def test_twice_and_interrupted_between(self):
        out = self.stopped_at(3)
        self.resumed(out, "--steps", 7, "--amend", "train.rate=0.0005")
        self.resumed(out, "--steps", 9)
        self.resumed(out, "--steps", 0, "--amend", "train.rate=0.002")
        self.assertEqual(self.rates(out), [0.001] * 3 + [0.0005] * 6 + [0.002] * 6)
        self.assert_recipe_repeats(out, "step = 3", "step = 9")

    def test_the_checkpoint_before_the_amendment_is_followed_by_it(self):
        out = self.stopped_at(7, None, "--keep-checkpoints", 5)
        self.resumed(out, "--steps", 0, "--amend", "train.rate=0.0005", "--checkpoint-every", 20)
        whole = copy_run(out, self.folder / "kept")
        for file in checkpoints(out)[:2]:  # the end, and step 7
            damage(file, "cut")
        ended = self.resumed(out)
        self.assertIn("step-000000006.safetensors", ended.err)
        self.assert_same_run(out, whole)


class Data(RunTest):
    """The data of a run that goes on are those that it was trained on."""

    def setUp(self):
        super().setUp()
        self.mine = self.copy_of_data()
        self.out = self.folder / "run"
        self.trained(self.out, *self.FLAGS, "--steps", 7, data=self.mine)
        self.files = sorted((self.mine / "train").rglob("*.jpg"))

    def refused(self, *said):
        self.assert_refused_untouched(self.out, "not the data", *said, words=["--steps", 0],
                                      data=self.mine)

    def test_a_file_more(self):
        shutil.copy(self.files[0], self.files[0].with_name("another.jpg"))
        self.refused("41", "40")

    def test_a_file_less(self):
        self.files[0].unlink()
        self.refused("39", "40")

    def test_another_file_of_validation(self):
        file = sorted((self.mine / "val").rglob("*.jpg"))[0]
        shutil.copy(file, file.with_name("another.jpg"))
        self.refused("11", "10")

    def test_another_size(self):
        with self.files[3].open("ab") as file:
            file.write(b"more")
        self.refused("size")

    def test_another_name(self):
        self.files[3].rename(self.files[3].with_name("another.jpg"))
        self.refused("name")

    def test_only_touched(self):
        for file in self.files:
            os.utime(file, ns=(1, 1))
        ended = self.resumed(self.out, "--steps", 0, data=self.mine)
        self.assertIn("files were written anew", ended.err)
        self.assert_same_run(self.out)

    def test_moved(self):
        moved = self.mine.rename(self.folder / "elsewhere")
        self.assert_refused(train(self.mine, self.out, "--resume"), 2, "does not exist")
        self.resumed(self.out, "--steps", 0, data=moved)
        self.assert_same_run(self.out)


if __name__ == "__main__":
    main()
