#!/usr/bin/env python3
"""How often `sluice-lab diff` is right: of pairs of equal runs, and of pairs that differ by one
node that was made slower.

    diff_trials.py --data DIR [--equal N] [--planted N] [--seconds S] [--percent P]
                   [--nodes A,B,...] [--seed N] [--keep DIR] [--apart] [OPTIONS OF profile]

Each pair is two profiles on one thread each at the same time, and they change cores many times a
second, so that both have the same machine: on a virtual one neighbours that nobody sees make a core
a quarter slower, and loops over memory three times, for seconds or minutes. With --apart they run
one after the other (the order is drawn) on as many threads as the options say. Equal pairs must
have no change, planted ones exactly the planted node, slower. By default nodes are planted that can
be told at all: loops over memory (mean, flip) differ by 5 % between two processes by where their
arrays lie, and crops take less than what reading a clock costs.

Environment: SLUICE_BIN (folder of the programs).
Exit status: 0 when all equal pairs and nine tenths of the planted ones were right.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(os.environ["SLUICE_BIN"])
MOST_MISSED = 0.1
SECONDS_ON_A_CORE = 0.04


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], allow_abbrev=False)
    parser.add_argument("--data", required=True)
    parser.add_argument("--equal", type=int, default=20)
    parser.add_argument("--planted", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--percent", type=float, default=5.0)
    parser.add_argument("--nodes", default="decode,rescale,pca-colour")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apart", action="store_true", help="one after the other")
    parser.add_argument("--keep", type=Path, help="folder for the runs (default: none is kept)")
    return parser.parse_known_args()


def start(options, others, out, plant, percent):
    words = [BIN / "planted_profile", "--data", options.data, "--out", out, "--until", "collate",
             "--seconds", str(options.seconds), "--epochs", "100000", "--quiet", *others]
    if plant:
        words += ["--plant", f"{plant}:+{percent:g}%"]
    if not options.apart:
        words += ["--threads", "1"]
    return subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL)


def move(program, core):
    """All threads of a program to a core; one that has ended meanwhile needs none."""
    try:
        for thread in os.listdir(f"/proc/{program.pid}/task"):
            os.sched_setaffinity(int(thread), {core})
    except OSError:
        pass


def change_cores(programs):
    """Until one of two has ended."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    while len(cores) == 2 and all(program.poll() is None for program in programs):
        for program, core in zip(programs, cores):
            move(program, core)
        cores.reverse()
        time.sleep(SECONDS_ON_A_CORE)


def end(program):
    if program.wait() != 0:
        raise subprocess.CalledProcessError(program.returncode, program.args)


def difference(before, after):
    done = subprocess.run([BIN / "sluice-lab", "diff", before, after, "--json"], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def said(result):
    """Nodes whose fate is another one, as NODE:FATE."""
    return sorted(f"{node['name']}:{node['fate']}" for node in result["nodes"]
                  if node["fate"] not in ("same", "unknown"))


def least_told(result, name):
    """From which change on a node would have been told."""
    return next(node.get("percent_to_tell", float("nan")) for node in result["nodes"]
                if node["name"] == name)


def trial(options, others, folder, plant, plant_first):
    before, after = folder / "before", folder / "after"
    # What planting itself costs (clocks, and flips that pass no image on untouched) is in both.
    runs = [(before, 0), (after, options.percent)]
    programs = []
    for out, percent in reversed(runs) if plant_first else runs:
        programs.append(start(options, others, out, plant, percent))
        if options.apart:
            end(programs.pop())
    change_cores(programs)
    for program in programs:
        end(program)
    return difference(before, after)


def report(kind, number, plant, result, right):
    wanted = f" {plant} (told from {least_told(result, plant):.1f} %)" if plant else ""
    print(f"{kind} {number}{wanted}: {'right' if right else 'WRONG'}; machine "
          f"{result['machine']['percent']:+.1f} %; {result['text']}", flush=True)


def trials(kind, count, options, others, root, draw):
    right = 0
    nodes = options.nodes.split(",")
    for number in range(1, count + 1):
        plant = draw.choice(nodes) if kind == "planted" else None
        folder = root / f"{kind}-{number}"
        result = trial(options, others, folder, plant, draw.random() < 0.5)
        good = said(result) == ([f"{plant}:slower"] if plant else [])
        right += good
        report(kind, number, plant, result, good)
        if not options.keep:
            shutil.rmtree(folder)
    return right


def main():
    options, others = parse()
    draw = random.Random(options.seed)
    root = options.keep or Path(tempfile.mkdtemp(prefix="sluice-diff-"))
    root.mkdir(parents=True, exist_ok=True)
    try:
        equal = trials("equal", options.equal, options, others, root, draw)
        planted = trials("planted", options.planted, options, others, root, draw)
    finally:
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)
    print(f"equal pairs without a change: {equal} of {options.equal}; pairs with a node "
          f"{options.percent:g} % slower that was named alone: {planted} of {options.planted}")
    return int(equal < options.equal or planted < (1 - MOST_MISSED) * options.planted)


if __name__ == "__main__":
    sys.exit(main())
