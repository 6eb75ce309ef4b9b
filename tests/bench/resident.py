#!/usr/bin/env python3
"""Is resident memory flat over many epochs, and is its peak what was said at start?

    tests/bench/resident.py [--epochs 20] [--data DIR] [--bin DIR] [-- more options of profile]

Runs `sluice-alexnet profile` (the whole training step) and looks at its resident memory five times
a second. Prints the slope of a straight line through the second half, in MB an epoch and MB an
hour, and the peak against the memory that the program said it would take.
"""
import argparse
import json
import os
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def options():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--epochs", type=int, default=20)
    words.add_argument("--data", type=Path,
                       default=Path(os.environ.get("SLUICE_DATA", ROOT.parent / "shared/data"))
                       / "photos")
    words.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    words.add_argument("more", nargs="*")
    return words.parse_args()


def status_bytes(process, key):
    try:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def watch(process, samples, peak):
    start = time.monotonic()
    while process.poll() is None:
        now = status_bytes(process, "VmRSS")
        if now:
            samples.append((time.monotonic() - start, now))
            peak[0] = max(peak[0], status_bytes(process, "VmHWM") or 0)
        time.sleep(0.2)


def slope(samples):
    """Of a least-squares line, in bytes a second."""
    mean_t = sum(t for t, _ in samples) / len(samples)
    mean_b = sum(b for _, b in samples) / len(samples)
    above = sum((t - mean_t) * (b - mean_b) for t, b in samples)
    return above / sum((t - mean_t) ** 2 for t, _ in samples)


def main():
    chosen = options()
    command = [chosen.bin / "sluice-alexnet", "profile", "--data", chosen.data, "--epochs",
               str(chosen.epochs), "--json", "--quiet", *chosen.more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    samples, peak = [], [0]
    watcher = threading.Thread(target=watch, args=(process, samples, peak))
    watcher.start()
    result = json.loads(process.stdout.read())
    watcher.join()
    end = samples[-1][0] - 2.0  # then the program gives its memory back
    half = [s for s in samples[len(samples) // 2:] if s[0] < end]
    a_second = slope(half)
    an_epoch = a_second * result["seconds"] / chosen.epochs
    said = result["announced_bytes"]
    print(f"{result['files']} files, {chosen.epochs} epochs, {result['seconds']:.1f} s, "
          f"{len(half)} samples of the second half")
    print(f"resident memory: {half[0][1] / 1e6:.1f} MB, then {half[-1][1] / 1e6:.1f} MB; slope "
          f"{an_epoch / 1e6:+.4f} MB an epoch, {a_second * 3600 / 1e6:+.2f} MB an hour")
    print(f"peak {peak[0] / 1e6:.1f} MB, said at start {said / 1e6:.1f} MB: "
          f"{(peak[0] - said) / 1e6:+.1f} MB")


if __name__ == "__main__":
    main()
