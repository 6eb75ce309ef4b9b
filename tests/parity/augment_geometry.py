#!/usr/bin/env python3
"""Compares the geometric nodes with Pillow, OpenCV, SciPy and scikit-image on photographs.

    tests/parity/augment_geometry.py --data DIR [--bin build/release/bin] [--photos 50]

DIR is any tree of JPEGs. Needs a Python with Pillow 11 (tests/augment/make_golden.py says why),
NumPy, SciPy, OpenCV and scikit-image, and `augment_dump` in --bin. Beside the photographs go images
of odd sizes: one pixel, one row, one column, 3 x 4000. Standard output is a table; exit status 1: a
node is more than 1 grey level off at more than 0.1 % of all values, or more than 2 anywhere,
against a counterpart whose convention it follows.

Counterparts of another convention are listed with what differs, and are not judged:
  OpenCV's warpAffine mixes the fill colour into the outer half pixel, and knew positions to 1 / 32
  pixel only in older versions; scikit-image's warp mixes likewise. So only pixels whose four
  neighbours lie inside are compared with both, and OpenCV's are not judged. Pillow
  cuts bilinear results to whole levels where Sluice rounds. OpenCV's INTER_AREA that grows takes
  the pixel before where an input's edge meets an output's (its floor of a rounded product: 333 rows
  to 370, every tenth); the formula in NumPy agrees with Sluice there.
"""
import argparse
import math
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import PIL
from PIL import Image
from scipy import ndimage
from skimage import transform

BILINEAR, NEAREST = Image.Resampling.BILINEAR, Image.Resampling.NEAREST


class Dump:
    """A running augment_dump; `run` gives the result of one node and its decision in words."""

    def __init__(self, program, folder):
        self.source, self.target = folder / "in.raw", folder / "out.raw"
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)

    def run(self, pixels, node, sample=0, **parameters):
        height, width = pixels.shape[:2]
        floats = pixels.dtype == np.float32
        self.source.write_bytes(struct.pack("<3i", width, height, floats) + pixels.tobytes())
        words = [f"{key}={value}" for key, value in parameters.items()]
        self.process.stdin.write("\t".join([str(self.source), str(self.target), node,
                                            str(sample), *words]) + "\n")
        decision = self.process.stdout.readline().rstrip("\n")
        data = self.target.read_bytes()
        width, height, floats = struct.unpack("<3i", data[:12])
        kind = np.float32 if floats else np.uint8
        return np.frombuffer(data[12:], kind).reshape(height, width, 3), decision


def philox(counter, key):
    """One block; NumPy arrays as counter words do."""
    words = [np.asarray(word, dtype=np.uint64) for word in counter]
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    key = list(key)
    for turn in range(10):
        if turn:
            key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
        first, second = np.uint64(0xD2511F53) * words[0], np.uint64(0xCD9E8D57) * words[2]
        words = [(second >> shift) ^ words[1] ^ np.uint64(key[0]), second & low,
                 (first >> shift) ^ words[3] ^ np.uint64(key[1]), first & low]
    return words


def fnv1a(name):
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def bits(sample, index):
    block = philox([index, sample, 0, fnv1a("augment/dump")], (0, 0))
    return int(block[1]) << 32 | int(block[0])


def uniform(sample, index):
    return (bits(sample, index) >> 11) * 2.0**-53


def centres(width, height):
    return np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)


def looked_up(pixels, x, y, fill=0.0):
    """Bilinear in double: neighbours beyond the edge are the edge's pixel, `fill` outside."""
    height, width = pixels.shape[:2]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    places = np.stack([y - 0.5, x - 0.5])
    result = np.stack([ndimage.map_coordinates(pixels[..., c].astype(np.float64), places, order=1,
                                               mode="nearest") for c in range(3)], axis=-1)
    return np.where(inside[..., None], result, fill)


def pillow_affine(pixels, matrix, resample):
    image = Image.fromarray(pixels)
    return np.asarray(image.transform(image.size, Image.Transform.AFFINE, matrix, resample))


