#!/usr/bin/env python3
"""A net that does not fit is refused before its first batch, with what would fit; and what
`describe` says of memory."""
import json
import os
import re
import resource
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from digits import write_digits  # noqa: E402
from faults import USAGE  # noqa: E402
from programs import ProgramTest, main, run  # noqa: E402
from runs import SANITIZED  # noqa: E402

NET = ["--config", "D", "--classes", 10]
NARROW = [*NET, "--width", 0.06]
MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def described(*words):
    ended = run("sluice-vgg", "describe", "--json", *words)
    assert ended.status == 0, ended.err
    return json.loads(ended.out)["step"]


class Refusal(ProgramTest):
    BATCH = 64

    def setUp(self):
        super().setUp()
        self.data = self.shapes()

    def trained(self, out, *words, megabytes=None, width=0.06, memory="180M"):
        def limit():
            if megabytes:
                resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        return run("sluice-vgg", "train", "--data", self.data, "--out", self.folder / out, *NET,
                   "--width", width, "--schedule", "constant", "--init", "he", "--rate", 0.001, "--threads", 2,
                   "--memory", memory, "--slots", 1, "--checkpoint-every", 0, "--steps", 1, "--quiet",
                   *words, preexec_fn=limit)

    def refused(self, megabytes):
        """The number of images that a run under a limit is told to take."""
        ended = self.trained("refused", "--batch", self.BATCH, megabytes=megabytes)
        self.assert_refused(ended, USAGE, "ulimit -v", "memory")
        self.assertEqual(len(ended.lines), 1, ended.err)
        self.assertFalse((self.folder / "refused").exists())
        said = re.search(r"valid: --batch (\d+), --micro-batch (\d+),", ended.lines[-1])
        self.assertIsNotNone(said, ended.err)
        self.assertEqual(said[1], said[2])
        return int(said[1])

    def lowest_limit(self):
        """Megabytes under which the batch just fits, as the refusal itself says."""
        ended = self.trained("first", "--batch", self.BATCH, megabytes=700)
        said = re.search(r"this run needs about ([\d.]+) ([GM])", ended.lines[-1])
        self.assertIsNotNone(said, ended.err)
        return int(float(said[1]) * (1024 if said[2] == "G" else 1))

    def test_a_run_is_described_with_the_memory_that_train_announces(self):
        recipe = [*NET, "--width", 0.06, "--batch", 8, "--memory", "180M", "--data", self.data]
        described_bytes = described(*recipe)["run"]["bytes"]
        ended = run("sluice-vgg", "train", *recipe, "--out", self.folder / "announced", "--steps", 1,
                    "--schedule", "constant", "--init", "he", "--rate", 0.001)
        self.assertEqual(ended.status, 0, ended.err)
        said = re.search(r"memory: net .*, together .* \((\d+) bytes\)", ended.err)
        # What was announced has the names of the data's files too.
        self.assertAlmostEqual(described_bytes, int(said[1]), delta=1 << 20)

    @unittest.skipIf(SANITIZED, "sanitizers reserve the address space")
    def test_what_the_refusal_names_fits(self):
        megabytes = self.lowest_limit() - 90
        rows = self.refused(megabytes)
        self.assertGreater(rows, 1)
        self.assertLess(rows, self.BATCH)
        for name, words in {"batch": ["--batch", rows],
                            "pieces": ["--batch", self.BATCH, "--micro-batch", rows]}.items():
            with self.subTest(name=name):
                ended = self.trained(name, *words, megabytes=megabytes)
                self.assertEqual(ended.status, 0, ended.err)

    @unittest.skipIf(SANITIZED, "sanitizers reserve the address space")
    def test_less_memory_allows_fewer_images(self):
        lowest = self.lowest_limit()
        found = [self.refused(lowest - less) for less in (50, 90, 130)]
        self.assertEqual(found, sorted(found, reverse=True), found)
        self.assertGreater(found[0], found[-1])

    @unittest.skipIf(SANITIZED, "sanitizers reserve the address space")
    def test_where_second_derivatives_are_too_large_their_number_is_what_fits(self):
        data = write_digits(self.folder / "digits", count=60)

        def trained(out, images, megabytes=None):
            def limit():
                if megabytes:
                    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
            return run("sluice-lenet5", "train", "--variant", "1998", "--data", data, "--out",
                       self.folder / out, "--threads", 2, "--memory", "180M", "--steps", 1,
                       "--checkpoint-every", 0, "--curvature-images", images, preexec_fn=limit)

        first = trained("first", 4096, megabytes=1100)
        self.assert_refused(first, USAGE, "ulimit -v")
        needed = re.search(r"needs about ([\d.]+) ([GM])", first.lines[-1])
        megabytes = int(float(needed[1]) * (1024 if needed[2] == "G" else 1)) - 100
        refused = trained("refused", 4096, megabytes)
        self.assert_refused(refused, USAGE, "valid: --curvature-images ")
        self.assertNotIn("--batch", refused.lines[-1])
        images = re.search(r"--curvature-images (\d+),", refused.lines[-1])[1]
        ended = trained("fits", images, megabytes)
        self.assertEqual(ended.status, 0, ended.err)

    def test_a_batch_beyond_the_machine_is_refused(self):
        if described(*NET, "--width", 0.25, "--batch", 4096)["planned_bytes"] < MACHINE:
            self.skipTest("this machine could hold it")
        ended = self.trained("refused", "--batch", 4096, width=0.25, memory="8000M")
        self.assert_refused(ended, USAGE, "this machine's", "memory", "--batch ", "--micro-batch ")

    @unittest.skipIf(SANITIZED, "sanitizers reserve the address space")
    def test_parameters_that_do_not_fit_are_refused_before_they_are_made(self):
        ended = self.trained("refused", "--batch", 1, megabytes=1200, width=1)
        self.assert_refused(ended, USAGE, "not even one image", "memory")


