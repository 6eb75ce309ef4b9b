#!/usr/bin/env python3
"""The whole way: train, evaluate, run again from the resolved recipe."""
import csv
import hashlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

SMALL = ["--quiet", "--width", 0.06, "--batch", 8, "--schedule", "constant", "--init", "he", "--rate",
         0.001]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Train(ProgramTest):
    def train(self, data, out, *words):
        ended = run("sluice-alexnet", "train", "--data", data, "--out", out, *words)
        self.assertEqual(ended.status, 0, ended.err)
        return ended

    def test_a_run_folder_holds_what_is_promised(self):
        data, out = self.shapes(train=2), self.folder / "run"
        ended = self.train(data, out, "--epochs", 2, "--json", *SMALL[1:])
        self.assertIn("epoch 1: loss", ended.err)
        self.assertNotIn("epoch 0", ended.err)
        result = json.loads(ended.out)
        steps = list(csv.DictReader((out / "steps.csv").open()))
        self.assertEqual(list(steps[0]), ["step", "epoch", "images", "loss", "learning_rate",
                                          "images_per_second"])
        self.assertEqual([int(s["step"]) for s in steps], [1, 2, 3, 4, 5, 6])
        self.assertEqual([int(s["images"]) for s in steps], [8, 16, 20, 28, 36, 40])
        epochs = list(csv.DictReader((out / "epochs.csv").open()))
        self.assertEqual(list(epochs[0]), ["epoch", "train_loss", "val_top1", "val_top5",
                                           "val_per_class", "seconds"])
        self.assertEqual(len(epochs), 2)
        self.assertEqual(float(epochs[1]["val_top1"]), result["epochs"][1]["val_top1"])
        for name in ("recipe.toml", "nodes.json", "bad_files.tsv", "weights.safetensors",
                     "best.safetensors"):
            self.assertTrue((out / name).exists(), name)
        nodes = self.assert_account_closes(out)
        self.assertEqual(nodes["decode"]["items_out"], 40)
        self.assertEqual(nodes["update"]["items_out"], 6)
        self.assertEqual(nodes["statistics/decode"]["items_out"], 20)
        self.assertEqual(nodes["validation/evaluate"]["items_out"], 4)

    def test_twenty_steps_give_the_same_bits_when_repeated_from_the_resolved_recipe(self):
        data = self.shapes(train=8)
        first, second = self.folder / "first", self.folder / "second"
        self.train(data, first, "--steps", 20, "--epochs", 3, "--threads", 2, *SMALL)
        self.train(data, second, "--recipe", first / "recipe.toml", "--quiet")
        self.assertEqual(digest(first / "weights.safetensors"), digest(second / "weights.safetensors"))
        self.assertEqual(len((first / "steps.csv").read_text().splitlines()), 21)

    def test_evaluate_repeats_the_validation_of_the_last_epoch(self):
        data, out = self.shapes(train=2, val=3), self.folder / "run"
        trained = json.loads(self.train(data, out, "--epochs", 1, "--json", *SMALL).out)
        ended = run("sluice-alexnet", "evaluate", "--data", data, "--weights",
                    out / "weights.safetensors", "--json", "--quiet", "--batch", 7)
        self.assertEqual(ended.status, 0, ended.err)
        result = json.loads(ended.out)
        self.assertEqual((result["split"], result["images"]), ("val", 30))
        for key in ("top1", "top5", "per_class"):
            self.assertAlmostEqual(result[key], trained["epochs"][0]["val_" + key], places=6)

    def test_evaluate_matches_labels_by_class_name_on_another_folder(self):
        data, out = self.shapes(train=2, val=2), self.folder / "run"
        self.train(data, out, "--epochs", 1, *SMALL)
        weights = out / "weights.safetensors"
        whole = json.loads(run("sluice-alexnet", "evaluate", "--data", data / "val", "--weights",
                               weights, "--json", "--quiet").out)
        self.assertEqual((whole["split"], whole["images"]), ("all", 20))
        classes = sorted((data / "val").iterdir())
        for folder in classes[:7]:
            folder.rename(self.folder / folder.name)
        part = run("sluice-alexnet", "evaluate", "--data", data / "val", "--weights", weights,
                   "--json", "--quiet")
        self.assertEqual(part.status, 0, part.err)
        self.assertEqual(json.loads(part.out)["images"], 6)
        (data / "val" / classes[8].name).rename(data / "val" / "zebra")
        self.assert_refused(run("sluice-alexnet", "evaluate", "--data", data / "val", "--weights",
                                weights, "--quiet"), 2, "zebra", classes[8].name)

    def test_measured_statistics_are_kept_for_the_next_run(self):
        data = self.shapes(train=2)
        self.train(data, self.folder / "a", "--steps", 1, "--epochs", 1, *SMALL)
        self.train(data, self.folder / "b", "--steps", 1, "--epochs", 1, *SMALL)
        self.assertEqual(len(list((self.folder / ".sluice-cache").glob("statistics-*"))), 1)
        nodes = json.loads((self.folder / "b" / "nodes.json").read_text())["nodes"]
        self.assertFalse([n for n in nodes if n["name"].startswith("statistics/")])

    def test_a_damaged_cache_is_measured_again(self):
        data = self.shapes(train=2)
        self.train(data, self.folder / "a", "--steps", 1, "--epochs", 1, *SMALL)
        cache = next((self.folder / ".sluice-cache").glob("statistics-*"))
        whole = cache.read_bytes()
        cache.write_bytes(whole[:len(whole) // 2])
        words = [word for word in SMALL if word != "--quiet"]
        ended = self.train(data, self.folder / "b", "--steps", 1, "--epochs", 1, *words)
        self.assertIn("measuring again", ended.err)
        self.assertEqual(cache.read_bytes(), whole)

    def test_data_without_validation_images_trains_without_them(self):
        data, out = self.shapes(train=2), self.folder / "run"
        self.train(data / "train", out, "--steps", 1, "--epochs", 1, "--val-fraction", 0, *SMALL)
        self.assertFalse((out / "best.safetensors").exists())
        ended = run("sluice-alexnet", "train", "--data", data / "train", "--out",
                    self.folder / "other", "--val-fraction", 0)
        self.assert_refused(ended, 2, "plateau", "val")


if __name__ == "__main__":
    main()
