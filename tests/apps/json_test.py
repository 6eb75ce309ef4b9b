#!/usr/bin/env python3
"""What verbs print with --json, and the JSON files of a run, are as apps/schemas says, and are the
same figures.

Needs Python's jsonschema (Debian's python3-jsonschema); skipped without.
"""
import html
import json
import os
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import DATA, SOURCE, ProgramTest, main, run  # noqa: E402
from runs import NET  # noqa: E402

SYSTEM = "/usr/bin/python3"  # the distribution's, which the package is made for
try:
    from jsonschema import Draft202012Validator as Validator
except ImportError:
    if os.path.realpath(sys.executable) != os.path.realpath(SYSTEM) and shutil.which(SYSTEM):
        os.execv(SYSTEM, [SYSTEM, "-B", *sys.argv])
    print("skipped: no Python module jsonschema (apps/setup installs python3-jsonschema)")
    sys.exit(77)

SCHEMAS = {path.name: json.loads(path.read_text())
           for path in sorted((SOURCE / "apps" / "schemas").glob("*.schema.json"))}


def embedded(schema, root=True):
    """A schema with the files that it refers to in place, so that no version's resolver is needed."""
    if isinstance(schema, list):
        return [embedded(part, False) for part in schema]
    if not isinstance(schema, dict):
        return schema
    file = schema.get("$ref", "")
    if file.endswith(".schema.json"):
        return embedded(SCHEMAS[file], False)
    whole = {key: embedded(value, False) for key, value in schema.items()}
    if not root:
        whole.pop("$schema", None)
    return whole


def validator(name):
    return Validator(embedded(SCHEMAS[f"{name}.schema.json"]))


