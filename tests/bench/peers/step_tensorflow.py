"""TensorFlow: one training step of AlexNet `paper` (nodes/nets/alexnet.cpp) from tensors in memory, N H W C.

Variants: `grouped` = tf.function with grouped convolutions; `split` = each tower's convolution by itself; `xla` =
split with jit_compile=True. All with oneDNN, which TensorFlow turns on by itself.
"""

import tensorflow as tf

from work import Done, Peer

TOWERS = 2
CLASSES = 1000
RATE, MOMENTUM, DECAY = 0.001, 0.9, 5e-4
CONVOLUTIONS = [  # kernel, maps in, maps out, towers, bias
    (11, 3, 96, 1, 0.0), (5, 96, 256, 2, 1.0), (3, 256, 384, 1, 0.0), (3, 384, 384, 2, 1.0), (3, 384, 256, 2, 1.0)]
FULL = [(9216, 4096, 1.0), (4096, 4096, 1.0), (4096, CLASSES, 0.0)]


def parameters():
    """[(weights, bias)] in the order of the layers"""
    shapes = [((k, k, i // t, o), b) for k, i, o, t, b in CONVOLUTIONS] + [((i, o), b) for i, o, b in FULL]
    return [(tf.Variable(tf.random.normal(shape, stddev=0.01)), tf.Variable(tf.fill(shape[-1:], bias)))
            for shape, bias in shapes]


def towers(x, layer):
    return [layer(part, t) for t, part in enumerate(tf.split(x, TOWERS, -1))]


def convolve(x, weights, groups, stride, padding, split):
    if groups == 1 or not split:
        return tf.nn.conv2d(x, weights, stride, padding)
    halves = tf.split(weights, groups, -1)
    return tf.concat(towers(x, lambda part, t: tf.nn.conv2d(part, halves[t], stride, padding)), -1)


def norm(x):
    # alpha is summed, not averaged over the five: 1e-4 / 5
    return tf.concat(towers(x, lambda part, _: tf.nn.lrn(part, 2, 2.0, 1e-4 / 5, 0.75)), -1)


def logits(x, net, split):
    for layer, (weights, bias) in enumerate(net[:5]):
        # The authors' 55 outputs: three zeros at the right and bottom.
        stride, padding = (4, [[0, 0], [0, 3], [0, 3], [0, 0]]) if layer == 0 else (1, "SAME")
        groups = CONVOLUTIONS[layer][3]
        x = tf.nn.relu(tf.nn.bias_add(convolve(x, weights, groups, stride, padding, split), bias))
        if layer < 2:
            x = norm(x)
        if layer in (0, 1, 4):
            x = tf.nn.max_pool2d(x, 3, 2, "VALID")
    x = tf.reshape(x, (x.shape[0], -1))
    for weights, bias in net[5:7]:
        x = tf.nn.dropout(tf.nn.relu(tf.nn.bias_add(x @ weights, bias)), 0.5)
    return tf.nn.bias_add(x @ net[7][0], net[7][1])


def make_step(work, rows, labels):
    net = parameters()
    flat = [v for pair in net for v in pair]
    velocities = [tf.Variable(tf.zeros_like(v)) for v in flat]

    @tf.function(jit_compile=work.variant == "xla")
    def step():
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels, logits(rows, net, split=work.variant != "grouped"))
            loss = tf.reduce_mean(losses)
        for index, gradient in enumerate(tape.gradient(loss, flat)):
            if index % 2 == 0:  # weights decay, biases do not
                gradient += DECAY * flat[index]
            velocities[index].assign(MOMENTUM * velocities[index] - RATE * gradient)
            flat[index].assign_add(velocities[index])
        return loss

    return step, sum(int(tf.size(v)) for v in flat)


def make(work):
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(work.threads)
    rows = tf.random.uniform((work.batch, 224, 224, 3), -1, 1)
    step, count = make_step(work, rows, tf.range(work.batch) % CLASSES)

    def run(passes):
        for _ in range(passes):
            loss = step()
        float(loss)
        return Done(images=passes * work.batch)

    return Peer(run=run, versions={"tensorflow": tf.__version__, "parameters": str(count)})
