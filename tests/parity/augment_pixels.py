#!/usr/bin/env python3
"""Compares the nodes on colours, values and neighbours with Pillow, OpenCV and scikit-image.

    tests/parity/augment_pixels.py --data DIR [--bin build/release/bin] [--photos 50]

Needs what augment_geometry.py needs, and compares on the same photographs and odd sizes. Standard
output is a table; exit status 1: a node is more than 1 grey level off at more than 0.1 % of all
values, or more than 2 anywhere, against a counterpart whose convention it follows. "formula" is the
node's own definition in NumPy, in double; "torchvision" the formulas of its functions on tensors
(transforms/_functional_tensor.py), which cut the fraction off where Sluice rounds.

Counterparts of another convention are listed and not judged:
  Pillow turns hues in HSV of whole bytes; torchvision cuts the fraction of a pixel's grey off before
  contrast and saturation use it, and that of the result; OpenCV's equalizeHist leaves out the first filled
  level where Pillow leaves out the last.
"""
import argparse
import io
import math
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from scipy import ndimage
from skimage import exposure, filters

from augment_geometry import Dump, bits, images, philox, same, uniform

GREY = np.array([0.299, 0.587, 0.114])


def cut(values):
    """Clamped, the fraction cut off: torchvision's way to bytes."""
    return np.clip(values, 0, 255).astype(np.uint8)


def rounded(values):
    return np.clip(np.rint(values), 0, 255)


def blend(pixels, other, factor):
    return factor * pixels.astype(np.float64) + (1 - factor) * other


def grey(pixels):
    return (pixels.astype(np.float64) @ GREY)[..., None]


def factors(dump, pixels, _):
    image = Image.fromarray(pixels)
    for factor in (0.0, 0.35, 0.8, 1.3, 1.9):
        a, b = same(factor)
        parameters = {"factor": a, "factor_to": b}
        ours, _ = dump.run(pixels, "brightness", **parameters)
        yield "brightness", "Pillow", ours, ImageEnhance.Brightness(image).enhance(factor), 1
        yield "brightness", "torchvision", ours, cut(blend(pixels, 0, factor)), 1
        yield "brightness", "OpenCV", ours, cv2.convertScaleAbs(pixels, alpha=factor), 1
        ours, _ = dump.run(pixels, "contrast", **parameters)
        yield "contrast", "Pillow", ours, ImageEnhance.Contrast(image).enhance(factor), 1
        theirs = cut(blend(pixels, cut(grey(pixels)).mean(), factor))
        yield "contrast", "torchvision (cuts grey too)", ours, theirs, 0
        yield "contrast", "formula", ours, rounded(blend(pixels, grey(pixels).mean(), factor)), 1
        ours, _ = dump.run(pixels, "saturation", **parameters)
        yield "saturation", "Pillow", ours, ImageEnhance.Color(image).enhance(factor), 1
        theirs = cut(blend(pixels, cut(grey(pixels)), factor))
        yield "saturation", "torchvision (cuts grey too)", ours, theirs, 0
        yield "saturation", "formula", ours, rounded(blend(pixels, grey(pixels), factor)), 1
        ours, _ = dump.run(pixels, "sharpness", **parameters)
        yield "sharpness", "Pillow", ours, ImageEnhance.Sharpness(image).enhance(factor), 1
        soft = pixels.astype(np.float64)
        if min(pixels.shape[:2]) > 2:
            kernel = np.ones((3, 3, 1)) / 13
            kernel[1, 1] = 5 / 13
            soft[1:-1, 1:-1] = ndimage.correlate(soft, kernel)[1:-1, 1:-1]
        yield "sharpness", "formula", ours, rounded(blend(pixels, soft, factor)), 1
    ours, _ = dump.run(pixels, "grey")
    yield "grey", "Pillow", ours, image.convert("L").convert("RGB"), 1
    yield "grey", "OpenCV", ours, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 1


def turned(pixels, turns):
    """torchvision's _rgb2hsv and _hsv2rgb, values 0 to 1."""
    rgb = pixels.astype(np.float64) / 255
    most, least = rgb.max(-1), rgb.min(-1)
    chroma = most - least
    divisor = np.where(chroma == 0, 1, chroma)
    rc, gc, bc = ((most - rgb[..., c]) / divisor for c in range(3))
    hue = np.where(most == rgb[..., 0], bc - gc,
                   np.where(most == rgb[..., 1], 2 + rc - bc, 4 + gc - rc))
    hue = (hue / 6 + 1) % 1
    saturation = chroma / np.where(chroma == 0, 1, most)
    hue = (hue + turns) % 1
    sector = np.floor(hue * 6)
    f = hue * 6 - sector
    p, q, t = (most * (1 - saturation * x) for x in (1, f, 1 - f))
    choice = sector.astype(int) % 6
    red = np.choose(choice, [most, q, p, p, t, most])
    green = np.choose(choice, [t, most, most, q, p, p])
    blue = np.choose(choice, [p, p, t, most, most, q])
    return np.stack([red, green, blue], -1)


