"""Update rules in double precision, as the papers and lecture notes write them.

Each: (weights, velocity, mean gradient, rate, decay factor) -> (weights, velocity).
"""
import dataclasses

import torch


@dataclasses.dataclass
class Rule:
    form: str = "paper"  # or pytorch, nesterov, diagonal-lm
    momentum: float = 0.9
    l2: float = 0.0005
    l1: float = 0.0
    damping: float = 0.02

    def penalty(self, weights, factor):
        return factor * (self.l2 * weights + self.l1 * torch.sign(weights))

    def step(self, weights, velocity, gradient, rate, decay_factor):
        if self.form == "diagonal-lm":
            # LeCun et al. 1998, appendix C; the velocity holds the second derivatives.
            return weights - rate / (self.damping + velocity) * gradient, velocity
        gradient = gradient + self.penalty(weights, decay_factor)
        if self.form == "paper":
            velocity = self.momentum * velocity - rate * gradient
            return weights + velocity, velocity
        if self.form == "pytorch":
            velocity = self.momentum * velocity + gradient
            return weights - rate * velocity, velocity
        if self.form == "nesterov":
            last = velocity
            velocity = self.momentum * velocity - rate * gradient
            return weights - self.momentum * last + (1 + self.momentum) * velocity, velocity
        raise SystemExit(f"no rule {self.form}; valid: paper, pytorch, nesterov, diagonal-lm")


@dataclasses.dataclass
class Factors:
    """Of the rate and the decay of one tensor."""
    rate: float = 1.0
    decay: float = 1.0
    frozen: bool = False
