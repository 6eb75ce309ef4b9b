#!/usr/bin/env python3
"""sluice-lab compare --together: nets that are trained side by side in one pipeline have the weights
of each run alone, bit for bit.

As a test: pairs of recipes for two epochs. For the record: together_test.py --epochs 20.
"""
import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run, start  # noqa: E402
from runs import (INTERRUPTED, await_steps, checkpoints, epochs, interrupt, steps,  # noqa: E402
                  tensors)

TRAINING = """
[train]
batch = 8
init = "he"
schedule = "constant"
rate = 0.003
"""
ALEXNET = """
[net]
name = "alexnet"
variant = "paper"
width = 0.06
side = 96
""" + TRAINING
LENET = """
[net]
name = "lenet5"
variant = "modern"
""" + TRAINING
BEGIN = """
[[augment]]
node = "rescale"
side = 108

[[augment]]
node = "mean"
from = "rgb"
"""
CROP = """
[[augment]]
node = "random-crop"
side = 96

[[augment]]
node = "flip"
"""
CENTRE = """
[[augment]]
node = "centre-crop"
side = 96
"""
COLOUR = """
[[augment]]
node = "pca-colour"
"""
DIGITS = """
[[augment]]
node = "rescale"
side = 36

[[augment]]
node = "random-crop"
side = 32

[[augment]]
node = "scale"
divisor = 255.0
"""
RECIPES = {"crop": ALEXNET + BEGIN + CROP, "centre": ALEXNET + BEGIN + CENTRE,
           "colour": ALEXNET.replace("[train]", 'dropout = "0"\n\n[train]') + BEGIN + CROP + COLOUR,
           "digits": LENET + DIGITS}
NETS = {"digits": "lenet5"}
QUICK = ["--rounds", 1, "--seconds", 1, "--quiet"]


