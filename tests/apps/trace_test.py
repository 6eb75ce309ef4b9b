#!/usr/bin/env python3
"""trace.json follows the Trace Event Format and adds up to the account; timeline.json is beside it.

Reads what the programs write with nothing of theirs.
"""
import json
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run, start  # noqa: E402

TINY = ("--width", 0.06, "--batch", 8, "--schedule", "constant", "--init", "he", "--rate", 0.001)


class TraceFile:
    """What a viewer would make of a trace: everything the format demands is asserted."""

    def __init__(self, test, path):
        self.document = json.loads(path.read_text())
        test.assertIsInstance(self.document["traceEvents"], list)
        test.assertIn(self.document["displayTimeUnit"], ("ms", "ns"))
        self.tracks, self.spans, self.counters = {}, {}, {}
        for event in self.document["traceEvents"]:
            self.take(test, event)
        self.rest = self.document["otherData"]["rest"]

    def take(self, test, event):
        test.assertIsInstance(event["name"], str)
        test.assertIsInstance(event["pid"], int)
        if event["ph"] == "M":
            if event["name"] == "thread_name":
                self.tracks[event["tid"]] = event["args"]["name"]
            return
        test.assertGreaterEqual(event["ts"], 0)
        if event["ph"] == "C":
            test.assertTrue(all(isinstance(v, (int, float)) for v in event["args"].values()))
            self.counters.setdefault(event["name"], []).append((event["ts"], event["args"]))
            return
        test.assertEqual(event["ph"], "X")
        test.assertGreaterEqual(event["dur"], 0)
        test.assertIsInstance(event["tid"], int)
        self.spans.setdefault(event["tid"], []).append(event)

    def seconds(self):
        """By node: spans and what found no room."""
        sums = {}
        for track in self.spans.values():
            for event in track:
                sums[event["name"]] = sums.get(event["name"], 0.0) + event["dur"] * 1e-6
        for row in self.rest:
            sums[row["name"]] = sums.get(row["name"], 0.0) + row["busy_seconds"]
        return sums

    def count(self):
        return sum(map(len, self.spans.values()))


class Trace(ProgramTest):
    def assert_nests(self, trace):
        """On a track spans follow each other, or one lies within another."""
        for tid, spans in trace.spans.items():
            self.assertIn(tid, trace.tracks)
            open_ends = []
            for event in sorted(spans, key=lambda e: (round(e["ts"] * 1000), -e["dur"])):
                begin = round(event["ts"] * 1000)
                end = begin + round(event["dur"] * 1000)
                while open_ends and open_ends[-1] <= begin:
                    open_ends.pop()
                if open_ends:
                    self.assertLessEqual(end, open_ends[-1], (trace.tracks[tid], event))
                open_ends.append(end)

    def assert_adds_up(self, trace, account, skip="statistics/"):
        sums = trace.seconds()
        for node in account["nodes"]:
            if node["name"].startswith(skip):
                continue  # measured before the run
            self.assertAlmostEqual(sums.get(node["name"], 0.0), node["busy_seconds"],
                                   delta=0.01 * node["busy_seconds"] + 1e-5, msg=node["name"])

    def assert_timeline(self, out, account):
        line = json.loads((out / "timeline.json").read_text())
        moments = len(line["seconds"])
        self.assertGreaterEqual(moments, 2)
        self.assertLessEqual(moments, 600)
        self.assertEqual(line["seconds"], sorted(line["seconds"]))
        nodes = {node["name"]: node for node in line["nodes"]}
        for node in account["nodes"]:
            if node["name"].startswith("statistics/"):
                continue
            column = nodes[node["name"]]["items_out"]
            self.assertEqual(len(column), moments)
            self.assertEqual(column, sorted(column))
            self.assertEqual(column[-1], node["items_out"])
        return line

    def traced(self, verb, *words):
        out = self.folder / verb
        done = run("sluice-alexnet", verb, "--data", self.shapes(train=6, val=2), "--out", out,
                   "--trace", "--quiet", *TINY, *words)
        self.assertEqual(done.status, 0, done.err)
        return TraceFile(self, out / "trace.json"), json.loads((out / "nodes.json").read_text()), out

    def test_a_training_run_is_traced_with_validation(self):
        trace, account, out = self.traced("train", "--epochs", 2, "--threads", 2)
        self.assertEqual(trace.rest, [])
        self.assert_nests(trace)
        self.assert_adds_up(trace, account)
        line = self.assert_timeline(out, account)
        names = set(trace.tracks.values())
        self.assertLessEqual({"step", "report"}, names)
        self.assertTrue(names & {"thread 0", "thread 1"})
        self.assertEqual(len(trace.counters["bytes of images"]), len(line["seconds"]))
        step = next(tid for tid, name in trace.tracks.items() if name == "step")
        self.assertEqual({event["name"] for event in trace.spans[step]},
                         {"forward", "backward", "update", "checkpoint"})
        self.assertIn("sampling", account["account"]["cpu_seconds_overheads"])

    def test_a_profile_keeps_as_many_spans_as_were_asked_for(self):
        data = self.shapes()
        for most in (0, 50):
            with self.subTest(most=most):
                out = self.folder / str(most)
                done = run("sluice-alexnet", "profile", "--data", data, "--out", out,
                           "--trace", "--trace-spans", most, "--quiet", *TINY)
                self.assertEqual(done.status, 0, done.err)
                trace = TraceFile(self, out / "trace.json")
                account = json.loads((out / "nodes.json").read_text())
                self.assertLessEqual(trace.count(), most)
                self.assertTrue(trace.rest)
                self.assert_nests(trace)
                self.assert_adds_up(trace, account)
                self.assert_timeline(out, account)

    def test_a_step_on_a_stand_in_is_traced_as_long_as_it_waits(self):
        trace, account, _ = self.traced("profile", "--assume-step-ms", 30, "--epochs", 1)
        self.assert_adds_up(trace, account)
        self.assertGreater(trace.seconds()["backward"] + trace.seconds()["forward"], 0.02)

    def test_an_interrupted_run_leaves_its_trace_and_timeline(self):
        out = self.folder / "run"
        process = start("sluice-alexnet", "train", "--data", self.shapes(train=6, val=1), "--out",
                        out, "--trace", "--epochs", 1000, *map(str, TINY))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if (out / "steps.csv").exists() and len((out / "steps.csv").read_text()) > 200:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        trace = TraceFile(self, out / "trace.json")
        account = json.loads((out / "nodes.json").read_text())
        self.assertGreater(trace.count(), 0)
        self.assert_nests(trace)
        self.assert_adds_up(trace, account)
        self.assert_timeline(out, account)

    def test_what_cannot_be_traced_is_refused(self):
        data = self.shapes()
        done = run("sluice-alexnet", "profile", "--data", data, "--trace", *TINY)
        self.assert_refused(done, 2, "--trace", "--out")
        done = run("sluice-alexnet", "profile", "--data", data, "--out", self.folder / "x",
                   "--trace-spans", 5, *TINY)
        self.assert_refused(done, 2, "--trace")
        self.assertFalse((self.folder / "x").exists())

    def test_without_the_flag_there_is_no_trace(self):
        out = self.folder / "plain"
        done = run("sluice-alexnet", "profile", "--data", self.shapes(), "--out", out, "--quiet",
                   *TINY)
        self.assertEqual(done.status, 0, done.err)
        self.assertFalse((out / "trace.json").exists())
        self.assertTrue((out / "timeline.json").exists())


if __name__ == "__main__":
    main()
