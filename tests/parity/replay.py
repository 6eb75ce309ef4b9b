"""Computes dumped training steps again in PyTorch and compares: replay.py DUMP [--free] [--json]

Each step starts from its own dumped weights, velocities, rows, labels and dropout masks. Compared
are losses, scores, the gradient of every tensor, and what the update rule made of the weights and
velocities. With --free the steps are run once more from the first one's weights, and all further
weights follow from PyTorch's own gradients. The net is built by nets.py from the
papers; of the dump it takes the names of net and variant and the recipe's options.

f32 is computed again in double precision, bf16 with sums in f32 as Sluice has them; --dtype says
otherwise. Exit status 1 when a limit is broken, 2 when the dump does not fit the net.
"""
import argparse
import dataclasses
import json
import sys

import torch

import dumps
import kinks
import nets
import rules


@dataclasses.dataclass(frozen=True)
class Limits:
    gradient: float  # |g - g'| / |g'|, weights
    bias_gradient: float
    loss: float  # |l - l'| / max(1, |l'|)
    update: float = 1e-6  # |w - w'| / |w'|; velocities alike


LIMITS = {"f32": Limits(1e-4, 1e-4, 1e-4), "bf16": Limits(5e-2, 0.15, 2e-2)}


@dataclasses.dataclass
class Worst:
    """The largest of many figures, and whose it was; over: it broke its limit."""
    value: float = 0.0
    name: str = ""
    over: bool = False

    def add(self, value, limit, name):
        broken = not value <= limit  # a NaN too
        if broken and not self.over or broken == self.over and not value <= self.value:
            self.value, self.name = value, name
        self.over = self.over or broken


PIECE = 1 << 15  # values at once: they stay in the cache, and PyTorch uses no threads for so few


class Gap:
    """|a - b| / |b|, piece by piece."""

    def __init__(self):
        self.apart = self.norm = 0.0  # squares

    def add(self, ours, theirs):
        self.apart += float((ours.to(theirs.dtype) - theirs).square_().sum())
        self.norm += float(theirs.square().sum())

    def value(self):
        if self.norm == 0.0:
            return 0.0 if self.apart == 0.0 else float("inf")
        return (self.apart / self.norm) ** 0.5


def pieces(*tensors):
    return zip(*(tensor.flatten().split(PIECE) for tensor in tensors))


def distance(ours, theirs):
    gap = Gap()
    for own, other in pieces(ours, theirs):
        gap.add(own, other)
    return gap.value()


def loss_distance(ours, theirs):
    return float(((ours - theirs).abs() / theirs.abs().clamp(min=1.0)).max())


def options_of(step):
    net, garbage = step.words["net"], step.key("net.garbage", "variant")
    return nets.Options(
        net=net, variant=step.words["variant"], classes=step.file.get_slice("scores").get_shape()[1],
        width=step.key("net.width", 1.0), drop=step.key("net.dropout", "variant"),
        scaling=step.key("net.dropout_scaling", "variant"),
        activation=step.key("net.activation", "variant"), lrn=step.key("net.lrn", "variant"),
        lrn_reading=step.key("net.lrn_reading", "variant"),
        pooling=step.key("net.pooling", "variant"), towers=step.key("net.towers", "variant"),
        loss=step.key("train.loss", "variant"), margin=step.key("train.margin", 1.0),
        garbage=nets.Options.garbage if garbage == "variant" else float(garbage))


def rule_of(step):
    plain = step.key("train.rule", "sgd") == "sgd"
    return rules.Rule(form=step.key("train.form", "paper") if plain else "diagonal-lm",
                      momentum=step.key("train.momentum", 0.9), l2=step.key("train.decay", 0.0),
                      l1=step.key("train.l1", 0.0), damping=step.key("train.damping", 0.02))


def named_factors(text):
    pairs = (word.split("=") for word in text.split(",") if word)
    return {name.strip(): float(factor) for name, factor in pairs}


def factors_of(step):
    """One a tensor. The dump gives only the layers' names."""
    layers = [line.split()[0] for line in step.words["learning"].splitlines()]
    rates = named_factors(step.key("train.layer_rates", ""))
    decays = named_factors(step.key("train.layer_decays", ""))
    frozen = {name.strip() for name in step.key("train.freeze", "").split(",")}
    if "body" in frozen:
        frozen |= set(layers[:-1])
    factors = []
    for layer in layers:
        rate, decay, still = rates.get(layer, 1.0), decays.get(layer, 1.0), layer in frozen
        factors.append(rules.Factors(rate, decay, still))
        factors.append(rules.Factors(rate * step.key("train.bias_rate", 1.0),
                                     decay * step.key("train.bias_decay", 0.0), still))
    return factors


