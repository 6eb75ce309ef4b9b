#!/usr/bin/env python3
"""Odd, broken and hostile files through the whole chain: one record a file, memory as printed."""
import json
import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import BIN, DATA, ProgramTest, main  # noqa: E402

ALLOWANCE = 100_000_000  # bytes above what is printed


class Awkward(ProgramTest):
    def profile(self, data, *words):
        """The result, and the most memory the program held."""
        out = self.folder / "run"
        script = ("import resource, subprocess, sys; status = subprocess.run(sys.argv[1:]).returncode; "
                  "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); "
                  "sys.exit(status)")
        done = subprocess.run([sys.executable, "-c", script, BIN / "sluice-alexnet", "profile",
                               "--data", data, "--out", out, "--epochs", "1", "--json", "--quiet",
                               *map(str, words)], capture_output=True, text=True, timeout=1100)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout), int(done.stderr.strip().splitlines()[-1]) * 1024, out

    def check(self, data, *words, memory=True):
        files = [p for p in Path(data).rglob("*") if p.is_file() and p.name != "MANIFEST.tsv"]
        result, peak, out = self.profile(data, *words)
        self.assertEqual(result["files"], len(files))
        listed = (out / "bad_files.tsv").read_text(errors="replace").splitlines()
        self.assertEqual(len(listed) - 1, result["bad_files"])
        for line in listed[1:]:
            self.assertEqual(len(line.split("\t")), 3)
            self.assertTrue(line.split("\t")[2])
        nodes = self.assert_account_closes(out)
        failed = sum(node["items_failed"] for node in nodes.values())
        self.assertEqual(failed, result["bad_files"])
        self.assertEqual(nodes["sampler"]["items_out"], len(files))
        if memory:
            self.assertLessEqual(peak, result["announced_bytes"] + ALLOWANCE)
        return result, peak

    def test_every_awkward_file_is_one_record_and_memory_stays_as_printed(self):
        if not (DATA / "awkward").is_dir():
            self.skipTest("no real data (SLUICE_DATA)")
        sanitized = "asan" in str(BIN)  # its shadow memory is not in the plan
        result, peak = self.check(DATA / "awkward", memory=not sanitized)
        print(f"{result['files']} files, {result['bad_files']} bad, peak {peak / 1e6:.0f} MB of "
              f"{result['announced_bytes'] / 1e6:.0f} MB said", file=sys.stderr)

    def test_a_small_budget_lets_large_files_run_alone(self):
        if not (DATA / "awkward").is_dir():
            self.skipTest("no real data (SLUICE_DATA)")
        self.check(DATA / "awkward" / "04_large_valid", "--until", "collate", "--memory", "300M",
                   "--batch", 8, "--slots", 2, memory=False)


if __name__ == "__main__":
    main()
