#!/usr/bin/env python3
"""The replay itself: a right dump passes, a wrong one does not. Skipped without PyTorch (README.md)."""
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from programs import ProgramTest, main, run  # noqa: E402

PYTHON = os.environ.get("SLUICE_PARITY_PYTHON")


def tensor_place(path, name):
    """(offset in the file, bytes)"""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8:8 + length])[name]["data_offsets"]
    return 8 + length + begin, end - begin


class Replay(ProgramTest):
    def dump(self, *words):
        folder = self.folder / "dump"
        done = run("sluice-alexnet", "train", "--data", self.shapes(train=2) / "train", "--out",
                   self.folder / "run", "--val-fraction", 0, "--schedule", "constant", "--steps", 2,
                   "--batch", 4, "--width", 0.03125, "--rate", 0.001, "--init", "he", "--dump", folder,
                   "--dump-steps", 2, "--quiet", *words)
        self.assertEqual(done.status, 0, done.err)
        return folder

    def replay(self, folder, *mode):
        done = subprocess.run([PYTHON, "-B", HERE / "replay.py", folder, "--json", "--threads", "1",
                               *mode],
                              capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def falsify(self, folder, name, by=None):
        """Its first value becomes 0.75, or larger by a part of the tensor's norm."""
        path = folder / "step-000001.safetensors"
        offset, length = tensor_place(path, name)
        with path.open("r+b") as file:
            file.seek(offset)
            values = struct.unpack(f"<{length // 4}f", file.read(length))
            norm = sum(value * value for value in values) ** 0.5
            file.seek(offset)
            file.write(struct.pack("<f", 0.75 if by is None else values[0] + by * norm))

    def test_steps_of_a_narrow_alexnet_are_computed_again(self):
        folder = self.dump()
        result = self.replay(folder, "--free")
        self.assertEqual(result["broken"], [])
        self.assertIn("free loss", result["figures"])

    def test_a_gradient_that_is_not_the_batch_s_is_found(self):
        folder = self.dump()
        self.falsify(folder, "gradient.features.0.weight")
        result = self.replay(folder)
        self.assertIn("gradient", result["broken"])
        self.assertIn("features.0.weight, step 1", result["figures"]["gradient"]["of"])

    def test_gradients_that_are_off_by_a_thousandth_are_found(self):
        """A kink may not explain them (kinks_test.py)."""
        folder = self.dump()
        for name, kind in (("features.0.bias", "bias gradient"), ("features.4.weight", "gradient")):
            self.falsify(folder, "gradient." + name, by=1e-3)
            result = self.replay(folder)
            self.assertIn(kind, result["broken"])
            self.assertEqual(result["figures"][kind]["of"], f"{name}, step 1")
            self.assertAlmostEqual(result["figures"][kind]["value"], 1e-3, delta=1e-4)

    def test_bf16_is_replayed_layer_by_layer(self):
        folder = self.dump("--precision", "bf16", "--allow-slow")
        self.assertEqual(self.replay(folder, "--free")["broken"], [])
        self.falsify(folder, "read.features.4", by=0.1)
        result = self.replay(folder)
        self.assertIn("layers", result["broken"])
        self.assertEqual(result["figures"]["layers"]["of"], "input 2, step 1")

    def test_weights_that_the_rule_did_not_make_are_found(self):
        folder = self.dump()
        self.falsify(folder, "after.features.0.weight")
        self.assertEqual(self.replay(folder)["broken"], ["weights"])

    def test_a_mask_that_was_not_used_is_found(self):
        folder = self.dump("--dropout", 0.9)
        path = folder / "step-000000.safetensors"
        offset, length = tensor_place(path, "mask.drop6")
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(struct.pack("<f", 1.0) * (length // 4))
        self.assertIn("gradient", self.replay(folder)["broken"])


if __name__ == "__main__":
    if not PYTHON:
        print("skipped: SLUICE_PARITY_PYTHON names no Python with PyTorch (tests/parity/README.md)",
              file=sys.stderr)
        sys.exit(77)
    main()
