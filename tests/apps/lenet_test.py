#!/usr/bin/env python3
"""LeNet-5 on idx files: pixels, batches, resuming, evaluating, profiling, and what users get wrong.

Pixels are held against a reader of its own, below: gzip and struct alone.
"""
import gzip
import json
import re
import shutil
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from digits import NAMES, write_digits  # noqa: E402
from programs import DATA, ProgramTest, main, run, start  # noqa: E402
from runs import await_true, checkpoints, digest, partial_files, steps, tensors  # noqa: E402

MNIST = DATA / "mnist"


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def inputs(variant):
    """What each grey level becomes: float arithmetic, an operation at a time."""
    mean, divisor = {"1998": (20.0, 200.0), "caffe": (0.0, 256.0),
                     "modern": (33.3285, 78.5655)}[variant]
    return [f32(f32(grey - f32(mean)) / f32(divisor)) for grey in range(256)]


def read_idx(path):
    """Sizes and values of an idx file."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    count = data[3]
    return struct.unpack(f">{count}I", data[4:4 + 4 * count]), data[4 + 4 * count:]


def unpacked(folder, out):
    """The same four files, plain and with the dots of some copies."""
    out.mkdir()
    for name in NAMES:
        data = (folder / name).read_bytes()
        (out / name.replace("-idx", ".idx")).write_bytes(data)
    return out


def rows_of(dump, step):
    """Rows and labels of a dumped step."""
    dumped = tensors(dump / f"step-{step:06}.safetensors")
    floats = struct.unpack(f"<{len(dumped['rows']) // 4}f", dumped["rows"])
    labels = struct.unpack(f"<{len(dumped['labels']) // 4}f", dumped["labels"])
    size = len(floats) // len(labels)
    return [floats[i * size:(i + 1) * size] for i in range(len(labels))], labels


def newest_step(out):
    """Of its checkpoints; 0: none is there."""
    return max((int(file.stem.split("-")[1]) for file in checkpoints(out)), default=0)


class Lenet(ProgramTest):
    def train(self, data, out, *words, variant="caffe", threads=2):
        ended = run("sluice-lenet5", "train", "--variant", variant, "--data", data, "--out", out,
                    "--threads", threads, *words)
        self.assertEqual(ended.status, 0, ended.err)
        return ended

    def refused(self, words, *said):
        ended = run("sluice-lenet5", *words)
        self.assert_refused(ended, 2, *said)
        self.assertEqual(ended.out, "")

    def known_images(self, folder):
        """Pixels of each training image -> labels it has."""
        names = [folder / name for name in NAMES[:2]]
        if not names[0].exists():
            names = [path.with_name(path.name + ".gz") for path in names]
        (count, height, width), pixels = read_idx(names[0])
        _, labels = read_idx(names[1])
        size = height * width
        known = {}
        for k in range(count):
            known.setdefault(pixels[k * size:(k + 1) * size], set()).add(labels[k])
        return known

    def check_rows(self, folder, variant, *words):
        dump = self.folder / f"dump-{variant}"
        self.train(folder, self.folder / f"run-{variant}", "--steps", 2, "--dump", dump, "--batch",
                   16, *words, variant=variant)
        level = {value: grey for grey, value in enumerate(inputs(variant))}
        side, border = (28, 0) if variant == "caffe" else (32, 2)
        known = self.known_images(folder)
        for step in range(2):
            rows, labels = rows_of(dump, step)
            self.assertEqual(len(rows), 16)
            for row, label in zip(rows, labels):
                self.assertEqual(len(row), side * side)
                grey = [level[value] for value in row]  # a value that no level has is an error
                lines = [grey[y * side:(y + 1) * side] for y in range(side)]
                inside = [line[border:side - border] for line in lines[border:side - border]]
                self.assertEqual(sum(map(sum, lines)), sum(map(sum, inside)))
                pixels = bytes(value for line in inside for value in line)
                self.assertIn(int(label), known.get(pixels, ()))

    def need_mnist(self):
        if not MNIST.is_dir():
            self.skipTest("no MNIST here")

    def test_rows_are_the_pixels_that_python_reads(self):
        self.need_mnist()
        for variant in ("caffe", "modern"):
            with self.subTest(variant=variant):
                self.check_rows(MNIST, variant)

    def test_rows_of_the_original_have_its_paper_and_ink(self):
        self.check_rows(write_digits(self.folder / "data"), "1998", "--curvature-images", 8)

    def test_one_thread_and_two_give_the_same_batches(self):
        data = write_digits(self.folder / "data")
        dumps = [self.folder / f"dump-{threads}" for threads in (1, 2)]
        for threads, dump in zip((1, 2), dumps):
            self.train(data, self.folder / f"run-{threads}", "--steps", 3, "--dump", dump,
                       threads=threads)
        for step in range(3):
            first, second = (rows_of(dump, step) for dump in dumps)
            self.assertEqual(first, second)

    def test_a_resumed_run_is_the_run_that_was_never_stopped(self):
        data = write_digits(self.folder / "data")
        whole, cut = self.folder / "whole", self.folder / "cut"
        flags = ["--epochs", 3, "--batch", 16]
        self.train(data, whole, *flags, "--steps", 15)
        self.train(data, cut, *flags, "--steps", 8, "--checkpoint-every", 3)
        # The same digits in other packing are the same data.
        packed = unpacked(data, self.folder / "dotted")
        self.train(packed, cut, "--resume", *flags, "--steps", 15)
        self.assertEqual(tensors(cut / "weights.safetensors"),
                         tensors(whole / "weights.safetensors"))
        self.assertEqual(steps(cut), steps(whole))
        self.assertEqual(partial_files(cut), [])
        self.assert_account_closes(cut)

    def test_the_original_killed_inside_an_epoch_goes_on_with_the_second_derivatives_it_had(self):
        data = write_digits(self.folder / "data", count=600)
        whole, cut = self.folder / "whole", self.folder / "cut"
        words = ["train", "--variant", "1998", "--data", data, "--threads", 2, "--epochs", 2, "--quiet",
                 "--curvature-images", 100, "--checkpoint-every", 50]
        ended = run("sluice-lenet5", *words, "--out", whole)
        self.assertEqual(ended.status, 0, ended.err)
        program = start("sluice-lenet5", *words, "--out", cut)
        await_true(program, lambda: 600 < newest_step(cut) < 1200)
        program.kill()
        program.communicate()
        self.assertTrue(600 < newest_step(cut) < 1200, f"killed after step {newest_step(cut)}")
        ended = run("sluice-lenet5", *words, "--out", cut, "--resume")
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(digest(cut / "weights.safetensors"), digest(whole / "weights.safetensors"))
        self.assertEqual(steps(cut), steps(whole))

    def test_other_pixels_are_other_data_for_a_resumed_run(self):
        data, out = write_digits(self.folder / "data"), self.folder / "run"
        self.train(data, out, "--epochs", 2, "--steps", 2, "--checkpoint-every", 1)
        images = data / NAMES[0]
        images.write_bytes(images.read_bytes()[:-1] + b"\x7F")
        self.refused(["train", "--data", data, "--out", out, "--resume", "--variant", "caffe"],
                     "is not the data", "pixels")

    def test_mnist_is_learnt_and_evaluated(self):
        self.need_mnist()
        out = self.folder / "run"
        self.train(MNIST, out, "--steps", 150)
        ended = run("sluice-lenet5", "evaluate", "--data", MNIST, "--weights",
                    out / "weights.safetensors", "--json")
        self.assertEqual(ended.status, 0, ended.err)
        result = json.loads(ended.out)
        self.assertEqual((result["images"], result["split"]), (10000, "val"))
        self.assertEqual(result["bad_files"], 0)
        self.assertGreater(result["top1"], 0.85)

    def test_every_record_passes_every_node_of_a_profile(self):
        data = write_digits(self.folder / "data")
        out = self.folder / "profile"
        ended = run("sluice-lenet5", "profile", "--variant", "1998", "--data", data, "--out", out,
                    "--json")
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(json.loads(ended.out)["files"], 96)
        nodes = self.assert_account_closes(out)
        for name in ("read", "decode", "pad", "mean", "scale", "collate", "forward"):
            self.assertEqual(nodes[name]["items_out"], 96, name)
            self.assertEqual(nodes[name]["items_failed"], 0, name)
        # The rule's own phase, on the first images of the pass.
        for name, items in (("read", 96), ("collate", 96), ("curvature", 1)):
            self.assertEqual(nodes[f"curvature/{name}"]["items_out"], items, name)
        self.assertEqual((out / "bad_files.tsv").read_text().count("\n"), 1)  # its head

    def test_the_images_in_memory_are_in_the_sum_that_is_announced(self):
        data = write_digits(self.folder / "data", count=6000)
        ended = self.train(data, self.folder / "run", "--steps", 1)
        said = re.search(r"memory: net ([\d.]+) MiB, preparation ([\d.]+) (.)iB, data ([\d.]+) MiB, "
                         r"together [\d.]+ .iB \((\d+) bytes\)", ended.err)
        self.assertIsNotNone(said, ended.err)
        self.assertGreater(float(said[4]) * (1 << 20), 9000 * 784)
        parts = (float(said[1]) + float(said[2]) * (1024 if said[3] == "G" else 1) + float(said[4]))
        self.assertAlmostEqual(int(said[5]) / (1 << 20), parts, delta=6)

    def test_gzip_files_put_one_behind_the_other_are_one_file(self):
        data = write_digits(self.folder / "data")
        for name in NAMES:
            whole = (data / name).read_bytes()
            (data / f"{name}.gz").write_bytes(gzip.compress(whole[:50]) + gzip.compress(whole[50:]))
            (data / name).unlink()
        self.check_rows(data, "caffe")

    def test_each_fault_of_the_files_is_one_line(self):
        whole = write_digits(self.folder / "whole")
        images = (whole / NAMES[0]).read_bytes()
        labels = (whole / NAMES[1]).read_bytes()
        terabytes = images[:4] + b"\xFF\xFF\xFF\xFF" * 3 + images[16:]
        faults = {
            "cut": (NAMES[0], images[:-9], "is cut off"),
            "longer": (NAMES[1], labels + b"more", "4 bytes behind its 96 values"),
            "terabytes": (NAMES[0], terabytes, "valid: at most"),
            "magic": (NAMES[0], labels + bytes(9), "starts with 00 00 08 01; valid: 00 00 08 03"),
            "fewer": (NAMES[1], labels[:4] + struct.pack(">I", 95) + labels[8:-1],
                      "holds 95 labels; valid: as many"),
            "empty": (NAMES[0], b"", "has 0 bytes"),
            "text": (NAMES[0], b"<html>no such page</html>", "starts with 3c 68 74 6d"),
            "missing": (NAMES[3], None, "has no t10k-labels-idx1-ubyte; valid: the four files"),
        }
        for fault, (name, content, said) in faults.items():
            data = self.folder / fault
            shutil.copytree(whole, data)
            if content is None:
                (data / name).unlink()
            else:
                (data / name).write_bytes(content)
            for verb in ("train", "profile"):
                with self.subTest(fault=fault, verb=verb):
                    self.refused([verb, "--data", data, "--variant", "caffe"], name, said)

    def test_damaged_gzip_is_one_line(self):
        data = write_digits(self.folder / "data")
        for name in NAMES:
            packed = gzip.compress((data / name).read_bytes())
            (data / f"{name}.gz").write_bytes(packed)
            (data / name).unlink()
        images = data / f"{NAMES[0]}.gz"
        whole = images.read_bytes()
        for content, said in ((whole[:len(whole) // 2], "end too early"),
                              (whole[:-5] + b"\0" + whole[-4:], "damaged"),
                              (whole + b"x", "1 bytes behind its gzip data")):
            images.write_bytes(content)
            with self.subTest(said=said):
                self.refused(["train", "--data", data, "--variant", "caffe"], images.name, said)

    def test_a_chain_that_does_not_fit_the_net_is_one_line(self):
        data = write_digits(self.folder / "data")
        self.refused(["train", "--data", data, "--variant", "modern", "--set",
                      "augment.pad.pixels=0"], "28 x 28", "let augment.pad.pixels make them 32 x 32")
        self.refused(["train", "--data", data, "--variant", "modern", "--set",
                      "augment.pad.pixels=-1"], "augment.pad", "0 to 1024")
        self.refused(["train", "--data", data, "--variant", "modern", "--side", 32],
                     "no node 'rescale'", "pad")
        self.refused(["train", "--data", self.shapes(), "--variant", "caffe"],
                     "images of different sizes", "28 x 28")
        self.refused(["train", "--data", data, "--variant", "paper"], "1998", "caffe", "modern")


if __name__ == "__main__":
    main()