def check_shapes(net, step):
    ours = [tuple(step.file.get_slice("before." + name).get_shape()) for name in step.names]
    if ours != net.shapes():
        differ = [f"{name} {a} against {b}" for name, a, b in zip(step.names, ours, net.shapes())
                  if a != b]
        print(f"the dump's net is not {step.words['net']} {step.words['variant']}: {len(ours)} "
              f"tensors against {len(net.shapes())}; {', '.join(differ[:4])}", file=sys.stderr)
        sys.exit(2)


class Replay:
    def __init__(self, folder, dtype=None):
        self.steps = dumps.read_steps(folder)
        first = self.steps[0]
        self.options = options_of(first)
        self.net = nets.build(self.options)
        self.net.layers = kinks.relus_last(self.net.layers)
        check_shapes(self.net, first)
        self.rule, self.factors = rule_of(first), factors_of(first)
        self.precision = first.key("run.precision", "f32")
        self.net.bf16 = self.precision == "bf16"
        self.dtype = dtype or (torch.float32 if self.net.bf16 else torch.float64)
        self.limits = LIMITS[self.precision]
        self.kinks = {}  # by step: the ways that Sluice took and PyTorch does not
        self.free_without = None  # the free losses' figure without those ways, where that was off
        self.worst = {what: Worst() for what in
                      ("loss", "scores", "layers", "alone", "gradient", "bias gradient", "weights",
                       "velocity", "free loss")}

    def parameters(self, step):
        return [step.tensor("before." + name, self.dtype) for name in step.names]

    def forward_backward(self, step, weights, **others):
        """(scores, row losses, gradient sums)"""
        for tensor in weights:
            tensor.requires_grad_(True)
        scores = self.net.scores(step.rows(self.dtype), weights, step.masks(self.dtype), **others)
        losses = self.net.loss(scores, step.labels()) * step.tensor("row_weights", self.dtype)
        gradients = torch.autograd.grad(losses.sum(), weights)
        return scores.detach(), losses.detach(), gradients

    def at_kinks(self, step, gradients):
        """The same gradients, or those of Sluice's side of the kinks where they are too far off."""
        far = any(distance(step.tensor("gradient." + name, torch.float32), gradient) >
                  self.limits.gradient
                  for name, gradient, factors in zip(step.names, gradients, self.factors)
                  if not factors.frozen)
        return self.with_kinks(step) if far else gradients

    def with_kinks(self, step):
        made = kinks.walk(self.net, step.rows(self.dtype),
                          [tensor.requires_grad_(True) for tensor in self.parameters(step)],
                          step.masks(self.dtype))
        readers = [i for i, layer in enumerate(self.net.layers) if layer.shapes and i > 0]
        told = dict(zip(readers, step.read_names()))
        scores = made.outputs[-1].detach().requires_grad_(True)
        losses = self.net.loss(scores, step.labels()) * step.tensor("row_weights", self.dtype)
        flips, gradients = kinks.resolve(
            self.net, made, torch.autograd.grad(losses.sum(), scores)[0],
            lambda i: step.tensor("gradient." + step.names[i], self.dtype), self.limits.gradient,
            lambda layer: step.tensor(told[layer], torch.float32) if layer in told else None)
        self.kinks[step.number] = flips
        return gradients

    def layer_by_layer(self, step, alone):
        """bf16: gradients where each layer reads what Sluice's did (README.md). What the layers before
        would have given it is compared as well. alone: gradients from the rows alone."""
        for name, gradient, factors in zip(step.names, alone, self.factors):
            if not factors.frozen:
                self.worst["alone"].add(distance(step.tensor("gradient." + name, torch.float32),
                                                 gradient), float("inf"), f"{name}, step {step.number}")
        reads, seen = step.reads(self.dtype), []
        gradients = self.forward_backward(step, self.parameters(step), reads=reads, seen=seen)[2]
        counts = step.tensor("row_weights", self.dtype) > 0
        for i, (told, own) in enumerate(zip(reads, seen)):
            self.worst["layers"].add(
                distance(told.view_as(own)[counts], own[counts]), self.limits.gradient,
                f"input {i + 2}, step {step.number}")
        return gradients

    def compare_step(self, step):
        scores, losses, gradients = self.forward_backward(step, self.parameters(step))
        if self.net.bf16:
            gradients = self.layer_by_layer(step, gradients)
        else:
            gradients = self.at_kinks(step, gradients)
        counts = step.tensor("row_weights", self.dtype) > 0
        at = f"step {step.number}"
        limits, worst = self.limits, self.worst
        worst["loss"].add(loss_distance(step.tensor("row_losses", self.dtype), losses),
                          limits.loss, at)
        worst["scores"].add(
            distance(step.tensor("scores", self.dtype)[counts], scores[counts]),
            limits.gradient, at)
        for name, gradient, factors in zip(step.names, gradients, self.factors):
            if factors.frozen:  # no gradient is needed, so none is promised
                continue
            ours = step.tensor("gradient." + name, torch.float32)
            biases = gradient.dim() == 1
            worst["bias gradient" if biases else "gradient"].add(
                distance(ours, gradient), limits.bias_gradient if biases else limits.gradient,
                f"{name}, {at}")
        del gradients
        self.compare_update(step)

    def compare_update(self, step):
        """The rule alone, on the dumped gradient sums."""
        rows = float(step.tensor("gradient_rows", torch.float64)[0])
        if rows != float(step.tensor("row_weights", torch.float64).sum()):
            self.worst["weights"].add(float("inf"), 0.0, f"gradient_rows, step {step.number}")
        for name, factors in zip(step.names, self.factors):
            dumped = [step.tensor(prefix + name, torch.float32) for prefix in
                      ("before.", "velocity_before.", "gradient.", "after.", "velocity_after.")]
            gaps = {"weights": Gap(), "velocity": Gap()}
            for own in pieces(*dumped):
                before, velocity, gradient = (tensor.double() for tensor in own[:3])
                if factors.frozen or factors.rate == 0.0:
                    weights = before
                else:
                    weights, velocity = self.rule.step(before, velocity, gradient / rows,
                                                       step.rate * factors.rate, factors.decay)
                gaps["weights"].add(own[3], weights)
                gaps["velocity"].add(own[4], velocity)
            for what, gap in gaps.items():
                self.worst[what].add(gap.value(), self.limits.update, f"{name}, step {step.number}")

    def compare_steps(self):
        for step in self.steps:
            self.compare_step(step)

    def free_losses(self, ways):
        """(step number, mean loss over the rows that count, Sluice's), of all steps"""
        weights = self.parameters(self.steps[0])
        velocities = [self.steps[0].tensor("velocity_before." + name, self.dtype)
                      for name in self.steps[0].names]
        found = []
        for step in self.steps:
            _, losses, gradients = self.forward_backward(step, weights,
                                                         ways=ways.get(step.number, ()))
            counts = step.tensor("row_weights", self.dtype)
            rows = counts.sum()
            ours = (step.tensor("row_losses", self.dtype) * counts).sum() / rows
            found.append((step.number, losses.sum() / rows, ours))
            for i, factors in enumerate(self.factors):
                weights[i] = weights[i].detach()
                if factors.frozen or factors.rate == 0.0:
                    continue
                weights[i], velocities[i] = self.rule.step(
                    weights[i], velocities[i], gradients[i] / rows, step.rate * factors.rate,
                    factors.decay)
        return found

    def run_free(self):
        """Losses only. Off the limit: once more, with Sluice's ways at the kinks of all steps."""
        def off(losses):
            return max(loss_distance(ours, theirs) for _, theirs, ours in losses)

        losses = self.free_losses({})
        if off(losses) > self.limits.loss and not self.net.bf16:
            self.free_without = off(losses)
            for step in self.steps:  # what is within its limit in one step grows in those after it
                if step.number not in self.kinks:
                    self.with_kinks(step)
            losses = self.free_losses(self.kinks)
        for number, theirs, ours in losses:
            self.worst["free loss"].add(loss_distance(ours, theirs), self.limits.loss,
                                        f"step {number}")

    def broken(self):
        return [what for what, worst in self.worst.items() if worst.over]


