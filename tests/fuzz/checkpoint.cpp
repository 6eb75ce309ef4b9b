// Checkpoints on any bytes: as they are, and with the header's length and the checksum put right, so
// that an input gets past the two checks that no mutation would survive. Checked:
//  * what reads as a checkpoint can be written, and reads as the same checkpoint;
//  * a refused file leaves weights and velocities of a net as they were, an accepted one fills both;
//  * a run's state alone, as the input's text: the same.
#include "io/checkpoint.h"

#include <optional>

#include "io/file_checksum.h"
#include "io/training_state_json.h"
#include "tests/fuzz/property.h"
#include "tests/fuzz/tensor_file.h"
#include "tests/io/temp_folder.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::accepted;
using sluice::fuzz::must;
using std::filesystem::path;

namespace {

using Values = std::vector<std::vector<float>>;

Values all_values(const NetState& state) {
  Values values;
  for (std::size_t i = 0; i < state.parameters().size(); ++i) {
    values.push_back(state.read(i));
    values.push_back(state.read_velocity(i));
  }
  return values;
}

// Statistics that are no numbers equal nothing.
bool comparable(const Checkpoint& checkpoint) {
  return checkpoint.weights.statistics == checkpoint.weights.statistics;
}

bool same(const Checkpoint& a, const Checkpoint& b) {
  return a.weights == b.weights && a.state == b.state && a.data == b.data &&
         a.backend == b.backend && a.threads == b.threads;
}

void check_net(const path& input) {
  const Net net = fuzz::tiny_net();
  NetState state(net, 1);
  state.prepare_training();
  const Values before = all_values(state);
  if (!accepted([&] { read_checkpoint_net(input, net, state); }))
    must(all_values(state) == before, "a refused checkpoint changes no net");
}

void check_copy(const Checkpoint& checkpoint, const path& copy) {
  const Net net = fuzz::tiny_net();
  if (checkpoint.weights.net != net.name || checkpoint.weights.variant != net.variant) return;
  if (!comparable(checkpoint)) return;
  NetState state(net, 1);
  state.prepare_training();
  NetCopy values(state);
  values.take(state);
  write_checkpoint(copy, net, values, checkpoint);
  must(same(read_checkpoint(copy), checkpoint), "a checkpoint reads back as it was written");
}

void check_file(const std::string& content) {
  static const test::TempFolder folder;
  const path input = folder.add("input.safetensors", content);
  std::optional<Checkpoint> checkpoint;
  if (accepted([&] { checkpoint = read_checkpoint(input); }))
    check_copy(*checkpoint, folder / "copy.safetensors");
  check_net(input);
}

// The checksum that the rest of the file has.
std::string with_right_checksum(std::string file) {
  if (file.size() < fuzz::kLengthBytes) return file;
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
  const std::string input(fuzz::text_of({data, size}));
  check_file(input);
  check_state(input);
  if (size <= fuzz::kLengthBytes) return 0;
  check_file(with_right_checksum(fuzz::with_right_length(input)));
  return 0;
}
