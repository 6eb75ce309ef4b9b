#!/usr/bin/env python3
"""The recipes of published configurations: complete, what their variant says, and runnable."""
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import DATA, SOURCE, ProgramTest, main, run  # noqa: E402

RECIPES = SOURCE / "apps" / "recipes"
PUBLISHED = sorted(p for p in RECIPES.glob("*.toml") if p.name != "quickstart.toml")
NETS = ("lenet5", "alexnet", "vgg")


def program_of(recipe):
    return f"sluice-{recipe.name.split('-')[0]}"


def body(text):
    """Without the comment at a file's top."""
    lines = text.splitlines()
    while lines and (lines[0].startswith("#") or not lines[0]):
        lines.pop(0)
    return "\n".join(lines).strip()


class Recipes(ProgramTest):
    def test_there_is_one_for_every_published_configuration(self):
        names = {p.stem for p in PUBLISHED}
        wanted = {f"lenet5-{v}" for v in ("1998", "caffe", "modern")}
        wanted |= {f"alexnet-{v}" for v in ("paper", "run145", "caffe", "caffenet", "cs231n", "owt",
                                            "paper-6conv")}
        wanted |= {f"vgg-{v}-256" for v in ("a", "a-lrn", "b", "b-5x5", "c", "d", "e")}
        wanted |= {f"vgg-{v}-{s}" for v in ("c", "d", "e") for s in ("384", "jitter")}
        self.assertEqual(names, wanted)

    def test_each_is_complete_and_resolves_to_itself(self):
        for recipe in PUBLISHED:
            with self.subTest(recipe=recipe.name):
                done = run(program_of(recipe), "describe", "--recipe", recipe, "--toml")
                self.assertEqual(done.status, 0, done.err)
                self.assertEqual(body(done.out), body(recipe.read_text()))

    def test_each_is_its_variant_but_for_the_scale_of_vgg(self):
        for recipe in PUBLISHED:
            with self.subTest(recipe=recipe.name):
                variant = recipe.stem.split("-", 1)[1]
                if program_of(recipe) == "sluice-vgg":
                    config, scale = variant.rsplit("-", 1)
                    if scale != "256":
                        continue
                    variant = config.upper() if config != "b-5x5" else "B-5x5"
                done = run(program_of(recipe), "describe", "--variant", variant, "--toml")
                self.assertEqual(done.status, 0, done.err)
                self.assertEqual(body(done.out), body(recipe.read_text()))

    def test_each_colour_net_takes_a_step_on_pictures_at_a_small_width(self):
        data = self.shapes(train=1)
        for recipe in PUBLISHED:
            if program_of(recipe) == "sluice-lenet5":
                continue
            with self.subTest(recipe=recipe.name):
                done = run(program_of(recipe), "train", "--recipe", recipe, "--data", data, "--out",
                           self.folder / recipe.stem, "--width", 0.06, "--batch", 2, "--steps", 1,
                           "--checkpoint-every", 0, "--quiet")
                self.assertEqual(done.status, 0, done.err)

    @unittest.skipUnless((DATA / "mnist").is_dir(), "no MNIST files")
    def test_each_lenet_takes_steps_on_digits(self):
        for recipe in PUBLISHED:
            if program_of(recipe) != "sluice-lenet5":
                continue
            with self.subTest(recipe=recipe.name):
                done = run("sluice-lenet5", "train", "--recipe", recipe, "--data", DATA / "mnist",
                           "--out", self.folder / recipe.stem, "--steps", 20,
                           "--checkpoint-every", 0, "--quiet")
                self.assertEqual(done.status, 0, done.err)

    def test_set_reaches_every_key_of_a_recipe(self):
        done = run("sluice-vgg", "describe", "--recipe", RECIPES / "vgg-d-jitter.toml", "--set",
                   "augment.rescale.to=300", "--set", "train.rate=0.5", "--toml")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("to = 300", done.out)
        self.assertIn("rate = 0.5", done.out)


