#!/usr/bin/env python3
"""sluice-lab sheet and bench: chains of recipes on the same images."""
import json
import re
import struct
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import SOURCE, ProgramTest, main, run  # noqa: E402

RECIPES = SOURCE / "apps" / "recipes"
CHAINS = ["--recipe", RECIPES / "alexnet-paper.toml", "--recipe", RECIPES / "vgg-d-jitter.toml"]


class Pictures(HTMLParser):
    """Addresses of the pictures, and what stands below them."""

    def __init__(self, text):
        super().__init__()
        self.sources, self.captions, self.tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.sources.append(dict(attributes)["src"])
        if tag == "figcaption":
            self.captions.append("")

    def handle_data(self, data):
        if self.captions:
            self.captions[-1] += data


def png_extent(data):
    """Width and height; every chunk's checksum is right."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, extent = 8, None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            extent = struct.unpack(">II", body[:8])
        at += 12 + length
    return extent


class Chains(ProgramTest):
    def setUp(self):
        super().setUp()
        self.data = self.shapes(train=3)

    def sheet(self, *words):
        done = run("sluice-lab", "sheet", "--data", self.data, *words)
        self.assertEqual(done.status, 0, done.err)
        return done.out

    def test_a_sheet_shows_the_same_images_through_each_chain(self):
        page, png = self.folder / "sheet.html", self.folder / "sheet.png"
        told = self.sheet(*CHAINS, "--page", page, "--png", png, "--images", 3, "--draws", 2)
        self.assertEqual(told, "3 images, 2 chains, seed 1\n")
        pictures = Pictures(page.read_text())
        self.assertEqual(len(pictures.sources), 3 * 2 * 2)
        self.assertTrue(all(source.startswith("data:image/png;base64,")
                            for source in pictures.sources))
        self.assertNotIn("script", pictures.tags)
        flips = [re.search(r"flip: (mirrored|not mirrored)", words).group(1)
                 for words in pictures.captions]
        for image in range(3):  # the two chains draw the same
            begin = 4 * image
            self.assertEqual(flips[begin:begin + 2], flips[begin + 2:begin + 4])
        width, height = png_extent(png.read_bytes())
        self.assertGreater(width, 2 * 160)
        self.assertGreater(height, 6 * 160)

    def test_one_seed_gives_one_sheet_and_another_seed_another(self):
        files = [self.folder / name for name in ("a.png", "b.png", "c.png")]
        for file, seed in zip(files, (5, 5, 6)):
            self.sheet("--png", file, "--images", 2, "--set", f"seed={seed}")
        first, again, other = (file.read_bytes() for file in files)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_stages_show_a_picture_behind_each_node(self):
        page = self.folder / "sheet.html"
        self.sheet("--stages", "--page", page, "--images", 1)
        captions = Pictures(page.read_text()).captions
        names = [re.match(r"[a-z-]+", words).group(0) for words in captions]
        self.assertEqual(names, ["decode", "rescale", "centre-crop", "mean", "random-crop", "flip",
                                 "pca-colour"])

    def test_nodes_are_swapped_and_dropped_in_all_recipes(self):
        def nodes(*words):
            done = run("sluice-lab", "bench", "--data", self.data, *CHAINS, *words, "--images", 2,
                       "--rounds", 6, "--json")
            self.assertEqual(done.status, 0, done.err)
            return [[node["node"] for node in chain["nodes"]]
                    for chain in json.loads(done.out)["chains"]]
        whole = nodes()
        self.assertTrue(all("flip" in chain and "mean" in chain for chain in whole))
        self.assertEqual(nodes("--drop", "flip", "--swap", "pca-colour=grey"),
                         [["grey" if node == "pca-colour" else node for node in chain
                           if node != "flip"] for chain in whole])
        for words, told in [(["--drop", "flop"], "did you mean 'flip'?"),
                            (["--swap", "flip=gry"], "did you mean 'grey'?"),
                            (["--swap", "flip"], "KEY=VALUE")]:
            with self.subTest(words=words):
                done = run("sluice-lab", "sheet", "--data", self.data, *CHAINS, "--png",
                           self.folder / "x.png", *words)
                self.assert_refused(done, 2, told)

    def test_mistakes_are_told_before_anything_is_written(self):
        for words, told in [([], "--page FILE.html"),
                            (["--png", self.folder / "away" / "x.png"], "--png"),
                            (["--png", self.folder / "x.png", "--set", "seed"], "KEY=VALUE"),
                            (["--png", self.folder / "x.png", "--images", 0], "--images"),
                            (["--png", self.folder / "x.png", "--recipe", "none.toml"], "none.toml"),
                            (["--png", self.folder / "x.png", "--set",
                              "augment.random-crop.side=9000"], "random-crop")]:
            with self.subTest(words=words):
                done = run("sluice-lab", "sheet", "--data", self.data, *words)
                self.assertEqual(done.status, 2, done.err)
                self.assertEqual(len(done.err.strip().splitlines()), 1, done.err)
                self.assertIn(told, done.err)
                self.assertFalse((self.folder / "x.png").exists())

    def test_a_bench_has_a_row_for_every_node_of_every_chain(self):
        done = run("sluice-lab", "bench", "--data", self.data, *CHAINS, "--images", 4, "--rounds", 6,
                   "--json")
        self.assertEqual(done.status, 0, done.err)
        chains = json.loads(done.out)["chains"]
        self.assertEqual([chain["chain"] for chain in chains], ["alexnet-paper", "vgg-d-jitter"])
        for chain in chains:
            for node in chain["nodes"]:
                self.assertLessEqual(node["ns_low"], node["ns"])
                self.assertLessEqual(node["ns"], node["ns_high"])
                self.assertGreater(node["ns"], 0)
            self.assertGreater(chain["all"]["ns"], max(node["ns"] for node in chain["nodes"]) / 2)
        mean = next(node for node in chains[0]["nodes"] if node["node"] == "mean")
        self.assertEqual((mean["bytes_in"], mean["bytes_out"]), (256 * 256 * 3, 256 * 256 * 12))
        table = run("sluice-lab", "bench", "--data", self.data, "--images", 2, "--rounds", 6).out
        self.assertIn("all nodes", table.splitlines()[-1])


class Compare(ProgramTest):
    SMALL = ["--set", "net.width=0.06", "--set", "train.batch=8", "--set", "train.init=he", "--set",
             "train.schedule=constant", "--set", "train.rate=0.001", "--rounds", 2, "--seconds", 1,
             "--quiet"]

    def setUp(self):
        super().setUp()
        self.data = self.shapes(train=4, val=2)

    def study(self, **changed):
        """A folder with a study of a recipe and its copy without a flip."""
        folder = self.folder / "study"
        folder.mkdir(exist_ok=True)
        text = (RECIPES / "alexnet-owt.toml").read_text()
        (folder / "with.toml").write_text(text)
        (folder / "without.toml").write_text(text.replace("node = 'flip'\n",
                                                          "node = 'flip'\nuse = false\n"))
        about = {"title": '"Flips"', "claim": '"they help"', "source": '"nobody"',
                 "size": '"tiny"', "recipes": '["with.toml", "without.toml"]', **changed}
        (folder / "study.toml").write_text(
            "".join(f"{key} = {value}\n" for key, value in about.items() if value))
        return folder

    def compare(self, *words):
        return run("sluice-lab", "compare", "--data", self.data, *words, *self.SMALL)

    def test_equal_recipes_of_two_names_show_no_difference(self):
        same = self.folder / "same.toml"
        same.write_text((RECIPES / "alexnet-owt.toml").read_text())
        words = ["--recipe", RECIPES / "alexnet-owt.toml", "--recipe", same, "--epochs", 1, "--seeds",
                 2, "--out", self.folder / "runs", "--json"]
        done = self.compare(*words)
        self.assertEqual(done.status, 0, done.err)
        first, second = json.loads(done.out)["recipes"]
        self.assertEqual(first["top1"], second["top1"])
        self.assertEqual(second["top1_difference"]["text"], "no difference shown")
        self.assertEqual(sorted(path.name for path in (self.folder / "runs").glob("[!.]*")),
                         ["alexnet-owt-seed-1", "alexnet-owt-seed-2", "same-seed-1", "same-seed-2"])
        again = self.compare(*words)  # what is trained stays
        self.assertEqual(again.status, 0, again.err)
        self.assertEqual([row["top1"] for row in json.loads(again.out)["recipes"]],
                         [first["top1"], second["top1"]])

    def test_a_recipe_starts_from_what_the_one_before_it_was_trained_to(self):
        folder = self.study(recipes='["with.toml", "after.toml"]')
        after = (folder / "with.toml").read_text()
        (folder / "after.toml").write_text(after.replace("from = ''", "from = 'trained:with'", 1))
        runs = self.folder / "after-runs"
        done = self.compare("--study", folder, "--epochs", 1, "--seeds", 1, "--out", runs)
        self.assertEqual(done.status, 0, done.err)
        self.assertIn(f"from = '{runs}/with-seed-1/weights.safetensors'",
                      (runs / "after-seed-1/recipe.toml").read_text())
        rows = {line.split()[0]: line.split() for line in reversed(done.out.splitlines()) if line}
        self.assertLess(float(rows["after"][1]), float(rows["with"][1]))  # losses
        refused = self.compare("--study", self.study(recipes='["after.toml", "with.toml"]'))
        self.assert_refused(refused, 2, "trained:with", "stands before it")

    def test_a_study_prints_its_claim_above_its_tables(self):
        page = self.folder / "study.html"
        done = self.compare("--study", self.study(), "--page", page)
        self.assertEqual(done.status, 0, done.err)
        self.assertTrue(done.out.startswith("Claim: they help (nobody)\nSize: tiny\n"), done.out)
        rows = {line.split()[0]: line for line in done.out.splitlines() if line}
        self.assertEqual(len(rows["flip"].split()), 2)  # one recipe has no such node
        self.assertIn("(predicted)", rows["without"])
        self.assertIn("they help", page.read_text())
        self.assertNotIn("script", Pictures(page.read_text()).tags)

    def test_mistakes_are_told_at_once(self):
        for words, told in [(["--recipe", RECIPES / "alexnet-owt.toml"], "two or more"),
                            (["--study", dict(claim="")], "claim must be a text"),
                            (["--study", dict(recipes='["with.toml"]')], "two files"),
                            (["--study", dict(more="1")], "unknown key 'more'"),
                            (["--study", self.folder], "study.toml"),
                            (["--study", {}, "--seeds", 2], "--epochs"),
                            (["--study", {}, "--epochs", 1], "--out")]:
            with self.subTest(words=words):
                done = self.compare(*(self.study(**word) if isinstance(word, dict) else word
                                      for word in words))
                self.assertEqual(done.status, 2, done.err)
                self.assertIn(told, done.err)


if __name__ == "__main__":
    main()