def hues(dump, pixels, _):
    for turns in (-0.5, -0.1, 0.03, 0.25):
        a, b = same(turns)
        ours, _ = dump.run(pixels, "hue", turns=a, turns_to=b)
        theirs = turned(pixels, turns)
        yield "hue", "formula", ours, np.rint(255 * theirs), 1
        yield "hue", "torchvision", ours, (theirs * 255.999).astype(np.uint8), 1
        h, s, v = Image.fromarray(pixels).convert("HSV").split()
        moved = (np.asarray(h).astype(int) + int(turns * 255)) % 256
        both = Image.merge("HSV", (Image.fromarray(moved.astype(np.uint8)), s, v))
        yield "hue", "Pillow (HSV of bytes)", ours, both.convert("RGB"), 0


def jitter(dump, pixels, sample):
    ours, text = dump.run(pixels, "colour-jitter", sample)
    steps, left, order = ["brightness", "contrast", "saturation", "hue"], bits(sample, 0) * 24 >> 64, []
    for choices in (4, 3, 2, 1):
        order.append(steps.pop(left % choices))
        left //= choices
    assert [step.split()[0] for step in text.removeprefix("jitter ").split(", ")] == order, text
    factor = {step: 0.6 + 0.8 * uniform(sample, i + 1)
              for i, step in enumerate(("brightness", "contrast", "saturation"))}
    now = pixels
    for step in order:
        if step == "hue":
            now = rounded(255 * turned(now, -0.1 + 0.2 * uniform(sample, 4)))
        else:
            other = {"brightness": 0, "contrast": grey(now).mean(), "saturation": grey(now)}[step]
            now = rounded(blend(now, other, factor[step]))
    yield "colour-jitter", "formula", ours, now, 1


def points(dump, pixels, _):
    image = Image.fromarray(pixels)
    for gamma in (0.4, 0.9, 1.7):
        a, b = same(gamma)
        ours, _ = dump.run(pixels, "gamma", gamma=a, gamma_to=b)
        curve = 255 * (pixels / 255.0) ** gamma
        yield "gamma", "torchvision", ours, cut(curve), 1
        yield "gamma", "scikit-image", ours, exposure.adjust_gamma(pixels, gamma), 1
        table = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
        yield "gamma", "OpenCV (table)", ours, cv2.LUT(pixels, table), 1
    for count in (1, 3, 4, 7):
        a, b = same(count)
        ours, _ = dump.run(pixels, "posterize", bits=a, bits_to=b)
        yield "posterize", "Pillow", ours, ImageOps.posterize(image, count), 1
    for threshold in (0, 100, 128, 255):
        a, b = same(threshold)
        ours, _ = dump.run(pixels, "solarize", threshold=a, threshold_to=b)
        yield "solarize", "Pillow", ours, ImageOps.solarize(image, threshold), 1
    ours, _ = dump.run(pixels, "invert")
    yield "invert", "Pillow", ours, ImageOps.invert(image), 1
    ours, _ = dump.run(pixels, "autocontrast")
    yield "autocontrast", "Pillow", ours, ImageOps.autocontrast(image), 1
    ours, _ = dump.run(pixels, "equalize")
    yield "equalize", "Pillow", ours, ImageOps.equalize(image), 1
    theirs = np.stack([cv2.equalizeHist(np.ascontiguousarray(pixels[..., c])) for c in range(3)], -1)
    yield "equalize", "OpenCV (another table)", ours, theirs.reshape(pixels.shape), 0


def blurs(dump, pixels, _):
    for sigma in (0.4, 1.0, 2.3, 6.0):
        a, b = same(sigma)
        ours, _ = dump.run(pixels, "blur", sigma=a, sigma_to=b)
        radius = math.ceil(3 * sigma)
        side = 2 * radius + 1
        theirs = cv2.GaussianBlur(pixels, (side, side), sigma, borderType=cv2.BORDER_REFLECT_101)
        yield "blur", "OpenCV", ours, theirs, 1
        theirs = filters.gaussian(pixels.astype(np.float64), sigma, mode="mirror",
                                  truncate=radius / sigma, preserve_range=True, channel_axis=-1)
        yield "blur", "scikit-image", ours, np.rint(theirs), 1
        theirs = cv2.GaussianBlur(pixels.astype(np.float64), (side, side), sigma,
                                  borderType=cv2.BORDER_REFLECT_101)
        yield "blur", "OpenCV (doubles)", ours, np.rint(theirs), 1


