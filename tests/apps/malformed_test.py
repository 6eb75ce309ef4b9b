#!/usr/bin/env python3
"""200 malformed recipes, made by mutation of good ones: each ends with exit 2, the line of the fault
and a helpful word; several faults are reported together; nothing crashes or takes a silent default.
"""
import random
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import SOURCE, ProgramTest, main, run  # noqa: E402

USAGE = 2
GOOD = ("alexnet-paper", "alexnet-owt", "alexnet-run145", "vgg-d-jitter", "vgg-a-256", "lenet5-1998",
        "lenet5-modern")
# A chain with everything that a recipe can say of nodes; behind a recipe whose own chain is removed.
GROUPS = """
[[augment]]
node = "rescale"
side = 256
filter = "antialias"

[[augment]]
node = "one-of"
name = "colour"
probability = 0.8

[[augment]]
node = "brightness"
in = "colour"
factor = 0.5
factor_to = 1.5

[[augment]]
node = "grey"
in = "colour"
probability = 0.5

[[augment]]
node = "rotate"
degrees = -5.0
degrees_to = 5.0
probability = 0.5

[[augment]]
node = "random-crop"
side = 224
group = 2

[[augment]]
node = "flip"
probability = 0.5

[[augment]]
node = "mean"
from = "authors"

[[evaluation]]
node = "rescale"
side = 256

[[evaluation]]
node = "centre-crop"
side = 224

[[evaluation]]
node = "mean"
from = "authors"
"""


class Recipe:
    """A recipe's lines, and where its faults are: (line from 1, a word that must be said)."""

    def __init__(self, program, lines):
        self.program, self.lines, self.faults = program, list(lines), []

    def copy(self):
        return Recipe(self.program, self.lines)

    def change(self, at, text, word):
        self.lines[at] = text
        self.faults.append((at + 1, word))

    def where(self, pattern, table=None):
        """Places of lines that match, in tables of that name."""
        found, now = [], None
        for at, line in enumerate(self.lines):
            if header := re.match(r"\[+([a-z]+)\]+", line):
                now = header.group(1)
            match = re.match(pattern, line)
            if match and (table is None or now in table) and not self.is_taken(at):
                found.append((at, match))
        return found

    def is_taken(self, at):
        return any(line == at + 1 for line, _ in self.faults)


CHAIN = ("augment", "evaluation")
KEYS = ("net", "data", "evaluate", "train", "run")
# Words of which a key's own list says that they are valid.
WORD_KEYS = r"(schedule|loss|init|orientation|split|rule|form|activation|pooling|lrn|towers) = '([a-z-]{4,})'"
NUMBER_KEYS = {"batch": (0, "4096"), "epochs": (0, "100000"), "rate": (101.0, "100"),
               "momentum": (1.5, "0 to 1"), "val_fraction": (2.0, "0.9"), "gamma": (-1.0, "0 to 1"),
               "patience": (0, "1000"), "replicas": (65, "64")}
BAD_PARAMETERS = {"side": (0, -3, 99999, 0.5, '"large"', "true"), "probability": (2.0, -0.1, '"half"'),
                  "divisor": ('"ten"', "false"), "sigma": (-1.0, 11.0, '"much"'),
                  "pixels": (-1, 2.5, 5000), "degrees": (1000.0, '"right"'),
                  "factor": (-1.0, '"more"'), "group": (0, 1.5)}


def misspelled(word, rng):
    """Another word that is one slip of the keyboard away."""
    while True:
        at = rng.randrange(len(word) - 1)
        slip = rng.choice((word[:at] + word[at + 1:],
                           word[:at] + word[at + 1] + word[at] + word[at + 2:],
                           word[:at] + rng.choice("abcdefghijkl") + word[at:]))
        if slip != word and re.fullmatch(r"[a-z][a-z0-9_-]+", slip):
            return slip


def meant(name):
    """How the nearest valid name is offered."""
    return f"{name}'?)"


def choose(rng, found):
    return rng.choice(found) if found else None


def key_misspelled(recipe, rng):
    """(Of net.lrn, lrn_k and their like a slip may come as near to another.)"""
    at, match = choose(rng, recipe.where(r"((?!lrn)[a-z_]{5,}) = (.*)", KEYS))
    recipe.change(at, f"{misspelled(match[1], rng)} = {match[2]}", meant(match[1]))


