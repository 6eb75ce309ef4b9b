#!/usr/bin/env python3
"""What a user sees of the cuDNN backend on a machine without a GPU: describe works, training is
refused before anything is made, and `auto` trains on the CPU and says so."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

NETS = ([("lenet5", "--variant", v) for v in ("1998", "caffe", "modern")]
        + [("alexnet", "--variant", v) for v in
           ("paper", "run145", "caffe", "caffenet", "cs231n", "owt", "paper-6conv")]
        + [("vgg", "--config", v) for v in ("A", "A-LRN", "B", "C", "D", "E", "B-5x5", "D-7x7")])
SMALL = ("--width", "0.06", "--batch", "8", "--schedule", "constant", "--init", "he",
         "--rate", "0.001", "--steps", "2")


class Described(ProgramTest):
    def test_every_net_is_described_with_its_operations_launches_and_bytes(self):
        for net, flag, name in NETS:
            with self.subTest(net=net, name=name):
                words = (f"sluice-{net}", "describe", flag, name, "--backend", "cudnn")
                ended = run(*words, "--json")
                self.assertEqual(ended.status, 0, ended.err)
                step = json.loads(ended.out)["step"]
                device = step["device"]
                self.assertTrue(step["upload"]["words"].startswith("upload: bytes, "))
                self.assertEqual(step["upload"]["rows"], "bytes")
                self.assertEqual(step["upload"]["bytes"], step["input_bytes"])
                parts = ("parameter_bytes", "activation_bytes", "input_bytes", "step_bytes")
                self.assertEqual(sum(device[part] for part in parts), device["own_bytes"])
                self.assertEqual([phase["phase"] for phase in device["phases"]],
                                 ["forward", "backward", "update"])
                for phase in device["phases"]:
                    self.assertGreater(len(phase["operations"]), 0, phase["phase"])
                    self.assertGreaterEqual(phase["launches"], len(phase["operations"]))

    def test_what_is_uploaded_is_said_in_the_words_of_training(self):
        for options, words in (((), "upload: bytes, mean + flip + pca-colour on the device"),
                               (("--dump", self.folder / "dump"),
                                "upload: f32, because a dump shows pixels")):
            with self.subTest(words=words):
                ended = run("sluice-alexnet", "describe", "--backend", "cudnn", *options)
                self.assertIn(f"{words}; ", ended.out)
        ended = run("sluice-alexnet", "describe", "--backend", "reference")
        self.assertNotIn("upload", ended.out)

    def test_what_a_device_computes_is_counted_once_a_layer(self):
        ended = run("sluice-vgg", "describe", "--config", "D", "--backend", "cudnn")
        forward = ended.out.split("\nforward: ")[1].split("\nbackward: ")[0]
        self.assertEqual(forward.count("convolution and relu forward"), 13)
        self.assertEqual(forward.count("product"), 3)


class WithoutADevice(ProgramTest):
    def setUp(self):
        super().setUp()
        self.data, self.out = self.shapes(), self.folder / "run"
        self.asked = run("sluice-alexnet", "train", "--data", self.data, "--out", self.out, *SMALL,
                         "--backend", "cudnn")
        if self.asked.status == 0:
            self.skipTest("there is a GPU here")

    def test_training_is_refused_in_one_line_before_anything_is_made(self):
        self.assert_refused(self.asked, 2, "backend cudnn cannot be used here", "auto, ",
                            "reference")
        self.assertFalse(self.out.exists())

    def test_auto_trains_on_the_cpu_and_says_so_once_unless_quiet(self):
        reason = self.asked.lines[-1].split("cannot be used here: ")[1].split(";")[0]
        if reason == "this build has no CUDA":
            self.skipTest(reason)  # nobody expects a GPU of it, and nothing is said
        for quiet in ((), ("--quiet",)):
            ended = run("sluice-alexnet", "train", "--data", self.data, "--out",
                        self.folder / f"auto{len(quiet)}", *SMALL, *quiet)
            self.assertEqual(ended.status, 0, ended.err)
            said = [line for line in ended.lines if "cudnn cannot be used here" in line]
            self.assertEqual(len(said), 0 if quiet else 1, ended.err)
            if said:
                self.assertIn(reason, said[0])


if __name__ == "__main__":
    main()
