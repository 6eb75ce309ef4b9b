"""PyTorch: one training step of AlexNet `paper` (nodes/nets/alexnet.cpp) from tensors in memory.

Variants: `default` = N C H W; `channels-last` = memory format N H W C; `compile` = default under torch.compile;
`tuned` = channels-last under torch.compile, with a normalisation that few write: torch's own, made of a 3-D
average pool and a power, takes half of the step.
"""

import torch
from torch import nn

from work import Done, Peer

TOWERS = 2
CLASSES = 1000


class TowerNorm(nn.Module):
    """Local response normalisation inside each tower: the halves as images of their own, where that is free."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)

    def forward(self, x):
        if x.is_contiguous():
            n, c, h, w = x.shape
            return self.norm(x.view(n * TOWERS, c // TOWERS, h, w)).view(n, c, h, w)
        return torch.cat([self.norm(half) for half in x.chunk(TOWERS, 1)], 1)


class BandedNorm(nn.Module):
    """The same as TowerNorm, the sums over five maps as a 1x1 convolution with a banded matrix."""

    def __init__(self, channels):
        super().__init__()
        map_of = torch.arange(channels // TOWERS)
        band = ((map_of[:, None] - map_of).abs() <= 2).float() * (1e-4 / 5)
        self.register_buffer("band", band.repeat(TOWERS, 1)[:, :, None, None])

    def forward(self, x):
        root = torch.rsqrt(nn.functional.conv2d(x * x, self.band, groups=TOWERS) + 2.0)
        return x * (root * torch.sqrt(root))  # ^ -0.75


def alexnet(norm=lambda channels: TowerNorm()):
    relu = lambda: nn.ReLU(inplace=True)  # noqa: E731
    pool = lambda: nn.MaxPool2d(3, 2)  # noqa: E731
    return nn.Sequential(
        nn.ZeroPad2d((0, 3, 0, 3)), nn.Conv2d(3, 96, 11, 4), relu(), norm(96), pool(),
        nn.Conv2d(96, 256, 5, padding=2, groups=TOWERS), relu(), norm(256), pool(),
        nn.Conv2d(256, 384, 3, padding=1), relu(),
        nn.Conv2d(384, 384, 3, padding=1, groups=TOWERS), relu(),
        nn.Conv2d(384, 256, 3, padding=1, groups=TOWERS), relu(), pool(),
        nn.Flatten(), nn.Linear(256 * 6 * 6, 4096), relu(), nn.Dropout(), nn.Linear(4096, 4096), relu(),
        nn.Dropout(), nn.Linear(4096, CLASSES))


def optimizer(net):
    weights = [p for name, p in net.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in net.named_parameters() if name.endswith("bias")]
    return torch.optim.SGD([{"params": weights, "weight_decay": 5e-4}, {"params": biases}], lr=0.001, momentum=0.9)


def make(work):
    torch.set_num_threads(work.threads)
    torch.manual_seed(1)
    net = (alexnet(BandedNorm) if work.variant == "tuned" else alexnet()).train()
    rows = torch.rand(work.batch, 3, 224, 224) * 2 - 1
    labels = torch.arange(work.batch) % CLASSES
    if work.variant in ("channels-last", "tuned"):
        net = net.to(memory_format=torch.channels_last)
        rows = rows.to(memory_format=torch.channels_last)
    update = optimizer(net)
    forward = torch.compile(net) if work.variant in ("compile", "tuned") else net

    def step():
        update.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(forward(rows), labels).backward()
        update.step()

    def run(passes):
        for _ in range(passes):
            step()
        return Done(images=passes * work.batch)

    return Peer(run=run, versions={"torch": torch.__version__,
                                   "parameters": str(sum(p.numel() for p in net.parameters()))})
