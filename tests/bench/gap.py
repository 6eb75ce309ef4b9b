#!/usr/bin/env python3
"""Does the account close on long runs?

    tests/bench/gap.py [--seconds 120] [--threads 1,2,8] [--data DIR] [--bin DIR]

Runs training and preparation alone with each number of threads, by themselves and beside a process
that competes for the cores, and at last beside a thread in the program that is none of its own and
burns a tenth of a core. Prints the gap of each account, in percent of the process's CPU.
"""
import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def options():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seconds", type=float, default=120)
    words.add_argument("--threads", default="1,2,8")
    words.add_argument("--data", type=Path,
                       default=Path(os.environ.get("SLUICE_DATA", ROOT.parent / "shared/data"))
                       / "photos")
    words.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    return words.parse_args()


def account(chosen, threads, until, env=None):
    command = [chosen.bin / "sluice-alexnet", "profile", "--data", chosen.data, "--seconds",
               str(chosen.seconds), "--threads", str(threads), "--json", "--quiet", *until]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return json.loads(done.stdout)["account"]


def line(name, threads, found):
    cpu = found["account"]
    overheads = ", ".join(f"{k} {v:.2f}" for k, v in cpu["cpu_seconds_overheads"].items())
    print(f"{name:<34} {threads} threads: wall {found['wall_seconds']:6.1f} s, CPU "
          f"{cpu['cpu_seconds_process']:7.2f} s, gap {cpu['gap_percent']:6.3f} %  ({overheads})",
          flush=True)


def competitor():
    return subprocess.Popen(["python3", "-c", "while True: pass"])


def foreign_thread(chosen):
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "burnt"
        env = {**os.environ, "LD_PRELOAD": str(chosen.bin / "libsluice_foreign_thread.so"),
               "SLUICE_TEST_BURN": "0.1", "SLUICE_TEST_BURN_REPORT": str(report)}
        found = account(chosen, 2, [], env)
        line("training, foreign thread", 2, found)
        burnt = float(report.read_text())
        share = 100 * burnt / found["account"]["cpu_seconds_process"]
        print(f"the foreign thread burnt {burnt:.2f} s = {share:.3f} % of the process's CPU; gap minus "
              f"that: {found['account']['gap_percent'] - share:.3f} points")


def main():
    chosen = options()
    for beside in (False, True):
        other = competitor() if beside else None
        try:
            for threads in (int(t) for t in chosen.threads.split(",")):
                suffix = ", beside a competitor" if beside else ""
                line("training" + suffix, threads, account(chosen, threads, []))
                line("preparation" + suffix, threads,
                     account(chosen, threads, ["--until", "collate"]))
        finally:
            if other:
                other.kill()
    foreign_thread(chosen)


if __name__ == "__main__":
    main()
