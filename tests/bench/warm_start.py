#!/usr/bin/env python3
"""Does VGG's start from configuration A help? (VGG paper, section 3.1)

Trains A briefly, then a deeper configuration twice for the same epochs on the same images: from A's
layers, and from N(0, 0.01) everywhere. Prints both curves.

    tests/bench/warm_start.py --bin build/release/bin --data ../shared/data/caltech20 --work DIR
"""
import argparse
import csv
import subprocess
from pathlib import Path


def train(args, name, config, epochs, *words):
    out = args.work / name
    if not (out / "weights.safetensors").exists():
        subprocess.run([args.bin / "sluice-vgg", "train", "--data", args.data, "--out", out,
                        "--config", config, "--width", str(args.width), "--batch", str(args.batch),
                        "--rate", str(args.rate), "--schedule", "constant", "--epochs", str(epochs),
                        "--precision", args.precision, "--set", "augment.scale.divisor=58",
                        "--checkpoint-every", "0", "--quiet", *words], check=True,
                       stdout=subprocess.DEVNULL)
    return list(csv.DictReader((out / "epochs.csv").open()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where the run folders go")
    parser.add_argument("--config", default="D")
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--a-epochs", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--precision", default="bf16")
    args = parser.parse_args()
    a = train(args, "a", "A", args.a_epochs, "--init", "he")
    warm = train(args, "warm", args.config, args.epochs, "--from-config-a",
                 args.work / "a" / "weights.safetensors")
    cold = train(args, "cold", args.config, args.epochs, "--init", "normal")
    print(f"VGG at {args.width} of the width, batch {args.batch}, rate {args.rate}, {args.precision}")
    print(f"A from He's start, {args.a_epochs} epochs: " +
          ", ".join(f"{100 * float(row['val_top1']):.1f} %" for row in a))
    print(f"{args.config}      from A: loss, top-1     from N(0, 0.01): loss, top-1")
    for one, other in zip(warm, cold):
        print(f"epoch {one['epoch']}   {float(one['train_loss']):7.4f} "
              f"{100 * float(one['val_top1']):6.2f} %          {float(other['train_loss']):7.4f} "
              f"{100 * float(other['val_top1']):6.2f} %")


if __name__ == "__main__":
    main()
