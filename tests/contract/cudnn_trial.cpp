#include "tests/contract/cudnn_trial.h"

#include "runtime/backend/cudnn/cudnn.h"
#include "runtime/random.h"

namespace sluice::test {

std::unique_ptr<Backend> on(const std::shared_ptr<FakeDevice>& device) {
  return make_cudnn_backend({.device = device, .reason = {}});
}

ByteRows byte_rows(const LayerCase& c) {
  ByteRows rows;
  const auto side = static_cast<std::size_t>(c.net.side);
  const auto channels = static_cast<std::size_t>(c.net.channels);
  Random random({.seed = 3, .stream = stream_id("test/bytes")});
  rows.bytes.resize(static_cast<std::size_t>(c.batch) * side * side * channels);
  for (std::byte& value : rows.bytes) value = static_cast<std::byte>(random.below(256));
  rows.floats.resize(rows.bytes.size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(c.batch); ++row) {
    RowTransform transform{.flip = static_cast<std::int32_t>(row % 2)};
    transform.steps[0] = {RowTransform::Kind::add, {-120.0F, -110.0F, -100.5F}};
    transform.steps[1] = {RowTransform::Kind::divide, {58.0F, 57.0F, 57.5F}};
    rows.transforms.push_back(transform);
    for (std::size_t i = 0; i < side * side * channels; ++i) {
      const std::size_t channel = i % channels, x = i / channels % side, y = i / channels / side;
      const std::size_t from = transform.flip != 0 ? side - 1 - x : x;
      const std::size_t at = ((row * side + y) * side + from) * channels + channel;
      float value = static_cast<float>(std::to_integer<int>(rows.bytes[at]));
      value += transform.steps[0].by[channel];
      value /= transform.steps[1].by[channel];
      rows.floats[row * side * side * channels + i] = value;
    }
  }
  return rows;
}

StepInput as_bytes(const CaseData& data, const ByteRows& rows) {
  StepInput input = data.input();
  input.rows = {};
  input.row_bytes = rows.bytes;
  input.transforms = rows.transforms;
  return input;
}

}  // namespace sluice::test
