#!/usr/bin/env python3
"""Training options from the command line to the weights: each does what it says, and a resolved
recipe gives the same run again."""
import csv
import hashlib
import json
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

SMALL = ["--quiet", "--width", 0.06, "--batch", 8, "--init", "he", "--checkpoint-every", 0]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tensors(path):
    """Name to bytes of a safetensors file."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    begin = 8 + length
    return {name: data[begin + entry["data_offsets"][0]:begin + entry["data_offsets"][1]]
            for name, entry in header.items() if name != "__metadata__"}


def floats(raw):
    return struct.unpack(f"<{len(raw) // 4}f", raw)


def apart(a, b):
    """|a - b| / |b|"""
    a, b = floats(a), floats(b)
    norm = sum(y * y for y in b) ** 0.5
    return (sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5) / max(norm, 1e-30)


class Options(ProgramTest):
    def train(self, name, *words, net="alexnet"):
        out = self.folder / name
        done = run(f"sluice-{net}", "train", "--data", self.data, "--out", out, *SMALL, *words)
        self.assertEqual(done.status, 0, done.err)
        return out

    def setUp(self):
        super().setUp()
        self.data = self.shapes(train=8)

    def rates(self, out):
        return [float(row["learning_rate"]) for row in csv.DictReader((out / "steps.csv").open())]

    def weights(self, out):
        return tensors(out / "weights.safetensors")

    def test_fifty_steps_of_a_resolved_recipe_give_the_same_weights_again(self):
        first = self.train("first", "--steps", 50, "--epochs", 9, "--rate", 0.001, "--form",
                           "nesterov", "--l1", 0.0001, "--bias-rate", 2, "--layer-rates",
                           "fc8=3", "--schedule", "inverse", "--gamma", 0.01, "--micro-batch", 3,
                           "--loss", "hinge", "--set", "augment.rescale.to=300", "--set",
                           "augment.flip.group=4")
        second = self.folder / "second"
        done = run("sluice-alexnet", "train", "--recipe", first / "recipe.toml", "--out", second,
                   "--quiet")
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual(digest(first / "weights.safetensors"),
                         digest(second / "weights.safetensors"))
        self.assertEqual((first / "recipe.toml").read_text(), (second / "recipe.toml").read_text())
        self.assertEqual(len(self.rates(first)), 50)

    def test_rates_fall_by_steps(self):
        out = self.train("every", "--steps", 6, "--schedule", "every", "--every", 2, "--rate", 0.008,
                         "--factor", 0.5)
        for rate, wanted in zip(self.rates(out), [0.008, 0.008, 0.004, 0.004, 0.002, 0.002]):
            self.assertAlmostEqual(rate, wanted, places=12)
        out = self.train("inverse", "--steps", 3, "--schedule", "inverse", "--gamma", 1, "--power", 1,
                         "--rate", 0.006)
        for rate, wanted in zip(self.rates(out), [0.006, 0.003, 0.002]):
            self.assertAlmostEqual(rate, wanted, places=12)

    def test_a_logged_rate_holds_one_layer_back(self):
        whole = self.weights(self.train("epoch1", "--epochs", 1, "--schedule", "logged",
                                        "--rate-log", "0:0.001"))
        held = self.weights(self.train("epoch2", "--epochs", 2, "--schedule", "logged", "--rate-log",
                                       "0:0.001, 1:conv1=0"))
        self.assertEqual(whole["features.0.weight"], held["features.0.weight"])
        self.assertNotEqual(whole["features.4.weight"], held["features.4.weight"])

    def test_frozen_layers_keep_their_bits(self):
        start = self.weights(self.train("start", "--steps", 1, "--rate", 0, "--schedule",
                                        "constant"))
        out = self.weights(self.train("frozen", "--steps", 3, "--rate", 0.001, "--schedule",
                                      "constant", "--freeze", "body"))
        for name in start:
            changed = start[name] != out[name]
            self.assertEqual(changed, name.startswith("classifier.6"), name)

    def test_a_new_head_starts_on_a_trained_body(self):
        trained = self.train("trained", "--steps", 3, "--rate", 0.001, "--schedule", "constant")
        tuned = self.weights(self.train("tuned", "--steps", 2, "--rate", 0.001, "--schedule",
                                        "constant", "--classes", 12, "--from",
                                        trained / "weights.safetensors", "--new-head", "--freeze",
                                        "body"))
        body = self.weights(trained)
        for name in body:
            if not name.startswith("classifier.6"):
                self.assertEqual(tuned[name], body[name], name)
        self.assertEqual(len(tuned["classifier.6.bias"]), 12 * 4)

    def test_micro_batches_and_replicas_train_like_the_whole_batch(self):
        words = ["--steps", 5, "--rate", 0.001, "--schedule", "constant"]
        whole = self.weights(self.train("whole", *words))
        for name, parts in (("micro", ["--micro-batch", 3]), ("replicas", ["--replicas", 2]),
                            ("both", ["--replicas", 2, "--micro-batch", 3])):
            split = self.weights(self.train(name, *words, *parts))
            for tensor in whole:
                self.assertLess(apart(split[tensor], whole[tensor]), 1e-5, (name, tensor))

    def test_mixed_images_train_other_weights_the_same_ones_each_time_and_in_parts(self):
        words = ["--steps", 6, "--rate", 0.001, "--dropout", 0]
        plain = self.train("plain", *words)
        for ways in (["--mixup", 0.4], ["--cutmix", 1], ["--mixup", 0.4, "--cutmix", 1]):
            with self.subTest(ways=ways):
                name = "-".join(map(str, ways))
                mixed = self.train(name, *words, *ways)
                again = self.train(name + "-again", *words, *ways)
                self.assertEqual(self.weights(mixed), self.weights(again))
                self.assertNotEqual(self.weights(mixed), self.weights(plain))
                parts = self.train(name + "-parts", *words, *ways, "--micro-batch", 3)
                for key, value in self.weights(mixed).items():
                    self.assertLess(apart(self.weights(parts)[key], value), 1e-4, key)

    def test_a_run_in_parts_resumes_bit_for_bit(self):
        words = ["--rate", 0.001, "--schedule", "constant", "--replicas", 2, "--form", "pytorch"]
        whole = self.train("unbroken", "--steps", 8, *words)
        out = self.folder / "broken"
        common = ["train", "--data", self.data, "--out", out, *SMALL[:-2], *words]
        done = run("sluice-alexnet", *common, "--steps", 4)
        self.assertEqual(done.status, 0, done.err)
        done = run("sluice-alexnet", *common, "--steps", 8, "--resume")
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual(self.weights(out), self.weights(whole))

    def test_a_logged_rate_that_is_amended_inside_an_epoch_resumes_bit_for_bit(self):
        log = ["--schedule", "logged", "--rate-log", "0:0.001,0:conv1=0.0001", "--epochs", 2]
        common = SMALL[:-2] + log
        outs = []
        for name, stops in (("once", [0]), ("twice", [7, 0])):
            out = self.folder / name
            words = ["train", "--data", self.data, "--out", out, *common]
            done = run("sluice-alexnet", *words, "--steps", 4)
            self.assertEqual(done.status, 0, done.err)
            for number, steps in enumerate(stops):
                amend = ["--amend", "train.rate=0.002"] if number == 0 else []
                done = run("sluice-alexnet", "train", "--out", out, "--resume", "--quiet", "--steps",
                           steps, *amend)
                self.assertEqual(done.status, 0, done.err)
            outs.append(self.weights(out))
        self.assertEqual(*outs)

    def test_deeper_vgg_starts_from_configuration_a(self):
        small = ["--set", "net.width=0.06"]
        a = self.train("a", "--config", "A", "--steps", 1, "--rate", 0.001, *small, net="vgg")
        d = self.weights(self.train("d", "--config", "D", "--steps", 1, "--rate", 0, "--schedule",
                                    "constant", "--from-config-a", a / "weights.safetensors", *small,
                                    net="vgg"))
        of_a = list(self.weights(a).values())
        self.assertEqual(sum(raw in of_a for raw in d.values()), 14)  # weights and biases of seven

    def test_bf16_trains_close_to_f32(self):
        words = ["--steps", 4, "--rate", 0.0001, "--schedule", "constant", "--allow-slow"]
        if "avx512" not in Path("/proc/cpuinfo").read_text():  # oneDNN has no bf16 there
            refused = run("sluice-alexnet", "train", "--data", self.data, "--out",
                          self.folder / "no", *SMALL, *words, "--precision", "bf16")
            self.assert_refused(refused, 2, "valid is precision f32")
            self.skipTest("a processor without AVX-512")
        losses = {}
        for precision in ("f32", "bf16"):
            out = self.train(precision, *words, "--precision", precision)
            losses[precision] = [float(row["loss"])
                                 for row in csv.DictReader((out / "steps.csv").open())]
        for exact, rounded in zip(losses["f32"], losses["bf16"]):
            self.assertLess(abs(rounded - exact) / exact, 0.02)


if __name__ == "__main__":
    main()