class Planned(ProgramTest):
    def test_planned_bytes_grow_with_the_batch_and_hold_the_parameters(self):
        small, large = described(*NARROW, "--batch", 8), described(*NARROW, "--batch", 32)
        for step in (small, large):  # a layout may have padding, and another at each batch
            self.assertGreaterEqual(step["parameter_bytes"], 12 * 491083)
            self.assertLess(step["parameter_bytes"], 1.5 * 12 * 491083)
        self.assertEqual(large["input_bytes"], 32 * 224 * 224 * 3 * 4)
        self.assertGreater(large["activation_bytes"], 3.5 * small["activation_bytes"])
        for step in (small, large):
            self.assertEqual(step["planned_bytes"], step["parameter_bytes"] +
                             step["activation_bytes"] + step["input_bytes"])

    def test_a_step_in_parts_is_planned_as_it_is_divided(self):
        whole = described(*NARROW, "--batch", 32)
        pieces = described(*NARROW, "--batch", 32, "--micro-batch", 8)
        copies = described(*NARROW, "--batch", 32, "--replicas", 2)
        self.assertEqual((whole["rows"], whole["replicas"]), (32, 1))
        self.assertEqual((pieces["rows"], pieces["batch"]), (8, 32))
        self.assertEqual((copies["rows"], copies["replicas"]), (16, 2))
        for step in (pieces, copies):
            self.assertEqual(step["input_bytes"], whole["input_bytes"])
        # A quarter of the images, and the sums of their gradients.
        eight = described(*NARROW, "--batch", 8)
        sums = pieces["activation_bytes"] - eight["activation_bytes"]
        self.assertGreaterEqual(sums, 4 * 491083)
        self.assertLess(sums, 8 * 491083)
        self.assertGreater(copies["parameter_bytes"], 1.9 * whole["parameter_bytes"])

    def test_second_derivatives_are_planned_too(self):
        def planned(*words):
            ended = run("sluice-lenet5", "describe", "--variant", "1998", "--json", *words)
            self.assertEqual(ended.status, 0, ended.err)
            return json.loads(ended.out)["step"]["planned_bytes"]
        few, many = planned("--curvature-images", 10), planned("--curvature-images", 1000)
        self.assertGreater(many, 20 * few)

    @unittest.skipIf(SANITIZED, "sanitizers hold memory of their own")
    def test_what_a_step_in_parts_takes_is_what_was_planned(self):
        step = described(*NARROW, "--batch", 32, "--micro-batch", 8, "--measure")
        self.assertLess(step["measured_bytes"], 1.1 * step["planned_bytes"] + (60 << 20))
        self.assertGreater(step["measured_bytes"], 0.8 * step["planned_bytes"])

    @unittest.skipIf(SANITIZED, "sanitizers hold memory of their own")
    def test_what_is_measured_is_what_was_planned(self):
        step = described(*NARROW, "--batch", 32, "--measure")
        self.assertNotIn("measured_bytes", described(*NARROW, "--batch", 32))
        # Code that oneDNN makes, stacks and the allocator's rest come on top.
        self.assertLess(step["measured_bytes"], 1.1 * step["planned_bytes"] + (60 << 20))
        self.assertGreater(step["measured_bytes"], 0.8 * step["planned_bytes"])

    def test_narrow_layers_that_fall_to_slow_code_are_named(self):
        def slow(*words):
            return described("--config", "D", "--batch", 2, *words)["slow_primitives"]
        for primitive in slow("--width", 0.06):
            self.assertRegex(primitive["implementation"], "ref|gemm")
            self.assertTrue(primitive["layer"] and primitive["use"])
        self.assertEqual(described(*NARROW, "--backend", "reference", "--batch", 1)
                         ["slow_primitives"], [])


if __name__ == "__main__":
    main()
