"""OpenCV: imdecode and resize, colour in numpy.

Variants: `linear` = INTER_LINEAR (four neighbours) and `area` = INTER_AREA (averages), both in threads, since
OpenCV lets go of Python's lock, into rows of one batch; `loader` = INTER_LINEAR in PyTorch's DataLoader, the
usual way.
"""

import cv2
import numpy as np

import chain
import threads
from work import read_files

INTERPOLATION = {"linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA, "loader": cv2.INTER_LINEAR}
FLAGS = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION


def decode(content):
    return cv2.imdecode(np.frombuffer(content, np.uint8), FLAGS)


def rescale(image, variant):
    height, width = image.shape[:2]
    return cv2.resize(image, chain.rescaled(width, height), interpolation=INTERPOLATION[variant])


def finish(image, draws, row):
    height, width = image.shape[:2]
    x, y = draws.crop(width, height)
    crop = image[y:y + chain.CROP, x:x + chain.CROP]
    row[...] = cv2.flip(crop, 1) if draws.flip() else crop
    # As lines of 672 numbers: with an inner dimension of 3 numpy needs 15 times as long.
    lines = row.reshape(chain.CROP, chain.CROP * 3)
    np.add(lines, np.tile(draws.shift(), chain.CROP), out=lines)


class Prepare:
    """One file's bytes into a row; each thread or process draws for itself."""

    def __init__(self, variant):
        cv2.setNumThreads(1)
        self._variant = variant
        self._draws = None

    def __call__(self, content, row):
        if self._draws is None:
            self._draws = chain.Draws(None)
        finish(rescale(decode(content), self._variant), self._draws, row)


class PrepareTensor(Prepare):
    def __call__(self, content):
        import torch
        row = np.empty((chain.CROP, chain.CROP, 3), np.float32)
        super().__call__(content, row)
        return torch.from_numpy(row)


def make(work):
    contents = read_files(work)
    versions = {"opencv": cv2.__version__, "numpy": np.__version__}
    if work.variant == "loader":
        import loader
        return loader.make_peer(contents, PrepareTensor(work.variant), work, versions)
    batches = [np.zeros((work.batch, chain.CROP, chain.CROP, 3), np.float32) for _ in range(threads.BATCHES)]
    return threads.make_peer(contents, lambda: Prepare(work.variant), batches, work, versions)


def sample(work):
    """(rescaled images of the files, one batch), for prepare.py --check."""
    images = [rescale(decode(content), work.variant) for content in read_files(work)]
    batch = np.zeros((len(images), chain.CROP, chain.CROP, 3), np.float32)
    draws = chain.Draws(1)
    for image, row in zip(images, batch):
        finish(image, draws, row)
    return images, batch
