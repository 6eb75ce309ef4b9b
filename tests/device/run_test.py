#!/usr/bin/env python3
"""Checks tests/device/run on a carried folder whose programs are stand-ins: what it writes, and what
it says of failures and of a machine without a GPU."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

BENCH = """#!/bin/sh
echo '{"images_per_second": 100, "forward_ms": 1, "backward_ms": 2, "update_ms": 3, "step_ms": 6,'\\
     '"own_mib": 7, "workspace_mib": 8}'
echo '{"choices": []}'
"""
TESTS = """#!/bin/sh
printf 'begin\\tone\\nend\\tpassed\\tone\\nbegin\\ttwo\\nend\\tskipped\\ttwo\\n' > "$SLUICE_CASES"
"""
PEERS = 'print(\'{"images_per_second": 50}\')\n'
GOOD = "#!/bin/sh\necho trained\n"


def carried(folder, **programs):
    """A folder with stand-ins; NAME=TEXT in place of the usual ones."""
    texts = {"bench_device": BENCH, "test_device": TESTS, "test_device_plans": TESTS,
             "sluice-alexnet": GOOD, "sluice-vgg": GOOD, "sluice-data": GOOD, "peers.py": PEERS,
             "commit": "abc\n"}
    texts.update({name.replace("_", "-") if name.startswith("sluice") else name: text
                  for name, text in programs.items()})
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


def main():
    with tempfile.TemporaryDirectory() as temporary:
        make = lambda name: Path(temporary, name)
        for name in ("good", "failing", "none"):
            make(name).mkdir()
        status, text, _ = run(carried(make("good")))
        expect(status == 0, f"all good, exit status {status}\n{text}")
        expect("| test_device | 1 | 0 | 1 |" in text, "cases are not counted")
        expect("| alexnet owt | 256 | bf16 | 1.00 | 2.00 | 3.00 | 6.00 | 100 | 50 | 2.00 | 7 | 8 |" in text,
               "no row of ours beside PyTorch's")
        expect(text.count("trained") == 2, "no training")
        broken = carried(make("failing"), test_device="#!/bin/sh\necho broken\nexit 3\n")
        status, text, error = run(broken, "--part", "tests")
        expect(status == 1, f"a failing test, exit status {status}")
        expect("test_device: exit status 3" in text and "broken" in text, "the failure is not told")
        no_gpu = carried(make("none"), bench_device="#!/bin/sh\necho no GPU >&2\nexit 77\n")
        status, text, error = run(no_gpu)
        expect((status, text) == (77, ""), f"without a GPU, exit status {status}")
        expect("no GPU" in error, "no word of why")
    print("run: 3 folders as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
