"""Compares augment nodes with torchvision v2, OpenCV and Albumentations: same photographs, parameters and
decisions, one thread, one run of interleaved rounds.

    DIR/bin/python augment.py [--data DIR] [--nodes a,b] [--out FILE.json]

All lie in memory, decoded, uint8, 500 x 375. README.md says how DIR is made.
"""

import argparse
import importlib
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # no __pycache__ in the checkout

import rounds
from prepare import default_data, environment, jpegs

PEERS = ["torchvision", "opencv", "albumentations"]
PASSES = 4096  # at most, in a turn


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=default_data(), help="folder of JPEG files (%(default)s)")
    parser.add_argument("--images", type=int, default=24, help="photographs of 500 x 375 (%(default)s)")
    parser.add_argument("--rounds", type=int, default=11, help="rounds a node (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.15, help="least length of a turn (%(default)s)")
    parser.add_argument("--peers", default=",".join(PEERS), help="%(default)s")
    parser.add_argument("--nodes", help="comma-separated names; default all that --list prints")
    parser.add_argument("--sluice", default=str(rounds.HERE.parents[2] / "build" / "release" / "bin"),
                        help="folder of bench_augment_node (build/release/bin)")
    parser.add_argument("--out", help="file for versions and all raw figures, as JSON")
    parser.add_argument("--list", action="store_true", help="print the nodes and end")
    return parser.parse_args()


def photographs(folder, count, size):
    """The first so many of that size, as arrays of one block."""
    import cv2
    import numpy as np
    found = []
    for path in jpegs(folder):
        image = cv2.imread(path, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is not None and image.shape == (size[1], size[0], 3):
            found.append(image)
            if len(found) == count:
                return np.stack(found)
    sys.exit(f"--images {count}: {folder} holds {len(found)} of {size[0]} x {size[1]}; valid: 1 to {len(found)}")


class Sluice:
    """A running bench_augment_node."""

    def __init__(self, program, images, folder):
        import numpy as np
        self._file = pathlib.Path(folder) / "images.raw"
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         bufsize=1)
        head = np.array([len(images), images.shape[2], images.shape[1]], np.int32)
        self._file.write_bytes(head.tobytes() + images.tobytes())
        self._ask("load", str(self._file))

    def _ask(self, *words):
        self._process.stdin.write("\t".join(words) + "\n")
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit(f"bench_augment_node ended with status {self._process.wait()} at '{' '.join(words)}'")
        return answer.rstrip("\n")

    def start(self, chain):
        """The decisions of all images, in words."""
        return self._ask("chain", *chain.split()).split("\t")

    def turn(self, passes):
        return float(self._ask("run", str(passes)))

    def results(self):
        import numpy as np
        kind = np.uint8 if self._ask("save", str(self._file)) == "u8" else np.float32
        data = self._file.read_bytes()
        count, width, height = np.frombuffer(data[:12], np.int32)
        return np.frombuffer(data[12:], kind).reshape(count, height, width, 3)

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)


class Peer:
    """A library's function of one image, over all images."""

    def __init__(self, module, case, images, decisions):
        self._call = module.FUNCTIONS[case.name]
        self._give = module.give
        self._inputs = list(zip(module.inputs(case.name, images), decisions))

    def turn(self, passes):
        call, begun = self._call, time.perf_counter_ns()
        for _ in range(passes):
            for image, decision in self._inputs:
                call(image, decision)
        return time.perf_counter_ns() - begun

    def results(self):
        return [self._give(self._call(*given)) for given in self._inputs]


def apart(ours, theirs, images, strengths):
    """Mean absolute difference; `strengths`: of the results' own differences from the photographs."""
    import numpy as np
    if strengths:
        if theirs[0].shape != images[0].shape or ours.shape != images.shape:
            return abs(float(np.mean(ours)) - float(np.mean(theirs)))
        return abs(apart(images, theirs, images, False) - apart(images, ours, images, False))
    return float(np.mean([np.abs(np.asarray(a, np.float32) - np.asarray(b, np.float32)).mean()
                          for a, b in zip(ours, theirs)]))


def subjects_of(case, sluice, modules, images):
    """(turns by name, differences by name, faults by name)"""
    decisions = [case.decide(text) for text in sluice.start(case.chain)]
    sluice.turn(1)
    ours, subjects, differences, faults = sluice.results(), {"sluice": sluice}, {}, {}
    for name, module in modules.items():
        if case.name not in module.FUNCTIONS:
            continue
        own = case.random or case.name in getattr(module, "OWN_DRAWS", ())
        try:
            peer = Peer(module, case, images, decisions)
            differences[name] = (apart(ours, peer.results(), images, own), own)
            subjects[name] = peer
        except Exception as error:  # a peer that cannot do it is said, and the comparison goes on
            faults[name] = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return subjects, differences, faults


