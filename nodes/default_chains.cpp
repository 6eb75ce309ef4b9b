// The chains that nets start from.
#include "nodes/augment_chain.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

std::vector<io::ChainEntry> bordered_digits(double mean, double divisor) {
  return {entry("pad", {{"pixels", std::int64_t{2}}}),
          entry("mean", {{"from", std::string("constant")}, {"value", mean}}),
          entry("scale", {{"divisor", divisor}})};
}

}  // namespace

std::vector<io::ChainEntry> paper_chain() {
  return {
      entry("rescale", {{"side", std::int64_t{256}}, {"filter", std::string("antialias")}}),
      entry("centre-crop", {{"side", std::int64_t{256}}}),
      entry("mean", {{"from", std::string("image")}}),
      entry("random-crop", {{"side", std::int64_t{224}}}),
      entry("flip", {{"probability", 0.5}}),
      entry("pca-colour", {{"sigma", 0.1}, {"constants", std::string("measured")}}),
      entry("scale", {{"divisor", 1.0}}),
  };
}

std::vector<io::ChainEntry> lenet_chain(std::string_view variant) {
  if (variant == "1998") return bordered_digits(20.0, 200.0);
  if (variant == "modern") return bordered_digits(33.3285, 78.5655);  // .1307 and .3081 of 255
  require(variant == "caffe", "net.variant = '{}' is no LeNet-5; valid: 1998, caffe, modern",
          variant);
  return {entry("scale", {{"divisor", 256.0}})};
}

}  // namespace sluice::nodes
