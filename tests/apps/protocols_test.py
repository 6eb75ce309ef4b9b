#!/usr/bin/env python3
"""evaluate: protocols, scales, several nets, sampled dropout, predictions, and what is refused."""
import csv
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402
from runs import NET  # noqa: E402

PROTOCOLS = {"centre": 1, "squash": 2, "ten-crop": 10, "dense": 2, "multi-crop": 50,
             "dense+multi-crop": 52}


class Protocols(ProgramTest):
    def setUp(self):
        super().setUp()
        self.data = self.shapes(train=4, val=2)
        self.vgg = self.trained("vgg", "--config", "A", "--set", "net.side=64", "--set",
                                "augment.rescale.side=72", "--set", "augment.random-crop.side=64")

    def trained(self, net, *words):
        out = self.folder / f"run-{net}"
        done = run(f"sluice-{net}", "train", "--data", self.data, "--out", out, "--steps", 2, "--quiet",
                   *NET, *words)
        self.assertEqual(done.status, 0, done.err)
        return out / "weights.safetensors"

    def evaluate(self, *words, weights=None, program="sluice-vgg", threads=2, batch=16):
        return run(program, "evaluate", "--data", self.data, "--weights", weights or self.vgg, "--batch",
                   batch, "--threads", threads, "--quiet", *words)

    def result(self, *words, **options):
        done = self.evaluate("--json", *words, **options)
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def predictions(self, *words, **options):
        file = self.folder / "predictions.json"
        self.result("--predictions", file, *words, **options)
        return json.loads(file.read_text())

    def test_every_protocol_is_one_graph_whose_account_closes(self):
        for protocol, views in PROTOCOLS.items():
            with self.subTest(protocol=protocol):
                result = self.result("--protocol", protocol)
                self.assertEqual((result["protocol"], result["views"]), (protocol, views))
                self.assertEqual(sum(row["images"] for row in result["classes"]), result["images"])
                self.assertTrue(result["account"]["verdict"]["text"])
                for node in result["account"]["nodes"]:
                    self.assertEqual(node["items_in"],
                                     node["items_out"] + node["items_failed"] + node["items_held"])
                    if node["name"].split("/")[-1] == "decode":
                        self.assertEqual(node["items_in"], result["images"])

    def test_a_net_of_more_classes_than_the_data_says_of_each_image_what_it_says_alone(self):
        wide = self.folder / "wide"
        done = run("sluice-vgg", "train", "--data", self.data, "--out", wide, "--steps", 2, "--quiet",
                   *NET, "--config", "A", "--set", "net.side=64", "--set", "augment.rescale.side=72",
                   "--set", "augment.random-crop.side=64", "--classes", 13)
        self.assertEqual(done.status, 0, done.err)
        weights = wide / "weights.safetensors"
        many = self.predictions(weights=weights, batch=16)
        one = self.predictions(weights=weights, batch=1)
        for row, alone in zip(many, one, strict=True):
            self.assertEqual([g["class"] for g in row["best"]], [g["class"] for g in alone["best"]])
            self.assertAlmostEqual(row["best"][0]["probability"], alone["best"][0]["probability"], 6)

    def test_what_predict_would_not_hear_is_refused(self):
        picture = next((self.data / "val").glob("*/*.jpg"))
        for words in (("--epochs", 3), ("--split", "train"), ("--config", "D"),
                      ("--swap", "flip=blur")):
            with self.subTest(words=words):
                ended = run("sluice-vgg", "predict", picture, "--weights", self.vgg, *words)
                self.assert_refused(ended, 2, "predict")

    def test_scales_and_nets_are_averaged(self):
        def table(rows):
            return [{g["class"]: g["probability"] for g in row["best"]} for row in rows]

        alone = [table(self.predictions("--protocol", "ten-crop", "--scales", side)) for side in (72, 80)]
        both = table(self.predictions("--protocol", "ten-crop", "--scales", "72,80"))
        twice = table(self.predictions("--protocol", "ten-crop", "--scales", 72, "--weights", self.vgg))
        for a, b, mean, same in zip(*alone, both, twice):
            for name in set(a) & set(b) & set(mean):
                self.assertAlmostEqual(mean[name], (a[name] + b[name]) / 2, places=6)
            for name in set(a) & set(same):
                self.assertAlmostEqual(same[name], a[name], places=6)

    def test_nets_of_two_architectures_are_averaged_by_either_program(self):
        alexnet = self.trained("alexnet", "--variant", "owt")
        by_vgg = self.result("--weights", alexnet)
        by_alexnet = self.result("--weights", self.vgg, weights=alexnet, program="sluice-alexnet")
        self.assertEqual(by_vgg["views"], 2)
        for key in ("top1", "top5", "images"):
            self.assertEqual(by_vgg[key], by_alexnet[key])

    def test_sampled_dropout_is_the_same_for_any_batch_and_threads(self):
        words = ["--dropout-samples", 3, "--protocol", "ten-crop"]
        first = self.predictions(*words)
        other = self.predictions(*words, batch=31, threads=1)
        for a, b in zip(first, other):
            for one, two in zip(a["best"], b["best"]):
                self.assertAlmostEqual(one["probability"], two["probability"], places=5)
        self.assertNotEqual(first, self.predictions("--protocol", "ten-crop"))

    def test_predictions_are_a_row_an_image_in_both_forms(self):
        file = self.folder / "p.csv"
        result = self.result("--predictions", file)
        rows = list(csv.DictReader(file.open()))
        self.assertEqual(len(rows), result["images"])
        self.assertAlmostEqual(sum(int(row["right"]) for row in rows) / len(rows), result["top1"])
        self.assertEqual([row["path"] for row in rows], sorted(row["path"] for row in rows))
        for row, same in zip(rows, self.predictions()):
            self.assertEqual((row["path"], row["label"]), (same["path"], same["label"]))
            self.assertEqual(row["class1"], same["best"][0]["class"])

    def test_single_files_are_told_about_in_their_order(self):
        files = sorted((self.data / "val").rglob("*.jpg"), reverse=True)[:3]
        bad = self.folder / "bad.jpg"
        bad.write_bytes(b"not a picture")
        words = ["predict", "--weights", self.vgg, "--quiet", "--batch", 4]
        done = run("sluice-alexnet", *words, "--json", "--protocol", "ten-crop", *files, bad)
        self.assertEqual(done.status, 0, done.err)
        told = json.loads(done.out)
        self.assertEqual([row["path"] for row in told["images"]], list(map(str, files)))
        self.assertEqual(told["bad_files"], 1)
        known = {row["path"]: row["best"] for row in self.predictions("--protocol", "ten-crop")}
        for row in told["images"]:
            same = next(best for path, best in known.items() if row["path"].endswith(path))
            self.assertAlmostEqual(row["best"][0]["probability"], same[0]["probability"], places=5)
        table = run("sluice-vgg", *words, *files)
        self.assertIn(files[0].name, table.out)
        self.assertEqual(table.out.count(" %  "), 15)
        self.assert_refused(run("sluice-vgg", *words, self.folder / "none.jpg"), 2, "none.jpg")
        self.assert_refused(run("sluice-vgg", *words, bad), 1, "could be used")

    def test_the_page_shows_the_worst_mistakes(self):
        page = self.folder / "page.html"
        result = self.result("--report", page, "--worst", 3)
        text = page.read_text()
        wrong = result["images"] - round(result["top1"] * result["images"])
        self.assertEqual(text.count("data:image/jpeg"), min(3, wrong))
        self.assertIn("Worst mistakes", text)
        self.assert_refused(self.evaluate("--worst", 3), 2, "--report")

    def test_what_cannot_be_is_refused_in_one_line(self):
        for words, said in [
                (["--protocol", "ten_crop"], "ten-crop"),
                (["--protocol", "ten-crop", "--flip-average"], "centre"),
                (["--protocol", "squash", "--scales", 72], "--scales"),
                (["--scales", 40], "64"), (["--scales", "a"], "scales"),
                (["--dropout-samples", 0], "dropout-samples"),
                (["--predictions", "p.txt"], ".csv"),
                (["--predictions", self.folder / "no" / "p.csv"], "folder"),
                (["--protocol", "dense", "--backend", "cudnn"], "cudnn"),
                (["--weights", self.data / "none.safetensors"], "none.safetensors")]:
            with self.subTest(words=words):
                self.assert_refused(self.evaluate(*words), 2, said)
        paper = self.trained("alexnet", "--variant", "paper")
        self.assert_refused(self.evaluate("--protocol", "squash", weights=paper), 2, "mean image")

    def test_a_net_without_dropout_has_no_masks_to_sample(self):
        sure = self.trained("alexnet", "--variant", "owt", "--dropout", 0)
        self.assert_refused(self.evaluate("--dropout-samples", 3, weights=sure), 2, "no dropout")


if __name__ == "__main__":
    main()
