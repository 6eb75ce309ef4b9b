"""The 17 nets, layer by layer, from the papers and the authors' code (LeCun et al. 1998; Krizhevsky
et al. 2012 with layers-145.cfg; Caffe's prototxts; torchvision; Simonyan and Zisserman 2014).

`build(options)` gives a Net; options are the words of a recipe (variant, width, classes, ...), and
nothing of what a net is made of is read from a dump.
"""
import dataclasses

import layers as L
import rounding

TANH_AMPLITUDE, TANH_SLOPE = 1.7159, 2 / 3


@dataclasses.dataclass
class Options:
    net: str
    variant: str
    classes: int
    width: float = 1.0
    # "variant": as the net has it.
    drop: object = "variant"  # or a number
    scaling: str = "variant"  # vanilla, inverted
    activation: str = "variant"  # relu, tanh
    lrn: str = "variant"  # off
    lrn_reading: str = "variant"  # literal
    pooling: str = "variant"  # apart
    towers: str = "variant"  # half, half-narrow
    side: object = "variant"  # or a number: of the input
    loss: str = "variant"  # softmax, hinge
    garbage: float = 10.0
    margin: float = 1.0

    def input_side(self, published):
        return published if self.side == "variant" else int(self.side)

    def act(self):
        return L.Tanh() if self.activation == "tanh" else L.Relu()

    def dropout(self):
        """As a list: nothing where nothing is dropped."""
        drop = 0.5 if self.drop == "variant" else float(self.drop)
        vanilla = self.net == "alexnet" and self.variant in ("paper", "run145", "paper-6conv")
        inverted = not vanilla if self.scaling == "variant" else self.scaling == "inverted"
        return [L.Dropout(drop, inverted)] if drop > 0 else []

    def norm(self, k, towers):
        return L.Lrn(k=k, towers=towers, literal=self.lrn_reading == "literal")


@dataclasses.dataclass
class Net:
    channels: int
    side: int
    layers: list
    loss: object  # (scores, labels) -> a loss a row
    bf16: bool = False  # weights, activations and their gradients are rounded

    def shapes(self):
        return [shape for layer in self.layers for shape in layer.shapes]

    def scores(self, x, parameters, masks, ways=(), reads=None, seen=None):
        """ways: what is to be taken at kinks (kinks.Candidate). reads: what each layer with parameters
        but the first reads, in place of what it would read, which goes to the list `seen`."""
        parameters, masks = list(parameters), list(masks)
        reads = None if reads is None else list(reads)
        if self.bf16:
            x = rounding.to_bf16(x)
            parameters = [rounding.Forward.apply(p) if p.dim() > 1 else p for p in parameters]
        for i, layer in enumerate(self.layers):
            own = [parameters.pop(0) for _ in layer.shapes]
            if own and i > 0 and reads is not None:
                seen.append(x.detach())
                x = rounding.Told.apply(x, reads.pop(0))
            taken = [way for way in ways if way.layer == i]
            if taken:
                x = layer.taking(x, taken)
            else:
                x = layer(x, own, masks.pop(0) if layer.takes_mask else None)
            if self.bf16:
                last = i + 1 == len(self.layers)
                x = (rounding.Backward if last else rounding.Both).apply(x)
        if parameters or masks or reads:
            raise ValueError(f"{len(parameters)} parameters, {len(masks)} masks and "
                             f"{len(reads or [])} inputs of layers are left over")
        return x


def part(published, width, towers=1):
    """Published maps or units times the width, rounded half up, at least one a tower."""
    return max(int(published * width / towers + 0.5), 1) * towers


