// PyTorch's archives on any bytes, and pickles by themselves. An archive's checksums would stop
// most inputs at its pickle, so an input is also taken as the pickle of an archive that is right.
// Checked:
//  * tensors have as many values as their shapes say, no more than the file can hold, and are read;
//  * a pickle's values refer to values that there are.
#include <array>
#include <cstring>
#include <string>

#include "io/pickle.h"
#include "io/pytorch_weights.h"
#include "tests/fuzz/foreign_input.h"
#include "tests/fuzz/property.h"
#include "tests/io/temp_folder.h"
#include "tests/io/zip_fixture.h"

using namespace sluice;
using namespace sluice::io;

namespace {

void check_file(const std::filesystem::path& path, std::size_t size) {
  ForeignWeights weights;
  const bool opens = fuzz::accepted([&] { weights = open_pytorch_weights(path); });
  if (opens) fuzz::check_tensors(weights, size);
}

void check_pickle(std::string_view input) {
  constexpr std::array<std::string_view, 2> kNames = {"collections OrderedDict",
                                                      "torch._utils _rebuild_tensor_v2"};
  Pickle pickle;
  const bool reads = fuzz::accepted([&] {
    pickle = read_pickle({.bytes = std::as_bytes(std::span(input)),
                          .file = "input",
                          .valid = "a state dict",
                          .names = kNames});
  });
  if (!reads) return;
  fuzz::must(pickle.root < pickle.values.size(), "the root is a value");
  for (const PickleValue& value : pickle.values)
    for (const std::uint32_t item : value.items)
      fuzz::must(item < pickle.values.size(), "an item is a value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TempFolder folder;
  const std::string_view input = fuzz::text_of({data, size});
  check_file(folder.add("input.pth", input), size);
  check_pickle(input);
  const std::string packed =
      test::zip_archive({{"a/data.pkl", std::string(input)}, {"a/data/0", std::string(64, '\0')}});
  check_file(folder.add("packed.pth", packed), packed.size());
  return 0;
}
