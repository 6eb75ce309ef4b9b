#!/usr/bin/env python3
"""What do checkpoints cost training?

    tests/bench/checkpoints.py [--batch 128] [--every 50] [--rounds 3] [--bin DIR]

Trains AlexNet `paper` on generated images, in turns with a checkpoint every so many steps and with
none. Compares the time of 2 x EVERY steps in the middle of a run, so that two checkpoints are copied
and written while they are trained, by the clock (steps.csv) and by the process's CPU over all steps.
"""
import argparse
import csv
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def options():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--batch", type=int, default=128)
    words.add_argument("--every", type=int, default=50)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    return words.parse_args()


def steps_of(chosen):
    return chosen.every // 2 + 2 * chosen.every


def make_data(chosen, folder):
    images = steps_of(chosen) * chosen.batch
    subprocess.run([chosen.bin / "sluice-data", "shapes", "--out", folder, "--train",
                    str(-(-images // 10)), "--val", "1"], check=True, capture_output=True)


def train(chosen, data, out, every):
    command = [chosen.bin / "sluice-alexnet", "train", "--data", data, "--out", out, "--epochs", "1",
               "--batch", chosen.batch, "--steps", steps_of(chosen), "--schedule", "constant",
               "--init", "he", "--rate", "0.001", "--checkpoint-every", every, "--json", "--quiet"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    with open(out / "steps.csv") as table:
        rates = [float(row["images_per_second"]) for row in csv.DictReader(table)]
    begin = chosen.every // 4
    seconds = sum(chosen.batch / rate for rate in rates[begin:begin + 2 * chosen.every])
    account = json.loads(done.stdout)["account"]
    nodes = {node["name"]: node for node in account["nodes"]}
    overheads = account["account"]["cpu_seconds_overheads"]
    training = sum(nodes[name]["cpu_seconds"] for name in ("forward", "backward", "update"))
    extra = nodes["checkpoint"]["cpu_seconds"] + overheads.get("checkpoints", 0.0)
    written = 3 if every else 0  # two on the way, one at the end
    return seconds, training, extra, written


def main():
    chosen = options()
    ratios = []
    with tempfile.TemporaryDirectory(dir=chosen.bin) as folder:
        folder = Path(folder)
        make_data(chosen, folder / "data")
        for turn in range(chosen.rounds):
            found = {}
            order = [chosen.every, 0] if turn % 2 == 0 else [0, chosen.every]
            for every in order:
                out = folder / f"run-{turn}-{every}"
                found[every] = train(chosen, folder / "data", out, every)
                subprocess.run(["rm", "-rf", str(out)], check=True)
            with_them, without = found[chosen.every], found[0]
            ratios.append(with_them[0] / without[0])
            one = with_them[2] / with_them[3]
            share = 100 * one / (with_them[1] / steps_of(chosen) * chosen.every)
            print(f"round {turn + 1}: {2 * chosen.every} steps with checkpoints {with_them[0]:.2f} s, "
                  f"without {without[0]:.2f} s, ratio {ratios[-1]:.4f}; a checkpoint takes "
                  f"{one:.2f} s of CPU, {share:.2f} % of the CPU of {chosen.every} steps", flush=True)
    print(f"ratio by the clock: {statistics.median(ratios):.4f} "
          f"({min(ratios):.4f}..{max(ratios):.4f})")


if __name__ == "__main__":
    main()
