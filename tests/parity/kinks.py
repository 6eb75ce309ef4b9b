"""Steps at a kink: which way Sluice went where two ways are equally right.

A ReLU whose input is zero up to rounding, and a pooling window whose two largest values are equal up
to rounding, have two gradients, and f32 and double precision may take different ones. One such window
among a million moves conv1's gradient by a thousandth of its norm. Here the windows and units in
question are found. Which way a unit went shows in what Sluice's next layer read; which windows went
the other way follows from the difference of the gradients: their contributions are known, only
whether each counts is not. The replay then takes the same way there, and everything is compared
again with the same limits.
"""
import copy
import dataclasses

import torch
import torch.nn.functional as F

import layers as L

# Of a layer's root mean square. f32's rounding of one sum is a few times 1e-7 of it; of the millions of
# units of VGG A at full width, the one farthest off is off by 1.5e-5.
CLOSE = 3e-5
# Of the limit: nothing is looked for in a layer that agrees so well. Little of that limit is left: a
# window whose places see nearly the same makes 3e-6 of its own layer's gradient and 2e-4 of one before.
WELL_BELOW = 0.001
MOST = 3000  # candidates of a layer
# Of the root mean square of what is left of a layer's residual: what a kink must make of it to be seen,
# and more the farther from its tie it is: as much more as it is farther than the layer's rounding.
CLEAR = 8
SEEN = 4  # the same while others may hide it
ROUNDING = 1e-6  # of a layer whose rounding the dump does not tell
# Nearer than that, values are one and the same: a window on a patch of one colour, where it makes no
# difference which of its places is taken.
SAME = 1e-11
REACH = 4  # places that a layer without windows sees around one
ROUNDS = 3  # a window may choose otherwise only when its unit lives


def relus_last(layers):
    """The same net with each ReLU behind the pooling that follows it.

    A ReLU changes places with a maximum, and with a normalisation that squares only what is positive.
    So a unit that comes to life makes one difference and not two: in a window of dead units it is
    the ReLU's kink that it lives and a pooling's that it is the largest.
    """
    moved, i = [], 0
    while i < len(layers):
        end = i + 1
        while isinstance(layers[i], L.Relu) and isinstance(layers[end], L.Norm):
            end += 1
        if isinstance(layers[i], L.Relu) and isinstance(layers[end], L.MaxPool):
            norms = [copy.copy(norm) for norm in layers[i + 1:end]]
            for norm in norms:
                norm.rectified = True
            moved += [*norms, layers[end], layers[i]]
            i = end
        else:
            moved.append(layers[i])
        i += 1
    return moved


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


@dataclasses.dataclass(frozen=True)
class Candidate:
    layer: int
    unit: int  # flat index into the layer's output
    # The way that PyTorch does not take. Pooling: flat index into the plane; ReLU: 1 let through, 0 not.
    other: int
    apart: float  # from a tie, of the layer's root mean square


def relu_candidates(index, x):
    x, size = x.flatten(), x.pow(2).mean().sqrt()
    close = (x.abs() <= CLOSE * size) & (x != 0)
    return [Candidate(index, unit, int(x[unit] <= 0), float(x[unit].abs() / size))
            for unit in close.nonzero().flatten().tolist()]


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


def pool_candidates(index, layer, x, rectified):
    values, places = windows(layer, x)
    best, size = values.max(-1, keepdim=True).values, x.pow(2).mean().sqrt()
    behind = (best - values) / size
    close = (behind <= CLOSE) & (behind > SAME)
    if rectified:
        close &= best > -CLOSE * size  # of the others the ReLU lets nothing through
    found = []
    area = close.shape[2] * close.shape[3]
    for n, c, i, j, at in close.nonzero().tolist():
        unit = (n * x.shape[1] + c) * area + i * close.shape[3] + j
        found.append(Candidate(index, unit, int(places[0, 0, i, j, at]),
                               float(behind[n, c, i, j, at])))
    return found