class Together(ProgramTest):
    EPOCHS = 2  # of five steps

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="sluice-together-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.data = cls.shared / "data"
        made = run("sluice-data", "shapes", "--out", cls.data, "--train", 4, "--val", 1)
        assert made.status == 0, made.err
        for name, text in RECIPES.items():
            (cls.shared / f"{name}.toml").write_text(text)

    def file(self, name):
        return self.shared / f"{name}.toml"

    def alone(self, name, *words, threads=2, epochs=None, out=None):
        """A run by the net's own program; once for all tests where nothing is special about it."""
        epochs = epochs or self.EPOCHS
        out = out or self.shared / f"alone-{name}-{threads}-{epochs}"
        if not out.exists():
            done = run(f"sluice-{NETS.get(name, 'alexnet')}", "train", "--recipe", self.file(name),
                       "--data", self.data, "--out", out, "--seed", 1, "--epochs", epochs,
                       "--threads", threads, "--quiet", *words)
            self.assertEqual(done.status, 0, done.err)
        return out

    def words(self, names, *more, threads=2):
        recipes = [word for name in names for word in ("--recipe", self.file(name))]
        return ["compare", "--together", "--data", self.data, *recipes, "--set",
                f"run.threads={threads}", *QUICK, *more]

    def training(self, names, *more, threads=2, epochs=None):
        return self.words(names, "--epochs", epochs or self.EPOCHS, "--seeds", 1, "--out",
                          self.folder / "out", *more, threads=threads)

    def together(self, names, *more, **options):
        done = run("sluice-lab", *self.training(names, *more, **options))
        self.assertEqual(done.status, 0, done.err)
        return done

    def one(self, name):
        return self.folder / "out" / f"{name}-seed-1"

    def assert_same_run(self, name, alone):
        for file in ("weights.safetensors", "best.safetensors"):
            self.assertEqual(tensors(self.one(name) / file), tensors(alone / file), (name, file))
        self.assertEqual(tensors(checkpoints(self.one(name))[0]), tensors(checkpoints(alone)[0]))
        self.assertEqual(steps(self.one(name)), steps(alone))
        self.assertEqual(epochs(self.one(name)), epochs(alone))

    def test_branches_have_the_weights_of_runs_alone(self):
        for names in (["crop", "centre"], ["crop", "digits", "colour"]):
            for threads in (1, 2):
                with self.subTest(names=names, threads=threads):
                    self.together(names, threads=threads)
                    for name in names:
                        self.assert_same_run(name, self.alone(name, threads=threads))
                    shutil.rmtree(self.folder / "out")

    def test_the_account_has_shared_nodes_once_and_closes(self):
        names = ["crop", "colour"]
        self.together(names)
        nodes = self.assert_account_closes(self.one("crop"))
        self.assertEqual(nodes.keys(), self.assert_account_closes(self.one("colour")).keys())
        images = 40 * self.EPOCHS
        for name in ("decode", "rescale", "mean", "random-crop", "flip", "colour/pca-colour",
                     "crop/collate", "colour/collate"):
            self.assertEqual(nodes[name]["items_out"], images, name)
        for name in ("crop/flip", "colour/flip", "crop/pca-colour"):
            self.assertNotIn(name, nodes)
        for name in names:
            self.assertEqual(nodes[f"{name}/update"]["items_out"], 5 * self.EPOCHS)
            self.assertEqual(nodes[f"{name}/validation/decode"]["items_out"], 10 * self.EPOCHS)

    def test_stopped_together_they_stand_at_one_step_and_go_on_together(self):
        names = ["crop", "centre"]
        for after in (2, 7):
            with self.subTest(after=after):
                program = start("sluice-lab", *self.training(names, epochs=self.EPOCHS + 2))
                await_steps(program, self.one("centre"), after)
                status, err = interrupt(program)
                if status != 0:  # else it was quicker than the signal
                    self.assertEqual(status, INTERRUPTED, err)
                self.assertEqual(len(steps(self.one("crop"))), len(steps(self.one("centre"))))
                words = self.training(names, epochs=self.EPOCHS + 2)
                told = run("sluice-lab", *[word for word in words if word != "--quiet"])
                self.assertEqual(told.status, 0, told.err)
                self.assertIn("side by side", told.err)
                self.assertNotIn("alone", told.err)
                for name in names:
                    self.assert_same_run(name, self.alone(name, epochs=self.EPOCHS + 2))
                shutil.rmtree(self.folder / "out")

    def test_runs_at_different_steps_go_on_alone(self):
        names = ["crop", "centre"]
        self.alone("crop", "--steps", 3, out=self.one("crop"))
        told = run("sluice-lab", *[word for word in self.training(names) if word != "--quiet"])
        self.assertEqual(told.status, 0, told.err)
        self.assertIn("each goes on alone", told.err)
        for name in names:
            self.assert_same_run(name, self.alone(name))
        self.together(names)  # nothing is left to do
        for name in names:
            self.assert_same_run(name, self.alone(name))

    def test_a_net_that_fails_is_named_and_the_other_can_go_on(self):
        other = self.file("fails")
        other.write_text(RECIPES["centre"].replace("0.003", "100.0"))
        done = run("sluice-lab", *self.training(["crop", "fails"], "--set",
                                                "run.checkpoint_every=1"))
        self.assert_refused(done, 1, "fails: the loss is no longer a number")
        self.assertIn("fails: the loss", (self.one("crop") / "report.html").read_text())
        self.together(["crop", "centre"])
        for name in ("crop", "centre"):
            self.assert_same_run(name, self.alone(name))

    def test_one_that_ends_by_its_plateau_lets_the_other_go_on(self):
        text = RECIPES["centre"].replace('"constant"', '"plateau"\nimprovement = 1.0\npatience = 1\n'
                                                       "divisions = 0")
        self.file("plateau").write_text(text)
        whole = self.alone("plateau", epochs=5)
        self.assertLess(len(epochs(whole)), 5)
        other = self.alone("crop", epochs=5)
        self.together(["crop", "plateau"], epochs=5)
        self.assert_same_run("plateau", whole)
        self.assert_same_run("crop", other)

    def test_costs_have_shared_nodes_once_and_what_each_recipe_adds(self):
        done = run("sluice-lab", *self.words(["crop", "colour", "centre"]), "--json")
        self.assertEqual(done.status, 0, done.err)
        costs = json.loads(done.out)["together"]
        self.assertEqual(len(costs["images_per_second"]), 1)
        found = [(node["node"], node["recipe"]) for node in costs["nodes"]]
        self.assertEqual(found[:4] + found[5:], [
            ("read", None), ("decode", None), ("rescale", None), ("mean", None),
            ("flip", "crop"), ("collate", "crop"), ("random-crop", "colour"), ("flip", "colour"),
            ("pca-colour", "colour"), ("collate", "colour"), ("centre-crop", "centre"),
            ("collate", "centre")])
        self.assertEqual(found[4], ("random-crop", "crop"))
        self.assertTrue(all(node["cpu_microseconds"] >= 0 for node in costs["nodes"]))
        text = run("sluice-lab", *self.words(["crop", "colour"])).out
        self.assertIn("In one pipeline colour adds ", text)
        rows = {line.split()[0]: line.split() for line in text.splitlines() if line}
        self.assertEqual(len(rows["together"]), 4)

    def test_recipes_that_cannot_share_a_run_are_told_why(self):
        other = self.shared / "other.toml"
        for key, value, valid in [("batch", "16", "train.batch=8"), ("steps", "4", "train.steps=0")]:
            text = RECIPES["centre"].replace("batch = 8", "batch = 8\nsteps = 0")
            other.write_text(text.replace(f"{key} = {8 if key == 'batch' else 0}",
                                          f"{key} = {value}"))
            self.refused([valid, "crop", "other", value])
        other.write_text(RECIPES["centre"] + '\n[data]\norientation = "apply"\n')
        self.refused(["data.orientation", "ignore", "apply"])
        other.write_text(RECIPES["centre"].replace("constant", "plateau") +
                         '\n[run]\ncheckpoint_every = "0"\n')
        self.refused(["run.checkpoint_every", "plateau"])

    def refused(self, words):
        done = run("sluice-lab", *self.training(["crop", "other"]))
        self.assert_refused(done, 2, "--together", *words)
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    if "--epochs" in sys.argv:
        at = sys.argv.index("--epochs")
        Together.EPOCHS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    main()
