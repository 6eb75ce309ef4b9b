#!/usr/bin/env python3
"""The same nets in PyTorch on the same device: one line of JSON each, as bench_device's.

    peers.py NET BATCH f32|tf32|bf16      NET: alexnet-owt, alexnet-paper, vgg-D

Rows are on the device already; channels_last, torch.compile with CUDA graphs, cudnn.benchmark, fused
SGD with momentum and weight decay, bf16 by autocast. Exit status 77: no PyTorch or no GPU.
"""
import json
import sys
import time

STEPS = 50
WARM_UP = 20


def block(torch, channels, out, kernel, **options):
    return [torch.nn.Conv2d(channels, out, kernel, **options), torch.nn.ReLU(inplace=True)]


def head(torch, features, hidden=4096, before=True):
    nn = torch.nn
    drops = [nn.Dropout(0.5)] if before else []
    after = [] if before else [nn.Dropout(0.5)]
    layers = [nn.Flatten()]
    for size in (features, hidden):
        layers += drops + [nn.Linear(size, hidden), nn.ReLU(inplace=True)] + after
    return layers + [nn.Linear(hidden, 1000)]


def alexnet_owt(torch):
    nn = torch.nn
    return nn.Sequential(
        *block(torch, 3, 64, 11, stride=4, padding=2), nn.MaxPool2d(3, 2),
        *block(torch, 64, 192, 5, padding=2), nn.MaxPool2d(3, 2),
        *block(torch, 192, 384, 3, padding=1), *block(torch, 384, 256, 3, padding=1),
        *block(torch, 256, 256, 3, padding=1), nn.MaxPool2d(3, 2), *head(torch, 256 * 36))


def alexnet_paper(torch):
    """Two towers as groups; normalisation over all maps, since PyTorch has none within towers."""
    nn = torch.nn
    norm = lambda: nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)
    return nn.Sequential(
        nn.ZeroPad2d((0, 3, 0, 3)), *block(torch, 3, 96, 11, stride=4), norm(), nn.MaxPool2d(3, 2),
        *block(torch, 96, 256, 5, padding=2, groups=2), norm(), nn.MaxPool2d(3, 2),
        *block(torch, 256, 384, 3, padding=1), *block(torch, 384, 384, 3, padding=1, groups=2),
        *block(torch, 384, 256, 3, padding=1, groups=2), nn.MaxPool2d(3, 2),
        *head(torch, 256 * 36, before=False))


def vgg_d(torch):
    layers, channels = [], 3
    for maps, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += block(torch, channels, maps, 3, padding=1)
            channels = maps
        layers.append(torch.nn.MaxPool2d(2, 2))
    return torch.nn.Sequential(*layers, *head(torch, 512 * 49, before=False))


NETS = {"alexnet-owt": alexnet_owt, "alexnet-paper": alexnet_paper, "vgg-D": vgg_d}


def make_step(torch, name, batch, arithmetic):
    """A function that does one training step, on rows that are there already."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = arithmetic == "tf32"
    net = NETS[name](torch).cuda().to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4, fused=True)
    rows = torch.randn(batch, 3, 224, 224, device="cuda").to(memory_format=torch.channels_last)
    labels = torch.randint(1000, (batch,), device="cuda")
    compiled = torch.compile(net, mode="reduce-overhead")

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cuda", torch.bfloat16, enabled=arithmetic == "bf16"):
            loss = torch.nn.functional.cross_entropy(compiled(rows), labels)
        loss.backward()
        optimiser.step()
    return step


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in NETS:
        print(__doc__, file=sys.stderr)
        return 2
    name, batch, arithmetic = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    try:
        import torch
    except ImportError:
        torch = None
    if torch is None or not torch.cuda.is_available():
        print("peers.py: skipped: no PyTorch with a GPU", file=sys.stderr)
        return 77
    step = make_step(torch, name, batch, arithmetic)
    for _ in range(WARM_UP):
        step()
    torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(STEPS):
        step()
    torch.cuda.synchronize()
    seconds = (time.perf_counter() - begin) / STEPS
    print(json.dumps({"net": name, "batch": batch, "arithmetic": arithmetic, "step_ms": 1000 * seconds,
                      "images_per_second": round(batch / seconds), "torch": torch.__version__,
                      "cudnn": torch.backends.cudnn.version(),
                      "device": torch.cuda.get_device_name(0)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
