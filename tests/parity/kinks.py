"""Steps at a kink: which way Sluice went where two ways are equally right.

A ReLU whose input is zero up to rounding, and a pooling window whose two largest values are equal up
to rounding, have two gradients, and f32 and double precision may take different ones. One such window
among a million moves conv1's gradient by a thousandth of its norm. Here the windows and units in
question are found, and from the difference of the gradients it follows which of them Sluice saw the
other way: their contributions are known, only whether each counts is not. The replay then takes the
same way there, and everything is compared again with the same limits.
"""
import dataclasses

import torch
import torch.nn.functional as F

import layers as L

# Of a layer's root mean square. f32's rounding of one sum is a few times 1e-7 of it, and adds up to
# 2e-6 through the layers of VGG D; the farthest of millions of units and windows are ten times that.
CLOSE = 3e-5
# Of the limit: nothing is looked for in a layer that agrees so well. A window whose places see nearly
# the same makes little of its own layer's gradient and much of those before it: at 0.1 one of VGG A's
# conv4 was left as it was, for 3e-6 of that gradient, and conv3's was off by 2e-4; at 0.01, some of E's.
WELL_BELOW = 0.001
MOST = 3000  # candidates of a layer
ENOUGH = 1e-6  # of the residual's square: less is rounding
# Nearer than that, values are one and the same: a window on a patch of one colour, where it makes no
# difference which of its places is taken.
SAME = 1e-11
REACH = 4  # places that a layer without windows sees around one


@dataclasses.dataclass
class Segment:
    """A convolution and what follows it up to the next layer with parameters or a mask."""
    conv: int  # index into Net.layers
    parameter: int  # index of its weights
    end: int  # index of the layer behind it


def segments(net):
    found, parameter = [], 0
    for i, layer in enumerate(net.layers):
        if isinstance(layer, L.Conv):
            end = i + 1
            while not net.layers[end].shapes and not net.layers[end].takes_mask:
                end += 1
            found.append(Segment(i, parameter, end))
        parameter += len(layer.shapes)
    return found


@dataclasses.dataclass
class Candidate:
    layer: int
    unit: int  # flat index into the layer's output
    # The way that PyTorch does not take. Pooling: flat index into the plane; ReLU: 1 let through, 0 not.
    other: int


def relu_candidates(index, x):
    close = (x.abs() <= CLOSE * x.pow(2).mean().sqrt()) & (x != 0)
    units = close.flatten().nonzero().flatten().tolist()
    return [Candidate(index, unit, int(x.flatten()[unit] <= 0)) for unit in units]


def windows(layer, x):
    """(N, C, rows, columns, kernel^2): values, and their places in the plane."""
    k, s = layer.kernel, layer.stride
    side = x.shape[-1]
    out = F.max_pool2d(x[:1, :1], k, s, ceil_mode=layer.ceil).shape[-1]
    more = max((out - 1) * s + k - side, 0)
    places = torch.arange(side * side).view(1, 1, side, side)
    cut = [F.pad(t.to(x.dtype), (0, more, 0, more), value=float("-inf"))
           .unfold(2, k, s).unfold(3, k, s)[:, :, :out, :out].flatten(4) for t in (x, places)]
    return cut[0], cut[1]


def pool_candidates(index, layer, x):
    values, places = windows(layer, x)
    best = values.max(-1, keepdim=True)
    behind = (best.values - values) / x.pow(2).mean().sqrt()
    close = (behind <= CLOSE) & (behind > SAME)
    close &= best.values != 0  # all dead: the ReLU before lets nothing through
    found = []
    area = close.shape[2] * close.shape[3]
    for n, c, i, j, at in close.nonzero().tolist():
        unit = (n * x.shape[1] + c) * area + i * close.shape[3] + j
        found.append(Candidate(index, unit, int(places[0, 0, i, j, at])))
    return found


