#!/usr/bin/env python3
"""Writes golden/pillow_bilinear.bin and golden/pillow_bilinear.txt: what Pillow's BILINEAR gives.

Needs NumPy and Pillow 3.3 to 11: Pillow 12.3 (higher than 100 widths) and 13 (higher than two
widths) shrink tall images vertically first, and Sluice keeps the older order. The files in the
tree were made with Pillow 11.3.0. Run it in this folder.

Inputs are not stored: both sides make them from the same generator (see `noise`).
  .bin  records of five little-endian int32 (width, height, new width, new height, seed) and the
        new image's bytes
  .txt  the same five numbers and the 64-bit FNV-1a of the new image's bytes, in hexadecimal
"""
import pathlib
import struct

import numpy
import PIL
from PIL import Image

SMALL = [(61, 47, 33, 25), (20, 30, 32, 48), (1, 9, 4, 36), (50, 120, 20, 48), (300, 8, 75, 2),
         (9, 200, 5, 111), (1, 1, 3, 3), (30, 20, 30, 10), (30, 20, 15, 20), (2, 2, 1, 1)]
LARGE = [(500, 375, 341, 256), (375, 500, 256, 341), (200, 180, 284, 256), (1024, 300, 873, 256),
         (90, 700, 64, 497), (1, 400, 16, 6400), (2000, 40, 50, 1)]


def noise(width, height, seed):
    """Bytes of a linear congruential generator; every third row is black and white only."""
    state, values = seed, []
    for i in range(width * height * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        value = state >> 24
        hard = (i // (width * 3)) % 3 == 2
        values.append(255 * (value > 127) if hard else value)
    return numpy.array(values, dtype=numpy.uint8).reshape(height, width, 3)


def resized(case, seed):
    width, height, new_width, new_height = case
    image = Image.fromarray(noise(width, height, seed))
    return numpy.asarray(image.resize((new_width, new_height), Image.BILINEAR)).tobytes()


def fnv1a(data):
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


def main():
    if int(PIL.__version__.split(".")[0]) > 11:
        raise SystemExit(f"Pillow {PIL.__version__} resizes in another order, use 3.3 to 11")
    folder = pathlib.Path("golden")
    with open(folder / "pillow_bilinear.bin", "wb") as out:
        for seed, case in enumerate(SMALL):
            out.write(struct.pack("<5i", *case, seed) + resized(case, seed))
    with open(folder / "pillow_bilinear.txt", "w") as out:
        for seed, case in enumerate(LARGE):
            print(*case, seed, f"{fnv1a(resized(case, seed)):016x}", file=out)


if __name__ == "__main__":
    main()
