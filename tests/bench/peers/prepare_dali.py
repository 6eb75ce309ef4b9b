"""NVIDIA DALI's pipeline on the CPU: file reader (page cache), image decoder, resize, crop_mirror_normalize.

Colour noise and mean go in as crop_mirror_normalize's per-sample mean, which is the fewest passes over the
pixels. Variants: `antialias` = as resize is by default; `plain` = antialias=False, four neighbours.
"""

import numpy as np
import nvidia.dali as dali
from nvidia.dali import fn, pipeline_def, types

import chain
from work import Done, Peer


def rescaled(files, work, repeat):
    contents, _ = fn.readers.file(files=list(files), name="reader", pad_last_batch=False, random_shuffle=repeat)
    images = fn.decoders.image(contents, device="cpu", output_type=types.RGB)
    return fn.resize(images, resize_shorter=chain.SHORTER, interp_type=types.INTERP_LINEAR,
                     antialias=work.variant == "antialias", subpixel_scale=False)


def finished(images):
    normals = fn.random.normal(shape=[3])
    shift = sum(normals[i] * types.Constant(chain.COLOUR[i]) for i in range(3))
    return fn.crop_mirror_normalize(
        images, dtype=types.FLOAT, output_layout="HWC", crop=(chain.CROP, chain.CROP),
        crop_pos_x=fn.random.uniform(range=(0, 1)), crop_pos_y=fn.random.uniform(range=(0, 1)),
        mirror=fn.random.coin_flip(), mean=types.Constant(chain.MEAN) - shift, std=[1.0, 1.0, 1.0])


def build(work, batch, graph):
    pipeline = pipeline_def(batch_size=batch, num_threads=work.threads, device_id=None, seed=1,
                            prefetch_queue_depth=2)(graph)()
    pipeline.build()
    return pipeline


def make(work):
    pipeline = build(work, work.batch, lambda: finished(rescaled(work.files, work, repeat=True)))

    def run(passes):
        count = -(-passes * len(work.files) // work.batch)
        return Done(images=sum(len(pipeline.run()[0]) for _ in range(count)))

    return Peer(run=run, versions={"dali": dali.__version__})


def sample(work):
    def graph():
        images = rescaled(work.files, work, repeat=False)
        return images, finished(images)

    images, batch = build(work, len(work.files), graph).run()
    return [np.array(images[i]) for i in range(len(images))], np.array(batch.as_tensor())
