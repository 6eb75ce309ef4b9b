#!/usr/bin/env python3
"""pictures: which files it writes, that they are PNGs of the right sizes, what its page holds, and
what is refused. Needs no real data."""
import json
import struct
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from digits import write_digits  # noqa: E402
from programs import ProgramTest, main, run  # noqa: E402
from runs import NET  # noqa: E402


def png_size(path):
    """Width and height, of a file that is a whole PNG: every chunk with its checksum."""
    data = Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, names, size = 8, [], None
    while at < len(data):
        length, = struct.unpack(">I", data[at:at + 4])
        name, body = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(
            name + body), path
        if name == b"IHDR":
            size = struct.unpack(">II", body[:8])
        names.append(name)
        at += 12 + length
    assert names[-1] == b"IEND", path
    return size


class Images(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.sources, self.tags = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "img":
            self.sources.append(dict(attrs)["src"])


class Pictures(ProgramTest):
    SIDE = 64

    def setUp(self):
        super().setUp()
        self.data = self.shapes(train=3, val=1)
        self.files = sorted((self.data / "val").rglob("*.jpg"))[:2]
        self.out = self.folder / "pictures"

    def trained(self, net, *words, data=None):
        out = self.folder / f"run-{net}"
        done = run(f"sluice-{net}", "train", "--data", data or self.data, "--out", out, "--steps", 2,
                   "--quiet", *NET, *words)
        self.assertEqual(done.status, 0, done.err)
        return out / "weights.safetensors"

    def vgg(self):
        return self.trained("vgg", "--config", "A", "--set", f"net.side={self.SIDE}", "--set",
                            "augment.rescale.side=72", "--set",
                            f"augment.random-crop.side={self.SIDE}")

    def pictures(self, weights, *words, program="sluice-vgg"):
        return run(program, "pictures", "--weights", weights, "--out", self.out, "--threads", 2,
                   *words)

    def document(self, weights, *words, **options):
        done = self.pictures(weights, "--json", "--quiet", *words, **options)
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def files_of(self, document):
        """Every file that the document names, with the size it must have; None: any."""
        scale = max(1, 224 // self.SIDE)
        whole = (self.SIDE * scale,) * 2
        sizes = {}
        if document["filters"]:
            sizes[document["filters"]["file"]] = None
        for image in document["images"]:
            sizes[image["seen"]] = whole
            for part in (image["saliency"], image["occlusion"]):
                sizes[part["file"]] = sizes[part["over"]] = whole
            for row in image["activations"]:
                sizes[row["file"]] = None
        return sizes

    def test_all_pictures_of_two_images_are_written_and_shown(self):
        weights = self.vgg()
        document = self.document(weights, *self.files, "--occlude", 16, "--occlude-step", 12,
                                 program="sluice-alexnet")
        self.assertEqual((document["net"], document["variant"], document["bad_files"]),
                         ("vgg", "A", 0))
        filters = document["filters"]
        self.assertEqual((filters["layer"], filters["side"], filters["channels"],
                          filters["towers"]), ("conv1_1", 3, 3, 1))
        sizes = self.files_of(document)
        self.assertEqual(len(sizes), 1 + 2 * 7)
        self.assertEqual({p.name for p in self.out.iterdir()}, {*sizes, "pictures.html"})
        for name, size in sizes.items():
            with self.subTest(file=name):
                found = png_size(self.out / name)
                self.assertIn(size, (None, found))
        for image, file in zip(document["images"], self.files, strict=True):
            self.assertEqual(image["path"], str(file))
            self.assertEqual(image["class"], image["best"][0]["class"])
            self.assertAlmostEqual(image["probability"], image["best"][0]["probability"])
            occlusion = image["occlusion"]
            self.assertEqual((occlusion["side"], occlusion["step"], occlusion["places"]),
                             (16, 12, 25))
            self.assertLessEqual(occlusion["least"], occlusion["largest"])
            self.assertGreater(image["saliency"]["white"], 0)
            first, last = image["activations"]
            self.assertEqual((first["layer"], first["maps"], first["width"], first["height"]),
                             ("relu1_1", filters["kernels"], self.SIDE, self.SIDE))
            self.assertEqual((last["layer"], last["width"]), ("pool5", 2))
            self.assertEqual(first["black"], 0)
        self.assert_nothing_half_written(self.out)

    def test_the_page_needs_nothing_else_and_holds_every_picture(self):
        document = self.document(self.vgg(), self.files[0])
        page = Images((self.out / document["page"]).read_text())
        self.assertEqual(len(page.sources), 1 + 7)
        self.assertTrue(all(s.startswith("data:image/png;base64,") for s in page.sources))
        self.assertNotIn("script", page.tags)

    def test_probabilities_are_those_of_predict(self):
        weights = self.vgg()
        said = run("sluice-vgg", "predict", *self.files, "--weights", weights, "--json", "--quiet")
        self.assertEqual(said.status, 0, said.err)
        document = self.document(weights, *self.files)
        for told, image in zip(json.loads(said.out)["images"], document["images"], strict=True):
            for a, b in zip(told["best"], image["best"], strict=True):
                self.assertEqual(a["class"], b["class"])
                self.assertAlmostEqual(a["probability"], b["probability"], places=5)

    def test_layers_and_class_are_those_that_were_asked_for(self):
        weights = self.vgg()
        named = self.document(weights, self.files[0], "--layer", "conv2_1", "--layer",
                              "fc8", "--layer", "conv2_1")
        self.assertEqual([row["layer"] for row in named["images"][0]["activations"]],
                         ["conv2_1", "fc8"])
        self.assertEqual(named["images"][0]["activations"][1]["maps"], 10)
        least = named["images"][0]["best"][-1]["class"]
        other = self.document(weights, self.files[0], "--class", least)
        self.assertEqual(other["images"][0]["class"], least)
        self.assertEqual(other["images"][0]["best"], named["images"][0]["best"])

    def test_filters_alone_need_no_image_and_a_folder_keeps_what_it_holds(self):
        weights = self.vgg()
        self.out.mkdir()
        (self.out / "mine.txt").write_text("mine")
        done = self.pictures(weights, "--quiet")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("filters.png  conv1_1", done.out)
        self.assertEqual({p.name for p in self.out.iterdir()},
                         {"mine.txt", "filters.png", "pictures.html"})
        before = (self.out / "filters.png").read_bytes()
        self.assertEqual(self.pictures(weights, "--quiet").status, 0)
        self.assertEqual((self.out / "filters.png").read_bytes(), before)

    def test_files_of_one_name_do_not_overwrite_each_other(self):
        weights = self.vgg()
        twins = sorted((self.data / "val").rglob("0000.jpg"))[:2]
        self.assertEqual(len({f.name for f in twins}), 1)
        document = self.document(weights, *twins)
        self.assertEqual([image["seen"] for image in document["images"]],
                         ["0000-seen.png", "0000-2-seen.png"])
        self.assertNotEqual(*[(self.out / image["seen"]).read_bytes()
                              for image in document["images"]])

    def test_a_grey_net_and_a_net_of_two_towers(self):
        digits = self.trained("lenet5", data=write_digits(self.folder / "digits"))
        self.assertEqual(self.document(digits)["filters"]["channels"], 1)
        alexnet = self.trained("alexnet")
        document = self.document(alexnet)
        self.assertEqual((document["filters"]["side"], document["filters"]["towers"]), (11, 2))

    def test_what_cannot_be_is_refused_before_anything_is_written(self):
        weights = self.vgg()
        bad = self.folder / "bad.jpg"
        bad.write_bytes(b"no picture")
        file = self.files[0]
        for words, status, said in [
                ([file, "--layer", "conv9"], 2, "valid: conv1_1, relu1_1"),
                ([file, "--layer", "cnov1_1"], 2, "did you mean 'conv1_1'"),
                ([file, "--layer", "loss"], 2, "valid: conv1_1"),
                ([file, "--class", "zebra"], 2, "valid: "),
                ([file, "--occlude", 65], 2, "valid: 1 to 64"),
                ([file, "--occlude", 0], 2, "--occlude"),
                ([file, "--occlude-step", 0], 2, "--occlude-step"),
                ([self.folder / "none.jpg"], 2, "none.jpg"),
                ([bad], 1, "could be used"),
                ([file] * 33, 2, "at most 32"),
                ([file, "--epochs", 3], 2, "trains nothing"),
                ([file, "--config", "D"], 2, "stands in the weights"),
                ([file, "--split", "val"], 2, "files that it is given"),
                ([file, "--backend", "cudnn"], 2, "cudnn")]:
            with self.subTest(words=[str(w) for w in words[-2:]]):
                self.assert_refused(self.pictures(weights, *words), status, said)
                self.assertFalse(self.out.exists())
        self.assert_refused(self.pictures(self.data / "none.safetensors"), 2, "none.safetensors")
        self.assert_refused(run("sluice-vgg", "pictures", "--weights", weights), 2, "--out")
        self.out.write_text("a file")
        self.assert_refused(self.pictures(weights), 2, "is no folder")
        self.assert_refused(self.pictures(weights, bad), 2, "is no folder")
        self.assert_refused(run("sluice-vgg", "pictures", "--weights", weights, "--out",
                                self.out / "below", bad), 2, "cannot be made")

    def test_a_bad_file_is_left_out_and_told(self):
        weights = self.vgg()
        whole = self.files[0].read_bytes()
        for name, data in [("other.jpg", b"no picture"), ("empty.jpg", b""),
                           ("cut.jpg", whole[:len(whole) // 2])]:
            (self.folder / name).write_bytes(data)
        done = self.pictures(weights, *(self.folder / name for name in
                                        ("other.jpg", "empty.jpg", "cut.jpg")), self.files[0])
        self.assertEqual(done.status, 0, done.err)
        self.assertRegex(done.err, r"other\.jpg: not a JPEG")
        self.assertRegex(done.err, r"empty\.jpg: empty file")
        self.assertRegex(done.err, r"cut\.jpg: .*(truncated|premature|end)")
        self.assertIn("bad files left out: 3", done.out)
        self.assertIn(str(self.files[0]), done.out)
        for line in done.out.splitlines():
            self.assertRegex(line, r"[^ :]$")
        self.assertIn("-saliency-over.png  saliency over the image\n", done.out)

    def test_an_image_may_need_as_much_as_memory_says(self):
        weights = self.vgg()
        done = self.pictures(weights, self.files[0], "--memory", "4K")
        self.assert_refused(done, 1, "could be used")
        self.assertRegex(done.err, r"needs .*, --memory is 4")
        self.assertEqual(self.pictures(weights, self.files[0], "--memory", "8M").status, 0)

    def test_reports_of_training_and_evaluation_show_the_filters(self):
        weights = self.vgg()
        page = self.folder / "page.html"
        done = run("sluice-vgg", "evaluate", "--data", self.data, "--weights", weights, "--report",
                   page, "--quiet")
        self.assertEqual(done.status, 0, done.err)
        for file in (page, weights.parent / "report.html"):
            with self.subTest(file=file.name):
                text = file.read_text()
                self.assertEqual(text.count('<section id="filters"'), 1)
                self.assertEqual(text.count("data:image/png;base64,"), 1)


if __name__ == "__main__":
    main()
