"""Whether each peer's pixels are what the chain asks for: against Pillow's antialiased bilinear resize."""

import io
import pathlib
import tempfile

import numpy as np
from PIL import Image

import chain
from rounds import Failed, Process

# Of one image: mean absolute difference, and that of the worst hundredth, in levels of 0 to 255.
# tf.io.decode_jpeg's default inverse DCT alone is off by up to 1.6 on average; everybody else decodes to the bit.
CLOSE_MEAN = 2.0
CLOSE_HIGH = 8.0


def pillow(path, width, height):
    image = Image.open(io.BytesIO(pathlib.Path(path).read_bytes())).convert("RGB")
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)


def difference(path, image):
    away = np.abs(image.astype(np.float32) - pillow(path, image.shape[1], image.shape[0]))
    return away.mean(), np.percentile(away, 99)


def batch_fault(batch, files):
    """What is wrong with a batch, or nothing."""
    if batch.shape != (files, chain.CROP, chain.CROP, 3) or batch.dtype != np.float32:
        return f"batch is {batch.dtype} {batch.shape}"
    if not np.isfinite(batch).all() or not 20 < batch.std() < 120 or abs(batch.mean()) > 40:
        return f"batch has mean {batch.mean():.1f} and deviation {batch.std():.1f}"
    return ""


def check_sample(sample, work, antialias):
    images = [sample[f"arr_{i}"] for i in range(len(work.files))]
    if any(min(i.shape[:2]) != chain.SHORTER for i in images):
        return False, "a rescaled image's shorter side is not 256"
    mean, high = np.max([difference(p, i) for p, i in zip(work.files, images)], axis=0)
    batch = sample["batch"]
    fault = batch_fault(batch, len(images))
    close = mean <= CLOSE_MEAN and high <= CLOSE_HIGH
    text = (f"worst image off Pillow by {mean:.2f} levels on average, {high:.1f} at the 99th percentile; "
            f"batch mean {batch.mean():.1f}, deviation {batch.std():.1f}")
    return not fault and (close or not antialias), fault or text


def check_peers(entries, work, environment, antialiased):
    """Prints one line a peer; True when all that run are right. `antialiased`: names that claim Pillow's pixels."""
    right = True
    for entry in entries:
        process = Process(entry, work, environment)
        try:
            with tempfile.NamedTemporaryFile(suffix=".npz") as file:
                process.ask({"do": "sample", "to": file.name}, 600)
                with np.load(file.name) as sample:
                    good, text = check_sample(sample, work, entry.name in antialiased)
            right = right and good
            print(f"{'ok' if good else 'WRONG':<7}{entry.name:<22}{text}")
        except Failed as failure:
            print(f"skipped: {entry.name}: {failure}")
        finally:
            process.close()
    return right
