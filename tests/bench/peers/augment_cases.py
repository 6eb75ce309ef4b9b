"""The nodes that augment.py compares: Sluice's chain, and what was drawn, for the peers to do the same."""

import dataclasses
import math
import re
from collections.abc import Callable

import numpy as np

WIDTH, HEIGHT = 500, 375

DEGREES, SHEAR, MOVE = 12.0, (8.0, 0.0), (25, -30)  # pixels; fractions 0.05 and -0.08 of the image
FACTOR, TURNS, GAMMA, SIGMA, QUALITY = 1.3, 0.08, 0.8, 1.5, 75
BLUR_SIDE = 2 * math.ceil(3 * SIGMA) + 1
NOISE, IMPULSE, BITS, THRESHOLD = 12, 0.1, 4, 128
ELASTIC = {"alpha": 34.0, "sigma": 4.0}
LENS = (0.2, 0.05)  # k1, k2 where a radius of 1 is half the diagonal
MEAN, DIVISOR = (123.68, 116.779, 103.939), 57.0
SHORTER, RESIZED, CROP, PAD = (341, 256), (224, 224), 224, 20
CROP_X, CROP_Y = (WIDTH - CROP) // 2, (HEIGHT - CROP) // 2


@dataclasses.dataclass(frozen=True)
class Case:
    """`decide` makes of a decision's words what the peers are handed with the image. `random`: the result is a
    field of random numbers, or a peer draws for itself, so that only strengths can be compared."""

    name: str
    chain: str
    decide: Callable[[str], object] = lambda text: None
    random: bool = False


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text)]


def box(text):
    """(x, y, width, height) of "... WxH at X,Y ..."."""
    width, height, x, y = (int(n) for n in re.search(r"(\d+)x(\d+) at (\d+),(\d+)", text).groups())
    return x, y, width, height


def corners(text):
    """Where the four corners go, by "corners in by X,Y ..." in parts of half the image."""
    inwards = np.array(numbers(text)).reshape(4, 2) * (WIDTH / 2, HEIGHT / 2)
    signs = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    return outline() + signs * inwards


def outline():
    return np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float64)


def steps(text):
    """[(function, amount), ...] of "jitter brightness 1.2, hue ..."."""
    parts = text.removeprefix("jitter ").split(", ")
    return [(part.split()[0], numbers(part)[0]) for part in parts]


def fixed(**values):
    """Ranges whose two ends are the same."""
    return " ".join(f"{key}={value} {key}_to={value}" for key, value in values.items())


CASES = [
    Case("rescale antialias", "rescale side=256 filter=antialias"),
    Case("rescale bilinear", "rescale side=256 filter=bilinear"),
    Case("rescale bicubic", "rescale side=256 filter=bicubic"),
    Case("rescale lanczos", "rescale side=256 filter=lanczos"),
    Case("rescale area", "rescale side=256 filter=area"),
    Case("resize", "resize width=224 height=224 filter=antialias"),
    Case("resize bilinear", "resize width=224 height=224 filter=bilinear"),
    Case("random-resized-crop", "random-resized-crop side=224 filter=antialias", box),
    Case("random-resized-crop bilinear", "random-resized-crop side=224 filter=bilinear", box),
    Case("centre-crop", "centre-crop side=224"),
    Case("pad", f"pad pixels={PAD}"),
    Case("flip", "flip probability=1"),
    Case("rotate", "rotate " + fixed(degrees=DEGREES)),
    Case("shear", "shear " + fixed(x=SHEAR[0], y=SHEAR[1])),
    Case("affine", "affine " + fixed(degrees=DEGREES, x=0.05, y=-0.08, scale=0.9)),
    Case("translate", "translate " + fixed(x=0.05, y=-0.08)),
    Case("stretch", "stretch " + fixed(x=1.2, y=0.85)),
    Case("perspective", "perspective distortion=0.5", corners),
    Case("lens", "lens " + fixed(k1=LENS[0], k2=LENS[1])),
    Case("elastic", f"elastic alpha={ELASTIC['alpha']} sigma={ELASTIC['sigma']}", random=True),
    Case("brightness", "brightness " + fixed(factor=FACTOR)),
    Case("contrast", "contrast " + fixed(factor=FACTOR)),
    Case("saturation", "saturation " + fixed(factor=FACTOR)),
    Case("hue", "hue " + fixed(turns=TURNS)),
    Case("grey", "grey"),
    Case("colour-jitter", "colour-jitter brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1", steps),
    Case("gamma", "gamma " + fixed(gamma=GAMMA)),
    Case("blur", "blur " + fixed(sigma=SIGMA)),
    Case("noise", "noise " + fixed(sigma=NOISE), random=True),
    Case("impulse", "impulse " + fixed(amount=IMPULSE), random=True),
    Case("jpeg", "jpeg " + fixed(quality=QUALITY)),
    Case("erase", "erase " + fixed(area=0.1, ratio=1.0), box),
    Case("posterize", "posterize " + fixed(bits=BITS)),
    Case("solarize", "solarize " + fixed(threshold=THRESHOLD)),
    Case("equalize", "equalize"),
    Case("autocontrast", "autocontrast"),
    Case("sharpness", "sharpness " + fixed(factor=FACTOR)),
    Case("invert", "invert"),
    Case("mean and scale", f"mean from=vgg ; scale divisor={DIVISOR}"),
    Case("standardise", "standardise by=image"),
]


def affine_matrix(degrees=0.0, move=(0, 0), scale=1.0, shear=(0.0, 0.0)):
    """Output to input about the image's centre, middles of pixels at whole numbers: torchvision's F.affine."""
    turn, sx, sy = (math.radians(angle) for angle in (-degrees, *shear))
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    return about_centre(np.array([[d, -b], [-c, a]]) / scale, move)


def about_centre(matrix, move=(0, 0)):
    centre = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    return np.column_stack([matrix, centre - matrix @ (centre + move)])
