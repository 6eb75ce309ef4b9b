"""Layers in PyTorch, from the formulas of the papers; rows are (N, C, H, W).

A layer is a function of (x, parameters of this layer, its dropout mask). Nothing here comes from
Sluice's C++: the point is to be another implementation.
"""

import torch
import torch.nn.functional as F


class Layer:
    """shapes: of its parameters, weights then biases; none for a layer that learns nothing."""

    shapes = ()
    takes_mask = False

    def __call__(self, x, parameters, mask):
        raise NotImplementedError


class Conv(Layer):
    """pad: zeros before (top, left) and after (bottom, right)."""

    def __init__(self, inputs, outputs, kernel, stride=1, pad=(0, 0), groups=1):
        self.stride, self.pad, self.groups = stride, pad, groups
        self.shapes = ((outputs, inputs // groups, kernel, kernel), (outputs,))

    def __call__(self, x, parameters, mask):
        before, after = self.pad
        x = F.pad(x, (before, after, before, after))
        return F.conv2d(x, parameters[0], parameters[1], stride=self.stride, groups=self.groups)


class TableConv(Layer):
    """Output map o sums the maps in table[o]; the weights lie connection by connection."""

    def __init__(self, table, kernel):
        self.table = table
        self.shapes = ((sum(map(len, table)), kernel, kernel), (len(table),))

    def __call__(self, x, parameters, mask):
        weights, biases = parameters
        maps, first = [], 0
        for o, seen in enumerate(self.table):
            own = weights[first:first + len(seen)].unsqueeze(0)
            maps.append(F.conv2d(x[:, seen], own, biases[o:o + 1]))
            first += len(seen)
        return torch.cat(maps, 1)


class Linear(Layer):
    def __init__(self, inputs, outputs):
        self.shapes = ((outputs, inputs), (outputs,))

    def __call__(self, x, parameters, mask):
        return F.linear(x.flatten(1), parameters[0], parameters[1])


class Relu(Layer):
    def __call__(self, x, parameters, mask):
        return torch.relu(x)

    def taking(self, x, ways):
        """As a call, but the units of `ways` (kinks.Candidate) are let through, or not, as each says."""
        through = x.detach() > 0
        for way in ways:
            through.view(-1)[way.unit] = way.other
        return torch.where(through, x, torch.zeros((), dtype=x.dtype))


class Tanh(Layer):
    def __init__(self, amplitude=1.0, slope=1.0):
        self.amplitude, self.slope = amplitude, slope

    def __call__(self, x, parameters, mask):
        return self.amplitude * torch.tanh(self.slope * x)


class MaxPool(Layer):
    """ceil: windows over the edge see what is there, and the last one starts inside the plane."""

    def __init__(self, kernel, stride, ceil=True):
        self.kernel, self.stride, self.ceil = kernel, stride, ceil

    def __call__(self, x, parameters, mask):
        return F.max_pool2d(x, self.kernel, self.stride, ceil_mode=self.ceil)

    def taking(self, x, ways):
        """As a call, but the windows of `ways` give the value at the place that each names."""
        pooled, places = F.max_pool2d(x, self.kernel, self.stride, ceil_mode=self.ceil,
                                      return_indices=True)
        for way in ways:
            places.view(-1)[way.unit] = way.other
        return x.flatten(2).gather(2, places.flatten(2)).view_as(pooled)


class Subsample(Layer):
    """2 x 2 sum x trainable coefficient + bias, one of each a map (LeNet-5's S2 and S4)."""

    def __init__(self, maps):
        self.shapes = ((maps,), (maps,))

    def __call__(self, x, parameters, mask):
        sums = x[..., 0::2, 0::2] + x[..., 1::2, 0::2] + x[..., 0::2, 1::2] + x[..., 1::2, 1::2]
        return sums * parameters[0].view(1, -1, 1, 1) + parameters[1].view(1, -1, 1, 1)


class Norm(Layer):
    """rectified: only what is positive counts for the sums (kinks.relus_last)."""

    rectified = False

    def squares(self, x):
        return torch.relu(x) ** 2 if self.rectified else x * x


def across_maps(squares, size):
    """Sum over `size` neighbouring maps, zeros outside."""
    reach = size // 2
    padded = F.pad(squares, (0, 0, 0, 0, reach, size - 1 - reach))
    maps = squares.shape[1]
    return sum(padded[:, i:i + maps] for i in range(size))


class Lrn(Norm):
    """a / (k + alpha' sum a^2)^beta inside each tower; alpha' = alpha / size (`window`) or alpha."""

    def __init__(self, k=2.0, towers=1, size=5, alpha=1e-4, beta=0.75, literal=False):
        self.k, self.towers, self.size, self.beta = k, towers, size, beta
        self.factor = alpha if literal else alpha / size

    def __call__(self, x, parameters, mask):
        parts = [part / (self.k + self.factor * across_maps(self.squares(part), self.size)) ** self.beta
                 for part in x.chunk(self.towers, 1)]
        return torch.cat(parts, 1)


class SameMapLrn(Norm):
    """a / (k + alpha / size^2 sum over size x size positions of a^2)^beta, zeros outside."""

    def __init__(self, size=5, alpha=1e-3, beta=0.75, k=1.0):
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def __call__(self, x, parameters, mask):
        mean = F.avg_pool2d(self.squares(x), self.size, 1, self.size // 2, count_include_pad=True)
        return x / (self.k + self.alpha * mean) ** self.beta


class Dropout(Layer):
    takes_mask = True

    def __init__(self, drop, inverted):
        self.factor = 1.0 / (1.0 - drop) if inverted else 1.0

    def __call__(self, x, parameters, mask):
        return x.flatten(1) * mask.flatten(1) * self.factor


class Rbf(Layer):
    """Score of a class: minus the squared distance to its code."""

    def __init__(self, codes):
        self.codes = codes

    def __call__(self, x, parameters, mask):
        codes = torch.tensor(self.codes, dtype=x.dtype)
        return -((x.flatten(1).unsqueeze(1) - codes) ** 2).sum(2)


def softmax_loss(scores, labels):
    return F.cross_entropy(scores, labels, reduction="none")


def hinge_loss(scores, labels, margin=1.0):
    right = scores.gather(1, labels.unsqueeze(1))
    over = torch.relu(scores - right + margin)
    return over.sum(1) - margin  # the term of the right class itself


def map_loss(scores, labels, garbage):
    """Penalties are minus the scores; garbage is equation 9's j."""
    right = scores.gather(1, labels.unsqueeze(1)).squeeze(1)
    rest = torch.full((len(scores), 1), -garbage, dtype=scores.dtype)
    return torch.logsumexp(torch.cat([scores, rest], 1), 1) - right
