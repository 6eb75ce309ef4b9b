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

# Of a layer's root mean square: f32's rounding of sums is a few times 1e-7 of it.
CLOSE = 3e-6
WELL_BELOW = 0.1  # of the limit: nothing is looked for in a layer that agrees so well
MOST = 600  # candidates of a layer
ENOUGH = 1e-6  # of the residual's square: less is rounding
# Nearer than that, values are one and the same: a window on a patch of one colour, where it makes no
# difference which of its places is taken.
SAME = 1e-11


@dataclasses.dataclass
class Segment:
    """A convolution and what follows it up to the next layer with parameters or a mask."""
    conv: int  # index into Net.layers
    parameter: int  # index of its weights
    end: int  # index of the layer behind it

    def tail(self, net):
        return net.layers[self.conv + 1:self.end]


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
    other: int  # pooling: flat index into the plane; ReLU: 0
    row: int  # of the batch


def relu_candidates(index, x):
    close = (x.abs() <= CLOSE * x.pow(2).mean().sqrt()) & (x != 0)
    units = close.flatten().nonzero().flatten().tolist()
    return [Candidate(index, unit, 0, unit // x[0].numel()) for unit in units]


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
        found.append(Candidate(index, unit, int(places[0, 0, i, j, at]), n))
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


def run_tail(net, segment, x, flips, row):
    """One row through the tail; `flips` of that row alone."""
    for i in range(segment.conv + 1, segment.end):
        layer = net.layers[i]
        own = [f for f in flips if f.layer == i and f.row == row]
        x = layer.flipped(x, own) if own else layer(x, (), None)
    return x


def conv_cotangent(net, segment, inputs, cotangent, flips, row):
    """Of the convolution's output, (C, H, W)."""
    x = inputs[segment.conv + 1].detach()[row:row + 1].requires_grad_(True)
    y = run_tail(net, segment, x, flips, row)
    return torch.autograd.grad(y, x, cotangent[row:row + 1])[0][0]


def weight_columns(conv, x, change):
    """What a change of a few cotangents does to the weights' gradient: {output map: (in, k, k)}."""
    before, after = conv.pad
    x = F.pad(x, (before, after, before, after))
    kernel, stride = conv.shapes[0][2], conv.stride
    inputs, outputs = conv.shapes[0][1], conv.shapes[0][0] // conv.groups
    columns = {}
    for c, i, j in change.nonzero().tolist():
        first = c // outputs * inputs
        patch = x[first:first + inputs, i * stride:i * stride + kernel,
                  j * stride:j * stride + kernel]
        columns[c] = columns.get(c, 0) + change[c, i, j] * patch
    return columns


def chosen(columns, residual):
    """Which columns add up to the residual: the best one first, as long as one brings it nearer.

    Each counts wholly or not at all. Least squares would spread what neighbouring windows of one
    edge share over all of them.
    """
    n = len(columns)
    normal, right = torch.zeros(n, n, dtype=residual.dtype), torch.zeros(n, dtype=residual.dtype)
    for a in range(n):
        right[a] = sum(float((v * residual[c]).sum()) for c, v in columns[a].items())
        for b in range(a + 1):
            shared = columns[a].keys() & columns[b].keys()
            normal[a, b] = normal[b, a] = sum(
                float((columns[a][c] * columns[b][c]).sum()) for c in shared)
    taken, least = torch.zeros(n, dtype=torch.bool), ENOUGH * float((residual * residual).sum())
    for _ in range(2 * n):
        gains = 2 * (right - normal @ taken.to(right.dtype)) * (1 - 2 * taken.to(right.dtype))
        gains -= normal.diagonal()
        best = int(gains.argmax())
        if float(gains[best]) <= least:
            break
        taken[best] ^= True
    return taken.nonzero().flatten().tolist()


def flips_of_segment(net, segment, inputs, cotangent, residual, flips):
    candidates = candidates_of(net, segment, inputs)
    candidates = [c for c in candidates if c not in flips]
    if not 0 < len(candidates) <= MOST:
        return []
    plain, columns, kept = {}, [], []
    for candidate in candidates:
        row = candidate.row
        if row not in plain:
            plain[row] = conv_cotangent(net, segment, inputs, cotangent, flips, row)
        other = conv_cotangent(net, segment, inputs, cotangent, [*flips, candidate], row)
        column = weight_columns(net.layers[segment.conv], inputs[segment.conv].detach()[row],
                                other - plain[row])
        if column:
            columns.append(column)
            kept.append(candidate)
    return [kept[i] for i in chosen(columns, residual)] if kept else []


def resolve(net, gradients_with, dumped, limit):
    """The flips under which the gradients agree best.

    gradients_with(flips): (gradients of all parameters, inputs of all layers, {layer: cotangent});
    dumped(parameter): Sluice's gradient. From the last layer to the first, since a way taken late
    changes all gradients before it.
    """
    flips = []
    gradients, inputs, cotangents = gradients_with(flips)
    for segment in reversed(segments(net)):
        gradient = gradients[segment.parameter]
        residual = dumped(segment.parameter) - gradient
        if float(residual.norm()) <= WELL_BELOW * limit * float(gradient.norm()):
            continue
        more = flips_of_segment(net, segment, inputs, cotangents[segment.end], residual, flips)
        if more:
            flips += more
            gradients, inputs, cotangents = gradients_with(flips)
    return flips, gradients
