"""Interleaved rounds over peers, each alive in a process of its own; the table and the JSON record."""

import dataclasses
import datetime
import json
import os
import pathlib
import platform
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Entry:
    """A peer as it stands in a comparison's list."""

    name: str
    module: str
    variant: str
    note: str


@dataclasses.dataclass
class Result:
    entry: Entry
    versions: dict = dataclasses.field(default_factory=dict)
    rounds: list = dataclasses.field(default_factory=list)
    skipped: str = ""

    def rates(self):
        return [r["images"] / r["seconds"] for r in self.rounds]

    def cpu_rate(self):
        """Images per CPU second, which other work on the machine touches less; None where it is not known."""
        rates = [r["images"] / r["cpu_seconds"] for r in self.rounds if r["cpu_seconds"]]
        return statistics.median(rates) if rates else None


class Failed(Exception):
    """A peer that cannot go on; its text is one line."""


class Process:
    """A running worker.py with all it started: a process group of its own, stopped but for its turns."""

    def __init__(self, entry, work, environment):
        self._log = tempfile.TemporaryFile()
        fields = dataclasses.asdict(dataclasses.replace(work, variant=entry.variant))
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), entry.module, json.dumps(fields)], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, process_group=0,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment})

    def ask(self, request, patience):
        """The worker's answer, or Failed when it says so, dies or is silent for `patience` seconds."""
        self._signal(signal.SIGCONT)
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
        except BrokenPipeError:
            raise Failed(self._last_words()) from None
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        if not ready:
            self._signal(signal.SIGKILL)
            raise Failed(f"no answer to '{request['do']}' within {patience:.0f} s")
        line = self._process.stdout.readline()
        # Neither prepares ahead at the cost of the next peer nor starts its next turn with finished work.
        self._signal(signal.SIGSTOP)
        if not line:
            raise Failed(self._last_words())
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def _signal(self, number):
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _last_words(self):
        status = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return f"ended with status {status}: {lines[-1] if lines else 'silent'}"

    def close(self):
        self._signal(signal.SIGCONT)
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()


@dataclasses.dataclass(frozen=True)
class Plan:
    rounds: int = 5
    seconds: float = 3.0   # least length of a peer's turn
    passes: int = 2        # least number of passes of a turn
    pause: float = 0.2     # between turns
    patience: float = 600  # seconds after which a silent peer is given up


def say(text):
    print(text, file=sys.stderr, flush=True)


def start(entry, work, environment, plan, processes):
    """The entry's result, still without rounds; its process joins `processes` if it can work."""
    process = Process(entry, work, environment)
    try:
        versions = process.ask({"do": "make"}, plan.patience)["versions"]
    except Failed as failure:
        process.close()
        say(f"skipped: {entry.name}: {failure}")
        return Result(entry, skipped=str(failure))
    processes[entry.name] = process
    say(f"ready: {entry.name}")
    return Result(entry, versions)


def turn(result, process, plan):
    try:
        answer = process.ask({"do": "run", "seconds": plan.seconds, "passes": plan.passes}, plan.patience)
        result.rounds.append({**answer, "load": os.getloadavg()[0]})
        say(f"{result.entry.name}: {result.rates()[-1]:.1f} images/s")
    except Failed as failure:
        result.skipped = f"failed in round {len(result.rounds) + 1}: {failure}"
        say(f"{result.entry.name} {result.skipped}")
    time.sleep(plan.pause)


def compare(entries, work, environment, plan):
    """Every peer's turn in each round, one after the other; results in the order of `entries`."""
    processes = {}
    try:
        results = [start(entry, work, environment, plan, processes) for entry in entries]
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            for result in results:
                if not result.skipped:
                    turn(result, processes[result.entry.name], plan)
        return results
    finally:
        for process in processes.values():
            process.close()


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def ratios(ours, result):
    """Sluice's rate over the peer's, round by round, so that what slows a whole round falls out."""
    return [a / b for a, b in zip(ours.rates(), result.rates())]