def candidates_of(net, segment, inputs):
    found = []
    for i in range(segment.conv + 1, segment.end):
        layer, x = net.layers[i], inputs[i].detach()
        if isinstance(layer, L.Relu):
            found += relu_candidates(i, x)
        elif isinstance(layer, L.MaxPool):
            found += pool_candidates(i, layer, x, isinstance(net.layers[i + 1], L.Relu))
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
    """The way back through a segment's tail with some flips taken, and what each further one changes."""

    def __init__(self, net, segment, made, cotangent, flips):
        self.net, self.segment, self.made = net, segment, made
        self.behind = {}  # of each layer of the tail: the gradient of its output
        self.taken = {}  # of poolings and ReLUs: the place each window took; whether each unit lives
        for i in range(segment.end - 1, segment.conv, -1):
            self.behind[i], self.taken[i] = cotangent, self.plain(i)
            cotangent = made.back(i, cotangent)[0]
            for flip in flips:
                if flip.layer == i:
                    for place, value in self.at_layer(flip):
                        cotangent[place] += value
                    self.taken[i].view(-1)[flip.unit] = flip.other
        self.at_end = cotangent  # the gradient of the convolution's output

    def plain(self, i):
        layer, x = self.net.layers[i], self.made.inputs[i].detach()
        if isinstance(layer, L.MaxPool):
            return F.max_pool2d(x, layer.kernel, layer.stride, ceil_mode=layer.ceil,
                                return_indices=True)[1]
        return x > 0 if isinstance(layer, L.Relu) else None

    def at_layer(self, candidate):
        """[(place, value)]: the change of the gradient of the input of the candidate's layer."""
        i, shape = candidate.layer, self.behind[candidate.layer].shape
        place = places_of(shape, candidate.unit)
        value = self.behind[i][place]
        if isinstance(self.net.layers[i], L.Relu):
            return [(place, value if candidate.other else -value)]
        return [(self.taken_by(i, place), -value),
                (self.in_plane(i, place, candidate.other), value)]

    def in_plane(self, i, place, flat):
        return (*place[:2], *divmod(flat, self.made.inputs[i].shape[-1]))

    def taken_by(self, i, place):
        return self.in_plane(i, place, int(self.taken[i][place]))

    def at_conv(self, candidate):
        """[(place, value)]: the change of the gradient of the convolution's output."""
        changes = self.at_layer(candidate)
        for i in range(candidate.layer - 1, self.segment.conv, -1):
            layer = self.net.layers[i]
            if isinstance(layer, L.Relu):
                changes = [(place, value) for place, value in changes if self.taken[i][place]]
            elif isinstance(layer, L.MaxPool):
                changes = [(self.taken_by(i, place), value) for place, value in changes]
            elif changes:
                changes = self.through(i, changes)
        return [(place, value) for place, value in changes if value != 0]

    def through(self, i, changes):
        """The same through a layer that has no kinks: by autograd, on a patch around."""
        row, ranges = changes[0][0][0], []
        for axis in (2, 3):
            places = [place[axis] for place, _ in changes]
            ranges.append((max(min(places) - REACH, 0), max(places) + REACH + 1))
        (top, bottom), (left, right) = ranges
        x = self.made.inputs[i].detach()[row:row + 1, :, top:bottom, left:right]
        x = x.clone().requires_grad_(True)
        y = self.net.layers[i](x, (), None)
        cotangent = torch.zeros_like(y)
        for (_, c, row_at, column), value in changes:
            cotangent[0, c, row_at - top, column - left] += value
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


def products(columns, residual):
    """(of each two columns, of each column with the residual)"""
    n = len(columns)
    normal, right = torch.zeros(n, n, dtype=residual.dtype), torch.zeros(n, dtype=residual.dtype)
    for c in {c for column in columns for c in column}:
        having = torch.tensor([a for a in range(n) if c in columns[a]])
        stack = torch.stack([columns[a][c] for a in having.tolist()])
        normal[having.unsqueeze(1), having] += stack @ stack.T
        right[having] += stack @ residual[c].flatten()
    return normal, right


def best_change(normal, right, taken, price):
    """(what one more column, or one less, or one for another takes off the residual's square, less the
    price of each that is taken; which)"""
    sign = (~taken).to(right.dtype) - taken.to(right.dtype)
    gains = 2 * (right - normal @ taken.to(right.dtype)) * sign - normal.diagonal() - price * sign
    best = int(gains.argmax())
    found = float(gains[best]), [best]
    mine, others = taken.nonzero().flatten(), (~taken).nonzero().flatten()
    if len(mine) and len(others):
        pairs = gains[mine, None] + gains[others] + 2 * normal[mine][:, others]
        best = int(pairs.argmax())
        if float(pairs.flatten()[best]) > found[0]:
            a, b = divmod(best, len(others))
            found = float(pairs.flatten()[best]), [int(mine[a]), int(others[b])]
    return found


