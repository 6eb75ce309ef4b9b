#!/usr/bin/env python3
"""`describe` against an independent computation of AlexNet's shapes, parameters, work and bytes."""
import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
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


if __name__ == "__main__":
    main()
