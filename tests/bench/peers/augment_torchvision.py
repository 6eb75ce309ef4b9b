"""torchvision v2's functions on uint8 tensors C H W; Lanczos, which tensors do not have, on Pillow's images."""

import numpy as np
import torch
import torchvision
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

import augment_cases as cases

BILINEAR, BICUBIC = F.InterpolationMode.BILINEAR, F.InterpolationMode.BICUBIC
ADJUST = {"brightness": F.adjust_brightness, "contrast": F.adjust_contrast, "saturation": F.adjust_saturation,
          "hue": F.adjust_hue}

torch.set_num_threads(1)
VERSIONS = {"torch": torch.__version__, "torchvision": torchvision.__version__}


def take(pixels):
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def give(image):
    if not isinstance(image, torch.Tensor):
        return np.asarray(image)
    return image.permute(1, 2, 0).numpy()


def jitter(image, steps):
    for step, amount in steps:
        image = ADJUST[step](image, amount)
    return image


def perspective(image, corners):
    return F.perspective(image, cases.outline().tolist(), corners.tolist(), BILINEAR)


def resized_crop(image, box, antialias):
    x, y, width, height = box
    return F.resized_crop(image, y, x, height, width, list(cases.RESIZED), BILINEAR, antialias)


def erase(image, box):
    x, y, width, height = box
    return F.erase(image, y, x, height, width, torch.zeros(3, 1, 1, dtype=torch.uint8))


def affine(image, degrees=0.0, move=(0, 0), scale=1.0, shear=(0.0, 0.0)):
    return F.affine(image, -degrees, list(move), scale, list(shear), BILINEAR)


def shrink(image, size, mode=BILINEAR, antialias=True):
    return F.resize(image, [size[1], size[0]], mode, antialias=antialias)


def normalise(image):
    return F.normalize(F.to_dtype(image, torch.float32, scale=False), list(cases.MEAN), [cases.DIVISOR] * 3)


def crop(image, _):
    return F.crop(image, cases.CROP_Y, cases.CROP_X, cases.CROP, cases.CROP).contiguous()


ELASTIC = v2.ElasticTransform(cases.ELASTIC["alpha"], cases.ELASTIC["sigma"])

FUNCTIONS = {
    "rescale antialias": lambda i, _: shrink(i, cases.SHORTER),
    "rescale bilinear": lambda i, _: shrink(i, cases.SHORTER, antialias=False),
    "rescale bicubic": lambda i, _: shrink(i, cases.SHORTER, BICUBIC),
    "rescale lanczos": lambda i, _: shrink(i, cases.SHORTER, F.InterpolationMode.LANCZOS),
    "resize": lambda i, _: shrink(i, cases.RESIZED),
    "resize bilinear": lambda i, _: shrink(i, cases.RESIZED, antialias=False),
    "random-resized-crop": lambda i, box: resized_crop(i, box, True),
    "random-resized-crop bilinear": lambda i, box: resized_crop(i, box, False),
    "centre-crop": crop,
    "pad": lambda i, _: F.pad(i, [cases.PAD] * 4),
    "flip": lambda i, _: F.horizontal_flip(i),
    "rotate": lambda i, _: F.rotate(i, cases.DEGREES, BILINEAR),
    "shear": lambda i, _: affine(i, shear=cases.SHEAR),
    "affine": lambda i, _: affine(i, cases.DEGREES, cases.MOVE, 0.9),
    "translate": lambda i, _: F.affine(i, 0.0, list(cases.MOVE), 1.0, [0.0, 0.0]),
    "perspective": perspective,
    "elastic": lambda i, _: ELASTIC(i),
    "brightness": lambda i, _: F.adjust_brightness(i, cases.FACTOR),
    "contrast": lambda i, _: F.adjust_contrast(i, cases.FACTOR),
    "saturation": lambda i, _: F.adjust_saturation(i, cases.FACTOR),
    "hue": lambda i, _: F.adjust_hue(i, cases.TURNS),
    "grey": lambda i, _: F.rgb_to_grayscale(i, num_output_channels=3),
    "colour-jitter": jitter,
    "gamma": lambda i, _: F.adjust_gamma(i, cases.GAMMA),
    "blur": lambda i, _: F.gaussian_blur(i, [cases.BLUR_SIDE] * 2, [cases.SIGMA] * 2),
    "noise": lambda i, _: F.gaussian_noise(i, mean=0.0, sigma=cases.NOISE / 255),
    "jpeg": lambda i, _: F.jpeg(i, cases.QUALITY),
    "erase": erase,
    "posterize": lambda i, _: F.posterize(i, cases.BITS),
    "solarize": lambda i, _: F.solarize(i, cases.THRESHOLD),
    "equalize": lambda i, _: F.equalize(i),
    "autocontrast": lambda i, _: F.autocontrast(i),
    "sharpness": lambda i, _: F.adjust_sharpness(i, cases.FACTOR),
    "invert": lambda i, _: F.invert(i),
    "mean and scale": lambda i, _: normalise(i),
}


def inputs(name, images):
    """The photographs as this peer takes them."""
    if name == "rescale lanczos":
        return [F.to_pil_image(take(pixels)) for pixels in images]
    return [take(pixels) for pixels in images]
