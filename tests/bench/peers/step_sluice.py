"""Sluice's step as `bench_step` measures it, which also runs the step's bare primitives, round by round."""

import pathlib
import re
import subprocess

from work import Done, Peer

STEP = re.compile(r"^step +([0-9.]+) ms.*?(?:CPU ([0-9.]+) ms|$)", re.MULTILINE)


def command(work, rounds):
    program = str(pathlib.Path(work.sluice) / "bench_step")
    return [program, "--batch", str(work.batch), "--rounds", str(rounds), "--threads", str(work.threads)]


def make(work):
    def run(passes):
        done = subprocess.run(command(work, passes), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip() or f"bench_step ended with status {done.returncode}")
        found = STEP.search(done.stdout)
        if not found:
            raise ValueError("bench_step printed no line 'step ... ms'")
        wall, cpu = (float(ms) * passes / 1e3 if ms else None for ms in found.groups())
        return Done(images=passes * work.batch, seconds=wall, cpu_seconds=cpu)

    return Peer(run=run, versions={"command": " ".join(command(work, 1)), "figure": "median of the rounds"})
