"""Sluice.

Variants: `profile` = `sluice-alexnet profile` as users run it, which reads the files each time (page cache);
`memory` = files in memory through the same graph, `bench_prepare`. Each keeps its own time, from the first sample
to the last batch, without start-up.
"""

import json
import pathlib
import re
import subprocess

from work import Done, Peer

SPREAD = r" \([0-9.]+\.\.[0-9.]+\)"
GRAPH = re.compile(rf"^through the graph +([0-9.]+){SPREAD} images/s, CPU ([0-9.]+){SPREAD} us/image", re.MULTILINE)


def output(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"{command[0]} ended with status {done.returncode}")
    return done.stdout


def profile(work, passes):
    program = str(pathlib.Path(work.sluice) / "sluice-alexnet")
    return [program, "profile", "--data", work.folder, "--until", "collate", "--crops", "whole", "--mean", "vgg",
            "--batch", str(work.batch), "--threads", str(work.threads), "--epochs", str(passes), "--json", "--quiet"]


def run_profile(work, passes):
    result = json.loads(output(profile(work, passes)))
    account = result["account"]
    return Done(images=result["files"], seconds=account["wall_seconds"],
                cpu_seconds=account["account"]["cpu_seconds_process"])


def bench(work, passes):
    program = str(pathlib.Path(work.sluice) / "bench_prepare")
    return [program, "--threads", str(work.threads), "--rounds", "1", "--passes", str(passes), work.folder]


def run_bench(work, passes):
    found = GRAPH.search(output(bench(work, passes)))
    if not found:
        raise ValueError("bench_prepare printed no line 'through the graph ... images/s'")
    images = passes * len(work.files)
    rate, cpu_us = (float(number) if number else None for number in found.groups())
    return Done(images=images, seconds=images / rate, cpu_seconds=images * cpu_us / 1e6 if cpu_us else None)


def make(work):
    command, run = {"profile": (profile, run_profile), "memory": (bench, run_bench)}[work.variant]
    return Peer(run=lambda passes: run(work, passes), versions={"command": " ".join(command(work, 1))})
