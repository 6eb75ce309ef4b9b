#include <array>

#include "io/recipe.h"

namespace sluice::io {
namespace {

constexpr auto kText = ValueType::text;
constexpr auto kInteger = ValueType::integer;
constexpr auto kReal = ValueType::real;

constexpr std::array kKeys = {
    RecipeKey{"seed", "--seed", kInteger, "1", "0 to 9223372036854775807",
              "of every random draw: order, crops, starts, dropout"},
    RecipeKey{"net.name", "", kText, "alexnet", "alexnet|vgg|lenet5",
              "architecture; the program sets it"},
    RecipeKey{"net.variant", "--variant", kText, "paper", "",
              "which reading of the net, and with it every default. alexnet: paper, run145, caffe, "
              "caffenet, cs231n, owt, paper-6conv; vgg: A, A-LRN, B, C, D, E, B-5x5, D-7x7 (also "
              "--config); "
              "lenet5: 1998, caffe, modern"},
    RecipeKey{"net.width", "--width", kReal, "1", "0.01 to 1",
              "part of the published channels and units that every hidden layer has"},
    RecipeKey{"net.classes", "--classes", kInteger, "0", "0 to 100000",
              "outputs of the net; 0: as many as the data has (profile, and describe "
              "without data: 1000)"},
    RecipeKey{"net.side", "", kText, "variant", "variant or 1 to 1024",
              "alexnet, vgg: pixels of the input's side; the chain's last crop must agree"},
    RecipeKey{"net.activation", "--activation", kText, "variant", "variant|relu|tanh",
              "alexnet, vgg: what follows convolutions and hidden layers"},
    RecipeKey{"net.conv1_padding", "", kText, "variant", "",
              "alexnet: zeros around the input, N or BEFORE,AFTER, as in 0,3"},
    RecipeKey{"net.maps", "", kText, "variant", "",
              "alexnet: maps of the five convolutions, as in 64,192,384,256,256"},
    RecipeKey{"net.conv6", "", kText, "variant", "variant or 0 to 4096",
              "alexnet: maps of a sixth convolution, behind the last pooling; 0: none"},
    RecipeKey{"net.towers", "--towers", kText, "variant", "variant|two|one|half|half-narrow",
              "alexnet: two that meet in conv3 and behind conv5, one, or one with half the maps in "
              "conv1 to conv4 (half) or conv1 to conv5 (half-narrow)"},
    RecipeKey{"net.block1", "", kText, "variant",
              "variant|relu-lrn-pool|relu-lrn-same-map-pool|lrn-pool-relu|relu-pool-lrn|relu-pool",
              "alexnet: order of what follows conv1"},
    RecipeKey{"net.block2", "", kText, "variant",
              "variant|relu-lrn-pool|relu-lrn-same-map-pool|lrn-pool-relu|relu-pool-lrn|relu-pool",
              "alexnet: order of what follows conv2"},
    RecipeKey{"net.pooling", "--pooling", kText, "variant", "variant|overlapping|apart",
              "alexnet: windows of 3 at steps of 2, or of 2 at steps of 2"},
    RecipeKey{"net.lrn", "--lrn", kText, "variant", "variant|on|off",
              "alexnet, vgg: local response normalisation"},
    RecipeKey{"net.lrn_maps", "", kText, "variant", "variant|tower|all",
              "alexnet: whether windows of normalisation end with a tower's maps"},
    RecipeKey{"net.lrn_size", "", kText, "variant", "variant or 1 to 255",
              "maps in a window, an odd number"},
    RecipeKey{"net.lrn_alpha", "", kText, "variant", "variant or 0 to 1000", "see net.lrn_reading"},
    RecipeKey{"net.lrn_beta", "", kText, "variant", "variant or 0 to 10", "the exponent"},
    RecipeKey{"net.lrn_k", "", kText, "variant", "variant or 0.000001 to 1000",
              "what is added to the sum"},
    RecipeKey{"net.lrn_reading", "", kText, "variant", "variant|window|literal",
              "window: alpha is divided by the window's size (the authors' code, every library); "
              "literal: it is not (the paper's formula)"},
    RecipeKey{"net.dropout", "--dropout", kText, "variant", "variant or 0 to 0.99",
              "alexnet, vgg: probability of dropping a unit of fc6 and fc7; 0 leaves dropout out"},
    RecipeKey{
        "net.dropout_scaling", "--dropout-scaling", kText, "variant", "variant|vanilla|inverted",
        "vanilla: testing multiplies by what was kept (the paper); inverted: training divides "
        "by it (Caffe and later)"},
    RecipeKey{"net.dropout_place", "", kText, "variant", "variant|after|before",
              "alexnet: dropout after the hidden layers (the paper) or before them (torchvision)"},
    RecipeKey{"net.deviation", "", kText, "variant", "variant or 0 to 10",
              "alexnet, vgg: weights start from N(0, deviation)"},
    RecipeKey{"net.deviation_conv345", "", kText, "variant", "variant or 0 to 10",
              "alexnet: the same for conv3 to conv5"},
    RecipeKey{"net.deviation_fc67", "", kText, "variant", "variant or 0 to 10",
              "alexnet: the same for fc6 and fc7"},
    RecipeKey{"net.bias", "", kText, "variant", "variant or -100 to 100",
              "where biases start; alexnet: of conv2, conv4, conv5, fc6 and fc7, the others at 0"},
    RecipeKey{"net.garbage", "", kText, "variant", "variant or -1000 to 1000",
              "lenet5 1998: penalty of the class that is none, j of its criterion"},
    RecipeKey{"data.path", "--data", kText, "", "",
              "folder with train/CLASS/*.jpg and val/CLASS/*.jpg, a folder of class folders, a "
              "folder with MNIST's four idx files, or a list file of 'path label' lines",
              Change::free},
    RecipeKey{"data.val_fraction", "--val-fraction", kReal, "0.1", "0 to 0.9",
              "share of images held out, by hash of the path, where the data has no val/"},
    RecipeKey{"data.max_bad", "--max-bad", kReal, "0.01", "0 to 1",
              "share of an epoch's files that may be bad before training fails", Change::free},
    RecipeKey{"data.orientation", "--orientation", kText, "ignore", "ignore|apply",
              "EXIF orientation of the files"},
    RecipeKey{"data.cache", "--cache", kText, "", "",
              "folder for measured statistics; empty: .sluice-cache beside the run folder",
              Change::free},
    RecipeKey{"evaluate.split", "--split", kText, "auto", "auto|val|train|all",
              "images that evaluate takes; auto: val where the data has one of its own, else all",
              Change::free},
    RecipeKey{"evaluate.protocol", "--protocol", kText, "centre",
              "centre|squash|ten-crop|dense|multi-crop|dense+multi-crop",
              "views of an image that evaluate takes", Change::free},
    RecipeKey{"train.epochs", "--epochs", kInteger, "90", "1 to 100000", "passes over the data",
              Change::free},
    RecipeKey{"train.steps", "--steps", kInteger, "0", "0 to 1000000000",
              "stop after this many steps; 0: only epochs count", Change::free},
    RecipeKey{"train.batch", "--batch", kInteger, "128", "1 to 4096", "images of a step"},
    RecipeKey{
        "train.micro_batch", "--micro-batch", kInteger, "0", "0 to 4096",
        "images that the net holds at once: a step in pieces, the same up to rounding; 0: all"},
    RecipeKey{"train.replicas", "--replicas", kInteger, "1", "1 to 64",
              "copies of the net that share a step's images and add up their gradients"},
    RecipeKey{"train.rate", "--rate", kReal, "0.01", "0 to 100", "learning rate at the start",
              Change::amending},
    RecipeKey{"train.schedule", "--schedule", kText, "plateau",
              "constant|steps|plateau|inverse|every|logged", "how the rate falls",
              Change::amending},
    RecipeKey{"train.schedule_epochs", "--schedule-epochs", kText, "", "",
              "comma-separated epochs (from 0) at whose start 'steps' multiplies the rate",
              Change::amending},
    RecipeKey{"train.gamma", "--gamma", kReal, "0.0001", "0 to 1",
              "inverse: the rate at step t is the first x (1 + gamma t)^-power", Change::amending},
    RecipeKey{"train.power", "--power", kReal, "0.75", "0 to 10", "inverse: see train.gamma",
              Change::amending},
    RecipeKey{"train.every", "--every", kInteger, "100000", "1 to 1000000000",
              "every: after so many steps the rate is multiplied by train.factor",
              Change::amending},
    RecipeKey{"train.rate_log", "--rate-log", kText, "", "",
              "logged: EPOCH:RATE or EPOCH:LAYER=RATE with commas between them, from that epoch "
              "(from 0) on",
              Change::amending},
    RecipeKey{"train.factor", "--factor", kReal, "0.1", "0 to 1", "what the rate is multiplied by",
              Change::amending},
    RecipeKey{"train.patience", "--patience", kInteger, "5", "1 to 1000",
              "plateau: epochs without improvement", Change::amending},
    RecipeKey{"train.improvement", "--improvement", kReal, "0.001", "0 to 1",
              "plateau: what counts as better, in top-1 from 0 to 1", Change::amending},
    RecipeKey{"train.divisions", "--divisions", kInteger, "3", "0 to 100",
              "plateau: how often the rate falls before the next plateau ends the run",
              Change::amending},
    RecipeKey{"train.momentum", "--momentum", kReal, "0.9", "0 to 1",
              "of the velocity; 0: plain gradient descent"},
    RecipeKey{
        "train.form", "--form", kText, "paper", "paper|pytorch|nesterov",
        "paper: the rate stands inside the velocity; pytorch: outside; nesterov: the gradient "
        "is taken ahead (lecture 8)"},
    RecipeKey{"train.rule", "--rule", kText, "sgd", "sgd|diagonal-lm",
              "diagonal-lm: LeNet-5's, each parameter's rate divided by its second derivative"},
    RecipeKey{"train.damping", "--damping", kReal, "0.02", "0.000001 to 1000",
              "diagonal-lm: what is added to each second derivative"},
    RecipeKey{"train.curvature_images", "--curvature-images", kInteger, "500", "1 to 4096",
              "diagonal-lm: images behind the second derivatives of an epoch"},
    RecipeKey{"train.decay", "--decay", kReal, "0.0005", "0 to 1",
              "weight decay (L2): rate x decay x w; on weights, not on biases"},
    RecipeKey{"train.l1", "--l1", kReal, "0", "0 to 1",
              "L1 decay: rate x l1 x sign(w); with train.decay elastic"},
    RecipeKey{"train.bias_rate", "--bias-rate", kReal, "1", "0 to 1000",
              "factor of the rate for biases"},
    RecipeKey{"train.bias_decay", "--bias-decay", kReal, "0", "0 to 1000",
              "factor of both decays for biases"},
    RecipeKey{"train.layer_rates", "--layer-rates", kText, "", "",
              "factors of the rate, LAYER=FACTOR with commas between them"},
    RecipeKey{"train.layer_decays", "--layer-decays", kText, "", "",
              "factors of both decays, LAYER=FACTOR with commas between them"},
    RecipeKey{"train.freeze", "--freeze", kText, "", "",
              "layers that do not learn, with commas between them; body: all but the last"},
    RecipeKey{"train.loss", "--loss", kText, "variant", "variant|softmax|hinge",
              "hinge: lecture 8's multiclass SVM"},
    RecipeKey{"train.margin", "--margin", kReal, "1", "0 to 1000", "hinge: margin of the scores"},
    RecipeKey{"train.mixup", "--mixup", kReal, "0", "0 to 100",
              "each image is mixed with the one before it in its batch, in parts from Beta(a, a) "
              "with this a; 0: not"},
    RecipeKey{"train.cutmix", "--cutmix", kReal, "0", "0 to 100",
              "a box of the image before takes the place of each image's own, of an area from "
              "Beta(a, a); with train.mixup too each batch has one of them; 0: not"},
    RecipeKey{"train.view", "--train-view", kText, "crop", "crop|full",
              "full: the net is laid over the whole image in front of the chain's "
              "last crop, the map of scores averaged, images of one size a batch"},
    RecipeKey{"train.full_step", "--full-step", kInteger, "32", "1 to 1024",
              "full: sides are cut to net.side and a multiple of so many pixels, so that sizes "
              "come again; 1: not cut"},
    RecipeKey{"train.init", "--init", kText, "variant", "variant|glorot|he|normal",
              "how weights start; glorot and he with zero biases; normal: N(0, 0.01) or what "
              "net.deviation says"},
    RecipeKey{"train.from", "--from", kText, "", "",
              "weights file that training starts from, by the names of layers; empty: none"},
    RecipeKey{"train.from_layers", "", kText, "all", "all|config-a|body",
              "what of train.from is taken: all layers; the seven of VGG's A that its deeper "
              "configurations start from; all but the last layer with parameters"},
    RecipeKey{"run.backend", "--backend", kText, "auto", "auto|cudnn|onednn|reference",
              "what computes the net", Change::free},
    RecipeKey{"run.precision", "--precision", kText, "f32", "f32|bf16",
              "of activations and weights in a step; weights are kept, and sums are made, in f32"},
    RecipeKey{"run.f32_math", "--f32-math", kText, "exact", "exact|tf32",
              "what convolutions and products in f32 multiply with on a GPU; tf32: 10 bits of "
              "fraction, several times faster"},
    RecipeKey{"run.allow_slow", "--allow-slow", ValueType::boolean, "false", "true|false",
              "bf16 also where the CPU has no instructions for it", Change::free},
    RecipeKey{"run.threads", "--threads", kInteger, "0", "0 to 1024",
              "workers; 0: what affinity and cgroup allow", Change::free},
    RecipeKey{"run.memory", "--memory", kText, "auto", "auto or bytes (512M, 2G)",
              "for preparation; auto: an eighth of the machine's, at most 2G", Change::free},
    RecipeKey{"run.slots", "--slots", kInteger, "3", "1 to 64", "batches in flight", Change::free},
    RecipeKey{"run.checkpoint_every", "--checkpoint-every", kText, "10m", "",
              "how often the whole state is written: after so many steps (50), or time (30s, 10m, "
              "2h); 0: never",
              Change::free},
    RecipeKey{"run.keep_checkpoints", "--keep-checkpoints", kInteger, "2", "1 to 1000",
              "checkpoints that stay, the newest; two, so that a damaged one is no loss",
              Change::free},
    RecipeKey{
        "run.dump", "--dump", kText, "", "",
        "folder for everything that the first steps read and made (tests/parity); empty: none",
        Change::free},
    RecipeKey{"run.dump_steps", "--dump-steps", kInteger, "3", "1 to 1000000",
              "steps that --dump writes down", Change::free},
};

const std::vector<ChainFlag>& flags() {
  static const std::vector<ChainFlag> kFlags = {
      {"--side", "augment.rescale.side", {}, "pixels of the shorter side after rescaling"},
      {"--filter",
       "augment.rescale.filter",
       {},
       "antialias (as Pillow's bilinear), bilinear, bicubic, lanczos or area"},
      {"--crops",
       "augment.centre-crop.use",
       {{"centre", "true"}, {"whole", "false"}},
       "crops come from the centre square (the paper) or the whole rescaled image"},
      {"--mean",
       "augment.mean.from",
       {},
       "what is subtracted: image, rgb, authors, vgg, constant or none"},
      {"--flip", "augment.flip.probability", {}, "probability of a left-right flip"},
      {"--colour", "augment.pca-colour.sigma", {}, "deviation of the PCA colour draw; 0: none"},
      {"--divisor", "augment.scale.divisor", {}, "what inputs are divided by"},
  };
  return kFlags;
}

}  // namespace

std::span<const RecipeKey> recipe_keys() { return kKeys; }

std::span<const ChainFlag> chain_flags() { return flags(); }

}  // namespace sluice::io
