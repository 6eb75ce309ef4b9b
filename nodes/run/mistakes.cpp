#include "nodes/run/mistakes.h"

#include <utility>

#include "nodes/run/image_opener.h"
#include "nodes/run/sample_pictures.h"

namespace sluice::nodes {
namespace {

constexpr int kSide = 192;                              // pixels of a picture's longer side
constexpr std::size_t kBytes = std::size_t{256} << 20;  // larger images are left out

}  // namespace

std::vector<io::Mistake> mistakes_of(std::span<const io::Prediction> predictions,
                                     std::span<const std::string> classes, const io::Dataset& data,
                                     const io::Recipe& recipe, std::size_t at_most) {
  const ImageOpener opener(data, recipe, {.bytes = kBytes});
  std::vector<io::Mistake> mistakes;
  for (const io::Prediction& wrong : io::worst_of(predictions, at_most)) {
    const io::Entry& entry = data.entries[wrong.number];
    const auto image = opener.open({.id = {.epoch = 0, .number = wrong.number, .position = 0},
                                    .path = entry.path,
                                    .label = entry.label,
                                    .file_bytes = entry.bytes});
    if (!image) continue;
    io::SampleStage shown = picture_of(image.value().view(), kSide);
    mistakes.push_back({.path = wrong.path,
                        .label = classes[static_cast<std::size_t>(wrong.label)],
                        .guess = classes[static_cast<std::size_t>(wrong.best.front().of_class)],
                        .probability = wrong.best.front().probability,
                        .shown = shown.shown,
                        .jpeg = std::move(shown.jpeg)});
  }
  return mistakes;
}

}  // namespace sluice::nodes
