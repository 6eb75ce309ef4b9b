#!/usr/bin/env python3
"""`describe` against an independent computation of AlexNet's shapes, parameters, work and bytes."""
import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from digits import write_digits  # noqa: E402
from programs import ProgramTest, main, run  # noqa: E402

# (name, outputs, kernel, stride, padding in all, groups) or (name, kernel, stride) of the paper.
PAPER = [("conv1", 96, 11, 4, 3, 1), ("pool1", 3, 2), ("conv2", 256, 5, 1, 4, 2), ("pool2", 3, 2),
         ("conv3", 384, 3, 1, 2, 1), ("conv4", 384, 3, 1, 2, 2), ("conv5", 256, 3, 1, 2, 2),
         ("pool5", 3, 2), ("fc6", 4096), ("fc7", 4096), ("fc8", 1000)]


def expected():
    channels, side, flat, layers = 3, 224, None, {}
    for layer in PAPER:
        name = layer[0]
        if len(layer) == 6:
            _, out, kernel, stride, padding, groups = layer
            side = (side + padding - kernel) // stride + 1
            weights = out * (channels // groups) * kernel * kernel
            channels = out
            layers[name] = ([channels, side, side], weights + out, weights * side * side)
        elif len(layer) == 3:
            side = math.ceil((side - layer[1]) / layer[2]) + 1
            layers[name] = ([channels, side, side], 0, 0)
        else:
            inputs = flat or channels * side * side
            flat = layer[1]
            layers[name] = ([flat], inputs * flat + flat, inputs * flat)
    return layers


class Describe(ProgramTest):
    def test_layers_are_those_of_the_paper(self):
        ended = run("sluice-alexnet", "describe", "--json")
        self.assertEqual(ended.status, 0, ended.err)
        net = json.loads(ended.out)
        found = {layer["name"]: layer for layer in net["layers"]}
        for name, (shape, parameters, work) in expected().items():
            with self.subTest(layer=name):
                self.assertEqual(found[name]["out"], shape)
                self.assertEqual(found[name]["parameters"], parameters)
                self.assertEqual(found[name]["multiply_adds"], work)
                self.assertEqual(found[name]["parameter_bytes"], 4 * parameters)
                self.assertEqual(found[name]["activation_bytes"], 4 * math.prod(shape))

    def test_the_whole_net_has_the_published_size(self):
        net = json.loads(run("sluice-alexnet", "describe", "--json").out)
        self.assertEqual(net["parameters"], 60965224)
        self.assertEqual(net["parameters"], sum(p for _, p, _ in expected().values()))
        self.assertEqual(net["multiply_adds"], sum(w for _, _, w in expected().values()))
        self.assertEqual(round(net["multiply_adds"] / 1e9, 4), 0.7244)

    def test_receptive_fields_are_those_of_the_literature(self):
        net = json.loads(run("sluice-alexnet", "describe", "--json").out)
        found = {layer["name"]: layer["receptive_field"] for layer in net["layers"]}
        self.assertEqual([found[n] for n in ("conv1", "conv2", "conv3", "conv4", "conv5", "pool5",
                                             "fc6")], [11, 51, 99, 131, 163, 195, 355])

    def test_the_text_names_every_layer_and_the_sums(self):
        ended = run("sluice-alexnet", "describe")
        for layer in PAPER:
            self.assertIn(layer[0], ended.out)
        self.assertIn("60965224 parameters, 0.7244 GMAC", ended.out)


# (program, variant): weights and biases together, biases, multiply-adds of an image (FACTS 2.1, 3
# and 4, and the sums of the layers behind them).
NETS = {
    ("sluice-lenet5", "1998"): (60000, 248, 326520),
    ("sluice-lenet5", "caffe"): (431080, 580, 2293000),
    ("sluice-lenet5", "modern"): (61706, 236, 416520),
    ("sluice-alexnet", "paper"): (60965224, 10568, 724406816),
    ("sluice-alexnet", "run145"): (60965224, 10568, 724406816),
    ("sluice-alexnet", "caffe"): (60965224, 10568, 724406816),
    ("sluice-alexnet", "caffenet"): (60965224, 10568, 724406816),
    ("sluice-alexnet", "cs231n"): (62378344, 10568, 1135256096),
    ("sluice-alexnet", "owt"): (61100840, 10344, 714188480),
    ("sluice-alexnet", "paper-6conv"): (61260392, 10824, 735023648),
    ("sluice-vgg", "A"): (132863336, 11944, 7609090048),
    ("sluice-vgg", "A-LRN"): (132863336, 11944, 7609090048),
    ("sluice-vgg", "B"): (133047848, 12136, 11308466176),
    ("sluice-vgg", "C"): (133638952, 13416, 11770888192),
    ("sluice-vgg", "D"): (138357544, 13416, 15470264320),
    ("sluice-vgg", "E"): (143667240, 14696, 19632062464),
    ("sluice-vgg", "B-5x5"): (134503528, 10664, 9356017664),
    ("sluice-vgg", "D-7x7"): (144777512, 10856, 17422712832),
}


class AllNets(ProgramTest):
    def described(self, program, *words):
        ended = run(program, "describe", "--batch", 1, "--json", *words)
        self.assertEqual(ended.status, 0, ended.err)
        return json.loads(ended.out)

    def test_the_eighteen_nets_have_the_published_or_counted_figures(self):
        self.assertEqual(len(NETS), 18)
        for (program, variant), (parameters, biases, work) in NETS.items():
            with self.subTest(program=program, variant=variant):
                net = self.described(program, "--variant", variant)
                self.assertEqual(net["variant"], variant)
                self.assertEqual(net["parameters"], parameters)
                self.assertEqual(net["multiply_adds"], work)
                self.assertEqual(net["weights"], parameters - biases)
                self.assertEqual(net["biases"], biases)
                self.assertEqual(sum(layer["biases"] for layer in net["layers"]), biases)
                self.assertEqual(sum(layer["weights"] for layer in net["layers"]),
                                 parameters - biases)

    def test_without_a_variant_each_program_has_one(self):
        for program, variant in (("sluice-alexnet", "paper"), ("sluice-vgg", "A"),
                                 ("sluice-lenet5", "modern")):
            net = self.described(program)
            self.assertEqual(net["variant"], variant)

    def test_a_configuration_is_a_variant_of_vgg(self):
        net = self.described("sluice-vgg", "--config", "E")
        self.assertEqual(net["variant"], "E")

    def test_a_recipe_file_chooses_the_variant_and_its_defaults(self):
        recipe = self.folder / "r.toml"
        recipe.write_text('[net]\nvariant = "owt"\n')
        net = self.described("sluice-alexnet", "--recipe", recipe)
        self.assertEqual((net["variant"], net["parameters"]), ("owt", 61100840))
        resolved = run("sluice-alexnet", "describe", "--recipe", recipe, "--toml").out
        self.assertIn("\nbatch = 256\n", resolved)
        self.assertIn("\nform = 'pytorch'\n", resolved)
        net = self.described("sluice-alexnet", "--recipe", recipe, "--variant", "caffe")
        self.assertEqual((net["variant"], net["parameters"]), ("caffe", 60965224))


class Refused(ProgramTest):
    def test_an_unknown_variant_names_the_valid_ones(self):
        for program, valid in (("sluice-alexnet", "paper, run145, caffe, caffenet, cs231n, owt, "
                                                  "paper-6conv"),
                               ("sluice-vgg", "A, A-LRN, B, C, D, E, B-5x5, D-7x7"),
                               ("sluice-lenet5", "1998, caffe, modern")):
            with self.subTest(program=program):
                self.assert_refused(run(program, "describe", "--variant", "F"), 2, "'F'", valid)

    def test_an_impossible_shape_is_one_line(self):
        self.assert_refused(run("sluice-alexnet", "describe", "--set", "net.side=30"), 2, "pool5",
                            "kernel 3 is larger than its input")
        self.assert_refused(run("sluice-vgg", "describe", "--set", "net.side=16"), 2, "pool5")
        self.assert_refused(run("sluice-alexnet", "train", "--data", self.shapes(), "--out",
                                self.folder / "run", "--set", "net.side=30"), 2, "pool5")

    def test_an_unknown_word_and_a_choice_that_a_net_does_not_have(self):
        self.assert_refused(run("sluice-alexnet", "describe", "--activation", "sigmoid"), 2,
                            "relu, tanh")
        self.assert_refused(run("sluice-vgg", "describe", "--towers", "one"), 2, "net.towers",
                            "vgg has no such choice")


# (program, what train refuses for reasons of the recipe, a part of the line).
UNTRAINABLE = [
    ("alexnet", ["--schedule", "logged", "--rate-log", "0:0.1,0:conv9=1"], "conv9"),
    ("alexnet", ["--set", "augment.random-crop.side=200"], "200 x 200"),
    ("alexnet", ["--set", "augment.scale.when=never"], "augment.scale.when"),
    ("alexnet", ["--from", "nosuch"], "nosuch"),
    ("alexnet", ["--set", "train.from_layers=body"], "--from"),
    ("alexnet", ["--replicas", 9, "--batch", 8], "train.replicas = 9"),
    ("alexnet", ["--margin", 2], "train.margin = 2.0 changes nothing here"),
    ("alexnet", ["--variant", "owt", "--lrn", "on"], "net.block1"),
    ("alexnet", ["--checkpoint-every", "soon"], "run.checkpoint_every"),
    ("alexnet", ["--memory", "much"], "run.memory"),
    ("alexnet", ["--rule", "diagonal-lm", "--momentum", 0, "--decay", 0], "second derivatives"),
    ("alexnet", ["--precision", "bf16", "--allow-slow", "--backend", "reference"], "reference"),
    ("vgg", ["--schedule", "steps"], "train.schedule_epochs"),
    ("lenet5", ["--variant", "modern", "--set", "augment.pad.pixels=0"], "augment.pad.pixels"),
    ("lenet5", ["--variant", "1998", "--precision", "bf16", "--allow-slow"], "bf16"),
    ("lenet5", ["--variant", "1998", "--replicas", 2, "--batch", 2], "one replica"),
]


class Untrainable(ProgramTest):
    def test_describe_refuses_what_train_refuses_with_the_same_line(self):
        pictures, digits = self.shapes(), write_digits(self.folder / "digits")
        for net, words, said in UNTRAINABLE:
            with self.subTest(net=net, words=words):
                if net != "lenet5":
                    words = [*words, "--width", 0.06]
                out = self.folder / "run"
                data = digits if net == "lenet5" else pictures
                trained = run(f"sluice-{net}", "train", "--data", data, "--out", out, *words)
                self.assert_refused(trained, 2, said)
                self.assertFalse(out.exists(), "a run folder was made")
                for verb in (["describe"], ["describe", "--toml"]):
                    described = run(f"sluice-{net}", *verb, *words)
                    self.assert_refused(described, 2, said)
                    self.assertEqual(described.lines[-1], trained.lines[-1])
                    self.assertEqual(described.out, "")

    def test_data_that_are_named_are_looked_at(self):
        data = self.shapes()
        words = ["--width", 0.06, "--batch", 2, "--json"]
        described = json.loads(run("sluice-alexnet", "describe", "--data", data, *words).out)
        classes = len(list((data / "train").iterdir()))
        fc8 = [layer for layer in described["layers"] if layer["name"] == "fc8"]
        self.assertEqual(fc8[0]["out"], [classes])
        self.assert_refused(run("sluice-alexnet", "describe", "--data", data, "--classes", 3), 2,
                            "net.classes = 3", f"{classes} classes")
        self.assert_refused(run("sluice-alexnet", "describe", "--data", self.folder / "none"), 2,
                            "none")


if __name__ == "__main__":
    main()