def chosen(columns, apart, residual):
    """Which columns add up to the residual but for its rounding.

    Each counts wholly or not at all: least squares would spread what neighbouring windows of one
    edge share over all of them. One that makes no more than rounding does is left out; whether it
    was taken cannot be known. apart: from its tie, of each, in units of the layer's rounding.
    """
    normal, right = products(columns, residual)
    taken = torch.zeros(len(columns), dtype=torch.bool)
    square = float((residual * residual).sum())
    for prices in (torch.full_like(right, SEEN ** 2), CLEAR ** 2 + apart.to(right.dtype) ** 2):
        for _ in range(4 * len(columns)):
            own = taken.to(right.dtype)
            left = square - float(2 * own @ right - own @ normal @ own)
            gain, changed = best_change(normal, right, taken, prices * left / residual.numel())
            if gain <= 0:
                break
            taken[changed] ^= True
    return taken.nonzero().flatten().tolist()


def told_units(net, segment, inputs, read):
    """Of the units at zero of a ReLU at the segment's end, those that the next layer read otherwise than
    PyTorch has them; None: nothing is told. read: see resolve."""
    last = segment.end - 1
    told = read(segment.end) if isinstance(net.layers[last], L.Relu) else None
    if told is None:
        return None
    lives = told.flatten() > 0
    return [c for c in relu_candidates(last, inputs[last].detach())
            if bool(lives[c.unit]) == bool(c.other)]


def rounding_of(net, segment, made, read):
    """Of what leaves the segment: how far Sluice's values are from PyTorch's, of its root mean square."""
    told, own = read(segment.end), made.inputs[segment.end].detach()
    if told is None:
        return ROUNDING
    return float((told.view_as(own) - own).pow(2).mean().sqrt() / own.pow(2).mean().sqrt())


def found_in_segment(ways, candidates, residual, rounding):
    """Which of the candidates explain the residual of the convolution's weights."""
    conv, made = ways.net.layers[ways.segment.conv], ways.made
    before, after = conv.pad
    x = F.pad(made.inputs[ways.segment.conv].detach(), (before, after, before, after))
    columns, kept = [], []
    for candidate in candidates:
        column = weight_columns(conv, x, ways.at_conv(candidate))
        if column:
            columns.append(column)
            kept.append(candidate)
    if not kept:
        return []
    apart = torch.tensor([candidate.apart / rounding for candidate in kept])
    return [kept[i] for i in chosen(columns, apart, residual)]


def through_segment(net, segment, made, cotangent, dumped, limit, read):
    """(flips, gradient of the convolution's input, of its parameters)"""
    told = told_units(net, segment, made.inputs, read)
    flips = {(flip.layer, flip.unit): flip for flip in told or []}
    candidates = None
    for again in range(ROUNDS + 1):
        ways = Ways(net, segment, made, cotangent, flips.values())
        before, own = made.back(segment.conv, ways.at_end)
        residual = dumped(segment.parameter) - own[0]
        if again == ROUNDS or float(residual.norm()) <= WELL_BELOW * limit * float(own[0].norm()):
            break
        if candidates is None:
            candidates = [c for c in candidates_of(net, segment, made.inputs)
                          if told is None or c.layer < segment.end - 1]
        some = [c for c in candidates if (c.layer, c.unit) not in flips]
        if not 0 < len(some) <= MOST:
            break
        found = found_in_segment(ways, some, residual, rounding_of(net, segment, made, read))
        if not found:
            break
        flips |= {(flip.layer, flip.unit): flip for flip in found}
    return list(flips.values()), before, own


def resolve(net, made, cotangent, dumped, limit, read=lambda layer: None):
    """(the flips under which the gradients agree best, all gradients with them)

    cotangent: of the scores; dumped(parameter): Sluice's gradient; read(layer): what its layer of that
    index read, None where the dump does not tell. One way back, from the last layer
    to the first: a way taken late changes all gradients before it. What flips do to the values
    themselves is rounding and is left out.
    """
    flips, gradients = [], []  # gradients from the last parameter to the first
    ends = {segment.end - 1: segment for segment in segments(net)}
    i = len(net.layers) - 1
    while i >= 0:
        if i in ends:
            found, cotangent, own = through_segment(net, ends[i], made, cotangent, dumped, limit,
                                                    read)
            flips += found
            i = ends[i].conv - 1
        else:
            cotangent, own = made.back(i, cotangent)
            i -= 1
        gradients += reversed(own)
    return flips, gradients[::-1]
