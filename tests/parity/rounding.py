"""bf16 as a step uses it: arrays are rounded, sums are not."""
import torch


def to_bf16(x):
    return x.to(torch.bfloat16).to(x.dtype)


class Both(torch.autograd.Function):
    """An activation: rounded on the way forward, its gradient on the way back."""

    @staticmethod
    def forward(context, x):
        return to_bf16(x)

    @staticmethod
    def backward(context, gradient):
        return to_bf16(gradient)


class Told(torch.autograd.Function):
    """Another value in place of one's own; the gradient is of one's own."""

    @staticmethod
    def forward(context, x, told):
        return told.view_as(x).clone()

    @staticmethod
    def backward(context, gradient):
        return gradient, None


class Forward(torch.autograd.Function):
    """Weights: their gradient is a sum."""

    @staticmethod
    def forward(context, x):
        return to_bf16(x)

    @staticmethod
    def backward(context, gradient):
        return gradient


class Backward(torch.autograd.Function):
    """Scores: sums, whose gradient is an activation's."""

    @staticmethod
    def forward(context, x):
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        return to_bf16(gradient)