def key_word_misspelled(recipe, rng):
    at, match = choose(rng, recipe.where(WORD_KEYS, KEYS))
    recipe.change(at, f"{match[1]} = '{misspelled(match[2], rng)}'", meant(match[2]))


def key_out_of_range(recipe, rng):
    name = rng.choice(sorted(NUMBER_KEYS))
    value, word = NUMBER_KEYS[name]
    at, _ = choose(rng, recipe.where(rf"{name} = ", ("train", "data")))
    recipe.change(at, f"{name} = {value}", word)


def key_of_another_type(recipe, rng):
    at, match = choose(rng, recipe.where(r"(batch|epochs|rate|steps|threads|decay) = [0-9.]+$", KEYS))
    recipe.change(at, f"{match[1]} = {rng.choice(['true', chr(34) + 'some' + chr(34)])}", "number")


def value_of_no_kind(recipe, rng):
    at, match = choose(rng, recipe.where(r"([a-z_]+) = ", KEYS + CHAIN))
    if match[1] in ("node", "name"):
        return value_of_no_kind(recipe, rng)
    value = rng.choice(("[1, 2]", "1979-05-27", "{ a = 1, b = 2 }"))
    recipe.change(at, f"{match[1]} = {value}", "must be")


def no_number(recipe, rng):
    at, match = choose(rng, recipe.where(r"(rate|momentum|divisor|probability|side|sigma) = [0-9.]+$",
                                         KEYS + CHAIN))
    recipe.change(at, f"{match[1]} = {rng.choice(['nan', 'inf', '-inf'])}", "valid")


def node_misspelled(recipe, rng):
    at, match = choose(rng, recipe.where(r"node = ['\"]([a-z-]{4,})", CHAIN))
    if match[1] in ("one-of", "some-of"):  # its members lose their group, too
        return node_misspelled(recipe, rng)
    recipe.change(at - 1, recipe.lines[at - 1], meant(match[1]))
    recipe.lines[at] = f'node = "{misspelled(match[1], rng)}"'


def parameter_misspelled(recipe, rng):
    at, match = choose(rng, recipe.where(r"(side|probability|filter|from|divisor|sigma|value|pixels|"
                                         r"constants|degrees|factor) = (.*)", CHAIN))
    recipe.change(at, f"{misspelled(match[1], rng)} = {match[2]}", meant(match[1]))


def parameter_that_does_not_fit(recipe, rng):
    at, match = choose(rng, recipe.where(rf"({'|'.join(BAD_PARAMETERS)}) = ", CHAIN))
    recipe.change(at, f"{match[1]} = {rng.choice(BAD_PARAMETERS[match[1]])}", "valid")


def parameter_word(recipe, rng):
    at, match = choose(rng, recipe.where(r"(filter|from|constants|in) = ['\"]([a-z]{4,})", CHAIN))
    recipe.change(at, f'{match[1]} = "{misspelled(match[2], rng)}"', meant(match[2]))


def node_twice(recipe, rng):
    at, match = choose(rng, recipe.where(r"node = ['\"](flip|mean|scale|random-crop|rescale)", CHAIN))
    table = recipe.lines[at - 1]
    recipe.lines += ["", table, f'node = "{match[1]}"']
    recipe.faults.append((len(recipe.lines) - 1, "name"))


def header_misspelled(recipe, rng):
    at, match = choose(rng, recipe.where(r"\[([a-z]{4,})\]$"))
    name = misspelled(match[1], rng)
    first = at + 1
    recipe.change(first, recipe.lines[first], f"(did you mean '{match[1]}.")
    recipe.lines[at] = f"[{name}]"


def node_missing(recipe, rng):
    at, _ = choose(rng, recipe.where(r"node = ['\"](flip|mean|rescale)", CHAIN))
    recipe.change(at - 1, recipe.lines[at - 1], "node = ")
    recipe.lines[at] = "# no node"


def no_toml(recipe, rng):
    at, match = choose(rng, recipe.where(r"([a-z_]+) = (.*)"))
    text = rng.choice((f"{match[1]} {match[2]}", f"{match[1]} = ", f"= {match[2]}", f"{match[1]} = \"a",
                       f"{match[1]} = 1 2", f"[{match[1]}", f"{match[1]} == {match[2]}"))
    recipe.change(at, text, "")