class Json(ProgramTest):
    def assert_valid(self, document, name):
        errors = [f"{error.json_path}: {error.message[:300]}"
                  for error in validator(name).iter_errors(document)]
        self.assertEqual(errors, [])

    def printed(self, name, *words):
        """The one document on stdout, valid."""
        done = run(*words, "--json", *([] if words[1] in ("bench", "diff", "nodes", "shapes") else ["--quiet"]))
        self.assertEqual(done.status, 0, done.err)
        document = json.loads(done.out)
        self.assert_valid(document, name)
        return document

    def file(self, folder, name):
        return json.loads((folder / name).read_text())

    def test_every_schema_is_one_and_says_what_it_is(self):
        self.assertGreater(len(SCHEMAS), 8)
        for name, schema in SCHEMAS.items():
            with self.subTest(name):
                Validator.check_schema(schema)
                self.assertEqual(schema["$id"], name)
                self.assertTrue(schema["title"])
                self.assertFalse(schema["additionalProperties"])

    def test_a_bench_of_chains_is_as_the_schema_says(self):
        document = self.printed("bench", "sluice-lab", "bench", "--data", self.shapes(train=2),
                                "--images", 2, "--rounds", 6)
        self.assertEqual(len(document["chains"]), 1)

    def test_a_comparison_is_as_the_schema_says(self):
        recipe = SOURCE / "apps" / "recipes" / "alexnet-owt.toml"
        document = self.printed("compare", "sluice-lab", "compare", "--data", self.shapes(train=4),
                                "--recipe", recipe, "--recipe", recipe, "--set", "net.width=0.06",
                                "--set", "train.batch=8", "--rounds", 2, "--seconds", 1,
                                "--together")
        self.assertEqual([row["name"] for row in document["recipes"]],
                         ["alexnet-owt", "alexnet-owt 2"])
        self.assertEqual(len(document["together"]["images_per_second"]), 2)
        self.assertTrue(list(validator("compare").iter_errors({**document, "together": {}})))

    def test_a_document_that_lacks_a_key_or_has_one_more_is_refused(self):
        whole = {"accuracy": 0.5, "train_images": 4, "val_images": 2}
        self.assert_valid(whole, "linear")
        for other in ({**whole, "more": 1}, {"accuracy": 0.5}, {**whole, "accuracy": "half"}):
            with self.subTest(other):
                self.assertTrue(list(validator("linear").iter_errors(other)))

    def test_profile_prints_what_its_folder_and_its_page_hold(self):
        data, out = self.shapes(train=4), self.folder / "profile"
        document = self.printed("profile", "sluice-alexnet", "profile", "--data", data, "--out",
                                out, *NET[:4], "--threads", 2, "--seconds", 2, "--layers",
                                "--predict-threads", "1,2,4")
        self.assertEqual(document["account"], self.file(out, "nodes.json"))
        self.assert_valid(self.file(out, "nodes.json"), "nodes")
        self.assert_valid(self.file(out, "timeline.json"), "timeline")
        self.assertTrue(document["account"]["layers"])
        self.assertEqual([row["threads"] for row in document["account"]["predictions"]], [1, 2, 4])
        timeline = self.file(out, "timeline.json")
        self.assertEqual(document["timeline"]["moments"], len(timeline["seconds"]))
        self.assertEqual(document["timeline"]["slots_busy"]["max"],
                         max(timeline["in_flight"]["slots_busy"]))
        page = (out / "report.html").read_text()
        self.assertIn(html.escape(document["account"]["verdict"]["text"], quote=False),
                      page.replace("&quot;", '"').replace("&#39;", "'"))

    def test_train_and_evaluate_print_what_the_run_folder_holds(self):
        data, out = self.shapes(train=4, val=2), self.folder / "run"
        document = self.printed("train", "sluice-alexnet", "train", "--data", data, "--out", out,
                                *NET, "--epochs", 2)
        self.assertEqual(document["account"], self.file(out, "nodes.json"))
        self.assertEqual(len(document["epochs"]), 2)
        self.assert_valid(self.file(out, "timeline.json"), "timeline")
        result = self.printed("evaluate", "sluice-alexnet", "evaluate", "--data", data, "--weights",
                              document["weights"])
        self.assertEqual(result["images"], 20)
        self.assertAlmostEqual(result["top1"], document["epochs"][-1]["val_top1"], places=6)
        image = next((data / "val").rglob("*.jpg"))
        self.printed("predict", "sluice-alexnet", "predict", "--weights", document["weights"], image)
        words = ("pictures", "sluice-alexnet", "pictures", "--weights", document["weights"], "--out",
                 self.folder / "pictures")
        self.assertEqual(self.printed(*words)["images"], [])
        shown = self.printed(*words, image, "--occlude", 100)["images"]
        self.assertEqual([row["path"] for row in shown], [str(image)])

    def test_export_and_import_print_what_they_wrote(self):
        data, out = self.shapes(train=2), self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", data, "--out", out, *NET, "--variant",
                   "owt", "--steps", 1, "--quiet")
        self.assertEqual(done.status, 0, done.err)
        weights = out / "weights.safetensors"
        for name in ("net.onnx", "net.safetensors"):
            told = self.printed("export", "sluice-alexnet", "export", "--weights", weights, "--to",
                                self.folder / name)
            self.assertEqual(Path(told["file"]).stat().st_size, told["bytes"])
        back = self.printed("import", "sluice-alexnet", "import", "--weights", told["file"], "--to",
                            self.folder / "back.safetensors")
        self.assertEqual(back["parameters"], told["parameters"])
        self.assertEqual(back["taken_from_file"],
                         ["net", "input chain", "statistics", "class names"])

    def test_a_training_without_validation_is_valid_too(self):
        data, out = self.shapes(train=2) / "train", self.folder / "run"
        document = self.printed("train", "sluice-alexnet", "train", "--data", data, "--out", out,
                                *NET, "--steps", 1, "--val-fraction", 0)
        self.assertEqual(document["best"], "")

    def test_describe_of_each_net(self):
        for program in ("sluice-alexnet", "sluice-lenet5", "sluice-vgg"):
            with self.subTest(program):
                self.printed("describe", program, "describe", "--batch", 2, "--backend",
                             "reference")
        self.printed("describe", "sluice-alexnet", "describe", "--width", 0.06, "--measure")
        self.printed("describe", "sluice-alexnet", "describe", "--backend", "cudnn")

    def test_the_programs_about_data_and_runs(self):
        data = self.shapes(train=4, val=2)
        made = self.printed("shapes", "sluice-data", "shapes", "--out", self.folder / "more",
                            "--train", 1, "--val", 1)
        self.assertEqual(made["out"], str(self.folder / "more"))
        self.printed("stats", "sluice-data", "stats", "--data", data)
        self.printed("linear", "sluice-data", "linear", "--data", data)
        for name in ("before", "after"):
            done = run("sluice-alexnet", "profile", "--data", data, "--until", "collate", "--out",
                       self.folder / name, "--seconds", 2, "--epochs", 100000, "--quiet")
            self.assertEqual(done.status, 0, done.err)
        catalogue = self.printed("catalogue", "sluice-lab", "nodes")
        self.assertIn("flip", [node["name"] for node in catalogue["nodes"]])
        document = self.printed("diff", "sluice-lab", "diff", self.folder / "before",
                                self.folder / "after")
        fates = {node["name"]: node["fate"] for node in document["nodes"]}
        self.assertIn("decode", fates)
        self.assertNotIn("only before", fates.values())
        self.assertNotEqual(fates["decode"], "unknown")

    @unittest.skipUnless((DATA / "mnist").is_dir(), "no real data")
    def test_a_profile_of_another_kind_of_data(self):
        self.printed("profile", "sluice-lenet5", "profile", "--data", DATA / "mnist", "--seconds",
                     1, "--threads", 2)


if __name__ == "__main__":
    main()
