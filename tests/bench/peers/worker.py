"""One peer in a process of its own that stays alive between rounds; started by rounds.py.

    worker.py MODULE WORK_JSON        with {"variant": ..., "batch": ..., ...}: the fields of work.Work

Then one line of JSON in, one line out: {"do": "make"}, {"do": "run", "seconds": 3, "passes": 2} or
{"do": "sample", "to": FILE}. A failure is answered as {"error": ...}. End of input ends it.
"""

import importlib
import json
import os
import pathlib
import sys
import time

from work import Work


def take_stdout():
    """A file for the answers; whatever a library prints goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def cpu_seconds(pid):
    """CPU used so far by a process, its threads, its live children and those that have ended."""
    task = pathlib.Path(f"/proc/{pid}")
    try:
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        children = " ".join((t / "children").read_text() for t in (task / "task").iterdir()).split()
    except FileNotFoundError:
        return 0.0
    own = sum(int(f) for f in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(child) for child in children)


def timed(peer, passes):
    """(images, wall seconds, CPU seconds or None) of one run"""
    cpu, start = cpu_seconds(os.getpid()), time.perf_counter()
    done = peer.run(passes)
    if done.seconds:
        return done.images, done.seconds, done.cpu_seconds
    return done.images, time.perf_counter() - start, cpu_seconds(os.getpid()) - cpu


class Worker:
    def __init__(self, module, work):
        self._module = importlib.import_module(module)
        self._work = work
        self._peer = None
        self._rate = 0.0  # passes a second; a pass is the files once, or one step

    def make(self, _):
        self._peer = self._module.make(self._work)
        for _ in range(2):  # the first pass warms up, the second one says how long a pass takes
            _, seconds, _ = timed(self._peer, 1)
        self._rate = 1 / seconds
        return {"versions": self._peer.versions}

    def run(self, request):
        passes = max(request["passes"], round(request["seconds"] * self._rate + 0.5))
        images, seconds, cpu = timed(self._peer, passes)
        self._rate = passes / seconds
        return {"images": images, "seconds": seconds, "cpu_seconds": cpu, "passes": passes}

    def sample(self, request):
        import numpy as np  # only here: Sluice is measured on machines without it too
        images, batch = self._module.sample(self._work)
        np.savez(request["to"], *images, batch=batch)
        return {"images": len(images)}


def first_line(error):
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else 'no message'}"


def main():
    answers = take_stdout()
    worker = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if worker is None:
                fields = json.loads(sys.argv[2])
                fields["files"] = tuple(fields["files"])
                worker = Worker(sys.argv[1], Work(**fields))
            answer = getattr(worker, request["do"])(request)
        except Exception as error:  # a broken peer is an answer, never the end of the comparison
            answer = {"error": first_line(error)}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
