#!/usr/bin/env python3
"""sluice-lab: what it says of two runs, and of folders that hold none."""
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

COLUMNS = ("busy_seconds", "cpu_seconds")


class Diff(ProgramTest):
    def profiled(self, name, *words, seconds=2, threads=2):
        out = self.folder / name
        data = self.folder / "shapes"
        if not data.exists():
            self.shapes(train=4)
        done = run("sluice-alexnet", "profile", "--data", data, "--until", "collate", "--seconds",
                   seconds, "--epochs", 100000, "--threads", threads, "--out", out, "--quiet", *words)
        self.assertEqual(done.status, 0, done.err)
        return out

    def slowed(self, run_folder, name, factor):
        """A copy of a run whose node took so much more of both kinds of time."""
        out = self.folder / f"{run_folder.name}-{name}"
        shutil.copytree(run_folder, out)
        for file in ("nodes.json", "timeline.json"):
            document = json.loads((out / file).read_text())
            node = next(node for node in document["nodes"] if node["name"] == name)
            for column in COLUMNS:
                node[column] = ([value * factor for value in node[column]]
                                if isinstance(node[column], list) else node[column] * factor)
            (out / file).write_text(json.dumps(document))
        return out

    def diff(self, before, after):
        done = run("sluice-lab", "diff", before, after, "--json")
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def test_a_run_does_not_differ_from_itself(self):
        before = self.profiled("before")
        self.assertEqual(self.diff(before, before)["text"], "no change")
        done = run("sluice-lab", "diff", before, before)
        self.assertEqual(done.out.splitlines()[-1], "no change")

    def test_a_node_that_took_twice_as_long_is_named_alone(self):
        before = self.profiled("before")
        document = self.diff(before, self.slowed(before, "rescale", 2.0))
        changed = [node["name"] for node in document["nodes"] if node["fate"] == "slower"]
        self.assertEqual(changed, ["rescale"])
        self.assertTrue(document["changed"])
        self.assertTrue(document["text"].startswith("rescale takes 100"), document["text"])

    def test_another_recipe_is_said_first(self):
        before = self.profiled("before")
        after = self.profiled("after", "--set", "augment.flip.use=false", threads=1)
        document = self.diff(before, after)
        self.assertIn("threads: 2, then 1", document["circumstances"])
        self.assertTrue(any("flip" in line for line in document["circumstances"]),
                        document["circumstances"])
        fates = {node["name"]: node["fate"] for node in document["nodes"]}
        self.assertEqual(fates["flip"], "only before")
        done = run("sluice-lab", "diff", before, after)
        self.assertTrue(done.out.startswith("another one in the second run: "), done.out)

    def test_what_is_no_run_is_refused(self):
        before = self.profiled("before", seconds=0.3)
        empty = self.folder / "empty"
        empty.mkdir()
        self.assert_refused(run("sluice-lab", "diff", before, empty), 2, "nodes.json", "valid: ")
        (empty / "nodes.json").write_text("{}")
        self.assert_refused(run("sluice-lab", "diff", before, empty), 2, "nodes.json", "is missing")
        shutil.copy(before / "nodes.json", empty)
        (empty / "timeline.json").write_text("[]")
        self.assert_refused(run("sluice-lab", "diff", empty, before), 2, "timeline.json")
        self.assert_refused(run("sluice-lab", "diff", before), 2, "after")
        self.assert_refused(run("sluice-lab", "look"), 2, "look", "valid:", "diff")
        self.assert_refused(run("sluice-lab"), 2, "no verb given", "valid:", "diff")

    def test_runs_that_are_too_short_are_not_judged(self):
        before = self.profiled("before", seconds=0.3)
        shorter = self.folder / "shorter"
        shorter.mkdir()
        shutil.copy(before / "nodes.json", shorter)
        self.assertIn("too short to compare", self.diff(before, shorter)["text"])


if __name__ == "__main__":
    main()
