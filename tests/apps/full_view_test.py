#!/usr/bin/env python3
"""Training on whole images: as crops where there is nothing to cut, batches of one size elsewhere."""
import csv
import json
import shutil
import sys
import tempfile
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402
from runs import digest, steps, tensors  # noqa: E402

NET = ["--variant", "owt", "--width", 0.06, "--batch", 8, "--schedule", "constant", "--init", "he",
       "--rate", 0.001, "--mean", "rgb", "--divisor", 58, "--threads", 2]
SQUARE = ["--set", "augment.centre-crop.side=224", "--side", 224]
WHOLE = ["--drop", "centre-crop", "--side", 224, "--train-view", "full"]


def largest_difference(one, other):
    def floats(raw):
        values = array("f")
        values.frombytes(raw)
        return values

    a, b = tensors(one), tensors(other)
    assert a.keys() == b.keys()
    return max(abs(x - y) for name in a for x, y in zip(floats(a[name]), floats(b[name])))


class FullView(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="sluice-full-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.data = cls.shared / "data"
        made = run("sluice-data", "shapes", "--out", cls.data, "--train", 6, "--val", 1)
        assert made.status == 0, made.err

    def train(self, name, *words):
        out = self.folder / name
        ended = run("sluice-alexnet", "train", "--data", self.data, "--out", out, *NET, *words)
        self.assertEqual(ended.status, 0, ended.err)
        return out, ended

    def refused(self, *words):
        ended = run("sluice-alexnet", "train", "--data", self.data, "--out", self.folder / "no",
                    *NET, *words)
        self.assertEqual(ended.status, 2, ended.err)
        self.assertFalse((self.folder / "no").exists())
        return ended.err.strip().splitlines()[-1]

    def test_squares_of_the_nets_side_train_as_crops_do(self):
        crop, _ = self.train("crop", *SQUARE, "--steps", 3)
        full, ended = self.train("full", *SQUARE, "--steps", 3, "--train-view", "full")
        self.assertIn("whole images: 1 sizes up to 224 x 224", ended.err)
        self.assertEqual(steps(crop), steps(full))
        self.assertLess(largest_difference(crop / "weights.safetensors",
                                           full / "weights.safetensors"), 1e-5)

    def test_every_image_is_trained_once_an_epoch_in_batches_of_one_size(self):
        out, ended = self.train("run", *WHOLE, "--epochs", 2)
        rows = list(csv.DictReader((out / "steps.csv").open()))
        images = [int(row["images"]) for row in rows if row["epoch"] == "1"]
        sizes = [after - before for before, after in zip([0, *images], images)]
        self.assertEqual(images[-1], 60)
        self.assertTrue(all(1 <= size <= 8 for size in sizes))
        self.assertGreater(len(sizes), 60 // 8 + 1)  # sizes differ
        self.assertIn(f"one size a batch, {len(sizes)} batches in epoch 1", ended.err)
        account = json.loads((out / "nodes.json").read_text())
        nodes = {node["name"]: node for node in account["nodes"]}
        self.assertEqual(nodes["collate"]["items_in"], 120)
        self.assertEqual(nodes["pack"]["items_out"], len(rows))
        for node in account["nodes"]:
            self.assertEqual(node["items_in"], node["items_out"] + node["items_failed"] +
                             node["items_held"], node["name"])

    def test_a_run_that_was_cut_inside_an_epoch_goes_on_bit_for_bit(self):
        jitter = ["--set", "augment.rescale.to=288"]
        whole, _ = self.train("whole", *WHOLE, *jitter, "--epochs", 2)
        cut, _ = self.train("cut", *WHOLE, *jitter, "--epochs", 2, "--steps", 7)
        self.assertEqual(len(steps(cut)), 7)
        ended = run("sluice-alexnet", "train", "--out", cut, "--resume", "--steps", 0)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(steps(cut), steps(whole))
        self.assertEqual(digest(cut / "weights.safetensors"), digest(whole / "weights.safetensors"))

    def test_threads_change_no_image(self):
        runs = []
        for threads in (1, 2):
            out = self.folder / f"threads-{threads}"
            ended = run("sluice-alexnet", "train", "--data", self.data, "--out", out, *NET[:-2],
                        "--threads", threads, *WHOLE, "--steps", 5, "--backend", "reference")
            self.assertEqual(ended.status, 0, ended.err)
            runs.append(steps(out))
        self.assertEqual(*runs)

    def test_a_bad_file_is_one_row_that_does_not_count(self):
        data = self.folder / "data"
        shutil.copytree(self.data, data)
        victim = sorted((data / "train").rglob("*.jpg"))[3]
        victim.write_bytes(b"no picture")
        ended = run("sluice-alexnet", "train", "--data", data, "--out", self.folder / "run", *NET,
                    *WHOLE, "--epochs", 1, "--max-bad", 0.1)
        self.assertEqual(ended.status, 0, ended.err)
        bad = (self.folder / "run" / "bad_files.tsv").read_text().splitlines()
        self.assertEqual(len(bad), 2)
        self.assertIn(victim.name, bad[1])

    def test_images_that_are_all_smaller_than_the_net_are_refused_before_anything_is_made(self):
        self.assertIn("large as the net's 224 x 224",
                      self.refused("--drop", "centre-crop", "--drop", "rescale", "--train-view",
                                   "full"))

    def test_profile_measures_whole_images(self):
        ended = run("sluice-alexnet", "profile", "--data", self.data, *NET, *WHOLE, "--epochs", 1,
                    "--json")
        self.assertEqual(ended.status, 0, ended.err)
        nodes = {node["name"]: node for node in json.loads(ended.out)["account"]["nodes"]}
        self.assertEqual(nodes["update"]["items_in"], nodes["pack"]["items_out"])
        self.assertNotIn("random-crop", nodes)

    def test_what_cannot_be_is_one_line(self):
        self.assertIn("train.mixup", self.refused(*WHOLE, "--mixup", 0.2))
        self.assertIn("train.micro_batch", self.refused(*WHOLE, "--micro-batch", 4))
        self.assertIn("needs train.view", self.refused(*SQUARE, "--full-step", 16))
        ended = run("sluice-lenet5", "train", "--data", self.data, "--out", self.folder / "no",
                    "--variant", 1998, "--train-view", "full")
        self.assertEqual(ended.status, 2, ended.err)
        self.assertIn("dense form", ended.err)

    def test_a_run_at_the_end_of_its_epoch_takes_fewer_steps_for_what_they_are(self):
        out, _ = self.train("run", *WHOLE, "--epochs", 1)
        ended = run("sluice-alexnet", "train", "--out", out, "--resume", "--epochs", 2, "--steps", 5)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertIn("nothing is left to do", ended.err)

    def test_evaluation_takes_the_net_densely_and_by_its_crop(self):
        out, _ = self.train("run", *WHOLE, "--epochs", 1)
        for protocol in ("centre", "dense"):
            ended = run("sluice-alexnet", "evaluate", "--data", self.data, "--weights",
                        out / "weights.safetensors", "--protocol", protocol, "--json")
            self.assertEqual(ended.status, 0, ended.err)
            self.assertEqual(json.loads(ended.out)["images"], 10)


if __name__ == "__main__":
    main()
