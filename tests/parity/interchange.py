#!/usr/bin/env python3
"""Files that Sluice writes and other programs read, and the other way round: the same scores.

    DIR/bin/python tests/parity/interchange.py [--bin BIN] [--work DIR] [--only TEXT]

Needs torch, torchvision, onnx, onnxruntime, protobuf, safetensors, Pillow and NumPy. BIN holds the
programs and net_scores. A line a check: the largest difference of probabilities (of the scores'
softmax), and whether the five best are the same. Exit status 1 where a difference is above 1e-4 or
a best class differs.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import safetensors.numpy
import safetensors.torch
import torch
import torchvision

import caffe_files
import nets

LIMIT = 1e-4
IMAGES = 4
ALEXNET = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
SMALL, FULL = 0.125, 1.0

# Layers with parameters, in order.
BLOCKS = {"A": (1, 1, 2, 2, 2), "A-LRN": (1, 1, 2, 2, 2), "B": (2, 2, 2, 2, 2),
          "C": (2, 2, 3, 3, 3), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4), "B-5x5": (1,) * 5, "D-7x7": (2, 2, 1, 1, 1)}
LENET = {"1998": ["c1", "s2", "c3", "s4", "c5", "f6"], "caffe": ["conv1", "conv2", "ip1", "ip2"],
         "modern": ["c1", "c3", "c5", "f6", "output"]}


def layer_names(net, variant):
    if net == "lenet5":
        return LENET[variant]
    if net == "alexnet":
        six = ["conv6"] if variant == "paper-6conv" else []
        return ALEXNET[:5] + six + ALEXNET[5:]
    return [f"conv{block + 1}_{i + 1}" for block, count in enumerate(BLOCKS[variant])
            for i in range(count)] + ALEXNET[5:]


def softmax(scores):
    shifted = np.exp(scores.astype(np.float64) - scores.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def best(scores):
    return np.argsort(-scores, axis=1, kind="stable")[:, :5]


class Net:
    """A net of nets.py with random parameters; scores in double precision."""

    def __init__(self, net, variant, width, classes, seed=1):
        self.net, self.variant, self.width, self.classes = net, variant, width, classes
        self.names = layer_names(net, variant)
        self.built = nets.build(nets.Options(net=net, variant=variant, classes=classes, width=width))
        generator = np.random.default_rng(seed)
        self.parameters = [self.draw(shape, generator) for shape in self.built.shapes()]
        side, channels = self.built.side, self.built.channels
        self.rows = generator.uniform(-100, 120, (IMAGES, channels, side, side)).astype(np.float32)
        if net == "lenet5":
            self.rows /= 100
        elif variant == "owt":
            self.rows /= 60
        self.spread_scores()

    @staticmethod
    def draw(shape, generator):
        shape = tuple(shape)
        fan_in = max(int(np.prod(shape[1:])), 1)
        deviation = np.sqrt(2 / fan_in) if len(shape) > 1 else 0.1
        return generator.normal(0, deviation, shape).astype(np.float32)

    def spread_scores(self):
        """So that no probability is 1, where all differences are small."""
        if self.variant == "1998":
            return
        spread = self.scores().std()
        self.parameters[-2] *= np.float32(2 / spread)
        self.parameters[-1] *= np.float32(2 / spread)

    def scores(self, rows=None):
        """nets.py, with the masks that testing has: what is kept on the average."""
        masks = [torch.full((1, 1), 0.5, dtype=torch.float64)
                 for layer in self.built.layers if layer.takes_mask]
        with torch.no_grad():
            x = torch.from_numpy(self.rows if rows is None else rows).double()
            parameters = [torch.from_numpy(p).double() for p in self.parameters]
            return self.built.scores(x, parameters, masks).numpy()

    def tensors(self):
        pairs = zip(self.names, self.parameters[0::2], self.parameters[1::2])
        return {f"{name}.{kind}": value for name, weight, bias in pairs
                for kind, value in (("weight", weight), ("bias", bias))}

    def options(self):
        return ["--variant", self.variant, "--width", str(self.width)]


class Checks:
    def __init__(self, options, work):
        self.bin, self.work, self.only, self.failed = Path(options.bin), Path(work), options.only, 0

    def wants(self, name):
        return not self.only or self.only in name

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"failed: {' '.join(str(w) for w in words)}\n{done.stderr}")
        return done.stdout

    def program(self, net, *words):
        return self.run(self.bin / f"sluice-{net}", *words)

    def ours(self, net, weights, rows):
        safetensors.numpy.save_file({"rows": np.ascontiguousarray(rows)}, self.work / "rows")
        self.run(self.bin / "net_scores", net, weights, self.work / "rows", self.work / "scores")
        return safetensors.numpy.load_file(self.work / "scores")["scores"]

    def compare(self, name, ours, theirs):
        apart = np.abs(softmax(ours) - softmax(theirs)).max()
        same = (best(ours) == best(theirs)).all()
        self.failed += not (apart <= LIMIT and same)
        largest = softmax(theirs).max()
        print(f"{name:58} {apart:8.1e}  top-5 {'same' if same else 'DIFFER'}"
              f"  largest {largest:.3f}", flush=True)

    # Nets of ours.
    def onnx_scores(self, weights, net, rows, *words):
        file = self.work / "net.onnx"
        self.program(net, "export", "--weights", weights, "--to", file, *words)
        model = onnx.load(file)
        onnx.checker.check_model(model, full_check=True)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        file.unlink()
        return session.run(None, {"images": rows})[0]

    def imported(self, net):
        file, weights = self.work / "theirs.safetensors", self.work / "ours.safetensors"
        safetensors.numpy.save_file(net.tensors(), file)
        self.program(net.net, "import", "--weights", file, "--to", weights, *net.options())
        return weights

    def net(self, name, variant, width):
        title = f"{name} {variant}" + (f" at width {width}" if width != 1 else "")
        if not self.wants(title):
            return
        net = Net(name, variant, width, 10 if name == "lenet5" else 20)
        weights = self.imported(net)
        ours = self.ours(name, weights, net.rows)
        self.compare(f"{title}: PyTorch", ours, net.scores())
        self.compare(f"{title}: onnxruntime", ours, self.onnx_scores(weights, name, net.rows))
        if variant not in ("1998",):
            given = self.onnx_scores(weights, name, net.rows, "--with-softmax")
            self.compare(f"{title}: onnxruntime, probabilities", ours, np.log(given))
            dense = self.onnx_scores(weights, name, net.rows, "--dense")
            self.compare(f"{title}: onnxruntime, dense form on a crop", ours, dense)
        if name == "vgg" and width != 1:
            self.dense(title, net, weights)

    def dense(self, title, net, weights):
        """Every 7 x 7 window of the last pooled map through the FC layers: crops at steps of 32."""
        larger = np.random.default_rng(3).uniform(-100, 120, (2, 3, 256, 288)).astype(np.float32)
        dense = self.onnx_scores(weights, net.net, larger, "--dense")
        features = torch.from_numpy(larger).double()
        parameters = [torch.from_numpy(p).double() for p in net.parameters]
        with torch.no_grad():
            split = next(i for i, layer in enumerate(net.built.layers) if
                         type(layer).__name__ == "Linear")
            for layer in net.built.layers[:split]:
                own = [parameters.pop(0) for _ in layer.shapes]
                features = layer(features, own, None)
            scores = []
            for y in range(features.shape[2] - 6):
                for x in range(features.shape[3] - 6):
                    window, rest = features[:, :, y:y + 7, x:x + 7], list(parameters)
                    for layer in net.built.layers[split:]:
                        own = [rest.pop(0) for _ in layer.shapes]
                        mask = torch.full((1, 1), 0.5, dtype=torch.float64)
                        window = layer(window, own, mask if layer.takes_mask else None)
                    scores.append(window)
        self.compare(f"{title}: onnxruntime, dense on 256 x 288", dense,
                     torch.stack(scores).mean(0).numpy())

    # torchvision.
    def torchvision(self, name, variant, make):
        title = f"torchvision {name} {variant}"
        if not self.wants(title):
            return
        torch.manual_seed(1)
        model = make(weights=None, num_classes=1000).eval()
        rows = torch.randn(IMAGES, 3, 224, 224)
        with torch.no_grad():  # spread, as above
            last = model.classifier[-1]
            spread = model(rows).std()
            last.weight *= 2 / spread
            last.bias *= 2 / spread
            theirs = model(rows).numpy()
        pth, plain = self.work / "theirs.pth", self.work / "theirs.safetensors"
        torch.save(model.state_dict(), pth)
        safetensors.torch.save_file(model.state_dict(), plain)
        for file in (pth, plain):
            weights = self.work / "ours.safetensors"
            self.program(name, "import", "--weights", file, "--to", weights, "--variant", variant)
            ours = self.ours(name, weights, rows.numpy())
            self.compare(f"{title}: {file.suffix} imported", ours, theirs)
            file.unlink()
        back = self.work / "back.safetensors"
        self.program(name, "export", "--weights", weights, "--to", back, "--names", "torchvision")
        other = make(weights=None, num_classes=1000).eval()
        other.load_state_dict(safetensors.torch.load_file(back), strict=True)
        with torch.no_grad():
            self.compare(f"{title}: exported, load_state_dict(strict=True)", ours,
                         other(rows).numpy())
        self.compare(f"{title}: onnxruntime, full width", ours,
                     self.onnx_scores(weights, name, rows.numpy()))

    def pickles(self):
        """What state dicts may be made of beside f32 at once: halves, strides, wrappers."""
        if not self.wants("pickles"):
            return
        net = Net("alexnet", "owt", SMALL, 20)
        state = {name: torch.from_numpy(value) for name, value in net.tensors().items()}
        turned = {name: value.t().contiguous().t() if value.dim() == 2 else value
                  for name, value in state.items()}
        forms = {"f16": {k: v.half() for k, v in state.items()},
                 "bf16": {k: v.bfloat16() for k, v in state.items()},
                 "f64": {k: v.double() for k, v in state.items()},
                 "turned": turned,
                 "parameters": {k: torch.nn.Parameter(v) for k, v in state.items()},
                 "module.": {f"module.{k}": v for k, v in state.items()},
                 "nested": {"epoch": 3, "state_dict": state, "best": 0.5}}
        for form, value in forms.items():
            file, weights = self.work / "theirs.pth", self.work / "ours.safetensors"
            torch.save(value, file)
            self.program("alexnet", "import", "--weights", file, "--to", weights, *net.options())
            held = dict(value["state_dict"] if form == "nested" else value)
            parameters = [held[k if k in held else f"module.{k}"].detach().float().numpy()
                          for k in state]
            rounded = Net("alexnet", "owt", SMALL, 20)
            rounded.parameters = parameters
            self.compare(f"state dict, {form}", self.ours("alexnet", weights, net.rows),
                         rounded.scores())

    # Caffe.
    def caffe(self, name, variant, width, form, title):
        row = f"caffemodel {form} {name} {variant}"
        if not self.wants(row):
            return
        net = Net(name, variant, width, 20)
        groups = 2 if name == "alexnet" else 1
        layers = [(layer, weight, bias, groups if layer in ("conv2", "conv4", "conv5") else 1)
                  for layer, weight, bias in zip(net.names, net.parameters[0::2],
                                                 net.parameters[1::2])]
        file, weights = self.work / "theirs.caffemodel", self.work / "ours.safetensors"
        file.write_bytes(caffe_files.net(title, layers, form))
        words = [] if title in ("CaffeNet", "AlexNet") else ["--variant", variant]
        self.program(name, "import", "--weights", file, "--to", weights, "--width", width, *words)
        turned = np.ascontiguousarray(net.rows[:, ::-1])  # the file's net takes BGR, ours RGB
        self.compare(row, self.ours(name, weights, turned), net.scores())


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    root = Path(__file__).resolve().parent.parent.parent
    parser.add_argument("--bin", default=root / "build/release/bin")
    parser.add_argument("--work", help="folder for files meanwhile (up to 2 GB)")
    parser.add_argument("--only", default="", metavar="TEXT", help="checks whose name has TEXT")
    return parser.parse_args()


def main():
    options = parse()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        checks = Checks(options, work)
        for variant in LENET:
            checks.net("lenet5", variant, 1.0)
        for variant in ("paper", "run145", "caffe", "caffenet", "cs231n", "owt", "paper-6conv"):
            checks.net("alexnet", variant, SMALL)
        for variant in BLOCKS:
            checks.net("vgg", variant, SMALL)
        checks.net("alexnet", "paper", FULL)
        checks.pickles()
        checks.torchvision("alexnet", "owt", torchvision.models.alexnet)
        checks.torchvision("vgg", "A", torchvision.models.vgg11)
        for form in ("V1", "V2"):
            checks.caffe("vgg", "D", SMALL, form, "VGG_ILSVRC_16_layers")
            checks.caffe("alexnet", "caffenet", SMALL, form, "CaffeNet")
        checks.caffe("vgg", "E", SMALL, "V1", "VGG_ILSVRC_19_layers")
        checks.caffe("alexnet", "caffe", SMALL, "V2", "AlexNet")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
