#!/usr/bin/env python3
"""How fast evaluation is by protocols, beside what its work needs of the cores.

    tests/bench/protocols.py --weights FILE [--data DIR] [--bin DIR] [--threads 2] [--repeat 3]
                             [--protocol ten-crop] [--protocol dense:224,256,288] [--batch 64]

DIR is an ImageFolder (default caltech20, whose validation part has 772 images); a protocol may name
scales behind a colon. Of each run, from its account: images a second; CPU seconds of forward (all
`evaluate` rows) and of preparation (all other nodes), and the share of the run that these two would
take if every core worked on nothing else, (forward + preparation) / (cores x wall), which is the
run's rate beside "forward compute plus preparation at the cores given"; whether items close
(in = out + failed + held in every row) and the gap of the account. Best of the repeats, and all of them.
"""
import argparse
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def options():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--weights", type=Path, required=True)
    words.add_argument("--data", type=Path,
                       default=Path(os.environ.get("SLUICE_DATA", ROOT.parent / "shared/data"))
                       / "caltech20")
    words.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    words.add_argument("--program", default="sluice-vgg")
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--batch", type=int, default=64)
    words.add_argument("--repeat", type=int, default=3)
    words.add_argument("--protocol", action="append")
    chosen = words.parse_args()
    chosen.protocol = chosen.protocol or ["ten-crop", "dense:224,256,288"]
    return chosen


def evaluated(chosen, protocol):
    name, _, scales = protocol.partition(":")
    command = [chosen.bin / chosen.program, "evaluate", "--data", chosen.data, "--weights",
               chosen.weights, "--protocol", name, "--threads", chosen.threads, "--batch",
               chosen.batch, "--json", "--quiet", *(["--scales", scales] if scales else [])]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def figures(chosen, found):
    account = found["account"]
    last = [node["name"].split("/")[-1] for node in account["nodes"]]
    forward = sum(n["cpu_seconds"] for n, name in zip(account["nodes"], last) if name == "evaluate")
    others = sum(n["cpu_seconds"] for n, name in zip(account["nodes"], last) if name != "evaluate")
    closes = all(n["items_in"] == n["items_out"] + n["items_failed"] + n["items_held"]
                 for n in account["nodes"])
    wall = account["wall_seconds"]
    return {"rate": found["images"] / wall, "wall": wall, "forward": forward, "preparation": others,
            "share": (forward + others) / (chosen.threads * wall), "closes": closes,
            "gap": account["account"].get("gap_percent", 0.0), "images": found["images"]}


def main():
    chosen = options()
    for protocol in chosen.protocol:
        runs = [figures(chosen, evaluated(chosen, protocol)) for _ in range(chosen.repeat)]
        best = max(runs, key=lambda run: run["share"])
        print(f"{protocol}: {best['images']} images, {best['rate']:.2f} images/s, wall {best['wall']:.1f} s, "
              f"forward {best['forward']:.1f} + preparation {best['preparation']:.1f} CPU s on "
              f"{chosen.threads} cores: {best['share']:.3f} of the run (all: "
              f"{', '.join(format(run['share'], '.3f') for run in runs)}); "
              f"account {'closes' if all(run['closes'] for run in runs) else 'DOES NOT CLOSE'}, gap "
              f"{max(abs(run['gap']) for run in runs):.2f} %", flush=True)


if __name__ == "__main__":
    main()