def words(seed, count):
    """augment/random_words.h."""
    stream = 2166136261
    for byte in b"augment/pixels":
        stream = (stream ^ byte) * 16777619 % 2**32
    index = np.arange(count)
    block, word = index // 64 * 16 + index % 16, index % 64 // 16
    zero = 0 * index
    all_words = np.stack(philox([block, zero, zero, zero + stream], (seed % 2**32, seed >> 32)))
    return np.take_along_axis(all_words, word[None], axis=0)[0].astype(np.uint64)


def normals(seed, count):
    """augment/normal.h, in double."""
    padded = (count + 63) // 64 * 64
    pairs = (words(seed, padded) >> np.uint64(8)).astype(np.float64).reshape(-1, 2, 2, 16)
    radius = np.sqrt(-2 * np.log((pairs[:, :, 0] + 1) / 2**24))
    angle = 2 * np.pi * (pairs[:, :, 1] / 2**24 - 0.5)
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
    return both.reshape(-1)[:count]


def noises(dump, pixels, sample):
    ours, _ = dump.run(pixels, "noise", sample, sigma=12.5, sigma_to=12.5)
    added = 12.5 * normals(bits(sample, 1), pixels.size).reshape(pixels.shape)
    yield "noise", "formula", ours, rounded(pixels + added), 1
    ours, _ = dump.run(pixels, "impulse", sample, amount=0.1, amount_to=0.1)
    word = words(bits(sample, 1), pixels.shape[0] * pixels.shape[1]).reshape(pixels.shape[:2])
    theirs = pixels.copy()
    theirs[word < np.uint64(int(0.1 * 2**32))] = 255
    theirs[word < np.uint64(int(0.1 * 2**31))] = 0
    yield "impulse", "formula", ours, theirs, 1


def erases(dump, pixels, sample):
    """torchvision's RandomErasing.get_params with our random values."""
    height, width = pixels.shape[:2]
    ours, text = dump.run(pixels, "erase", sample, fill=77)
    theirs = pixels.copy()
    index = 1
    for _ in range(10):
        area = height * width * (0.02 + 0.31 * uniform(sample, index))
        ratio = math.exp(math.log(0.3) + math.log(3.3 / 0.3) * uniform(sample, index + 1))
        h, w = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        index += 2
        if h < height and w < width:
            x, y = (bits(sample, index + i) * (room + 1) >> 64
                    for i, room in enumerate((width - w, height - h)))
            theirs[y:y + h, x:x + w] = 77
            break
    yield "erase", "torchvision's box", ours, theirs, 1


def recompressed(dump, pixels, _):
    for quality in (5, 40, 75, 95):
        a, b = same(quality)
        ours, _ = dump.run(pixels, "jpeg", quality=a, quality_to=b)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=2)
        yield "jpeg", "Pillow", ours, Image.open(file).convert("RGB"), 1
        _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        yield "jpeg", "OpenCV", ours, cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1], 1


def standardised(dump, pixels, _):
    """Floats: compared in grey levels, times the deviation."""
    values = pixels.astype(np.float64)
    for word, axes in (("image", (0, 1, 2)), ("channel", (0, 1))):
        ours, _ = dump.run(pixels, "standardise", by=word)
        mean = values.mean(axes)
        count = values.size if word == "image" else values.size / 3
        deviation = np.maximum(values.std(axes), 1 / math.sqrt(count))
        yield "standardise", "TensorFlow's formula", ours * deviation + mean, values, 1


CASES = [factors, hues, jitter, points, blurs, noises, erases, recompressed, standardised]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"))
    parser.add_argument("--photos", type=int, default=50)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    table, count = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        dump = Dump(arguments.bin / "augment_dump", Path(folder))
        for sample, pixels in enumerate(images(arguments)):
            count += 1
            for case in CASES:
                for name, other, ours, theirs, judged in case(dump, pixels, sample):
                    theirs = np.broadcast_to(np.asarray(theirs).astype(np.float64), ours.shape)
                    apart = abs(ours.astype(np.float64) - theirs)
                    row = table.setdefault((name, other), [0, 0, 0, 0.0, judged])
                    row[0] += apart.size
                    row[1] += int((apart == 0).sum())
                    row[2] += int((apart <= 1).sum())
                    row[3] = max(row[3], float(apart.max(initial=0)))
    bad = 0
    print(f"{count} images")
    print("| node | counterpart | values | equal % | within 1 % | most levels apart | |")
    print("|---|---|---|---|---|---|---|")
    for (name, other), (size, equal, close, most, judged) in table.items():
        fine = close >= 0.999 * size and most <= 2
        word = "not judged" if not judged else "ok" if fine else "OFF"
        bad += judged and not fine
        print(f"| {name} | {other} | {size} | {100 * equal / size:.3f} | {100 * close / size:.4f} "
              f"| {most:.3g} | {word} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
