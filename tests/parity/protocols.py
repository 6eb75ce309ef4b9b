#!/usr/bin/env python3
"""Evaluates nets by every protocol in PyTorch and compares with `evaluate --predictions`.

    tests/parity/protocols.py --data DIR --bin FOLDER [--images 200] WEIGHTS...

DIR is an ImageFolder (`DIR/val/CLASS/*.jpg`, as shared/data/caltech20); WEIGHTS are the
weights.safetensors of runs of sluice-alexnet and sluice-vgg; of several, their average too. FOLDER
holds the programs. Needs PyTorch (`prepare`) and Pillow 11 (tests/augment/make_golden.py says why):
images are decoded and rescaled by Pillow, whose antialiased bilinear filter gives the bytes of ours
(augment_geometry.py), nets are nets.py, and views, averages and the dense form are written here a
second time, from the papers (FACTS 1.1 and 2.3 name them): fully connected layers are convolutions
here. Of each image the five best classes and their probabilities are compared; a tie
of two classes within the limit may stand either way. Exit status 1: a limit is broken.
"""
import argparse
import functools
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

import layers as L
import nets

LIMIT = 1e-4


# Keys of [net] that nets.py knows, by its word; and those that decide nothing of a trained net.
KNOWN = {"activation": "activation", "dropout": "drop", "dropout_scaling": "scaling", "lrn": "lrn",
         "lrn_reading": "lrn_reading", "pooling": "pooling", "side": "side", "towers": "towers"}
OF_TRAINING = {"name", "variant", "width", "classes", "deviation", "deviation_conv345",
               "deviation_fc67", "bias"}


def options_of(of_net, path):
    """Of nets.py, from a recipe's [net]."""
    other = [key for key, value in of_net.items()
             if value != "variant" and key not in KNOWN and key not in OF_TRAINING]
    if other:
        raise SystemExit(f"{path}: net.{other[0]} is not written here")
    return nets.Options(net=of_net["name"], variant=of_net["variant"], width=float(of_net["width"]),
                        classes=int(of_net["classes"]),
                        **{word: of_net[key] for key, word in KNOWN.items()})


class Weights:
    """A net of ours with what it was trained for."""

    def __init__(self, path):
        data = Path(path).read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + length])
        about = header.pop("__metadata__")
        self.path = path
        self.program = "sluice-" + about["sluice.net"]
        recipe = tomllib.loads(about["sluice.recipe"])
        self.chain = tomllib.loads(about["sluice.input_chain"])["augment"]
        self.classes = json.loads(about["sluice.classes"])
        self.mean_rgb = json.loads(about["sluice.statistics.mean_rgb"])

        covariance = json.loads(about["sluice.statistics.covariance"])
        self.deviations = [covariance[4 * channel] ** 0.5 for channel in range(3)]

        def tensor(name):
            entry = header[name]
            begin, end = (8 + length + at for at in entry["data_offsets"])
            return torch.tensor(numpy.frombuffer(data[begin:end], dtype="<f4").copy()).reshape(entry["shape"])

        def place(name):
            part, number, role = name.split(".")
            return part != "features", int(number), role != "weight"

        names = sorted((n for n in header if n.split(".")[0] in ("features", "classifier")), key=place)
        self.parameters = [tensor(name) for name in names]
        self.mean_image = tensor("statistics.mean_image") if "statistics.mean_image" in header else None
        options = options_of(recipe["net"], path)
        self.drop = 0.5 if options.drop == "variant" else float(options.drop)
        self.net = nets.build(options)

    def crop_side(self):
        """Of the chain's crops but the last, if there is one."""
        crops = [int(node["side"]) for node in self.chain if node["node"] == "centre-crop"]
        return crops[0] if len(crops) > 1 else None

    def scale(self):
        return next(int(node["side"]) for node in self.chain if node["node"] == "rescale")

    def standardised(self, pixels):
        """(height, width, 3) bytes to floats, as the chain says."""
        x = torch.from_numpy(numpy.array(pixels, dtype=numpy.float32))
        for node in self.chain:
            if node["node"] == "mean":
                mean = {"rgb": self.mean_rgb, "vgg": [123.68, 116.779, 103.939]}.get(node["from"])
                x = x - (self.mean_image if node["from"] == "image" else torch.tensor(mean))
            elif node["node"] == "scale":
                x = x / float(node["divisor"])
                if node.get("by") == "deviation":
                    x = x / torch.tensor(self.deviations)
            elif node["node"] not in ("rescale", "centre-crop", "resize"):
                raise SystemExit(f"{self.path}: the chain has {node['node']}, which is not written here")
        return x.permute(2, 0, 1)

    def forward(self, x):
        """Scores of rows of the net's own side."""
        with torch.no_grad():
            return self._run(x, dense=False)

    def dense(self, x):
        """Scores of whole images: the class map, averaged over its places."""
        with torch.no_grad():
            return self._run(x, dense=True)

    def _run(self, x, dense):
        parameters = list(self.parameters)
        side = self.first_map() if dense else None
        for layer in self.net.layers:
            own = [parameters.pop(0) for _ in layer.shapes]
            if isinstance(layer, L.Dropout):
                x = x if layer.factor != 1.0 else x * (1 - self.drop)  # vanilla: less when tested
            elif isinstance(layer, L.Linear) and dense:
                kernel, side = side, 1
                weights = own[0].reshape(own[0].shape[0], -1, kernel, kernel)
                x = F.conv2d(x, weights, own[1])
            else:
                x = layer(x, own, None)
        return x.mean((2, 3)) if dense else x

    @functools.cache  # a net is made once
    def first_map(self):
        """Side of the plane that the first fully connected layer sees."""
        x = torch.zeros(1, self.net.channels, self.net.side, self.net.side)
        parameters = list(self.parameters)
        for layer in self.net.layers:
            if isinstance(layer, L.Linear):
                return x.shape[-1]
            if isinstance(layer, L.Dropout):
                continue
            x = layer(x, [parameters.pop(0) for _ in layer.shapes], None)


