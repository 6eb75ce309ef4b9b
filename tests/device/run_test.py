#!/usr/bin/env python3
"""Checks tests/device/run on a carried folder whose programs are stand-ins: what it writes, and what
it says of failures and of a machine without a GPU."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import acceptance  # noqa: E402

BENCH = """#!/bin/sh
echo '{"images_per_second": 100, "forward_ms": 1, "backward_ms": 2, "update_ms": 3, "step_ms": 6,'\\
     '"own_mib": 7, "workspace_mib": 8}'
echo '{"choices": []}'
"""
TESTS = """#!/bin/sh
printf 'begin\\tone\\nend\\tpassed\\tone\\nbegin\\ttwo\\nend\\tskipped\\ttwo\\n' > "$SLUICE_CASES"
"""
PEERS = 'print(\'{"images_per_second": 50}\')\n'
# A program whose account says that a device computed 8 of 10 seconds.
TRAINS = """#!/usr/bin/env python3
import json, pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir()
node = {"collate": 2000} if sys.argv[1] == "profile" else {"update": STEPS}
nodes = [{"name": name, "items_out": items, "run_seconds": 10} for name, items in node.items()]
devices = [{"compute_seconds": 8, "idle_seconds": 2}] if sys.argv[1] == "train" else []
(out / "nodes.json").write_text(json.dumps({"nodes": nodes, "devices": devices}))
print("trained" if devices else "profiled")
"""
GOOD = "#!/bin/sh\necho made\n"


def carried(folder, **programs):
    """A folder with stand-ins; NAME=TEXT in place of the usual ones."""
    texts = {"bench_device": BENCH, "test_device": TESTS, "test_device_plans": TESTS,
             "sluice-alexnet": TRAINS.replace("STEPS", "4"), "sluice-data": GOOD, "peers.py": PEERS,
             "sluice-vgg": TRAINS.replace("STEPS", "3"), "parity/run": "print('| one |')\n",
             "commit": "abc\n"}
    texts.update({name.replace("_", "-") if name.startswith("sluice") else name: text
                  for name, text in programs.items()})
    (folder / "parity").mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
        os.chmod(folder / name, 0o755)
    return folder


def run(folder, *options):
    out = folder / "results.md"
    done = subprocess.run([sys.executable, "-B", HERE / "run", folder, "--out", out, *options],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, out.read_text() if out.exists() else "", done.stderr


def expect(condition, what):
    if not condition:
        raise SystemExit(f"run_test.py: {what}")


def line_of(text, number):
    lines = [line for line in text.splitlines() if line.startswith(f"* {number}: ")]
    expect(len(lines) == 1, f"{len(lines)} lines of number {number}\n{text}")
    return lines[0]


def check_acceptance(text):
    """4 steps of 256 in 10 seconds against 100 images a second alone; VGG's 3 are too few; the peer has
    50 of our 100."""
    five, six, seven, eight = (line_of(text, number) for number in (5, 6, 7, 8))
    expect("5: **not run**: layers and whole nets: 1 cases passed, 0 failed, 1 skipped" in five, five)
    expect("alexnet paper, alexnet owt, vgg D in f32 and bf16" in five, five)
    expect("6: **yes**" in six and "alexnet owt 2.00 (least 1.2)" in six, six)
    expect("alexnet owt 102.4 % of the slower of the two alone (least 95 %; fed 102,"
           " preparation 200, compute 100; idle 20.0 %)" in seven, seven)
    expect("7: **NO**" in seven and "vgg D 76.8 % of compute alone (least 98 %" in seven, seven)
    expect("tests/bench/results/h200.md" in eight and ": **" in eight, eight)


def check_judgement():
    """A measurement that is missing is not run, one that is wrong is NO whatever is missing."""
    judged = acceptance.lines({})
    expect(all("**not run**" in line for line in judged[:3]) and "**NO**" in judged[3], "\n".join(judged))
    tests = {"passed": 9, "failed": 0, "skipped": 0}
    for failed, status, words in ((0, 0, "5: **yes**"), (1, 0, "5: **NO**"), (0, 1, "5: **NO**"),
                                  (0, 77, "5: **not run**")):
        line = acceptance.lines({"tests": {**tests, "failed": failed},
                                 "replay": {"status": status, "words": "three nets"}})[0]
        expect(words in line, f"{failed} failed, replay {status}: {line}")
    ratios = {("alexnet owt", "bf16"): 1.3, ("alexnet paper", "bf16"): 1.2, ("vgg D", "bf16"): 0.99}
    expect("6: **NO**" in acceptance.lines({"ratios": ratios})[1], "a ratio below 1 holds")


def main():
    check_judgement()
    with tempfile.TemporaryDirectory() as temporary:
        make = lambda name: Path(temporary, name)
        for name in ("good", "failing", "none"):
            make(name).mkdir()
        status, text, _ = run(carried(make("good")))
        expect(status == 0, f"all good, exit status {status}\n{text}")
        expect("| test_device | 1 | 0 | 1 |" in text, "cases are not counted")
        expect("| alexnet owt | 256 | bf16 | 1.00 | 2.00 | 3.00 | 6.00 | 100 | 50 | 2.00 | 7 | 8 |" in text,
               "no row of ours beside PyTorch's")
        expect(text.count("trained") == 2 and text.count("profiled") == 2, "no training")
        expect("| one |" in text, "no table of the replay")
        check_acceptance(text)
        broken = carried(make("failing"), test_device="#!/bin/sh\necho broken\nexit 3\n")
        status, text, error = run(broken, "--part", "tests")
        expect(status == 1, f"a failing test, exit status {status}")
        expect("5: **NO**" in line_of(text, 5) and "6: **not run**" in line_of(text, 6), text)
        expect("test_device: exit status 3" in text and "broken" in text, "the failure is not told")
        no_gpu = carried(make("none"), bench_device="#!/bin/sh\necho no GPU >&2\nexit 77\n")
        status, text, error = run(no_gpu)
        expect((status, text) == (77, ""), f"without a GPU, exit status {status}")
        expect("no GPU" in error, "no word of why")
    print("run: 3 folders as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
