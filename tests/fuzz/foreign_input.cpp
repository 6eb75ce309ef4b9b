#include "tests/fuzz/foreign_input.h"

#include <algorithm>
#include <vector>

#include "tests/fuzz/property.h"

namespace sluice::fuzz {

void check_tensors(const io::ForeignWeights& weights, std::size_t most_values) {
  must(!weights.tensors.empty(), "a file that is accepted has tensors");
  for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
    const Shape& shape = weights.tensors[i].shape;
    must(std::ranges::all_of(shape.sizes(), [](std::int64_t size) { return size > 0; }),
         "sizes are positive", shape.text());
    const auto values = static_cast<std::size_t>(shape.elements());
    must(values <= most_values, "a tensor has no more values than its file has bytes for",
         shape.text());
    std::vector<float> read(values);
    accepted([&] { weights.read(i, read); });
  }
}

}  // namespace sluice::fuzz
