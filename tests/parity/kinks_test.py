#!/usr/bin/env python3
"""Kinks: those that were planted are found and no others, and no false gradient is explained away.

Skipped without PyTorch (README.md).
"""
import os
import sys
import unittest
from pathlib import Path

PYTHON = os.environ.get("SLUICE_PARITY_PYTHON")
if __name__ == "__main__" and not PYTHON:
    print("skipped: SLUICE_PARITY_PYTHON names no Python with PyTorch (tests/parity/README.md)",
          file=sys.stderr)
    sys.exit(77)
try:
    import torch
except ImportError:  # the tests are started with any Python
    os.execv(PYTHON, [PYTHON, "-B", *sys.argv])

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import main  # noqa: E402

import kinks  # noqa: E402
import layers as L  # noqa: E402
import nets  # noqa: E402

LIMIT = 1e-4
NEAR = 1e-8  # of a planted kink


class Still:
    """Ways change only the gradient, so that they may be taken farther from a tie than rounding is."""

    def taking(self, x, ways):
        taken = super().taking(x, ways)
        return self(x, (), None).detach() + taken - taken.detach()


class Relu(Still, L.Relu):
    pass


class MaxPool(Still, L.MaxPool):
    pass


def small_net():
    """What the nets have between two convolutions: nothing, a pooling, a normalisation and a pooling."""
    s = nets.Stack(3, 23)
    s.conv(6, 3, 1, (1, 1))
    s.add(Relu(), MaxPool(2, 2))
    s.side = 12
    s.conv(8, 3, 1, (1, 1))
    s.add(Relu(), L.Lrn(alpha=0.1), L.SameMapLrn(alpha=0.1), MaxPool(3, 2))
    s.side = 6
    s.conv(8, 3, 1, (1, 1))
    s.add(Relu())
    s.conv(10, 3, 1, (1, 1))
    s.add(Relu())
    s.linear(5)
    return s.net(L.softmax_loss)