def candidates_of(net, segment, inputs):
    found = []
    for i in range(segment.conv + 1, segment.end):
        layer, x = net.layers[i], inputs[i].detach()
        if isinstance(layer, L.Relu):
            found += relu_candidates(i, x)
        elif isinstance(layer, L.MaxPool):
            found += pool_candidates(i, layer, x)
    return found


@dataclasses.dataclass
class Walk:
    """A step layer by layer: inputs and outputs, so that the way back can be changed on the way."""
    inputs: list
    outputs: list
    own: list  # parameters of each layer

    def back(self, i, cotangent):
        """(gradient of layer i's input, of its parameters)"""
        found = torch.autograd.grad(self.outputs[i], [self.inputs[i], *self.own[i]], cotangent,
                                    retain_graph=True)
        return found[0], list(found[1:])


def walk(net, x, parameters, masks):
    made = Walk([], [], [])
    parameters, masks = list(parameters), list(masks)
    for layer in net.layers:
        own = [parameters.pop(0) for _ in layer.shapes]
        x = x.detach().requires_grad_(True)
        made.inputs.append(x)
        x = layer(x, own, masks.pop(0) if layer.takes_mask else None)
        made.own.append(own)
        made.outputs.append(x)
    return made


def places_of(shape, flat):
    """A flat index into (N, C, H, W) as (n, c, i, j)."""
    place = []
    for size in reversed(shape):
        flat, rest = divmod(flat, size)
        place.append(rest)
    return tuple(reversed(place))


