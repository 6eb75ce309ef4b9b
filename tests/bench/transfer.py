#!/usr/bin/env python3
"""Transfer: a net trained on one half of the classes of a data set, then on the other half.

    tests/bench/transfer.py [--data DIR] [--width W] [--source-epochs M] [--epochs N] [--seeds K]

Classes of DIR (train/CLASS, val/CLASS; default $SLUICE_DATA/caltech20) in alphabetical order go to
the halves in turns. A net is trained on the first half, M epochs; then three on the second half,
N epochs each, with the same seed, order and crops: from scratch; `--from` those weights
`--new-head`; the same with `--freeze body`. Prints the second half's validation after each epoch,
which is after equal steps: top-1 and the mean over classes, of each seed.
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(os.environ.get("SLUICE_BIN", ROOT / "build/release/bin"))
RECIPE = ROOT / "apps/recipes/quickstart.toml"


def halves(data, work):
    """Two folders of links to every other class."""
    classes = sorted(path.name for path in (data / "train").iterdir() if path.is_dir())
    made = []
    for first in (0, 1):
        folder = work / f"half{first + 1}"
        for part in ("train", "val"):
            (folder / part).mkdir(parents=True)
            for name in classes[first::2]:
                (folder / part / name).symlink_to((data / part / name).resolve())
        made.append(folder)
    return made


def train(data, out, options, seed, epochs, *words):
    command = [BIN / "sluice-alexnet", "train", "--recipe", RECIPE, "--data", data, "--out", out,
               "--width", options.width, "--epochs", epochs, "--seed", seed,
               "--checkpoint-every", 0, "--quiet", *words]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(str(word) for word in command)}\n{done.stderr}")
    steps = sum(1 for _ in (out / "steps.csv").open()) - 1
    with (out / "epochs.csv").open() as table:
        return steps, [(float(row["val_top1"]), float(row["val_per_class"]))
                       for row in csv.DictReader(table)]


def row(seed, name, steps, epochs):
    cells = "  ".join(f"{100 * top1:5.1f} / {100 * mean:5.1f}" for top1, mean in epochs)
    print(f"seed {seed}  {name:34} {steps:5} steps  {cells}", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    data = os.environ.get("SLUICE_DATA", ROOT.parent / "shared/data")
    parser.add_argument("--data", type=Path, default=Path(data) / "caltech20")
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--source-epochs", type=int, default=24)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--work", help="folder for runs meanwhile")
    return parser.parse_args()


def main():
    options = parse()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder)
        first, second = halves(options.data, work)
        print("top-1 / mean over classes of the validation images, in percent, after each epoch")
        for seed in range(1, options.seeds + 1):
            source = work / f"source{seed}"
            row(seed, "first half", *train(first, source, options, seed, options.source_epochs))
            start = ["--from", source / "weights.safetensors", "--new-head"]
            ways = {"from scratch": [], "new head": start,
                    "new head, body frozen": [*start, "--freeze", "body"]}
            for i, (name, words) in enumerate(ways.items()):
                row(seed, f"second half, {name}",
                    *train(second, work / f"way{seed}-{i}", options, seed, options.epochs, *words))


if __name__ == "__main__":
    main()
