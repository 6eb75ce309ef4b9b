// Tensor files on any bytes: as they are, and with the header's length put right, so that an input
// that grew by a byte still gets past the first check. Checked:
//  * tensors tile the data, each shape fills its bytes, every tensor can be read;
//  * what was read can be written, and reads as the same tensors and metadata;
//  * weights and statistics: the same; a refused file leaves a net's parameters as they were.
#include "io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "io/weights.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/tensor_input.h"
#include "tests/io/temp_folder.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::accepted;
using sluice::fuzz::must;
using std::filesystem::path;

namespace {

std::vector<float> values_of(const SafetensorsFile& file, const TensorEntry& entry) {
  std::vector<float> values((entry.end - entry.begin) / sizeof(float));
  file.read(entry, values);
  return values;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

void check_tensors(const SafetensorsFile& file) {
  std::uint64_t expected = 0;
  for (const TensorEntry& entry : file.tensors()) {
    must(entry.begin == expected && entry.end >= entry.begin, "tensors lie without holes");
    const auto elements = static_cast<std::uint64_t>(entry.shape.elements());
    must(elements * sizeof(float) == entry.end - entry.begin, "a shape fills its bytes",
         entry.shape.text());
    must(file.find(entry.name) == &entry, "a tensor is found by its name");
    expected = entry.end;
  }
}

// Without what a writer sets by itself.
Metadata own_metadata(const SafetensorsFile& file) {
  Metadata metadata = file.metadata();
  metadata.erase("sluice.checksum");
  return metadata;
}

// `copy`: a path to write to.
void check_copy(const SafetensorsFile& file, const path& copy) {
  std::vector<std::vector<float>> values;
  std::vector<NamedTensor> tensors;
  for (const TensorEntry& entry : file.tensors()) {
    values.push_back(values_of(file, entry));
    tensors.push_back({entry.name, {entry.shape, values.back()}});
  }
  write_safetensors(copy, tensors, file.metadata());
  const SafetensorsFile again(copy);
  must(own_metadata(again) == own_metadata(file), "metadata read back as they were written");
  must(again.tensors().size() == tensors.size(), "all tensors read back");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorEntry* const entry = again.find(tensors[i].name);
    must(entry != nullptr && entry->shape == tensors[i].tensor.shape &&
             same_bits(values_of(again, *entry), values[i]),
         "a tensor reads back as it was written", tensors[i].name);
  }
}

// False where doubles or floats are no numbers, which equal nothing.
bool comparable(const Statistics& statistics) { return statistics == statistics; }

void check_statistics(const path& input, const path& copy) {
  Statistics statistics;
  if (!accepted([&] { statistics = read_statistics(input); })) return;
  if (!comparable(statistics)) return;
  write_statistics(copy, statistics);
  must(read_statistics(copy) == statistics, "statistics read back as they were written");
}

std::vector<std::vector<float>> parameters_of(const NetState& state) {
  std::vector<std::vector<float>> values;
  for (std::size_t i = 0; i < state.parameters().size(); ++i) values.push_back(state.read(i));
  return values;
}

void check_weights(const path& input, const path& copy) {
  const Net net = fuzz::tiny_net();
  NetState state(net, 1);
  const auto before = parameters_of(state);
  const bool fits = accepted([&] { read_weights(input, net, state); });
  if (!fits) must(parameters_of(state) == before, "a refused file changes no parameter");

  WeightsInfo info;
  if (!accepted([&] { info = read_weights_info(input); }) || !fits) return;
  if (info.net != net.name || info.variant != net.variant || !comparable(info.statistics)) return;
  write_weights(copy, net, state, info);
  must(read_weights_info(copy) == info, "a net's description reads back as it was written");
  const auto written = parameters_of(state);
  read_weights(copy, net, state);
  for (std::size_t i = 0; i < written.size(); ++i)
    must(same_bits(state.read(i), written[i]), "a net reads back as it was written");
}

void check_file(std::string_view content) {
  static const test::TempFolder folder;
  const path input = folder.add("input.safetensors", content);
  const path copy = folder / "copy.safetensors";
  std::optional<SafetensorsFile> file;
  const bool opens = accepted([&] { file.emplace(input); });
  if (opens) {
    check_tensors(*file);
    check_copy(*file, copy);
  }
  check_statistics(input, copy);
  check_weights(input, copy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of({data, size});
  check_file(input);
  const std::string repaired = fuzz::with_right_length(input);
  if (repaired != input) check_file(repaired);
  const std::string_view json = input.substr(std::min(size, fuzz::kLengthBytes));
  accepted([&] { parse_safetensors_header(json, 24, "header"); });
  return 0;
}