class Refused(ProgramTest):
    """What can be known before the first batch: one line, exit 2."""

    def refuse(self, net, *words, says=()):
        ended = run(f"sluice-{net}", *words)
        self.assert_refused(ended, 2, *says)

    def test_an_unknown_key_or_a_wrong_type_in_a_recipe(self):
        recipe = self.folder / "wrong.toml"
        recipe.write_text('[train]\nwarmup = 3\n')
        self.refuse("vgg", "describe", "--recipe", recipe, says=("train.warmup",))
        recipe.write_text('[train]\nbatch = "many"\n')
        self.refuse("vgg", "describe", "--recipe", recipe, says=("train.batch", "1 to 4096"))

    def test_a_pool_that_is_larger_than_its_input(self):
        for net, side in (("alexnet", 16), ("alexnet", 31)):
            self.refuse(net, "describe", "--set", f"net.side={side}", says=("layer",))

    def test_weights_of_another_net(self):
        data = self.shapes(train=1)
        out = self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", data, "--out", out, "--width", 0.06,
                   "--batch", 2, "--steps", 1, "--quiet", "--checkpoint-every", 0)
        self.assertEqual(done.status, 0, done.err)
        weights = out / "weights.safetensors"
        results = [run(f"sluice-{net}", "evaluate", "--data", data, "--weights", weights, "--quiet")
                   for net in ("alexnet", "vgg")]  # the weights say which net it is
        self.assertEqual([done.status for done in results], [0, 0], results[1].err)
        self.assertEqual(results[0].out, results[1].out)
        self.refuse("vgg", "train", "--data", data, "--width", 0.06, "--from", weights, "--out",
                    self.folder / "other", says=("weights.safetensors",))

    def test_bf16_on_a_processor_without_it(self):
        import os
        data = self.shapes(train=1)
        ended = run("sluice-alexnet", "train", "--data", data, "--precision", "bf16", "--out",
                    self.folder / "run",
                    env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX512_CORE"})
        self.assert_refused(ended, 2, "bf16", "--allow-slow")

    def test_a_scale_below_the_crop(self):
        data = self.shapes(train=1)
        self.refuse("vgg", "train", "--data", data, "--side", 200, "--out", self.folder / "run",
                    says=("random-crop", "200"))

    def test_words_of_the_learning_options(self):
        data = self.shapes(train=1)
        for words, says in (
                (("--freeze", "conv9"), ("train.freeze", "conv9")),
                (("--layer-rates", "conv1"), ("train.layer_rates", "LAYER=FACTOR")),
                (("--schedule", "logged"), ("logged rate",)),
                (("--schedule", "logged", "--rate-log", "0:x"), ("0:x",)),
                (("--schedule", "logged", "--rate-log", "0:inf"), ("logged rate",)),
                (("--schedule", "logged", "--rate-log", "0:0.1,0:pool1=1"), ("pool1", "conv1")),
                (("--schedule", "logged", "--rate", 0, "--rate-log", "0:conv1=1"), ("train.rate",)),
                (("--rule", "diagonal-lm"), ("train.momentum", "diagonal-lm")),
                (("--new-head",), ("--from",)),
                (("--replicas", 9, "--batch", 8), ("train.replicas",)),
                (("--micro-batch", -1), ("train.micro_batch",)),
                (("--form", "adam"), ("paper", "nesterov")),
                (("--loss", "mse"), ("hinge",))):
            with self.subTest(words=words):
                self.refuse("alexnet", "train", "--data", data, "--out", self.folder / "run", *words,
                            says=says)

    def test_each_study_holds_recipes_against_each_other_that_differ(self):
        studies = sorted((RECIPES / "studies").glob("*/study.toml"))
        self.assertGreaterEqual(len(studies), 12)
        for study in studies:
            with self.subTest(study=study.parent.name):
                names = re.search(r"recipes = \[(.*)\]", study.read_text()).group(1)
                files = [study.parent / name for name in re.findall(r'"(.*?)"', names)]
                self.assertEqual(sorted(files), sorted(f for f in study.parent.glob("*.toml")
                                                       if f != study))
                net = re.search(r'name = "(.*)"', files[0].read_text()).group(1)
                # Only in a comparison is there something that was trained before.
                alone = {file: ["--set", "train.from=", "--set", "train.from_layers=all"]
                         if '"trained:' in file.read_text() else [] for file in files}
                resolved = [run(f"sluice-{net}", "describe", "--recipe", file, "--toml", *alone[file])
                            for file in files]
                for done in resolved:
                    self.assertEqual(done.status, 0, done.err)
                different = {(done.out, *alone[file]) for done, file in zip(resolved, files)}
                self.assertEqual(len(different), len(files))


if __name__ == "__main__":
    main()