def key_twice(recipe, rng):
    at, match = choose(rng, recipe.where(r"([a-z_]+) = (.*)"))
    recipe.lines.insert(at + 1, recipe.lines[at])
    recipe.faults.append((at + 2, match[1]))


def bytes_behind_floats(recipe, rng):
    if not recipe.where(r"node = ['\"]mean", ("augment",)):
        return crop_too_large(recipe, rng)
    at = recipe.where(r"node = ['\"](mean)", ("augment",))[0][0]
    while at < len(recipe.lines) and recipe.lines[at].strip():
        at += 1
    recipe.lines[at:at] = ["", "[[augment]]", 'node = "jpeg"']
    recipe.faults.append((at + 2, "floats"))


def crop_too_large(recipe, rng):
    if not recipe.where(r"node = ['\"]rescale", ("augment",)):
        return parameter_misspelled(recipe, rng)
    at = [at for at, _ in recipe.where(r"node = ['\"](random|centre)-crop", ("augment",))][-1]
    at = next(i for i in range(at, len(recipe.lines)) if recipe.lines[i].startswith("side"))
    recipe.change(at, "side = 999", "valid")


ONE = (key_misspelled, key_word_misspelled, key_out_of_range, key_of_another_type, value_of_no_kind,
       no_number, node_misspelled, parameter_misspelled, parameter_that_does_not_fit, parameter_word,
       node_twice, header_misspelled, node_missing, bytes_behind_floats, crop_too_large)
ALONE = (no_toml, key_twice)  # no text behind such a fault can be read
TOGETHER = (key_misspelled, key_word_misspelled, key_out_of_range, parameter_misspelled,
            parameter_that_does_not_fit, value_of_no_kind)


class Malformed(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.good = []
        for name in GOOD:
            text = (SOURCE / "apps" / "recipes" / f"{name}.toml").read_text()
            cls.good.append(Recipe("sluice-" + name.split("-")[0], text.splitlines()))
        keys = (SOURCE / "apps" / "recipes" / "alexnet-paper.toml").read_text()
        keys = keys[:keys.index("[[augment]]")].rstrip()
        cls.good.append(Recipe("sluice-alexnet", (keys + "\n" + GROUPS).splitlines()))

    def described(self, recipe):
        file = self.folder / "recipe.toml"
        file.write_text("\n".join(recipe.lines) + "\n")
        return run(recipe.program, "describe", "--toml", "--recipe", file)

    def check(self, recipe, what):
        ended = self.described(recipe)
        told = f"{what}\n{recipe.faults}\n{ended.err}"
        self.assertEqual(ended.status, USAGE, told)
        self.assertEqual(ended.out, "", told)
        self.assertNotIn("unforeseen", ended.err, told)
        for line, word in recipe.faults:
            said = [text for text in ended.lines if f"recipe.toml:{line}:" in text]
            self.assertTrue(said, told)
            self.assertTrue(any(word in text for text in said), told)
        for text in ended.lines:
            self.assertTrue(text.startswith(recipe.program + ": "), told)

    def test_the_good_ones_are_good(self):
        for recipe in self.good:
            ended = self.described(recipe)
            self.assertEqual(ended.status, 0, ended.err)

    def test_each_of_two_hundred_is_refused_with_its_line(self):
        rng = random.Random(10)
        kinds = Counter()
        while sum(kinds.values()) < 200:
            recipe = rng.choice(self.good).copy()
            mutate = rng.choice(ONE + ALONE)
            if not self.mutated(recipe, mutate, rng):
                continue
            self.check(recipe, mutate.__name__)
            kinds[mutate.__name__] += 1
        self.assertEqual(len(kinds), len(ONE + ALONE), kinds)

    def test_faults_are_reported_together(self):
        rng = random.Random(11)
        for _ in range(15):
            recipe = rng.choice(self.good).copy()
            for mutate in rng.sample(TOGETHER, 3):
                self.mutated(recipe, mutate, rng)
            if len(recipe.faults) > 1:
                self.check(recipe, "together")

    @staticmethod
    def mutated(recipe, mutate, rng):
        try:
            mutate(recipe, rng)
            return True
        except TypeError:  # the recipe has no such line
            return False


if __name__ == "__main__":
    main()