class Step:
    """A step of the small net with ReLUs last, whose kinks can be planted."""

    def __init__(self, seed=3, rows=4):
        random = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randn(*shape, generator=random, dtype=torch.float64)

        self.net = small_net()
        self.net.layers = kinks.relus_last(self.net.layers)
        self.rows, self.labels = draw(rows, 3, 23, 23), torch.arange(rows) % 5
        self.parameters = [draw(*shape) / torch.tensor(shape[1:]).prod().sqrt()
                           if len(shape) > 1 else draw(*shape) / 10 for shape in self.net.shapes()]
        self.noise = random

    def walk(self):
        return kinks.walk(self.net, self.rows, [p.detach().requires_grad_(True)
                                                for p in self.parameters], [])

    def gradients(self, ways=()):
        own = [p.detach().requires_grad_(True) for p in self.parameters]
        scores = self.net.scores(self.rows, own, [], ways)
        return list(torch.autograd.grad(self.net.loss(scores, self.labels).sum(), own))

    def rounded(self, gradients):
        """As a program's that computes in f32."""
        return [g + 3e-7 * g.norm() / g.numel() ** 0.5 *
                torch.randn(g.shape, generator=self.noise, dtype=g.dtype) for g in gradients]

    def plant_relu(self, layer, bias, place, side):
        """The bias moves so that the unit's input is all but zero, above it or below."""
        x = self.walk().inputs[layer].detach()
        self.parameters[bias][place[1]] -= x[place] - side * NEAR * x.pow(2).mean().sqrt()

    def plant_tie(self, weights, unit):
        """One weight of the first convolution moves so that the window's second value is all but its
        first."""
        x = torch.nn.functional.pad(self.rows, (1, 1, 1, 1))
        n, c, i, j = unit
        for _ in range(3):  # the two largest may become others
            y = self.walk().inputs[1].detach()[n, c, 2 * i:2 * i + 2, 2 * j:2 * j + 2].flatten()
            first, second = y.argsort(descending=True)[:2].tolist()
            patches = [x[n, :, 2 * i + p // 2:2 * i + p // 2 + 3, 2 * j + p % 2:2 * j + p % 2 + 3]
                       for p in (first, second)]
            apart = (patches[0] - patches[1]).flatten()
            at = int(apart.abs().argmax())
            self.parameters[weights][c].view(-1)[at] -= (y[first] - y[second] - NEAR) / apart[at]

    def candidates(self):
        made = self.walk()
        return [c for s in kinks.segments(self.net)
                for c in kinks.candidates_of(self.net, s, made.inputs)]

    def resolve(self, dumped, read=lambda layer: None):
        made = self.walk()
        scores = made.outputs[-1].detach().requires_grad_(True)
        loss = self.net.loss(scores, self.labels).sum()
        return kinks.resolve(self.net, made, torch.autograd.grad(loss, scores)[0],
                             lambda i: dumped[i], LIMIT, read)


def farthest(ours, theirs):
    return max(float((a - b).norm() / b.norm()) for a, b in zip(ours, theirs))


class Kinks(unittest.TestCase):
    def setUp(self):
        self.own = kinks.CLOSE, kinks.ROUNDING

    def tearDown(self):
        kinks.CLOSE, kinks.ROUNDING = self.own

    def widen(self, close):
        """As if rounding were much coarser, so that there are candidates by the hundred."""
        kinks.CLOSE, kinks.ROUNDING = close, close / 10

    def assert_found(self, step, ways):
        dumped = step.rounded(step.gradients(ways))
        self.assertGreater(farthest(dumped, step.gradients()), LIMIT)
        found, gradients = step.resolve(dumped)
        self.assertEqual(set(found), set(ways))
        self.assertLess(farthest(dumped, gradients), 2e-6)

    def test_a_net_with_its_relus_last_is_the_same_net(self):
        step = Step()
        ours = step.gradients()
        step.net = small_net()
        self.assertEqual([type(layer) for layer in step.net.layers[:3]], [L.Conv, Relu, MaxPool])
        self.assertLess(farthest(ours, step.gradients()), 1e-12)

    def test_a_unit_at_zero_that_went_the_other_way_is_found(self):
        step = Step()
        relu = next(i for i, layer in enumerate(step.net.layers)
                    if isinstance(layer, L.Relu) and isinstance(step.net.layers[i - 1], L.Conv))
        step.plant_relu(relu, 5, (1, 2, 3, 2), side=1)
        way, = step.candidates()
        self.assertEqual(way.other, 0)
        self.assert_found(step, [way])

    def test_what_the_next_layer_read_says_which_way_a_unit_went(self):
        """Whatever the gradients say."""
        step = Step()
        relu = next(i for i, layer in enumerate(step.net.layers)
                    if isinstance(layer, L.Relu) and isinstance(step.net.layers[i - 1], L.Conv))
        step.plant_relu(relu, 5, (1, 2, 3, 2), side=1)
        way, = step.candidates()
        right, other = step.rounded(step.gradients()), step.rounded(step.gradients([way]))
        reads = {relu + 1: step.walk().inputs[relu + 1].detach().clone()}
        self.assertEqual(step.resolve(other, reads.get)[0], [])
        reads[relu + 1].view(-1)[way.unit] = 0
        found, gradients = step.resolve(right, reads.get)
        self.assertEqual(found, [way])
        self.assertGreater(farthest(right, gradients), LIMIT)

    def test_a_window_that_went_the_other_way_is_found(self):
        step = Step()
        step.plant_tie(0, (1, 2, 3, 4))
        way, = step.candidates()
        self.assertIsInstance(step.net.layers[way.layer], L.MaxPool)
        self.assert_found(step, [way])

    def test_what_came_to_life_in_a_window_of_dead_units_is_found(self):
        step = Step()
        self.assertIsInstance(step.net.layers[2], L.Relu)
        pooled = step.walk().inputs[2].detach()  # what the first pooling gives its ReLU
        row, column = (pooled[2, 4] < 0).nonzero()[5].tolist()
        step.plant_relu(2, 1, (2, 4, row, column), side=-1)
        way, = step.candidates()
        self.assertEqual(way.other, 1)
        self.assert_found(step, [way])

    def test_of_many_near_ties_those_that_were_taken_are_found(self):
        step = Step()
        self.widen(3e-3)
        some = step.candidates()
        self.assertGreater(len(some), 20)
        self.assert_found(step, some[1::5])

    def test_nothing_is_found_in_rounding(self):
        step = Step()
        self.widen(1e-2)
        self.assertGreater(len(step.candidates()), 100)
        self.assertEqual(step.resolve(step.rounded(step.gradients()))[0], [])

    def test_a_false_gradient_is_not_explained_away(self):
        """However many ties there are to explain it with."""
        step = Step()
        self.widen(1e-2)
        right = step.gradients()
        for i, gradient in enumerate(right):
            for what in ("one value", "all", "one map"):
                false = step.rounded(right)
                if what == "one value":
                    false[i].view(-1)[3] += 1e-3 * gradient.norm()
                elif what == "all":
                    false[i] *= 1.001
                else:
                    false[i][1] *= 1.03
                own = float((false[i] - gradient).norm() / gradient.norm())
                self.assertGreater(own, 2 * LIMIT)
                with self.subTest(parameter=i, what=what):
                    gradients = step.resolve(false)[1]
                    self.assertGreater(farthest(false, gradients), 0.9 * own)

    def test_a_false_gradient_among_true_kinks_is_not_explained_away(self):
        step = Step()
        self.widen(3e-3)
        false = step.rounded(step.gradients(step.candidates()[::4]))
        false[0].view(-1)[7] += 1e-3 * false[0].norm()
        self.assertGreater(farthest(false, step.resolve(false)[1]), 5e-4)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
