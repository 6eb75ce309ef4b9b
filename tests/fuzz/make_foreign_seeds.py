#!/usr/bin/env python3
"""Writes the seeds of the targets `caffe` and `pytorch` anew, by the programs whose files they are:

    DIR/bin/python tests/fuzz/make_foreign_seeds.py tests/fuzz/seeds

Needs torch, protobuf and NumPy (tests/parity/README.md).
"""
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "parity"))
import caffe_files  # noqa: E402


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def caffe(folder):
    weights = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    layers = [("conv1", weights, np.ones(2, np.float32), 1),
              ("fc8", np.ones((2, 3), np.float32), np.zeros(2, np.float32), 1)]
    for form in ("V1", "V2"):
        write(folder / f"{form}.caffemodel", caffe_files.net("CaffeNet", layers, form))
    mean = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    write(folder / "mean.binaryproto", caffe_files.mean_image(mean))


def pytorch(folder):
    folder.mkdir(parents=True, exist_ok=True)
    state = {"fc.weight": torch.arange(4.0).reshape(2, 2), "fc.bias": torch.ones(2)}
    shared = torch.arange(6.0)
    forms = {"plain": state,
             "half": {name: value.half() for name, value in state.items()},
             "bfloat16": {name: value.bfloat16() for name, value in state.items()},
             "views": {"a": shared[2:], "b": shared.reshape(2, 3).t()},
             "parameter": {"fc.weight": torch.nn.Parameter(state["fc.weight"])},
             "nested": {"epoch": 3, "best": 0.5, "done": True, "none": None,
                        "sizes": [1, 300, 70000, 2 ** 40], "state_dict": state}}
    for name, form in forms.items():
        file = folder / f"{name}.pth"
        torch.save(form, file)
        with zipfile.ZipFile(file) as archive:  # the pickle by itself, too
            pickle = archive.read(f"{name}/data.pkl")
        write(folder / f"{name}.pkl", pickle)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_foreign_seeds.py FOLDER")
    caffe(Path(sys.argv[1]) / "caffe")
    pytorch(Path(sys.argv[1]) / "pytorch")
