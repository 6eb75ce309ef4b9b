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
    RecipeKey{"net.name", "", kText, "alexnet", "alexnet", "architecture; the program sets it"},
    RecipeKey{"net.variant", "--variant", kText, "paper", "paper", "which reading of the net"},
    RecipeKey{"net.width", "--width", kReal, "1", "0.01 to 1",
              "part of the published channels and units that every hidden layer has"},
    RecipeKey{"net.classes", "--classes", kInteger, "0", "0 to 100000",
              "outputs of the net; 0: as many as the data has (describe: 1000)"},
    RecipeKey{"net.dropout", "--dropout", kReal, "0.5", "0 to 0.99",
              "probability of dropping a unit of fc6 and fc7; 0 leaves dropout out"},
    RecipeKey{
        "net.dropout_scaling", "--dropout-scaling", kText, "vanilla", "vanilla|inverted",
        "vanilla: testing multiplies by what was kept (the paper); inverted: training divides "
        "by it (Caffe and later)"},
    RecipeKey{"data.path", "--data", kText, "", "",
              "folder with train/CLASS/*.jpg and val/CLASS/*.jpg, a folder of class folders, or a "
              "list file of 'path label' lines",
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
    RecipeKey{"evaluate.protocol", "--protocol", kText, "centre", "centre",
              "views of an image that evaluate takes", Change::free},
    RecipeKey{"train.epochs", "--epochs", kInteger, "90", "1 to 100000", "passes over the data",
              Change::free},
    RecipeKey{"train.steps", "--steps", kInteger, "0", "0 to 1000000000",
              "stop after this many steps; 0: only epochs count", Change::free},
    RecipeKey{"train.batch", "--batch", kInteger, "128", "1 to 4096", "images of a step"},
    RecipeKey{"train.rate", "--rate", kReal, "0.01", "0 to 100", "learning rate at the start",
              Change::amending},
    RecipeKey{"train.schedule", "--schedule", kText, "plateau", "constant|steps|plateau",
              "how the rate falls", Change::amending},
    RecipeKey{"train.schedule_epochs", "--schedule-epochs", kText, "", "",
              "comma-separated epochs (from 0) at whose start 'steps' multiplies the rate",
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
    RecipeKey{"train.momentum", "--momentum", kReal, "0.9", "0 to 1", "of the velocity"},
    RecipeKey{"train.decay", "--decay", kReal, "0.0005", "0 to 1",
              "weight decay; on weights, not on biases"},
    RecipeKey{"train.init", "--init", kText, "variant", "variant|glorot|he",
              "how weights start; glorot and he with zero biases"},
    RecipeKey{"run.backend", "--backend", kText, "auto", "auto|onednn|reference",
              "what computes the net", Change::free},
    RecipeKey{"run.precision", "--precision", kText, "f32", "f32", "of activations and weights"},
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
};

const std::vector<ChainFlag>& flags() {
  static const std::vector<ChainFlag> kFlags = {
      {"--side", "augment.rescale.side", {}, "pixels of the shorter side after rescaling"},
      {"--filter", "augment.rescale.filter", {}, "antialias (as Pillow's bilinear) or bilinear"},
      {"--crops",
       "augment.centre-crop.use",
       {{"centre", "true"}, {"whole", "false"}},
       "crops come from the centre square (the paper) or the whole rescaled image"},
      {"--mean", "augment.mean.from", {}, "what is subtracted: image, rgb, authors or vgg"},
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
