// Checkpoints on any bytes: as they are, and with the header's length and the checksum put right,
// so that a damaged header still gets past them. Checked:
//  * what was read can be written, and reads as the same checkpoint and the same net;
//  * a refused file leaves a net's parameters as they were;
//  * the input as the text of a run's state: what was read reads back.
#include "io/checkpoint.h"

#include <cstring>

#include "io/file_checksum.h"
#include "io/training_state_json.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/tensor_input.h"
#include "tests/io/temp_folder.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::accepted;
using sluice::fuzz::must;
using std::filesystem::path;

namespace {

struct Parameters {
  std::vector<std::vector<float>> values;
  std::vector<std::vector<float>> velocities;
};

NetCopy copy_of(const NetState& state) {
  NetCopy copy(state);
  copy.take(state);
  return copy;
}

Parameters parameters_of(const NetState& state) {
  const NetCopy copy = copy_of(state);
  Parameters all;
  for (std::size_t i = 0; i < copy.parameters(); ++i) {
    const auto size = static_cast<std::size_t>(state.parameters()[i].info.shape.elements());
    copy.read_values(i, all.values.emplace_back(size));
    copy.read_velocity(i, all.velocities.emplace_back(size));
  }
  return all;
}

bool same_bits(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0) return false;
  }
  return true;
}

bool same_bits(const Parameters& a, const Parameters& b) {
  return same_bits(a.values, b.values) && same_bits(a.velocities, b.velocities);
}

void check_copy(const Checkpoint& checkpoint, const Net& net, const NetState& state,
                const path& copy) {
  write_checkpoint(copy, net, copy_of(state), checkpoint);
  const Checkpoint again = read_checkpoint(copy);
  must(again.weights == checkpoint.weights && again.state == checkpoint.state &&
           again.data == checkpoint.data && again.backend == checkpoint.backend &&
           again.threads == checkpoint.threads,
       "a checkpoint reads back as it was written");
  NetState other(net, 2);
  other.prepare_training();
  read_checkpoint_net(copy, net, other);
  must(same_bits(parameters_of(other), parameters_of(state)), "a net reads back as it was written");
}

void check_file(std::string_view content) {
  static const test::TempFolder folder;
  const path input = folder.add("input.safetensors", content);
  const Net net = fuzz::tiny_net();
  NetState state(net, 1);
  state.prepare_training();
  const Parameters before = parameters_of(state);
  const bool fits = accepted([&] { read_checkpoint_net(input, net, state); });
  if (!fits) must(same_bits(parameters_of(state), before), "a refused file changes no parameter");

  Checkpoint checkpoint;
  const bool reads = accepted([&] { checkpoint = read_checkpoint(input); });
  const WeightsInfo& weights = checkpoint.weights;
  if (!fits || !reads || weights.net != net.name || weights.variant != net.variant) return;
  if (!(weights == weights)) return;  // a mean image of what is no number equals nothing
  check_copy(checkpoint, net, state, folder / "copy.safetensors");
}

// The checksum stands in the header, and is of the file with zeros in its place.
std::string with_right_checksum(std::string file) {
  if (file.size() <= fuzz::kLengthBytes) return file;
  const auto digits = checksum_digits(std::string_view(file).substr(fuzz::kLengthBytes));
  if (!digits) return file;
  const std::size_t at = fuzz::kLengthBytes + *digits;
  file.replace(at, kNoChecksum.size(), kNoChecksum);
  FileChecksum checksum;
  checksum.add(std::as_bytes(std::span(file)));
  return file.replace(at, kNoChecksum.size(), checksum.text());
}

void check_state(std::string_view text) {
  TrainingState state;
  if (!accepted([&] { state = training_state_from(text, "state"); })) return;
  must(training_state_from(training_state_text(state), "state") == state,
       "a run's state reads back as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of({data, size});
  check_file(input);
  check_state(input);
  const std::string repaired = with_right_checksum(fuzz::with_right_length(input));
  if (repaired != input) check_file(repaired);
  return 0;
}
