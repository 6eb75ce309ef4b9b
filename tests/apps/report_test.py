#!/usr/bin/env python3
"""report.html and the event files of runs: well-formed, nothing fetched, the figures of nodes.json.

The page is read by Python's own html.parser; tests/apps/report_page.py looks at one in a browser.
"""
import csv
import json
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402
from runs import (INTERRUPTED, NET, await_steps, interrupt, start_training,  # noqa: E402
                  train_words)

VOID = {"meta", "link", "img", "br"}
HOSTILE = "<script>alert('x')</script>\"&'"
SPACE = "\u202f"


class Page(HTMLParser):
    """Elements with their attributes, cells of tables, and whether each element is closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.faults = [], [], []
        self.texts = {}   # text by the id of the element it stands in
        self.tables = {}  # id -> row's name -> key -> text
        self.row = self.key = self.table = None
        self.feed(text)
        self.close()
        self.faults += [f"not closed: {tag}" for tag, _ in self.open]

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append((tag, attributes))
        if tag == "table":
            self.table = self.tables.setdefault(attributes.get("id"), {})
        if tag == "tr":
            self.row = None
        if tag == "td":
            self.key = attributes.get("data-key")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")
            return
        self.open.pop()

    def handle_data(self, data):
        for _, attributes in self.open:
            if "id" in attributes:
                self.texts[attributes["id"]] = self.texts.get(attributes["id"], "") + data
        tags = [tag for tag, _ in self.open]
        if "table" not in tags or self.table is None:
            return
        if "th" in tags and "tbody" in tags:
            self.row = (self.row or "") + data
            self.table.setdefault(self.row, {})
        if "td" in tags and self.row is not None and self.key:
            self.table[self.row][self.key] = data

    def values(self, *names):
        return [value for _, attributes in self.elements for name, value in attributes.items()
                if name in names]

    @property
    def data(self):
        return json.loads(self.texts["sluice-report"])


def number(text):
    return float(text.replace(SPACE, "").replace("%", ""))


def digits(text):
    """How far a printed number may be from what it stands for."""
    behind = text.split(".")[1] if "." in text else ""
    return 0.5 * 10.0 ** -len(behind.rstrip(" %")) * 1.0001


class Report(ProgramTest):
    def page(self, path):
        text = Path(path).read_text()
        page = Page(text)
        self.assertEqual(page.faults, [])
        for url in page.values("src", "href", "xlink:href", "action", "data", "poster"):
            self.assertTrue(url.startswith("#") or url.startswith("data:"), url[:80])
        self.assertEqual(page.values(*[f"on{event}" for event in ("load", "error", "click")]), [])
        self.assertNotIn("url(", text)
        self.assertNotIn("@import", text)
        scripts = [attributes for tag, attributes in page.elements if tag == "script"]
        self.assertEqual(scripts, [{"type": "application/json", "id": "sluice-report"}])
        ids = page.values("id")
        self.assertEqual(len(ids), len(set(ids)))
        for target in page.values("href"):
            if target.startswith("#"):
                self.assertIn(target[1:], ids)
        self.assertLess(len(text), 1_500_000)
        return page

    def assert_shows(self, text, value):
        self.assertLessEqual(abs(number(text) - value), digits(text), (text, value))

    def assert_figures(self, page, account):
        """Data and visible cells are the account's."""
        self.assertEqual(page.data["account"], account)
        nodes = page.tables["nodes"]
        self.assertEqual(list(nodes), [node["name"] for node in account["nodes"]])
        for node in account["nodes"]:
            cells = nodes[node["name"]]
            for key in ("items_in", "items_out", "items_failed", "items_held", "busy_seconds",
                        "cpu_seconds", "starved_seconds", "blocked_seconds", "queued_seconds",
                        "p50_ms", "p90_ms", "p99_ms"):
                self.assert_shows(cells[key], node[key])
            if "items_per_second" in node:
                self.assert_shows(cells["items_per_second"], node["items_per_second"])
        cpu = page.tables["cpu"]
        self.assert_shows(cpu["sum"]["cpu_seconds_attributed"],
                          account["account"]["cpu_seconds_attributed"])
        self.assert_shows(cpu["the kernel's count"]["cpu_seconds_process"],
                          account["account"]["cpu_seconds_process"])
        self.assert_shows(cpu["gap"]["gap_percent"], account["account"]["gap_percent"])
        for name, seconds in account["account"]["cpu_seconds_overheads"].items():
            self.assert_shows(cpu[name][name], seconds)
        self.assertEqual(page.texts["verdict-text"], account["verdict"]["text"])

    def hostile_data(self):
        """Names of classes and files that would be markup, and one that is not UTF-8."""
        data = self.shapes(train=4, val=2)
        for part in ("train", "val"):
            first, second = sorted((data / part).iterdir())[:2]
            # A path holds no '/': the end tag is one of an attribute instead.
            first.rename(data / part / HOSTILE.replace("/", "\\"))
            second.rename(Path(str(data / part) + "/caf\udce9"))
        for file in sorted((data / "train").rglob("*.jpg")):
            file.rename(file.with_name("<img src=x onerror=alert(1)>" + file.name))
        return data

    def test_a_training_run_leaves_a_page_with_the_figures_of_its_files(self):
        out = self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", self.hostile_data(), "--out", out, *NET,
                   "--epochs", 2)
        self.assertEqual(done.status, 0, done.err)
        page = self.page(out / "report.html")
        self.assert_figures(page, json.loads((out / "nodes.json").read_text()))
        epochs = list(csv.DictReader((out / "epochs.csv").open()))
        self.assertEqual(len(page.data["epochs"]), len(epochs))
        for row, shown in zip(epochs, page.data["epochs"]):
            self.assertAlmostEqual(float(row["train_loss"]), shown["train_loss"], places=6)
            cells = page.tables["epochs"][row["epoch"]]
            self.assert_shows(cells["val_top1"], 100 * shown["val_top1"])
        losses = [float(row["loss"]) for row in csv.DictReader((out / "steps.csv").open())]
        self.assertEqual(page.data["steps"]["loss"], losses)
        counts = page.data["confusion"]["counts"]
        self.assertEqual(sum(images for _, _, images in counts), 20)
        right = sum(images for label, said, images in counts if label == said)
        self.assertAlmostEqual(right / 20, page.data["epochs"][-1]["val_top1"])
        self.assertIn("caf%E9", " ".join(page.data["confusion"]["classes"]))
        for section in ("graph", "account", "learning", "samples", "confusion", "recipe",
                        "machine"):
            self.assertIn(section, page.texts)
        pictures = [attributes for tag, attributes in page.elements if tag == "img"]
        self.assertGreaterEqual(len(pictures), 10)
        self.assertTrue(all(picture["alt"] for picture in pictures))

    def test_a_profile_leaves_a_page_where_it_has_a_folder(self):
        out = self.folder / "run"
        done = run("sluice-alexnet", "profile", "--data", self.shapes(train=4), "--out", out, *NET,
                   "--epochs", 2)
        self.assertEqual(done.status, 0, done.err)
        page = self.page(out / "report.html")
        self.assert_figures(page, json.loads((out / "nodes.json").read_text()))
        self.assertNotIn("learning", page.texts)
        self.assertIn("samples", page.texts)

    def test_an_interrupted_run_and_the_one_that_goes_on_have_their_pages(self):
        data, out = self.shapes(train=4), self.folder / "run"
        program = start_training(data, out, "--epochs", 400)
        await_steps(program, out, 4)
        status, err = interrupt(program)
        self.assertEqual(status, INTERRUPTED, err)
        page = self.page(out / "report.html")
        self.assert_figures(page, json.loads((out / "nodes.json").read_text()))
        self.assertIn("interrupted after step", (out / "report.html").read_text())
        before = len(page.data["steps"]["step"])
        done = run("sluice-alexnet", *train_words(data, out, "--resume", "--steps", before + 5))
        self.assertEqual(done.status, 0, done.err)
        page = self.page(out / "report.html")
        self.assertEqual(page.data["steps"]["step"], list(range(1, before + 6)))
        self.assertNotIn("interrupted after step", (out / "report.html").read_text())

    def test_a_run_that_fails_says_why_on_its_page(self):
        out = self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", self.shapes(train=4), "--out", out, *NET,
                   "--set", "train.rate=100", "--epochs", 9)
        self.assertEqual(done.status, 1, done.err)
        page = self.page(out / "report.html")
        self.assert_figures(page, json.loads((out / "nodes.json").read_text()))
        self.assertIn("no longer a number", (out / "report.html").read_text())

    def test_evaluate_counts_confusions_and_shows_them(self):
        data, out = self.hostile_data(), self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", data, "--out", out, *NET, "--epochs", 1)
        self.assertEqual(done.status, 0, done.err)
        html = self.folder / "confusion.html"
        words = ["sluice-alexnet", "evaluate", "--data", data, "--weights",
                 out / "weights.safetensors", "--batch", 8, "--json", "--quiet", "--report"]
        done = run(*words, html)
        self.assertEqual(done.status, 0, done.err)
        document = json.loads(done.out)
        page = self.page(html)
        self.assert_figures(page, document["account"])
        self.assertEqual(page.data["confusion"], document["confusion"])
        # Of the net that was trained, not of what this command line would train.
        self.assertIn("width = 0.06", html.read_text())
        counts = document["confusion"]["counts"]
        self.assertEqual(sum(images for _, _, images in counts), document["images"])
        right = sum(images for label, said, images in counts if label == said)
        self.assertAlmostEqual(right / document["images"], document["top1"])
        self.assertEqual(len(document["confusion"]["classes"]), 10)
        self.assert_refused(run(*words, self.folder), 2, "--report", "is a folder")
        self.assert_refused(run(*words, self.folder / "none" / "a.html"), 2, "--report",
                            "cannot be written")

    def test_event_files_grow_by_runs_and_start_behind_the_checkpoint(self):
        data, out = self.shapes(train=4), self.folder / "run"
        for words in (["--epochs", 1], ["--resume", "--epochs", 2]):
            done = run("sluice-alexnet", *train_words(data, out, *words))
            self.assertEqual(done.status, 0, done.err)
        files = sorted((out / "tensorboard").iterdir())
        self.assertEqual(len(files), 2)
        for file in files:
            self.assertRegex(file.name, r"^events\.out\.tfevents\.\d{10}\.")
            self.assertIn(b"brain.Event:2", file.read_bytes()[:64])
            self.assertIn(b"train/loss", file.read_bytes())
        self.assertLess(sum(file.stat().st_size for file in files), 1_500_000)

    def test_a_start_that_fails_leaves_no_event_file(self):
        out = self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", self.shapes(train=2), "--out", out, *NET,
                   "--memory", "1M")
        self.assertEqual(done.status, 2, done.err)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    main()