def passes_of(subject, seconds):
    subject.turn(1)  # warms up
    return max(1, min(PASSES, round(seconds * 1e9 / subject.turn(1) + 0.5)))


def measure(subjects, images, options):
    """Nanoseconds an image, by name and round; the order turns from round to round."""
    passes = {name: passes_of(subject, options.seconds) for name, subject in subjects.items()}
    names, times = list(subjects), {name: [] for name in subjects}
    for number in range(options.rounds):
        turned = names[number % len(names):] + names[:number % len(names)]
        for name in turned if number // len(names) % 2 == 0 else reversed(turned):
            times[name].append(subjects[name].turn(passes[name]) / (passes[name] * images))
    return times


def compared(times):
    """Peer / Sluice by round, so that above 1 Sluice is faster."""
    ours = times["sluice"]
    return {name: [b / a for a, b in zip(ours, theirs)] for name, theirs in times.items() if name != "sluice"}


def medians_of(record):
    return {name: statistics.median(ratios) for name, ratios in record["ratios"].items()}


def cells(record, name):
    if name not in record["times"]:
        return ["", "", ""]
    difference, own = record["differences"][name]
    return [f"{statistics.median(record['times'][name]):.0f}", rounds.spread(record["ratios"][name], 2),
            f"{'~' if own else ''}{difference:.2f}"]


def print_row(case, record, names):
    medians = medians_of(record)
    best = min(medians, key=medians.get) if medians else None
    row = [case.name, f"{statistics.median(record['times']['sluice']):.0f}",
           f"{medians[best]:.2f} {best}" if best else ""]
    print("| " + " | ".join(row + [text for name in names for text in cells(record, name)]) + " |", flush=True)
    for name, fault in record["faults"].items():
        rounds.say(f"skipped: {case.name}: {name}: {fault}")


def print_head(names):
    print("| node | sluice ns | best / sluice | "
          + " | ".join(f"{name} ns | / sluice | apart" for name in names) + " |")
    print("|---" * (3 + 3 * len(names)) + "|")


def print_end(records):
    """Faster: the median of the rounds' ratios is above 1 for every peer that has the node."""
    medians = {name: medians_of(record) for name, record in records.items() if record["ratios"]}
    if not medians:
        return
    for peer in PEERS:
        had = [m[peer] for m in medians.values() if peer in m]
        print(f"faster than {peer} in {sum(m > 1 for m in had)} of {len(had)} nodes")
    slowest = min(medians, key=lambda name: min(medians[name].values()))
    faster = sum(all(m > 1 for m in ratios.values()) for ratios in medians.values())
    print(f"faster than each peer in {faster} of {len(medians)} nodes; slowest against the best: "
          f"{slowest} {min(medians[slowest].values()):.2f}x")


def chosen(cases, names):
    by_name = {case.name: case for case in cases}
    wanted = names.split(",") if names else list(by_name)
    for name in wanted:
        if name not in by_name:
            sys.exit(f"--nodes {name}: no such node; valid: {', '.join(by_name)}")
    return [by_name[name] for name in wanted]


def compare(selected, sluice, modules, images, options):
    records = {}
    print_head(modules)
    for case in selected:
        subjects, differences, faults = subjects_of(case, sluice, modules, images)
        times = measure(subjects, len(images), options)
        records[case.name] = {"chain": case.chain, "times": times, "ratios": compared(times),
                              "differences": differences, "faults": faults}
        print_row(case, records[case.name], modules)
    return records


def main():
    options = parse()
    rounds.bind(1)
    import os
    os.environ.update(environment(1))  # before the libraries start their threads
    import augment_cases as cases
    selected = chosen(cases.CASES, options.nodes)
    if options.list:
        print("\n".join(f"{case.name:<29}{case.chain}" for case in selected))
        return 0
    modules = {name: importlib.import_module(f"augment_{name}") for name in options.peers.split(",")}
    images = photographs(options.data, options.images, (cases.WIDTH, cases.HEIGHT))
    versions = {key: value for module in modules.values() for key, value in module.VERSIONS.items()}
    print(f"{len(images)} photographs, {cases.WIDTH} x {cases.HEIGHT}, one thread, {rounds.cpu_name()}, "
          f"{options.rounds} rounds, median (min..max); " + ", ".join(f"{k} {v}" for k, v in versions.items()))
    with tempfile.TemporaryDirectory() as folder:
        sluice = Sluice(str(pathlib.Path(options.sluice) / "bench_augment_node"), images, folder)
        records = compare(selected, sluice, modules, images, options)
        sluice.close()
    print_end(records)
    rounds.write(options.out, {"command": sys.argv, "cpu": rounds.cpu_name(), "versions": versions, "nodes": records})
    return 0


if __name__ == "__main__":
    sys.exit(main())
