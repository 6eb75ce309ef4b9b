"""What is trained and replayed: one Case a training run."""
import dataclasses

ALEXNETS = ["paper", "run145", "caffe", "caffenet", "cs231n", "owt", "paper-6conv"]
VGGS = ["A", "A-LRN", "B", "C", "D", "E", "B-5x5", "D-7x7"]

EIGHTH = 0.125
RATE = 0.001
# Starts of N(0, .01) with biases of 1 make the features of a new net so flat that many pooling
# windows have no largest value but for rounding, and deep nets learn nothing. He's from pixels as they
# are gives AlexNet losses of 30 and more, of which bf16's 8 bits leave too little, and steps of which
# multiply any difference; an eighth of them still gives normalisation something to do. A VGG
# normalises nothing: there the loss would be 126, and 1e38 two steps on. Nets that run free start
# from Glorot's: losses near log(20).
HE = ["--init", "he", "--divisor", 8]
SMALL_HE = ["--init", "he", "--divisor", 64]
CALM = ["--init", "glorot", "--divisor", 64]


@dataclasses.dataclass
class Case:
    name: str
    program: str
    words: list
    steps: int = 3
    batch: int = 4
    rate: float = RATE
    free: bool = False  # run free as well
    about: str = ""  # what the words change

    def command(self, data, folder, cache, threads):
        chosen = "mnist" if self.program == "sluice-lenet5" else "caltech20/train"
        words = ["train", "--data", data / chosen, "--out", folder / "run", "--dump",
                 folder / "dump", "--dump-steps", self.steps, "--steps", self.steps, "--batch",
                 self.batch, "--rate", self.rate, "--schedule", "constant", "--checkpoint-every", 0,
                 "--threads", threads, "--cache", cache, "--seed", 5, "--quiet", *self.words]
        # Photos come from one folder, of which none are held out: nothing is validated.
        return words if chosen == "mnist" else words + ["--val-fraction", 0]


def for_net(name, start):
    """owt divides by the deviations of its own."""
    return start[:2] if name == "owt" else start


def photo_cases(net, names, flag, words, start, batch=4):
    """A net at full width for some steps, and at an eighth for more, which also run free."""
    program = f"sluice-{net}"
    for name in names:
        own = [flag, name, *words]
        yield Case(f"{net} {name}", program, [*own, *for_net(name, start)], rate=0.0001,
                   batch=batch)
        yield Case(f"{net} {name} / 8", program, [*own, *for_net(name, CALM), "--width", EIGHTH],
                   steps=20, free=True)


# VGG's random scale.
JITTER = ["--set", "augment.rescale.to=512"]


def lenet(name, variant, *words, **others):
    return Case(f"lenet5 {name}", "sluice-lenet5", ["--variant", variant, *words], steps=20,
                batch=32, free=True, **others)


def net_cases():
    # At rate 0.001 the units of 1998 saturate under its own rule: its net here, its rule below.
    yield lenet("1998", "1998", "--set", "train.rule=sgd")
    yield lenet("caffe", "caffe")
    yield lenet("modern", "modern")
    yield from photo_cases("alexnet", ALEXNETS, "--variant", [], HE)
    yield from photo_cases("vgg", VGGS, "--config", JITTER, SMALL_HE, batch=2)


def option_cases():
    """Training options and the papers' ablations, on narrow nets."""
    def alexnet(about, *words, variant="paper"):
        return Case(f"{variant}, {about}", "sluice-alexnet",
                    ["--variant", variant, *for_net(variant, CALM), "--width", EIGHTH, *words], steps=6,
                    free=True, about=about)

    about = "diagonal Levenberg-Marquardt at rate 0.0001"
    yield lenet(f"1998, {about}", "1998", rate=0.0001, about=about)
    yield alexnet("PyTorch's momentum", "--set", "train.form=pytorch")
    yield alexnet("Nesterov", "--set", "train.form=nesterov")
    yield alexnet("plain descent", "--momentum", 0)
    yield alexnet("L1 and L2", "--set", "train.l1=0.0001")
    yield alexnet("hinge loss", "--set", "train.loss=hinge")
    yield alexnet("conv1, conv2 frozen", "--set", "train.freeze=conv1,conv2")
    yield alexnet("factors of rate and decay", "--set", "train.layer_rates=conv1=0.5,fc8=10",
                  "--set", "train.layer_decays=fc6=2", "--set", "train.bias_decay=1")
    yield alexnet("micro-batches of 3", "--set", "train.micro_batch=3")
    yield alexnet("2 replicas", "--set", "train.replicas=2")
    yield alexnet("dropout inverted", "--dropout-scaling", "inverted")
    yield alexnet("tanh", "--activation", "tanh")
    yield alexnet("no normalisation", "--lrn", "off")
    yield alexnet("alpha as printed", "--set", "net.lrn_reading=literal")
    yield alexnet("pooling apart", "--pooling", "apart")
    yield alexnet("half-size tower", "--towers", "half")
    yield alexnet("no dropout", "--dropout", 0)
    yield alexnet("hinge loss", "--loss", "hinge", variant="owt")


def bf16(case):
    """None for a net whose layers Sluice has in f32 only: the first LeNet."""
    if case.name == "lenet5 1998":
        return None
    return dataclasses.replace(case, name=case.name + ", bf16",
                               words=[*case.words, "--precision", "bf16", "--allow-slow"])