def cpu_columns(ours, result):
    rate, our_rate = result.cpu_rate(), ours.cpu_rate() if ours else None
    return f"{f'{rate:.1f}' if rate else '-':<14}{f'{our_rate / rate:.2f}' if rate and our_rate else '-':<7}"


def print_table(results, ours_name):
    ours = next((r for r in results if r.entry.name == ours_name and r.rounds), None)
    width = max(len(r.entry.name) for r in results)
    print(f"{'peer':<{width}}  {'images/s (min..max)':<24}{ours_name + ' / peer':<20}"
          f"{'images/CPU s':<14}{'ratio':<7}what it is")
    for result in results:
        if result.rounds:
            ratio = spread(ratios(ours, result), 2) if ours else "-"
            print(f"{result.entry.name:<{width}}  {spread(result.rates(), 1):<24}{ratio:<20}"
                  f"{cpu_columns(ours, result)}{result.entry.note}")
    for result in results:
        if result.skipped:
            print(f"skipped: {result.entry.name}: {result.skipped}")


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def bind(cores):
    """Ties this process and all it starts to the first `cores` cores it may use; returns them."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < cores:
        sys.exit(f"--cores {cores}: this process may use {len(allowed)}; valid: 1 to {len(allowed)}")
    os.sched_setaffinity(0, allowed[:cores])
    return allowed[:cores]


def summary(ours, result):
    if not result.rounds:
        return {}
    return {"median_images_per_second": statistics.median(result.rates()),
            "median_images_per_cpu_second": result.cpu_rate(),
            "base_over_peer": statistics.median(ratios(ours, result)) if ours else None}


def record(results, plan, cores, ours_name):
    """All raw figures as plain data."""
    ours = next((r for r in results if r.entry.name == ours_name and r.rounds), None)
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command": sys.argv, "base": ours_name, "cpu": cpu_name(), "cores": cores, "kernel": platform.release(),
        "python": platform.python_version(), "plan": dataclasses.asdict(plan),
        "peers": [{"name": r.entry.name, "note": r.entry.note, "versions": r.versions, "rounds": r.rounds,
                   "skipped": r.skipped, **summary(ours, r)} for r in results]}


def add_options(parser, defaults):
    """Options that both comparisons have."""
    parser.add_argument("--rounds", type=int, default=defaults.rounds, help="rounds over all peers (%(default)s)")
    parser.add_argument("--seconds", type=float, default=defaults.seconds,
                        help="least length of a peer's turn (%(default)s)")
    parser.add_argument("--passes", type=int, default=defaults.passes,
                        help="least number of passes (steps) of a turn (%(default)s)")
    parser.add_argument("--cores", type=int, default=2, help="cores and threads of every peer (%(default)s)")
    parser.add_argument("--batch", type=int, default=128, help="rows of a batch (%(default)s)")
    parser.add_argument("--base", default="sluice", help="the peer whose rate is divided by the others' (%(default)s)")
    parser.add_argument("--peers", help="comma-separated names; default all that --list prints")
    parser.add_argument("--sluice", default=str(HERE.parents[2] / "build" / "release" / "bin"),
                        help="folder of Sluice's programs (build/release/bin)")
    parser.add_argument("--out", help="file for versions and all raw figures, as JSON")
    parser.add_argument("--list", action="store_true", help="print the peers and end")


def chosen(entries, names):
    if not names:
        return entries
    by_name = {e.name: e for e in entries}
    for name in names.split(","):
        if name not in by_name:
            sys.exit(f"--peers {name}: no such peer; valid: {', '.join(by_name)}")
    return [by_name[name] for name in names.split(",")]


def print_list(entries):
    for entry in entries:
        print(f"{entry.name:<22}{entry.note}")


def write(path, data):
    if path:
        pathlib.Path(path).write_text(json.dumps(data, indent=1) + "\n")