class Ways:
    """The way back through a segment's tail: plain, and what each candidate would change in it."""

    def __init__(self, net, segment, made, cotangent):
        self.net, self.segment, self.made = net, segment, made
        self.behind = {}  # of each layer of the tail: the gradient of its output
        for i in range(segment.end - 1, segment.conv, -1):
            self.behind[i] = cotangent
            cotangent = made.back(i, cotangent)[0]
        self.plain = cotangent
        self.taken = {}  # of each pooling layer: the places its windows took

    def window(self, i, unit):
        if i not in self.taken:
            layer, x = self.net.layers[i], self.made.inputs[i].detach()
            self.taken[i] = F.max_pool2d(x, layer.kernel, layer.stride, ceil_mode=layer.ceil,
                                         return_indices=True)[1]
        return int(self.taken[i].flatten()[unit])

    def at_layer(self, candidate):
        """[(place, value)]: the change of the gradient of the input of the candidate's layer."""
        i, x = candidate.layer, self.made.inputs[candidate.layer].detach()
        shape = self.behind[i].shape
        n, c, row, column = places_of(shape, candidate.unit)
        value = self.behind[i][n, c, row, column]
        if isinstance(self.net.layers[i], L.Relu):
            return [((n, c, row, column), value if candidate.other else -value)]
        side = x.shape[-1]
        old, new = self.window(i, candidate.unit), candidate.other
        return [((n, c, old // side, old % side), -value),
                ((n, c, new // side, new % side), value)]

    def at_conv(self, candidate):
        """[(place, value)]: the change of the gradient of the convolution's output."""
        changes, first = self.at_layer(candidate), self.segment.conv + 1
        before = self.net.layers[first:candidate.layer]
        if all(isinstance(layer, L.Relu) for layer in before):
            x = self.made.inputs[first].detach()
            return [(place, value) for place, value in changes if not before or x[place] > 0]
        return self.through(before, changes)

    def through(self, before, changes):
        """The same through layers that are no ReLUs: by autograd, on a patch where that is enough."""
        row = changes[0][0][0]
        x = self.made.inputs[self.segment.conv + 1].detach()[row:row + 1]
        top = left = 0
        if not any(isinstance(layer, L.MaxPool) for layer in before):  # nothing moves
            ranges = []
            for axis in (2, 3):
                places = [place[axis] for place, _ in changes]
                ranges.append((max(min(places) - REACH, 0), max(places) + REACH + 1))
            (top, bottom), (left, right) = ranges
            x = x[:, :, top:bottom, left:right]
        x = x.clone().requires_grad_(True)
        y = x
        for layer in before:
            y = layer(y, (), None)
        cotangent = torch.zeros_like(y)
        for (_, c, i, j), value in changes:
            cotangent[0, c, i - top, j - left] += value
        change = torch.autograd.grad(y, x, cotangent)[0][0]
        return [((row, c, i + top, j + left), change[c, i, j])
                for c, i, j in change.nonzero().tolist()]


def weight_columns(conv, x, changes):
    """What a change of a few cotangents does to the weights' gradient: {output map: (in * k * k)}.

    x: the convolution's input with its zeros around it.
    """
    kernel, stride = conv.shapes[0][2], conv.stride
    inputs, outputs = conv.shapes[0][1], conv.shapes[0][0] // conv.groups
    columns = {}
    for (n, c, i, j), value in changes:
        first = c // outputs * inputs
        patch = x[n, first:first + inputs, i * stride:i * stride + kernel,
                  j * stride:j * stride + kernel].flatten()
        columns[c] = columns.get(c, 0) + value * patch
    return columns


def chosen(columns, residual):
    """Which columns add up to the residual: the best one first, as long as one brings it nearer.

    Each counts wholly or not at all. Least squares would spread what neighbouring windows of one
    edge share over all of them.
    """
    n = len(columns)
    normal, right = torch.zeros(n, n, dtype=residual.dtype), torch.zeros(n, dtype=residual.dtype)
    for c in {c for column in columns for c in column}:
        having = torch.tensor([a for a in range(n) if c in columns[a]])
        stack = torch.stack([columns[a][c] for a in having.tolist()])
        normal[having.unsqueeze(1), having] += stack @ stack.T
        right[having] += stack @ residual[c].flatten()
    taken, least = torch.zeros(n, dtype=torch.bool), ENOUGH * float((residual * residual).sum())
    for _ in range(2 * n):
        gains = 2 * (right - normal @ taken.to(right.dtype)) * (1 - 2 * taken.to(right.dtype))
        gains -= normal.diagonal()
        best = int(gains.argmax())
        if float(gains[best]) <= least:
            break
        taken[best] ^= True
    return taken.nonzero().flatten().tolist()


def flips_of_segment(ways, residual):
    net, segment, made = ways.net, ways.segment, ways.made
    candidates = candidates_of(net, segment, made.inputs)
    if not 0 < len(candidates) <= MOST:
        return []
    conv = net.layers[segment.conv]
    before, after = conv.pad
    x = F.pad(made.inputs[segment.conv].detach(), (before, after, before, after))
    columns, kept = [], []
    for candidate in candidates:
        column = weight_columns(conv, x, ways.at_conv(candidate))
        if column:
            columns.append(column)
            kept.append(candidate)
    return [kept[i] for i in chosen(columns, residual)] if kept else []


def resolve(net, made, cotangent, dumped, limit):
    """(the flips under which the gradients agree best, all gradients with them)

    cotangent: of the scores; dumped(parameter): Sluice's gradient. One way back, from the last layer
    to the first: a way taken late changes all gradients before it. What flips do to the values
    themselves is rounding and is left out.
    """
    flips, gradients = [], []  # gradients from the last parameter to the first
    ends = {segment.end - 1: segment for segment in segments(net)}
    i = len(net.layers) - 1
    while i >= 0:
        segment = ends.get(i)
        if segment is None:
            cotangent, own = made.back(i, cotangent)
            gradients += reversed(own)
            i -= 1
            continue
        ways = Ways(net, segment, made, cotangent)
        cotangent, own = made.back(segment.conv, ways.plain)
        residual = dumped(segment.parameter) - own[0]
        if float(residual.norm()) > WELL_BELOW * limit * float(own[0].norm()):
            found = flips_of_segment(ways, residual)
            for flip in found:
                for place, value in ways.at_conv(flip):
                    ways.plain[place] += value
            if found:
                flips += found
                cotangent, own = made.back(segment.conv, ways.plain)
        gradients += reversed(own)
        i = segment.conv - 1
    return flips, gradients[::-1]
