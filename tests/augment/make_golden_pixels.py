#!/usr/bin/env python3
"""Writes golden/pixels.bin: what Pillow, OpenCV, scikit-image and Python's colorsys make of colours.

Needs NumPy, Pillow, OpenCV and scikit-image; the file in the tree was made with Pillow 11.3.0,
OpenCV 5.0.0 and scikit-image 0.26.0. Run it in this folder. Inputs come from make_golden.py's
generator. Records of a name (16 bytes, filled up with zeros), three little-endian int32 (width,
height, seed), a float64 (the operation's parameter) and the new image's bytes.
"""
import colorsys
import math
import pathlib
import struct

import cv2
import numpy
from PIL import Image, ImageEnhance, ImageOps
from skimage import exposure

from make_golden import noise


def hue(pixels, turns):
    result = numpy.empty_like(pixels)
    for place in numpy.ndindex(pixels.shape[:2]):
        h, s, v = colorsys.rgb_to_hsv(*(pixels[place] / 255.0))
        turned = colorsys.hsv_to_rgb((h + turns) % 1.0, s, v)
        result[place] = numpy.rint(255 * numpy.array(turned))
    return result


def blur(pixels, sigma):
    side = 2 * math.ceil(3 * sigma) + 1
    return cv2.GaussianBlur(pixels, (side, side), sigma, borderType=cv2.BORDER_REFLECT_101)


def enhanced(kind):
    return lambda pixels, factor: numpy.asarray(kind(Image.fromarray(pixels)).enhance(factor))


def pillow(function, *kinds):
    return lambda pixels, value: numpy.asarray(
        function(Image.fromarray(pixels), *(kind(value) for kind in kinds)))


CASES = [
    ("brightness", enhanced(ImageEnhance.Brightness), (0.4, 1.6)),
    ("contrast", enhanced(ImageEnhance.Contrast), (0.4, 1.6)),
    ("saturation", enhanced(ImageEnhance.Color), (0.4, 1.6)),
    ("sharpness", enhanced(ImageEnhance.Sharpness), (0.2, 1.9)),
    ("grey", lambda pixels, _: numpy.asarray(Image.fromarray(pixels).convert("L").convert("RGB")),
     (0.0,)),
    ("hue", hue, (0.1, -0.4)),
    ("gamma", exposure.adjust_gamma, (0.5, 1.8)),
    ("posterize", pillow(ImageOps.posterize, int), (3.0,)),
    ("solarize", pillow(ImageOps.solarize, int), (100.0,)),
    ("invert", pillow(ImageOps.invert), (0.0,)),
    ("autocontrast", pillow(ImageOps.autocontrast), (0.0,)),
    ("equalize", pillow(ImageOps.equalize), (0.0,)),
    ("blur", blur, (0.7, 2.1)),
]
SIZES = [(23, 17), (1, 1), (31, 1), (2, 40)]


def main():
    with open(pathlib.Path("golden") / "pixels.bin", "wb") as out:
        for name, function, values in CASES:
            for value in values:
                for seed, (width, height) in enumerate(SIZES):
                    # Noise of half the range, so that autocontrast has something to do.
                    pixels = (noise(width, height, seed) // 2 + 40).astype(numpy.uint8)
                    result = numpy.ascontiguousarray(function(pixels, value), dtype=numpy.uint8)
                    assert result.shape == pixels.shape, (name, result.shape)
                    out.write(struct.pack("<16s3id", name.encode(), width, height, seed, value))
                    out.write(result.tobytes())


if __name__ == "__main__":
    main()
