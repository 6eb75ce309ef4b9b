#!/usr/bin/env python3
"""Writes golden/pillow_filters.txt and golden/pillow_warps.bin: what Pillow's filters and warps give.

Needs NumPy and Pillow 3.3 to 11 (make_golden.py says why; the files in the tree were made with
Pillow 11.3.0). Run it in this folder. Inputs come from make_golden.py's generator.
  .txt  filter, width, height, new width, new height, seed and the 64-bit FNV-1a of the new image's
        bytes, in hexadecimal
  .bin  records of three little-endian int32 (width, height, seed), eight float64 (the map from
        output to input, (a x + b y + c) / (g x + h y + 1) and so on) and the new image's bytes,
        bilinear, which Pillow cuts to whole levels
"""
import math
import pathlib
import struct

import PIL
from PIL import Image

from make_golden import fnv1a, noise

FILTERS = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
SIZES = [(61, 47, 33, 25), (20, 30, 32, 48), (1, 9, 4, 36), (300, 8, 75, 2), (1, 1, 3, 3),
         (30, 20, 30, 10), (2, 2, 1, 1), (9, 200, 5, 111), (375, 250, 224, 224)]


def about_centre(width, height, a, b, d, e):
    x, y = width / 2, height / 2
    return a, b, x - a * x - b * y, d, e, y - d * x - e * y, 0.0, 0.0


def maps():
    """Width, height and map of each record; no pixel falls on the very edge of its input."""
    turn = math.radians(27)
    yield 41, 33, about_centre(41, 33, math.cos(turn), -math.sin(turn), math.sin(turn),
                               math.cos(turn))
    yield 40, 31, about_centre(40, 31, 1.0, 0.3537, -0.2071, 0.9113)
    yield 30, 1, about_centre(30, 1, 0.6137, 0.0, 0.0, 1.0)
    yield 3, 60, about_centre(3, 60, 0.9071, 0.0431, 0.0, 1.4057)
    yield 36, 28, (1.2, 0.1, -4.0, 0.05, 1.3, -3.0, 0.002, 0.004)


def main():
    if int(PIL.__version__.split(".")[0]) > 11:
        raise SystemExit(f"Pillow {PIL.__version__} resizes in another order, use 3.3 to 11")
    folder = pathlib.Path("golden")
    with open(folder / "pillow_filters.txt", "w") as out:
        for name, resample in FILTERS.items():
            for seed, (width, height, *new) in enumerate(SIZES):
                image = Image.fromarray(noise(width, height, seed)).resize(tuple(new), resample)
                print(name, width, height, *new, seed, f"{fnv1a(image.tobytes()):016x}", file=out)
    with open(folder / "pillow_warps.bin", "wb") as out:
        for seed, (width, height, map_) in enumerate(maps()):
            image = Image.fromarray(noise(width, height, seed))
            kind = Image.Transform.PERSPECTIVE if any(map_[6:]) else Image.Transform.AFFINE
            values = map_ if any(map_[6:]) else map_[:6]
            image = image.transform(image.size, kind, values, Image.Resampling.BILINEAR)
            out.write(struct.pack("<3i8d", width, height, seed, *map_) + image.tobytes())


if __name__ == "__main__":
    main()