def report(replay):
    """What JSON and text say."""
    first = replay.steps[0]
    ways = [way for found in replay.kinks.values() for way in found]
    figures = {what: {"value": worst.value, "of": worst.name, "broken": worst.over}
               for what, worst in replay.worst.items() if worst.name}
    return {"net": first.words["net"], "variant": first.words["variant"],
            "width": replay.options.width, "precision": replay.precision,
            "batch": len(first.labels()), "steps": len(replay.steps), "rate": first.rate,
            "rule": first.words["rule"],
            "loss": float(first.tensor("row_losses", torch.float64).mean()),
            "last_loss": float(replay.steps[-1].tensor("row_losses", torch.float64).mean()),
            "kinks": len(ways), "farthest_kink": max((way.apart for way in ways), default=0.0),
            "free_without_kinks": replay.free_without, "figures": figures,
            "broken": replay.broken()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump", help="folder that train --dump wrote")
    parser.add_argument("--free", action="store_true",
                        help="then run all from the first weights as well")
    parser.add_argument("--dtype", choices=["float64", "float32"])
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch; 0: as it likes")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    words = parser.parse_args()
    if words.threads:
        torch.set_num_threads(words.threads)
    replay = Replay(words.dump, words.dtype and getattr(torch, words.dtype))
    replay.compare_steps()
    if words.free:
        replay.run_free()
    result = report(replay)
    if words.json:
        print(json.dumps(result))
    else:
        print(f"{result['net']} {result['variant']} x {result['width']:g}, {result['precision']}, "
              f"batch {result['batch']}, {result['steps']} steps")
        for what, figure in result["figures"].items():
            print(f"  {what:<14} {figure['value']:.2e}  {figure['of']}"
                  f"{'  OVER ITS LIMIT' if figure['broken'] else ''}")
    sys.exit(1 if result["broken"] else 0)


if __name__ == "__main__":
    main()