def affine_matrix(width, height, degrees=0.0, move=(0, 0), scale=1.0, shear=(0.0, 0.0)):
    """Output to input, as torchvision's functional.affine on Pillow images makes it."""
    turn, sx, sy = (math.radians(angle) for angle in (-degrees, *shear))
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    m = [x / scale for x in (d, -b, 0.0, -c, a, 0.0)]
    cx, cy = width / 2, height / 2
    m[2] += m[0] * (-cx - move[0]) + m[1] * (-cy - move[1]) + cx
    m[5] += m[3] * (-cx - move[0]) + m[4] * (-cy - move[1]) + cy
    return m


def same(value):
    """Both ends of a range."""
    return value, value


# --- cases: each yields (name, counterpart, ours, theirs, mask or None, judged) ----------------

def resizes(dump, pixels, _):
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    sizes = [(224, 224), (max(width // 3, 1), max(height // 2, 1)), (width + 61, height + 37),
             (31, 300)]
    pillow = {"antialias": BILINEAR, "bicubic": Image.Resampling.BICUBIC,
              "lanczos": Image.Resampling.LANCZOS}
    for new in sizes:
        for word, resample in pillow.items():
            ours, _ = dump.run(pixels, "resize", width=new[0], height=new[1], filter=word)
            yield f"resize {word}", "Pillow", ours, np.asarray(image.resize(new, resample)), None, 1
        ours, _ = dump.run(pixels, "resize", width=new[0], height=new[1], filter="bilinear")
        theirs = cv2.resize(pixels, new, interpolation=cv2.INTER_LINEAR)
        yield "resize bilinear", "OpenCV", ours, theirs, None, 1
        ours, _ = dump.run(pixels, "resize", width=new[0], height=new[1], filter="area")
        shrinks = new[0] <= width and new[1] <= height
        grows = new[0] >= width and new[1] >= height
        meet = math.gcd(width, new[0]) > 1 or math.gcd(height, new[1]) > 1
        if shrinks or grows:
            theirs = cv2.resize(pixels, new, interpolation=cv2.INTER_AREA)
            other = "OpenCV" if shrinks or not meet else "OpenCV (growing, edges meet)"
            yield "resize area", other, ours, theirs, None, other == "OpenCV"
        theirs = area_means(area_means(pixels.astype(np.float64), new[0], 1), new[1], 0)
        yield "resize area", "formula", ours, np.rint(theirs), None, 1


def area_means(values, out, axis):
    """Means over equal stretches of one axis, pixels in part by their part."""
    length = values.shape[axis]
    sums = np.concatenate([np.zeros_like(np.take(values, [0], axis)),
                           np.cumsum(values, axis)], axis)
    edges = np.arange(out + 1) * length / out
    whole = np.minimum(edges.astype(int), length - 1)
    shape = [-1 if i == axis else 1 for i in range(values.ndim)]
    part = (edges - whole).reshape(shape)
    until = np.take(sums, whole, axis) + np.take(values, whole, axis) * part
    return np.diff(until, axis=axis) * out / length


def crops(dump, pixels, sample):
    height, width = pixels.shape[:2]
    for word, resample in [("antialias", BILINEAR), ("bicubic", Image.Resampling.BICUBIC)]:
        ours, text = dump.run(pixels, "random-resized-crop", sample, side=96, filter=word)
        size, place = text.split()[1], text.split()[3]
        (w, h), (x, y) = map(int, size.split("x")), map(int, place.split(","))
        box = Image.fromarray(pixels).crop((x, y, x + w, y + h)).resize((96, 96), resample)
        yield "random-resized-crop", "Pillow", ours, np.asarray(box), None, 1
    side = min(width, height, 100)
    ours, text = dump.run(pixels, "grid-crop", sample, side=side)
    x, y = map(int, text.split()[3].split(","))
    yield "grid-crop", "NumPy", ours, pixels[y:y + side, x:x + side], None, 1


def both(dump, pixels, node, matrix, parameters, name=None):
    """A warp with both samplings against Pillow, and bilinear against the others."""
    name = name or node
    height, width = pixels.shape[:2]
    x, y = centres(width, height)
    at_x = matrix[0] * x + matrix[1] * y + matrix[2]
    at_y = matrix[3] * x + matrix[4] * y + matrix[5]
    ours, _ = dump.run(pixels, node, **parameters)
    yield name, "Pillow", ours, pillow_affine(pixels, matrix, BILINEAR), None, 1
    yield name, "formula", ours, np.rint(looked_up(pixels, at_x, at_y)), None, 1
    full = np.array([matrix[:3], matrix[3:], [0, 0, 1]])
    shift = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    by_middle = np.linalg.inv(shift) @ full @ shift  # pixel middles at whole numbers
    theirs = transform.warp(pixels.astype(np.float64), by_middle, order=1, mode="constant",
                            preserve_range=True)
    inside = (at_x >= 0.5) & (at_x <= width - 0.5) & (at_y >= 0.5) & (at_y <= height - 0.5)
    yield name, "scikit-image", ours, np.rint(theirs), inside, 1
    theirs = cv2.warpAffine(pixels, by_middle[:2], (width, height),
                            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    yield name, "OpenCV warpAffine", ours, theirs, inside, 0
    ours, _ = dump.run(pixels, node, sampling="nearest", **parameters)
    column, row = np.floor(at_x).astype(int), np.floor(at_y).astype(int)
    reached = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    theirs = pixels[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    theirs = np.where(reached[..., None], theirs, 0)
    edge = np.minimum(abs(at_x - np.rint(at_x)), abs(at_y - np.rint(at_y))) > 1e-4
    yield f"{name} nearest", "formula", ours, theirs, edge, 1


def warps(dump, pixels, _):
    height, width = pixels.shape[:2]
    for degrees in (7.5, -33.0, 90.0):
        a, b = same(degrees)
        yield from both(dump, pixels, "rotate", affine_matrix(width, height, degrees),
                        {"degrees": a, "degrees_to": b})
    rotated = Image.fromarray(pixels).rotate(21.0, BILINEAR)
    ours, _ = dump.run(pixels, "rotate", degrees=21.0, degrees_to=21.0)
    yield "rotate", "Pillow rotate", ours, np.asarray(rotated), None, 1
    yield from both(dump, pixels, "shear", affine_matrix(width, height, shear=(14.0, -8.0)),
                    {"x": 14.0, "x_to": 14.0, "y": -8.0, "y_to": -8.0})
    fx, fy = 1.31, 0.77
    matrix = [1 / fx, 0, width / 2 * (1 - 1 / fx), 0, 1 / fy, height / 2 * (1 - 1 / fy)]
    yield from both(dump, pixels, "stretch", matrix,
                    {"x": fx, "x_to": fx, "y": fy, "y_to": fy})
    parameters = {"degrees": 12.0, "scale": 0.83, "shear_x": 5.0, "shear_y": -7.0,
                  "x": 0.05, "y": -0.08}
    move = tuple(int(math.floor(abs(v) + 0.5) * math.copysign(1, v))
                 for v in (0.05 * width, -0.08 * height))
    yield from both(dump, pixels, "affine",
                    affine_matrix(width, height, 12.0, move, 0.83, (5.0, -7.0)),
                    parameters | {f"{key}_to": value for key, value in parameters.items()})
    ours, _ = dump.run(pixels, "translate", x=0.05, x_to=0.05, y=-0.08, y_to=-0.08)
    theirs = pillow_affine(pixels, [1, 0, -move[0], 0, 1, -move[1]], NEAREST)
    yield "translate", "Pillow", ours, theirs, None, 1


def perspective(dump, pixels, sample):
    height, width = pixels.shape[:2]
    ours, _ = dump.run(pixels, "perspective", sample, distortion=0.5)
    inwards = [np.float32(uniform(sample, i) * 0.5) for i in range(8)]
    half = np.array([width / 2, height / 2])
    signs = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, right = [], []
    for i, (sign, corner) in enumerate(zip(signs, corners)):
        x, y = np.array(corner) + np.array(sign) * half * inwards[2 * i:2 * i + 2]
        rows += [[x, y, 1, 0, 0, 0, -corner[0] * x, -corner[0] * y],
                 [0, 0, 0, x, y, 1, -corner[1] * x, -corner[1] * y]]
        right += corner
    k = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64))
    image = Image.fromarray(pixels)
    theirs = image.transform(image.size, Image.Transform.PERSPECTIVE, list(k), BILINEAR)
    yield "perspective", "Pillow", ours, np.asarray(theirs), None, 1
    x, y = centres(width, height)
    under = k[6] * x + k[7] * y + 1
    at = (k[0] * x + k[1] * y + k[2]) / under, (k[3] * x + k[4] * y + k[5]) / under
    yield "perspective", "formula", ours, np.rint(looked_up(pixels, *at)), None, 1


def lens(dump, pixels, _):
    height, width = pixels.shape[:2]
    for k1, k2 in ((0.2, 0.05), (-0.25, 0.03)):
        ours, _ = dump.run(pixels, "lens", k1=k1, k1_to=k1, k2=k2, k2_to=k2)
        radius = math.hypot(width, height) / 2
        # OpenCV's middles lie at whole numbers.
        camera = np.array([[radius, 0, width / 2 - 0.5], [0, radius, height / 2 - 0.5], [0, 0, 1]])
        x, y = cv2.initUndistortRectifyMap(camera, np.array([k1, k2, 0, 0]), None, camera,
                                           (width, height), cv2.CV_32FC1)
        at = x.astype(np.float64) + 0.5, y.astype(np.float64) + 0.5
        yield "lens", "OpenCV's map", ours, np.rint(looked_up(pixels, *at)), edges(at, pixels), 1


def edges(at, pixels):
    """Places that are not within 1e-3 pixel of the image's edge: rounding may put them in or out."""
    height, width = pixels.shape[:2]
    near = [abs(at[0]), abs(at[0] - width), abs(at[1]), abs(at[1] - height)]
    return np.minimum.reduce(near) > 1e-3


def elastic(dump, pixels, sample):
    height, width = pixels.shape[:2]
    alpha, sigma = 60.0, 5.0
    ours, text = dump.run(pixels, "elastic", sample, alpha=alpha, sigma=sigma)
    seed = bits(sample, 0)
    assert text.endswith(f"{seed:016x}"), text
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    words = np.stack(philox([x // 4, y, 0 * x, 0 * x], (seed % 2**32, seed >> 32)))
    word = np.take_along_axis(words, (x % 4)[None], axis=0)[0].astype(np.int64)
    fields = [((half + 0.5) / 32768 - 1) for half in (word & 0xFFFF, word >> 16)]
    moved = [alpha * ndimage.gaussian_filter(field, sigma, mode="constant", truncate=3)
             for field in fields]
    at = x + 0.5 + moved[0], y + 0.5 + moved[1]
    yield "elastic", "SciPy", ours, np.rint(looked_up(pixels, *at)), edges(at, pixels), 1


CASES = [resizes, crops, warps, perspective, lens, elastic]


def images(arguments):
    files = sorted(p for p in arguments.data.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    random.Random(1).shuffle(files)
    for path in files[:arguments.photos]:
        with Image.open(path) as image:
            yield np.ascontiguousarray(np.asarray(image.convert("RGB")))
    noise = np.random.default_rng(1)
    for width, height in ((1, 1), (200, 1), (1, 90), (3, 4000), (4000, 3), (2, 2)):
        smooth = ndimage.gaussian_filter(noise.uniform(-900, 1200, (height, width, 3)), (2, 2, 0))
        yield np.clip(smooth, 0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"))
    parser.add_argument("--photos", type=int, default=50)
    arguments = parser.parse_args()
    if int(PIL.__version__.split(".")[0]) > 11:
        raise SystemExit(f"Pillow {PIL.__version__} resizes in another order, use 11")
    table, count = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        dump = Dump(arguments.bin / "augment_dump", Path(folder))
        for sample, pixels in enumerate(images(arguments)):
            count += 1
            for case in CASES:
                for name, other, ours, theirs, mask, judged in case(dump, pixels, sample):
                    assert ours.shape == theirs.shape, (name, other, ours.shape, theirs.shape)
                    apart = abs(ours.astype(np.float64) - theirs.astype(np.float64))
                    if mask is not None:
                        apart = apart[mask]
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
              f"| {most:.0f} | {word} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
