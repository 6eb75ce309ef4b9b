#!/usr/bin/env python3
"""The chain from the command line: nodes swapped, dropped, set and grouped; an evaluation with a chain
of its own; and the catalogue that tells what there is."""
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

QUICK = ("--quiet", "--schedule", "constant", "--init", "he", "--rate", "0.001", "--batch", "8",
         "--width", "0.06", "--epochs", "1")
CHAINS = """
[[augment]]
node = "rescale"
side = 240
[[augment]]
node = "random-crop"
side = 224
[[augment]]
node = "one-of"
name = "colour"
[[augment]]
node = "brightness"
in = "colour"
[[augment]]
node = "jpeg"
in = "colour"
probability = 0.5
[[augment]]
node = "rand-augment"
count = 1
[[augment]]
node = "mean"
from = "authors"

[[evaluation]]
node = "rescale"
side = 224
[[evaluation]]
node = "centre-crop"
name = "middle"
side = 224
[[evaluation]]
node = "mean"
from = "authors"
"""


def chain_of(toml, table="augment"):
    """{name: {parameter: text}} of a recipe's tables."""
    chain, now = {}, None
    for line in toml.splitlines():
        if line.startswith("["):
            now = {} if line == f"[[{table}]]" else None
        elif now is not None and " = " in line:
            key, value = line.split(" = ", 1)
            now[key] = value.strip("'\"")
            if key in ("node", "name"):
                chain = {k: v for k, v in chain.items() if v is not now}
                chain[now[key]] = now
    return chain


