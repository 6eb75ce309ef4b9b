"""Albumentations: each transform in a Compose of one. Where its parameters cannot be fixed it draws its own."""

import math
import os

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask PyPI for a newer one

import albumentations as A
import cv2

import augment_cases as cases

cv2.setNumThreads(1)
VERSIONS = {"albumentations": A.__version__, "opencv": cv2.__version__}
OWN_DRAWS = {"random-resized-crop bilinear", "perspective", "colour-jitter", "erase", "lens"}


def twice(value):
    return value, value


def pixels(mean):
    """A mean in parts of Normalize's greatest value."""
    return tuple(value / 255 for value in mean)


def affine(**parameters):
    return A.Affine(p=1, interpolation=cv2.INTER_LINEAR, **parameters)


def jitter(**factors):
    return A.ColorJitter(p=1, **{"brightness": (1, 1), "contrast": (1, 1), "saturation": (1, 1), "hue": (0, 0)} |
                         factors)


def lens():
    """Its focal length is the image's width, in both directions."""
    scale = (2 * cases.WIDTH / math.hypot(cases.WIDTH, cases.HEIGHT)) ** 2
    return A.OpticalDistortion(distort_limit=twice(cases.LENS[0] * scale), p=1)


def shears():
    return {"x": twice(cases.SHEAR[0]), "y": twice(cases.SHEAR[1])}


def moves():
    return {"x": twice(cases.MOVE[0]), "y": twice(cases.MOVE[1])}


TRANSFORMS = {
    "rescale bilinear": lambda: A.SmallestMaxSize(256, interpolation=cv2.INTER_LINEAR, p=1),
    "rescale area": lambda: A.SmallestMaxSize(256, interpolation=cv2.INTER_AREA, p=1),
    "resize bilinear": lambda: A.Resize(*cases.RESIZED, interpolation=cv2.INTER_LINEAR, p=1),
    "random-resized-crop bilinear": lambda: A.RandomResizedCrop(cases.RESIZED, interpolation=cv2.INTER_LINEAR, p=1),
    "centre-crop": lambda: A.CenterCrop(cases.CROP, cases.CROP, p=1),
    "pad": lambda: A.Pad(cases.PAD, p=1),
    "flip": lambda: A.HorizontalFlip(p=1),
    "rotate": lambda: A.Rotate(twice(cases.DEGREES), interpolation=cv2.INTER_LINEAR, p=1),
    "shear": lambda: affine(shear=shears()),
    "affine": lambda: affine(rotate=twice(cases.DEGREES), translate_px=moves(), scale=twice(0.9)),
    "translate": lambda: A.Affine(translate_px=moves(), interpolation=cv2.INTER_NEAREST, p=1),
    "stretch": lambda: affine(scale={"x": twice(1.2), "y": twice(0.85)}),
    "perspective": lambda: A.Perspective(p=1),
    "lens": lens,
    "elastic": lambda: A.ElasticTransform(**cases.ELASTIC, noise_distribution="uniform", p=1),
    "brightness": lambda: jitter(brightness=twice(cases.FACTOR)),
    "contrast": lambda: jitter(contrast=twice(cases.FACTOR)),
    "saturation": lambda: jitter(saturation=twice(cases.FACTOR)),
    "hue": lambda: jitter(hue=twice(cases.TURNS)),
    "grey": lambda: A.ToGray(p=1),
    "colour-jitter": lambda: A.ColorJitter(0.4, 0.4, 0.4, 0.1, p=1),
    "gamma": lambda: A.RandomGamma(twice(100 * cases.GAMMA), p=1),
    "blur": lambda: A.GaussianBlur(twice(cases.BLUR_SIDE), twice(cases.SIGMA), p=1),
    "noise": lambda: A.GaussNoise(twice(cases.NOISE / 255), p=1),
    "impulse": lambda: A.SaltAndPepper(twice(cases.IMPULSE), twice(0.5), p=1),
    "jpeg": lambda: A.ImageCompression(quality_range=twice(cases.QUALITY), p=1),
    "erase": lambda: A.Erasing(twice(0.1), twice(1.0), p=1),
    "posterize": lambda: A.Posterize(twice(cases.BITS), p=1),
    "solarize": lambda: A.Solarize(twice(cases.THRESHOLD / 255), p=1),
    "equalize": lambda: A.Equalize(mode="pil", p=1),
    "autocontrast": lambda: A.AutoContrast(method="pil", p=1),
    "invert": lambda: A.InvertImg(p=1),
    "mean and scale": lambda: A.Normalize(pixels(cases.MEAN), (cases.DIVISOR / 255,) * 3, p=1),
    "standardise": lambda: A.Normalize(normalization="image", p=1),
}


def function(make):
    made = []

    def call(image, _):
        if not made:
            made.append(A.Compose([make()]))
        return made[0](image=image)["image"]

    return call


FUNCTIONS = {name: function(make) for name, make in TRANSFORMS.items()}


def inputs(_, images):
    return images


def give(image):
    return image
