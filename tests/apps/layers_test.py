#!/usr/bin/env python3
"""--layers: the cost of each layer of the net, in nodes.json and as a table."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402
from runs import NET  # noqa: E402

PHASES = ("forward", "backward", "update")
LEAST_PART, MOST_PART = 0.5, 1.02  # of the time in the step's nodes


class Layers(ProgramTest):
    def assert_adds_up(self, account, steps=None):
        """Layers take most of the time of the step's nodes, and no more than that."""
        layers = account["layers"]
        self.assertTrue(layers)
        busy = sum(node["busy_seconds"] for node in account["nodes"] if node["name"] in PHASES)
        sums = sum(layer[f"{phase}_seconds"] for layer in layers for phase in PHASES)
        self.assertGreater(sums, LEAST_PART * busy)
        self.assertLess(sums, MOST_PART * busy)
        for layer in layers:
            self.assertEqual(layer["steps"], steps or layers[0]["steps"])

    def profiled(self, *words, width=0.06):
        """Two passes over 40 files in batches of 8."""
        done = run("sluice-alexnet", "profile", "--data", self.shapes(train=3, val=1), "--width",
                   width, "--batch", 8, "--epochs", 2, "--layers", "--quiet", *words)
        self.assertEqual(done.status, 0, done.err)
        return done

    def test_fused_layers_are_one_row_of_onednn(self):
        account = json.loads(self.profiled("--json", "--backend", "onednn").out)["account"]
        self.assert_adds_up(account, steps=10)
        names = [layer["name"] for layer in account["layers"]]
        self.assertIn("norm1+pool1", names)
        self.assertIn("conv1+relu1", names)

    def test_each_layer_is_a_row_of_the_reference_and_of_the_table(self):
        done = self.profiled("--backend", "reference", width=0.02)
        table = done.out[done.out.index("\nlayer "):]
        for name in ("conv1", "relu1", "norm1", "pool1", "fc8"):
            self.assertIn(f"\n{name} ", table)
        self.assertRegex(table, r"layers: [\d.]+ s in 10 steps, [\d.]+ % of the [\d.]+ s in forward")

    def test_a_training_has_them_in_its_run_folder_and_only_where_asked(self):
        data = self.shapes(train=2, val=1)
        for words, count in ((["--layers"], 6), ([], 0)):
            with self.subTest(words):
                out = self.folder / f"run{count}"
                done = run("sluice-alexnet", "train", "--data", data, "--out", out, *NET, "--steps",
                           6, "--epochs", 9, "--quiet", *words)
                self.assertEqual(done.status, 0, done.err)
                account = json.loads((out / "nodes.json").read_text())
                if count:
                    self.assert_adds_up(account, steps=count)
                else:
                    self.assertEqual(account["layers"], [])

    def test_where_no_layer_can_be_timed_it_is_refused(self):
        data = self.shapes(train=1)
        for words, said in ((["--until", "collate"], "ends before the net"),
                            (["--assume-step-ms", 5], "stand-in")):
            with self.subTest(said):
                done = run("sluice-alexnet", "profile", "--data", data, "--layers", *words)
                self.assert_refused(done, 2, "--layers", said, "valid: ")


if __name__ == "__main__":
    main()
