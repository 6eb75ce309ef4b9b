#!/usr/bin/env python3
"""`export` and `import` from the command line: what they write, and what they refuse.

That other programs read the files is tests/parity/interchange.py.
"""
import json
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

SMALL = ["--variant", "owt", "--width", 0.06]


def read(path):
    """Metadata, and (shape, bytes) of each tensor."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    return metadata, {name: (entry["shape"], data[8 + length + entry["data_offsets"][0]:
                                                  8 + length + entry["data_offsets"][1]])
                      for name, entry in header.items()}


def parameters(path):
    """The tensors that are the net's."""
    return {name: value for name, value in read(path)[1].items()
            if not name.startswith("statistics.")}


def write(path, tensors, metadata=None):
    header, at = {"__metadata__": metadata} if metadata else {}, 0
    for name, (shape, raw) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(raw)]}
        at += len(raw)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(r for _, r in tensors.values()))
    return path


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def caffemodel(path, title, tensors):
    """Caffe's V2 form, of LAYER.weight and LAYER.bias."""
    layers = {}
    for name, (shape, raw) in tensors.items():
        layer, kind = name.rsplit(".", 1)
        blob = field(7, field(1, b"".join(varint(size) for size in shape))) + field(5, raw)
        layers.setdefault(layer, {})[kind] = blob
    path.write_bytes(field(1, title.encode()) + b"".join(
        field(100, field(1, layer.encode()) + field(7, blobs["weight"]) + field(7, blobs["bias"]))
        for layer, blobs in layers.items()))
    return path