class Stack:
    """A net on its way: knows the maps and the side that the next layer sees."""

    def __init__(self, channels, side):
        self.channels, self.side, self.first, self.layers = channels, side, (channels, side), []

    def add(self, *layers):
        self.layers += layers

    def conv(self, outputs, kernel, stride=1, pad=(0, 0), groups=1):
        self.add(L.Conv(self.channels, outputs, kernel, stride, pad, groups))
        self.channels = outputs
        self.side = (self.side + sum(pad) - kernel) // stride + 1

    def pool(self, kernel, stride, ceil=True):
        self.add(L.MaxPool(kernel, stride, ceil))
        over = self.side - kernel
        self.side = (-(-over // stride) if ceil else over // stride) + 1

    def linear(self, outputs):
        self.add(L.Linear(self.channels * self.side * self.side, outputs))
        self.channels, self.side = outputs, 1

    def net(self, loss):
        return Net(*self.first, self.layers, loss)


def loss_of(options, own="softmax"):
    name = own if options.loss == "variant" else options.loss
    if name == "softmax":
        return L.softmax_loss
    if name == "hinge":
        return lambda scores, labels: L.hinge_loss(scores, labels, options.margin)
    return lambda scores, labels: L.map_loss(scores, labels, options.garbage)


# AlexNet.


def alexnet(o):
    owt, cs231n = o.variant == "owt", o.variant == "cs231n"
    two = o.variant in ("paper", "run145", "paper-6conv", "caffe", "caffenet")
    half = o.towers.startswith("half")  # one tower of half the maps
    groups = 2 if two and not half else 1
    inside = 1 if o.variant in ("caffe", "caffenet") else groups  # towers that LRN respects
    k = 1.0 if o.variant in ("caffe", "caffenet") else 2.0
    lrn = o.lrn != "off" and not owt

    def maps(published, halved=False):
        return part(published / 2 if halved else published, o.width, groups)

    published = 227 if o.variant in ("caffe", "caffenet", "cs231n") else 224
    s = Stack(3, o.input_side(published))

    def block(order):
        for step in order:
            if step == "act":
                s.add(o.act())
            elif step == "lrn" and lrn:
                s.add(o.norm(k, inside))
            elif step == "same" and lrn:
                s.add(L.SameMapLrn())
            elif step == "pool" and o.pooling == "apart":
                s.pool(2, 2, ceil=False)
            elif step == "pool":
                s.pool(3, 2)

    first = {"run145": ["lrn", "pool", "act"], "caffenet": ["act", "pool", "lrn"],
             "cs231n": ["act", "pool", "lrn"]}.get(o.variant, ["act", "lrn", "pool"])
    second = ["act", "lrn", "same", "pool"] if o.variant == "run145" else first
    conv1_pad = (2, 2) if owt else (0, 3) if published == 224 else (0, 0)
    widths = (64, 192, 384, 256, 256) if owt else (96, 256, 384, 384, 256)
    s.conv(maps(widths[0], half), 11, 4, conv1_pad)
    block(first)
    s.conv(maps(widths[1], half), 5, 1, (2, 2), groups)
    block(second)
    s.conv(maps(widths[2], half), 3, 1, (1, 1))
    block(["act"])
    s.conv(maps(widths[3], half), 3, 1, (1, 1), groups)
    block(["act"])
    s.conv(maps(widths[4], o.towers == "half-narrow"), 3, 1, (1, 1), groups)
    block(["act", "pool"])
    if o.variant == "paper-6conv":
        s.conv(maps(256), 3, 1, (1, 1), groups)
        block(["act"])
    for _ in range(2):
        if owt:
            s.add(*o.dropout())
        s.linear(maps(4096))
        block(["act"])
        if not owt:
            s.add(*o.dropout())
    s.linear(o.classes)
    return s.net(loss_of(o))


# VGG. A number: maps of a 3 x 3; 1 x 1, 5 x 5 and 7 x 7 say so.

VGG = {
    "A": [[64], [128], [256] * 2, [512] * 2, [512] * 2],
    "B": [[64] * 2, [128] * 2, [256] * 2, [512] * 2, [512] * 2],
    "C": [[64] * 2, [128] * 2, [256, 256, (256, 1)], [512, 512, (512, 1)], [512, 512, (512, 1)]],
    "D": [[64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3],
    "E": [[64] * 2, [128] * 2, [256] * 4, [512] * 4, [512] * 4],
    "B-5x5": [[(64, 5)], [(128, 5)], [(256, 5)], [(512, 5)], [(512, 5)]],
    "D-7x7": [[64] * 2, [128] * 2, [(256, 7)], [(512, 7)], [(512, 7)]],
}
VGG["A-LRN"] = VGG["A"]


def vgg(o):
    s = Stack(3, o.input_side(224))
    for block in VGG[o.variant]:
        for entry in block:
            published, kernel = entry if isinstance(entry, tuple) else (entry, 3)
            s.conv(part(published, o.width), kernel, 1, (kernel // 2, kernel // 2))
            s.add(o.act())
            if o.variant == "A-LRN" and o.lrn != "off" and len(s.layers) == 2:
                s.add(o.norm(2.0, 1))
        s.pool(2, 2)
    for _ in range(2):
        s.linear(part(4096, o.width))
        s.add(o.act(), *o.dropout())
    s.linear(o.classes)
    return s.net(loss_of(o))


# LeNet-5. Rows of C3's table: the S2 maps that each of its 16 maps sees.

C3 = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
      [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
      [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]

# Seven-pixel rows of the ten digits, bit 6 on the left.
BITMAPS = """
3e 00 1c 36 63 63 63 63 36 1c 00 00
0c 1c 3c 0c 0c 0c 0c 0c 0c 3f 00 00
3e 00 3e 63 43 06 1c 30 60 7f 00 00
7f 03 06 0c 1e 03 03 03 63 3e 00 00
3e 00 00 33 33 73 63 63 67 3f 03 03
3e 00 7f 60 60 3c 1e 03 63 3e 00 00
1e 30 60 60 7e 73 63 63 73 3e 00 00
7f 03 03 06 0c 0c 18 18 18 18 00 00
3e 63 63 63 3e 63 63 63 63 3e 00 00
3e 67 63 63 67 3f 03 03 06 3c 00 00
"""


def codes():
    return [[1.0 if int(row, 16) >> bit & 1 else -1.0 for row in line.split()
             for bit in range(6, -1, -1)] for line in BITMAPS.strip().splitlines()]


def squash():
    return L.Tanh(TANH_AMPLITUDE, TANH_SLOPE)


def lenet_1998(o):
    s = Stack(1, 32)
    s.conv(6, 5)
    s.add(squash(), L.Subsample(6), squash(), L.TableConv(C3, 5), squash(), L.Subsample(16),
          squash())
    s.channels, s.side = 16, 5
    s.conv(120, 5)
    s.add(squash())
    s.linear(84)
    s.add(squash(), L.Rbf(codes()))
    return s.net(loss_of(o, own="map"))


def lenet_caffe(o):
    s = Stack(1, 28)
    for maps in (20, 50):
        s.conv(part(maps, o.width), 5)
        s.pool(2, 2)
    s.linear(part(500, o.width))
    s.add(L.Relu())
    s.linear(o.classes)
    return s.net(loss_of(o))


def lenet_modern(o):
    s = Stack(1, 32)
    for maps in (6, 16):
        s.conv(part(maps, o.width), 5)
        s.add(L.Relu())
        s.pool(2, 2)
    for units in (120, 84):
        s.linear(part(units, o.width))
        s.add(L.Relu())
    s.linear(o.classes)
    return s.net(loss_of(o))


LENETS = {"1998": lenet_1998, "caffe": lenet_caffe, "modern": lenet_modern}


def build(options):
    if options.net == "alexnet":
        return alexnet(options)
    if options.net == "vgg":
        return vgg(options)
    return LENETS[options.variant](options)
