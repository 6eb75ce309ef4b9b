"""Compares one training step of AlexNet `paper` with other software: f32, same cores, rounds interleaved.

    DIR/bin/python step.py [--out FILE.json]

Rows, labels and parameters are in memory; forward, backward and the update with momentum and weight decay.
README.md says how DIR is made.
"""

import argparse
import sys

sys.dont_write_bytecode = True  # no __pycache__ in the checkout

import rounds
from prepare import environment
from rounds import Entry
from work import Work

PEERS = [
    Entry("sluice", "step_sluice", "", "oneDNN on oneTBB"),
    Entry("torch", "step_torch", "default", "N C H W"),
    Entry("torch-channels-last", "step_torch", "channels-last", "N H W C"),
    Entry("torch-compile", "step_torch", "compile", "N C H W, torch.compile"),
    Entry("torch-tuned", "step_torch", "tuned", "N H W C, torch.compile, hand-made normalisation"),
    Entry("tensorflow", "step_tensorflow", "grouped", "tf.function, grouped convolutions"),
    Entry("tensorflow-split", "step_tensorflow", "split", "tf.function, one convolution a tower"),
    Entry("tensorflow-xla", "step_tensorflow", "xla", "tf.function with jit_compile, one convolution a tower"),
]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    rounds.add_options(parser, rounds.Plan(passes=2))
    return parser.parse_args()


def main():
    options = parse()
    entries = rounds.chosen(PEERS, options.peers)
    if options.list:
        rounds.print_list(entries)
        return 0
    cores = rounds.bind(options.cores)
    work = Work(variant="", batch=options.batch, threads=len(cores), sluice=options.sluice)
    plan = rounds.Plan(rounds=options.rounds, seconds=options.seconds, passes=options.passes)
    results = rounds.compare(entries, work, environment(len(cores)), plan)
    print(f"AlexNet paper, f32, batch {work.batch}, {len(cores)} cores, {rounds.cpu_name()}, "
          f"{plan.rounds} rounds, median (min..max)")
    rounds.print_table(results, options.base)
    rounds.write(options.out, rounds.record(results, plan, cores, options.base))
    return 0


if __name__ == "__main__":
    sys.exit(main())