class Interchange(ProgramTest):
    def trained(self, *words):
        data, out = self.shapes(train=4, val=2), self.folder / "run"
        done = run("sluice-alexnet", "train", "--data", data, "--out", out, *(words or SMALL),
                   "--batch", 8, "--steps", 1, "--quiet")
        self.assertEqual(done.status, 0, done.err)
        return data, out / "weights.safetensors"

    def exported(self, weights, name, *words):
        done = run("sluice-alexnet", "export", "--weights", weights, "--to", self.folder / name,
                   "--json", *words)
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def imported(self, file, name, *words):
        back = self.folder / name
        done = run("sluice-alexnet", "import", "--weights", file, "--to", back, *words)
        self.assertEqual(done.status, 0, done.err)
        return back, done.out

    def bare(self, file, name="bare"):
        """A file's parameters without any metadata: somebody else's."""
        return write(self.folder / name, parameters(file))

    def evaluated(self, data, weights):
        """What evaluate prints and predicts, but for files' names and times."""
        predictions = self.folder / "predictions.csv"
        done = run("sluice-alexnet", "evaluate", "--data", data, "--weights", weights, "--json",
                   "--quiet", "--predictions", predictions)
        self.assertEqual(done.status, 0, done.err)
        told = json.loads(done.out)
        self.assertEqual(told["bad_files"], 0)
        return {key: told[key] for key in ("images", "top1", "top5")}, predictions.read_text()

    def assert_same_net(self, data, weights, back):
        before, after = read(weights)[0], read(back)[0]
        for key in ("net", "variant", "classes", "input_chain"):
            self.assertEqual(before[f"sluice.{key}"], after[f"sluice.{key}"])
        tensors = read(back)[1]
        self.assertTrue(all(tensors[k] == v for k, v in read(weights)[1].items() if k in tensors))
        self.assertEqual(set(parameters(weights)), set(parameters(back)))
        self.assertEqual(self.evaluated(data, weights), self.evaluated(data, back))

    def test_what_is_exported_and_imported_again_is_the_same_net(self):
        data, weights = self.trained(*SMALL, "--mean", "rgb")
        classes = sorted(path.name for path in (data / "train").iterdir())
        names = self.folder / "names.txt"
        names.write_text("\n".join(classes) + "\n")
        for style, first in (("sluice", "conv1.weight"), ("torchvision", "features.0.weight")):
            told = self.exported(weights, f"{style}.safetensors", "--names", style)
            self.assertEqual((told["format"], told["classes"]), ("safetensors", len(classes)))
            metadata, tensors = read(told["file"])
            self.assertIn(first, tensors)
            self.assertEqual(json.loads(metadata["classes"]), classes)
            self.assertEqual(len(metadata["deviation"].split()), 3)
            back, said = self.imported(told["file"], f"{style}-back.safetensors")
            self.assertIn("taken from the file: net, input chain, statistics, class names", said)
            self.assert_same_net(data, weights, back)
        theirs, said = self.imported(self.bare(weights), "theirs.safetensors", *SMALL,
                                     "--class-names", names)
        self.assertNotIn("taken from the file", said)
        self.assertNotEqual(self.evaluated(data, weights)[1], self.evaluated(data, theirs)[1])

    def test_a_mean_image_goes_along_under_our_names(self):
        data, weights = self.trained(*SMALL, "--mean", "image")
        self.assertIn("statistics.mean_image", read(weights)[1])
        told = self.exported(weights, "ours.safetensors")
        back, _ = self.imported(told["file"], "back.safetensors")
        self.assert_same_net(data, weights, back)
        again, _ = self.imported(weights, "again.safetensors")  # a run's own
        self.assert_same_net(data, weights, again)
        told = self.exported(weights, "theirs.safetensors", "--names", "torchvision")
        self.assertEqual(set(read(told["file"])[1]), set(parameters(weights)))
        words = ["sluice-alexnet", "import", "--weights", told["file"], "--to",
                 self.folder / "rgb.safetensors"]
        self.assert_refused(run(*words), 2, "holds no mean image", "--mean rgb")
        self.assertEqual(run(*words, "--mean", "rgb").status, 0)

    def test_class_names_of_the_command_line_stand(self):
        _, weights = self.trained()
        told = self.exported(weights, "theirs.safetensors")
        names = self.folder / "names.txt"
        names.write_text("".join(f"class {i}\n" for i in range(told["classes"])))
        back, said = self.imported(told["file"], "back.safetensors", "--class-names", names)
        self.assertIn("taken from the file: net, input chain, statistics\n", said)
        self.assertIn("class", json.loads(read(back)[0]["sluice.classes"])[0])

    def test_what_options_change_is_not_said_to_be_the_files(self):
        _, weights = self.trained()
        told = self.exported(weights, "theirs.safetensors")
        _, said = self.imported(told["file"], "tanh.safetensors", "--set", "net.activation=tanh")
        self.assertIn("taken from the file: input chain, statistics, class names\n", said)
        _, said = self.imported(told["file"], "filter.safetensors", "--filter", "bilinear")
        self.assertIn("taken from the file: net, statistics, class names\n", said)

    def test_options_of_a_net_come_back_with_it(self):
        odd = ["--variant", "paper", "--width", 0.06, "--towers", "one", "--lrn", "off",
               "--dropout-scaling", "inverted", "--orientation", "apply", "--mean", "rgb"]
        data, weights = self.trained(*odd)
        told = self.exported(weights, "theirs.safetensors")
        metadata = read(told["file"])[0]
        self.assertIn("net.towers = 'one'", metadata["recipe"])
        self.assertNotIn(str(data), "".join(metadata.values()))
        back, _ = self.imported(told["file"], "back.safetensors")
        self.assert_same_net(data, weights, back)
        recipe = read(back)[0]["sluice.recipe"]
        for line in ("towers = 'one'", "lrn = 'off'", "dropout_scaling = 'inverted'",
                     "orientation = 'apply'"):
            self.assertIn(line, recipe)
        words = ["sluice-alexnet", "import", "--weights", told["file"], "--to",
                 self.folder / "other.safetensors"]
        self.assert_refused(run(*words, "--width", 0.1), 2, "another --variant, --width")

    def test_what_an_older_export_wrote_needs_its_width(self):
        _, weights = self.trained(*SMALL, "--mean", "rgb")
        told = self.exported(weights, "theirs.safetensors")
        metadata, tensors = read(told["file"])
        kept = {key: metadata[key] for key in metadata if key not in ("recipe", "sluice.checksum")}
        self.assertEqual(len(kept), len(metadata) - 2)
        old = write(self.folder / "old.safetensors", tensors, kept)
        words = ["sluice-alexnet", "import", "--weights", old, "--to",
                 self.folder / "back.safetensors"]
        self.assert_refused(run(*words), 2, "--width")
        self.assertEqual(run(*words, "--width", 0.06).status, 0)

    def test_a_recipe_file_is_not_overwritten(self):
        data, weights = self.trained("--variant", "paper", "--width", 0.06, "--mean", "rgb")
        recipe = weights.parent / "recipe.toml"
        told = self.exported(weights, "theirs.safetensors")
        back, said = self.imported(told["file"], "back.safetensors", "--recipe", recipe)
        self.assertIn("taken from the file: statistics, class names\n", said)
        self.assert_same_net(data, weights, back)
        back, said = self.imported(self.bare(weights), "bare.safetensors", "--recipe", recipe)
        self.assertNotIn("taken from the file", said)
        metadata, before = read(back)[0], read(weights)[0]
        for key in ("variant", "input_chain"):
            self.assertEqual(metadata[f"sluice.{key}"], before[f"sluice.{key}"])

    def test_imported_weights_have_the_published_input_chain(self):
        _, weights = self.trained()
        back, _ = self.imported(self.bare(weights), "back.safetensors", *SMALL)
        metadata, _ = read(back)
        self.assertIn("by = 'deviation'", metadata["sluice.input_chain"])
        again = self.exported(back, "again.safetensors")
        self.assertIn("(value - mean) / deviation", again["preprocessing"])
        mean = [float(word) for word in read(again["file"])[0]["mean"].split()]
        self.assertAlmostEqual(mean[0], 0.485 * 255, places=3)
        deviation = [float(word) for word in read(again["file"])[0]["deviation"].split()]
        self.assertAlmostEqual(deviation[2], 0.225 * 255, places=3)

    def test_a_training_starts_from_imported_weights_with_a_new_head(self):
        data, weights = self.trained()
        told = self.exported(weights, "theirs.safetensors")
        back, out = self.folder / "back.safetensors", self.folder / "tuned"
        done = run("sluice-alexnet", "import", "--weights", told["file"], "--to", back, *SMALL)
        self.assertEqual(done.status, 0, done.err)
        done = run("sluice-alexnet", "train", "--data", data, "--out", out, *SMALL, "--batch", 8,
                   "--steps", 1, "--from", back, "--new-head", "--freeze", "body")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("conv1, conv2, conv3, conv4, conv5, fc6, fc7", done.err)
        before, after = read(back)[1], read(out / "weights.safetensors")[1]
        for name, value in before.items():
            self.assertEqual(value == after[name], not name.startswith("classifier.6"), name)

    def test_a_caffemodel_is_imported_with_its_colours_turned(self):
        _, weights = self.trained("--variant", "caffenet", "--width", 0.06)
        told = self.exported(weights, "theirs.safetensors")
        tensors = parameters(told["file"])
        model = caffemodel(self.folder / "net.caffemodel", "CaffeNet", tensors)
        back = self.folder / "back.safetensors"
        done = run("sluice-alexnet", "import", "--weights", model, "--to", back, "--width", 0.06)
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("alexnet 'caffenet' from caffe", done.out)
        metadata, imported = read(back)
        shape, raw = imported["features.0.weight"]
        plane = 4 * shape[2] * shape[3]
        given = tensors["conv1.weight"][1]
        self.assertEqual(raw[:plane], given[2 * plane:3 * plane])
        self.assertEqual(raw[plane:2 * plane], given[plane:2 * plane])
        self.assertEqual(imported["classifier.6.bias"], tensors["fc8.bias"])
        self.assertIn("node = 'resize'", metadata["sluice.input_chain"])

    def test_the_order_of_a_caffe_alexnet_has_to_be_known(self):
        _, weights = self.trained("--variant", "caffe", "--width", 0.06)
        tensors = parameters(self.exported(weights, "theirs.safetensors")["file"])
        model = caffemodel(self.folder / "net.caffemodel", "mine", tensors)
        words = ["sluice-alexnet", "import", "--weights", model, "--to",
                 self.folder / "back.safetensors", "--width", 0.06]
        self.assert_refused(run(*words), 2, "caffenet", "--variant")
        self.assertEqual(run(*words, "--variant", "caffe").status, 0)

    def test_an_onnx_file_is_written_whole(self):
        _, weights = self.trained()
        told = self.exported(weights, "net.onnx")
        self.assertEqual(told["format"], "ONNX")
        content = Path(told["file"]).read_bytes()
        self.assertEqual(len(content), told["bytes"])
        for word in (b"conv1.weight", b"MaxPool", b"scores", b"preprocessing"):
            self.assertIn(word, content)
        self.assertIn(b"probabilities",
                      Path(self.exported(weights, "p.onnx", "--with-softmax")["file"]).read_bytes())

    def test_what_cannot_be_is_refused_in_a_line(self):
        _, weights = self.trained("--variant", "paper", "--width", 0.06)
        to = self.folder / "out.safetensors"
        export = ["sluice-alexnet", "export", "--weights", weights, "--to"]
        self.assert_refused(run(*export, to, "--names", "torchvision"), 2, "torchvision has no",
                            "owt")
        self.assert_refused(run(*export, self.folder / "net.h5"), 2, ".onnx")
        self.assert_refused(run(*export, to, "--dense"), 2, "--dense", ".onnx")
        self.assert_refused(run(*export, weights), 2, "another name")
        self.assert_refused(run(*export, self.folder / "n.onnx", "--names", "torchvision"), 2,
                            "--names")
        self.assert_refused(run("sluice-vgg", *export[1:], to), 2, "alexnet", "vgg")
        self.assert_refused(run(*export, self.folder / "no" / "n.onnx"), 1, "no/n.onnx")
        inside = ["sluice-alexnet", "import", "--to", to, "--weights"]
        self.assert_refused(run(*inside, self.folder), 2, "is not a file")
        same = [*inside[:2], "--weights", weights, "--to", weights, "--width", 0.06]
        self.assert_refused(run(*same), 2, "another name")
        self.assert_refused(run("sluice-vgg", *inside[1:], weights), 2, "holds alexnet", "vgg")
        self.assert_refused(run(*inside, self.folder / "none.pth"), 2, "cannot open")
        text = self.folder / "text.pth"
        text.write_text("no weights at all")
        self.assert_refused(run(*inside, text), 2, "safetensors", ".caffemodel")
        old = self.folder / "old.pth"
        old.write_bytes(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")
        self.assert_refused(run(*inside, old), 2, "weights_only=True")
        self.assert_refused(run(*inside, text, "--rate", 1), 2)
        self.assertFalse(to.exists())

    def test_tensors_that_do_not_fit_are_named(self):
        _, weights = self.trained()
        tensors = parameters(weights)
        to = self.folder / "out.safetensors"
        inside = ["sluice-alexnet", "import", "--to", to, *SMALL, "--weights"]
        more = write(self.folder / "more", {**tensors, "extra": ([1], b"abcd")})
        self.assert_refused(run(*inside, more), 2, "more has extra (1)")
        less = write(self.folder / "less", {k: v for k, v in tensors.items()
                                            if k != "features.3.bias"})
        self.assert_refused(run(*inside, less), 2, "has no features.3.bias")
        whole = write(self.folder / "whole", tensors)
        wide = ["sluice-alexnet", "import", "--to", to, "--weights", whole]
        self.assert_refused(run(*wide), 2, "features.0.weight", "--width")
        names = self.folder / "names.txt"
        names.write_text("one\ntwo\n")
        self.assert_refused(run(*inside, whole, "--class-names", names), 2, "has 2 lines")
        self.assertFalse(to.exists())


if __name__ == "__main__":
    main()