def shorter(image, side):
    """The shorter side becomes `side`, the longer is rounded down."""
    width, height = image.size
    least = min(width, height)
    return image.resize((width * side // least, height * side // least), Image.Resampling.BILINEAR)


def middle(image, side):
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def framed(net, image, scale):
    """What views are taken of."""
    image = shorter(image, scale or net.scale())
    if net.crop_side():
        image = middle(image, net.crop_side())
    return net.standardised(image)


def cut(x, side, places):
    """Squares at (row, column) of `of` along each axis, and mirrored."""
    def at(room, index, of):
        return room // 2 if of == 1 else room * index // (of - 1)

    squares = []
    for of, row, column in places:
        top, left = at(x.shape[1] - side, row, of), at(x.shape[2] - side, column, of)
        squares.append(x[:, top:top + side, left:left + side])
    return torch.stack(squares)


CENTRE = [(1, 0, 0)]
CORNERS = [(2, 0, 0), (2, 0, 1), (1, 0, 0), (2, 1, 0), (2, 1, 1)]
GRID = [(5, row, column) for row in range(5) for column in range(5)]


def mirrored(rows):
    return torch.cat([rows, rows.flip(3)])


def mean_of(scores):
    return torch.softmax(scores.double(), 1).mean(0)


def crops_of(places, flips=True):
    def probabilities(net, image, scale):
        rows = cut(framed(net, image, scale), net.net.side, places)
        return mean_of(net.forward(mirrored(rows) if flips else rows))
    return probabilities


def squashed(net, image, _scale):
    side = net.net.side
    x = net.standardised(image.resize((side, side), Image.Resampling.BILINEAR))
    return mean_of(net.forward(mirrored(x[None])))


def over_whole(net, image, scale):
    return mean_of(net.dense(mirrored(framed(net, image, scale)[None])))


PROTOCOLS = {
    "centre": [crops_of(CENTRE, flips=False)],
    "centre --flip-average": [crops_of(CENTRE)],
    "squash": [squashed],
    "ten-crop": [crops_of(CORNERS)],
    "dense": [over_whole],
    "multi-crop": [crops_of(GRID)],
    "dense+multi-crop": [over_whole, crops_of(GRID)],
}


AVERAGED = ["centre", "ten-crop", "dense", "dense+multi-crop"]  # of several nets


@functools.cache
def part_of(part, net, file, scale):
    """Asked for again by protocols of several parts and by averages of nets."""
    return part(net, Image.open(file).convert("RGB"), scale)


def answer(protocol, some, file, scales):
    """Mean over nets, parts and scales."""
    parts = PROTOCOLS[protocol]
    return sum(torch.stack([part_of(part, net, file, scale) for scale in scales]).mean(0)
               for net in some for part in parts) / (len(some) * len(parts))


def ours(options, some, data, protocol, scales, folder):
    file = Path(folder) / "predictions.json"
    words = [Path(options.bin) / some[0].program, "evaluate", "--data", data, "--protocol",
             *protocol.split(), "--predictions", file, "--quiet", "--batch", "64", "--threads",
             str(options.threads), *[w for net in some for w in ("--weights", net.path)]]
    if scales != [None]:
        words += ["--scales", ",".join(map(str, scales))]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip())
    return json.loads(file.read_text())


def key_of(path):
    """Class and name: photographs of several classes have the same names."""
    return "/".join(Path(path).parts[-2:])


def compare(rows, expected, classes):
    """The largest difference of probabilities, and images whose five best differ."""
    worst, other = 0.0, 0
    for row in rows:
        mine = expected[key_of(row["path"])]
        best = torch.argsort(mine, descending=True, stable=True)[:len(row["best"])]
        for place, guess in zip(best, row["best"]):
            own = float(mine[classes.index(guess["class"])])
            worst = max(worst, abs(own - guess["probability"]))
            other += abs(own - float(mine[place])) > LIMIT
    return worst, other


def choose_images(data, count, folder):
    """`count` photographs, evenly from the validation part, as a data set of their own."""
    files = sorted(Path(data, "val").rglob("*.jpg"))
    for first in {p.parent.name: p for p in files}.values():  # a set has every class in both parts
        (folder / "val" / first.parent.name).mkdir(parents=True)
        (folder / "train" / first.parent.name).mkdir(parents=True)
        shutil.copy(first, folder / "train" / first.parent.name / first.name)
    chosen = [files[i * len(files) // count] for i in range(min(count, len(files)))]
    for file in chosen:
        shutil.copy(file, folder / "val" / file.parent.name / file.name)
    for empty in [f for f in (folder / "val").iterdir() if not any(f.iterdir())]:
        empty.rmdir()
        shutil.rmtree(folder / "train" / empty.name)
    return [folder / "val" / f.parent.name / f.name for f in chosen]


def jobs(some, options):
    """(protocol, nets, scales)"""
    for net in [] if options.together else some:
        for protocol in PROTOCOLS:
            if options.only and protocol not in options.only:
                continue
            if protocol == "squash" and net.mean_image is not None and any(
                    node["node"] == "mean" and node["from"] == "image" for node in net.chain):
                continue  # refused: a mean image fits no squashed image
            yield protocol, [net], [None]
            if protocol in ("ten-crop", "dense") and not net.crop_side():
                own = net.scale()
                yield protocol, [net], [net.net.side, own, own + 32]
    for protocol in AVERAGED if len(some) > 1 else []:
        if not options.only or protocol in options.only:
            yield protocol, some, [None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", action="append", help="a protocol; may be given several times")
    parser.add_argument("--together", action="store_true", help="only the average of the nets")
    parser.add_argument("weights", nargs="+")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    some = [Weights(path) for path in options.weights]
    if any(net.classes != some[0].classes for net in some):
        raise SystemExit("nets of other classes, or in another order; valid: of one data set")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        files = choose_images(options.data, options.images, data)
        print("| net | protocol | scales | images | largest difference | other five best |")
        print("|---|---|---|---|---|---|")
        for protocol, chosen, scales in jobs(some, options):
            rows = ours(options, chosen, data, protocol, scales, folder)
            expected = {key_of(file): answer(protocol, chosen, file, scales) for file in files}
            worst, other = compare(rows, expected, chosen[0].classes)
            failed |= worst > LIMIT or other > 0 or len(rows) != len(files)
            print(f"| {' + '.join(Path(n.path).parent.name for n in chosen)} | {protocol} | "
                  f"{'own' if scales == [None] else scales} | {len(rows)} | {worst:.1e} | {other} |",
                  flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
