"""Pillow and numpy in PyTorch's DataLoader (worker processes).

Variants: `whole` = rescale the image, then crop; `window` = resize(box=...) of the crop's window only, the same
pixels for less work.
"""

import io

import numpy as np
import PIL
import PIL.features
import torch
from PIL import Image

import chain
import loader
from work import read_files


def decode(content):
    return Image.open(io.BytesIO(content)).convert("RGB")


def rescale(image):
    return image.resize(chain.rescaled(*image.size), Image.Resampling.BILINEAR)


def window(image, x, y):
    width, height = chain.rescaled(*image.size)
    across, down = image.width / width, image.height / height
    box = (x * across, y * down, (x + chain.CROP) * across, (y + chain.CROP) * down)
    return image.resize((chain.CROP, chain.CROP), Image.Resampling.BILINEAR, box=box)


def crop(image, x, y):
    return image.crop((x, y, x + chain.CROP, y + chain.CROP))


def finish(image, draws):
    if draws.flip():
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    # As lines of 672 numbers: with an inner dimension of 3 numpy needs 15 times as long.
    lines = np.asarray(image).reshape(chain.CROP, chain.CROP * 3)
    return np.add(lines, np.tile(draws.shift(), chain.CROP)).reshape(chain.CROP, chain.CROP, 3)


class Prepare:
    def __init__(self, variant):
        self._variant = variant
        self._draws = None

    def __call__(self, content):
        if self._draws is None:
            self._draws = chain.Draws(torch.initial_seed())
        image = decode(content)
        x, y = self._draws.crop(*chain.rescaled(*image.size))
        small = window(image, x, y) if self._variant == "window" else crop(rescale(image), x, y)
        return torch.from_numpy(finish(small, self._draws))


def make(work):
    jpeg = PIL.features.version("libjpeg_turbo") or "not turbo"
    return loader.make_peer(read_files(work), Prepare(work.variant), work,
                            {"pillow": PIL.__version__, "pillow's libjpeg-turbo": jpeg})


def checked(image, variant):
    """The rescaled image, with its middle from window() where that is what runs."""
    small = rescale(image)
    if variant == "window":
        x, y = (small.width - chain.CROP) // 2, (small.height - chain.CROP) // 2
        small.paste(window(image, x, y), (x, y))
    return np.asarray(small)


def sample(work):
    contents = read_files(work)
    prepare = Prepare(work.variant)
    return ([checked(decode(content), work.variant) for content in contents],
            torch.stack([prepare(content) for content in contents]).numpy())