class Chain(ProgramTest):
    def resolved(self, *words):
        done = run("sluice-alexnet", "describe", "--toml", *words)
        self.assertEqual(done.status, 0, done.err)
        return done.out

    def refused(self, words, *said):
        self.assert_refused(run("sluice-alexnet", "describe", *words), 2, *said)

    def recipe(self, text=CHAINS):
        file = self.folder / "recipe.toml"
        file.write_text(text)
        return file

    def test_nodes_are_swapped_dropped_and_set(self):
        chain = chain_of(self.resolved("--swap", "rescale=rescale-area", "--drop", "pca-colour",
                                       "--swap", "flip=grey", "--set", "chain.grey.probability=0.2",
                                       "--set", "augment.rescale.side=300"))
        self.assertEqual(list(chain), ["rescale", "centre-crop", "mean", "random-crop", "grey", "scale"])
        self.assertEqual(chain["rescale"], {"node": "rescale", "filter": "area", "side": "300"})
        self.assertEqual(chain["grey"]["probability"], "0.2")

    def test_what_cannot_be_swapped_or_dropped_offers_the_nearest(self):
        self.refused(["--drop", "pca-color"], "did you mean 'pca-colour'?")
        self.refused(["--swap", "flip=gray"], "did you mean 'grey'?")
        self.refused(["--swap", "flip"], "KEY=VALUE")
        self.refused(["--swap", "flip=centre-crop"], "already")
        self.refused(["--set", "chain.flip.probabilty=1"], "did you mean 'probability'?")

    def test_evaluate_takes_the_chain_of_the_weights(self):
        for words in (["--drop", "flip"], ["--swap", "flip=grey"], ["--set", "chain.flip.group=2"]):
            done = run("sluice-alexnet", "evaluate", "--data", self.folder, "--weights", "x", *words)
            self.assert_refused(done, 2, "stands in the weights")

    def test_groups_and_an_evaluation_of_its_own_train_and_resume(self):
        data, out = self.shapes(train=3, val=2), self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", data, "--recipe", self.recipe(), "--out", out,
                   *QUICK, "--mean", "authors")
        self.assertEqual(done.status, 0, done.err)
        nodes = {node["name"] for node in json.loads((out / "nodes.json").read_text())["nodes"]}
        self.assertLessEqual({"colour", "rand-augment", "validation/middle"}, nodes)
        self.assertNotIn("validation/colour", nodes)
        again = run("sluice-alexnet", "train", "--data", data, "--recipe", out / "recipe.toml", "--out",
                    self.folder / "again", "--quiet")
        self.assertEqual(again.status, 0, again.err)
        steps = [re.sub(r",[^,]*$", "", line) for folder in (out, self.folder / "again")
                 for line in (folder / "steps.csv").read_text().splitlines()]
        self.assertEqual(steps[:len(steps) // 2], steps[len(steps) // 2:])
        done = run("sluice-alexnet", "evaluate", "--data", data, "--weights",
                   out / "weights.safetensors", "--quiet")
        self.assertEqual(done.status, 0, done.err)
        changed = run("sluice-alexnet", "train", "--resume", "--out", out, "--drop", "rand-augment",
                      "--quiet")
        self.assert_refused(changed, 2, "chain", "rand-augment")

    def test_a_chain_that_ends_in_another_size_says_the_line(self):
        wrong = CHAINS.replace('name = "middle"\nside = 224', 'name = "middle"\nside = 200')
        done = run("sluice-alexnet", "describe", "--recipe", self.recipe(wrong), "--toml")
        line = wrong.splitlines().index("side = 200") + 1
        self.assert_refused(done, 2, f"recipe.toml:{line}:", "200 x 200", "224")

    def test_a_parameter_of_a_group_member_that_does_not_fit_says_the_line(self):
        wrong = CHAINS.replace("probability = 0.5", "probability = 5")
        line = wrong.splitlines().index("probability = 5") + 1
        done = run("sluice-alexnet", "describe", "--recipe", self.recipe(wrong))
        self.assert_refused(done, 2, f"recipe.toml:{line}:", "augment.jpeg.probability", "0 to 1")


class Catalogue(ProgramTest):
    def catalogue(self):
        done = run("sluice-lab", "nodes", "--json")
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def test_text_json_and_page_tell_of_every_node(self):
        nodes = self.catalogue()["nodes"]
        self.assertGreater(len(nodes), 30)
        text = run("sluice-lab", "nodes").out
        page = self.folder / "nodes.html"
        self.assertEqual(run("sluice-lab", "nodes", "--page", page).status, 0)
        html = page.read_text()
        for node in nodes:
            self.assertIn(f"\n{node['name']}: ", "\n" + text)
            self.assertIn(f'<section id="{node["name"]}">', html)
            for parameter in node["parameters"]:
                self.assertTrue(parameter["valid"] and parameter["help"] and parameter["default"],
                                (node["name"], parameter))
        self.assertNotRegex(html, r"(src|href)=\"(http|//)")
        self.assertNotIn("<script", html)

    def test_the_defaults_are_what_a_recipe_may_say(self):
        """Every node with all its published defaults written out is a chain that is taken."""
        for node in self.catalogue()["nodes"]:
            lines = ["[[augment]]", f'node = "{node["name"]}"']
            lines += [f'{p["name"]} = {p["default"]}' for p in node["parameters"]]
            if node["name"] in ("one-of", "some-of"):
                for member in ("a", "b"):
                    lines += ["[[augment]]", 'node = "grey"', f'name = "{member}"',
                              f'in = "{node["name"]}"']
            lines += ["[[augment]]", 'node = "centre-crop"', 'name = "last"', "side = 224"]
            file = self.folder / "recipe.toml"
            file.write_text("\n".join(lines) + "\n")
            done = run("sluice-alexnet", "describe", "--toml", "--recipe", file)
            if node["name"] == "mean":  # of an image, by default, and images have no size here
                self.assert_refused(done, 2, "recipe.toml:3:", "centre-crop")
            else:
                self.assertEqual(done.status, 0, done.err)

    def test_one_node_is_told_of_and_another_name_offered(self):
        done = run("sluice-lab", "nodes", "flip")
        self.assertEqual(done.status, 0, done.err)
        self.assertTrue(done.out.startswith("flip: "))
        self.assertNotIn("rescale:", done.out)
        self.assert_refused(run("sluice-lab", "nodes", "filp"), 2, "did you mean 'flip'?")


if __name__ == "__main__":
    main()
