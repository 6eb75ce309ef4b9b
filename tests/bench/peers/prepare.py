"""Compares preparation with other software: same files, same chain, same cores, rounds interleaved.

    DIR/bin/python prepare.py [--data DIR] [--out FILE.json]
    DIR/bin/python prepare.py --check

decode JPEG -> shorter side 256, bilinear -> random crop 224 -> random flip -> colour noise -> less mean ->
float32 batches of 128. README.md says how DIR is made.
"""

import argparse
import os
import pathlib
import sys

sys.dont_write_bytecode = True  # no __pycache__ in the checkout

import rounds
from rounds import Entry
from work import Work

PEERS = [
    Entry("sluice", "prepare_sluice", "profile", "antialiased; sluice-alexnet profile, reads the files each time"),
    Entry("sluice-memory", "prepare_sluice", "memory", "antialiased; files in memory, bench_prepare"),
    Entry("tfdata", "prepare_tensorflow", "fixed", "four neighbours; one call a core"),
    Entry("tfdata-autotune", "prepare_tensorflow", "autotune", "four neighbours; AUTOTUNE"),
    Entry("tfdata-antialias", "prepare_tensorflow", "antialias", "antialiased; one call a core"),
    Entry("opencv", "prepare_opencv", "linear", "four neighbours; INTER_LINEAR, threads"),
    Entry("opencv-area", "prepare_opencv", "area", "averaged; INTER_AREA, threads"),
    Entry("opencv-loader", "prepare_opencv", "loader", "four neighbours; INTER_LINEAR, worker processes"),
    Entry("dali", "prepare_dali", "antialias", "antialiased; CPU pipeline"),
    Entry("dali-plain", "prepare_dali", "plain", "four neighbours; CPU pipeline"),
    Entry("torchvision", "prepare_torchvision", "tensor", "antialiased; v2 on tensors, worker processes"),
    Entry("torchvision-pil", "prepare_torchvision", "pil", "antialiased; v2 on Pillow's images, worker processes"),
    Entry("torchvision-threads", "prepare_torchvision", "threads", "antialiased; v2 on tensors, threads"),
    Entry("pillow", "prepare_pillow", "whole", "antialiased; numpy, worker processes"),
    Entry("pillow-window", "prepare_pillow", "window", "antialiased; resizes the crop's window only, worker processes"),
]
ANTIALIASED = {e.name for e in PEERS if e.note.startswith("antialiased")}
CHECKED_FILES = 8


def default_data():
    checkout = pathlib.Path(__file__).resolve().parents[3]
    return str(pathlib.Path(os.environ.get("SLUICE_DATA", checkout.parent / "shared" / "data")) / "photos")


def jpegs(folder):
    files = [p for p in pathlib.Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg")]
    if not files:
        sys.exit(f"--data {folder}: no JPEG files there; valid: a folder with .jpg or .jpeg files")
    return tuple(str(f) for f in sorted(files))


def environment(cores):
    """No peer takes more threads than it is given, looks for a GPU or chatters."""
    return {"OMP_NUM_THREADS": str(cores), "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "2"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    rounds.add_options(parser, rounds.Plan())
    parser.add_argument("--data", default=default_data(), help="folder of JPEG files (%(default)s)")
    parser.add_argument("--check", action="store_true",
                        help="compare the pixels of a few files with Pillow's instead of measuring")
    return parser.parse_args()


def check(entries, work, variables):
    import check as pixels  # needs numpy and Pillow, measuring does not
    sampled = [e for e in entries if e.module != "prepare_sluice"]  # Sluice's own tests compare it with Pillow
    step = max(1, len(work.files) // CHECKED_FILES)
    few = Work(variant="", batch=work.batch, threads=work.threads, files=work.files[::step][:CHECKED_FILES])
    return 0 if pixels.check_peers(sampled, few, variables, ANTIALIASED) else 1


def main():
    options = parse()
    entries = rounds.chosen(PEERS, options.peers)
    if options.list:
        rounds.print_list(entries)
        return 0
    cores = rounds.bind(options.cores)
    work = Work(variant="", batch=options.batch, threads=len(cores), files=jpegs(options.data),
                folder=options.data, sluice=options.sluice)
    if options.check:
        return check(entries, work, environment(len(cores)))
    plan = rounds.Plan(rounds=options.rounds, seconds=options.seconds, passes=options.passes)
    results = rounds.compare(entries, work, environment(len(cores)), plan)
    print(f"{len(work.files)} files, batch {work.batch}, {len(cores)} cores, {rounds.cpu_name()}, "
          f"{plan.rounds} rounds, median (min..max)")
    rounds.print_table(results, options.base)
    rounds.write(options.out, rounds.record(results, plan, cores, options.base))
    return 0


if __name__ == "__main__":
    sys.exit(main())
