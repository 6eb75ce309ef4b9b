"""tf.data: decode, resize, crop, flip and colour as one parallel map over files in memory.

Variants: `autotune` = map and prefetch with AUTOTUNE; `fixed` = as many calls as threads; both with
tf.image.resize as it is (bilinear, four neighbours); `antialias` = fixed with antialias=True.
Order within the stream is given up (deterministic=False), which is faster.
"""

import tensorflow as tf

import chain
from work import Done, Peer, read_files


def rescale(content, variant):
    image = tf.io.decode_jpeg(content, channels=3)
    size = tf.shape(image)[:2]
    shorter = tf.reduce_min(size)
    size = tf.maximum(size * chain.SHORTER // shorter, chain.SHORTER)
    return tf.image.resize(image, size, antialias=variant == "antialias")


def finish(image):
    image = tf.image.random_crop(image, (chain.CROP, chain.CROP, 3))
    image = tf.image.random_flip_left_right(image)
    shift = tf.linalg.matvec(chain.COLOUR, tf.random.normal([3]), transpose_a=True) - chain.MEAN
    return image + shift


def dataset(contents, work, passes):
    calls = tf.data.AUTOTUNE if work.variant == "autotune" else work.threads
    data = tf.data.Dataset.from_tensor_slices(contents).repeat(passes)
    data = data.map(lambda content: finish(rescale(content, work.variant)), num_parallel_calls=calls,
                    deterministic=False)
    data = data.batch(work.batch).prefetch(tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.threading.private_threadpool_size = work.threads
    return data.with_options(options)


def make(work):
    tf.config.threading.set_inter_op_parallelism_threads(work.threads)
    tf.config.threading.set_intra_op_parallelism_threads(work.threads)
    contents = tf.constant(read_files(work))

    def run(passes):
        return Done(images=sum(int(batch.shape[0]) for batch in dataset(contents, work, passes)))

    return Peer(run=run, versions={"tensorflow": tf.__version__})


def sample(work):
    contents = read_files(work)
    images = [rescale(content, work.variant).numpy() for content in contents]
    return images, tf.stack([finish(image) for image in images]).numpy()
