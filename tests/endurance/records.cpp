#include "tests/endurance/records.h"

#include <chrono>
#include <cstring>
#include <thread>

namespace sluice::test {
namespace {

constexpr const char* kPath = "class/record.jpg";

std::uint32_t mixed(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x21F0AAADU;
  x = (x ^ (x >> 15)) * 0x735A2D97U;
  return x ^ (x >> 15);
}

// Of a branch: the second has the marks of the first, two bits higher.
std::uint8_t bit(Mark mark, int branch) {
  const auto shift = mark == Mark::out || mark == Mark::failed ? 2 * branch : 0;
  return static_cast<std::uint8_t>(static_cast<int>(mark) << shift);
}

}  // namespace

Tally& Tally::operator+=(const Tally& more) {
  emitted += more.emitted;
  out += more.out;
  failed += more.failed;
  held += more.held;
  partly += more.partly;
  unexpected += more.unexpected;
  return *this;
}

// Sixteen records of a thousand are bad, in five different ways.
void Fates::plan_troubles() {
  world_->width = 12;
  world_->height = 10;
  troubled_.resize(marks_.size());
  Faults& faults = world_->faults;
  std::set<std::uint32_t>* const ways[] = {&faults.read, &faults.inspect, &faults.decode,
                                           &faults.store, &faults.small};
  for (std::uint32_t record = 0; record < records(); ++record) {
    const std::uint32_t lot = mixed(record + 77) % 1000;
    if (lot >= 16) continue;
    ways[lot % 5]->insert(record);
    troubled_[record] = true;
  }
}

void Fates::mark(std::uint32_t record, Mark mark, int branch) {
  const std::uint8_t before = marks_[record].fetch_or(bit(mark, branch));
  if ((before & bit(mark, branch)) != 0) ++twice_;
}

Tally Fates::tally(std::uint32_t first, std::uint32_t last, int branches) const {
  Tally tally;
  for (std::uint32_t record = first; record < last; ++record) {
    const std::uint8_t marks = marks_[record];
    const auto has = [marks](Mark mark, int branch) { return (marks & bit(mark, branch)) != 0; };
    if (has(Mark::emitted, 0)) ++tally.emitted;
    int out = 0;
    int failed = 0;
    for (int b = 0; b < branches; ++b) {
      out += has(Mark::out, b) ? 1 : 0;
      failed += has(Mark::failed, b) ? 1 : 0;
    }
    if (out + failed == 0) ++tally.held;
    if (out > 0 && failed > 0) ++tally.unexpected;
    if ((out > 0 && must_fail(record)) || (failed > 0 && !must_fail(record))) ++tally.unexpected;
    if (out + failed > 0 && out + failed < branches) ++tally.partly;
    if (out > 0) ++tally.out;
    if (failed > 0) ++tally.failed;
  }
  return tally;
}

std::optional<graph::SourceItem> RecordSource::next() {
  if (range_.throw_after == next_) fail(ErrorKind::run, "the source broke after {} records", next_);
  if (next_ == range_.count) return std::nullopt;
  const std::uint32_t position = next_++;
  const std::uint32_t record = range_.first + position;
  fates_.mark(record, Mark::emitted);
  return graph::SourceItem{.id = {.epoch = 0, .number = record, .position = position},
                           .path = kPath,
                           .label = static_cast<std::int32_t>(record % 7),
                           .file_bytes = 64 + record % 50};
}

void dawdle(std::uint32_t record, std::uint32_t node) {
  const std::uint32_t lot = mixed(record * 4 + node);
  if (lot % 800 != 0) return;
  std::this_thread::sleep_for(std::chrono::microseconds(lot / 800 % 300));
}

Result<std::size_t> MarkingRead::read(const graph::SourceItem& item,
                                      std::span<std::byte> to) const {
  fates->mark(item.id.number, Mark::read);
  dawdle(item.id.number, 0);
  return reader.read(item, to);
}

// A file begins with its record's number.
Result<Ok> MarkingDecode::decode(std::span<const std::byte> bytes, ImageView to) const {
  std::uint32_t record = 0;
  std::memcpy(&record, bytes.data(), sizeof(record));
  fates->mark(record, Mark::decoded);
  dawdle(record, 1);
  return decoder.decode(bytes, to);
}

void Enter::run(graph::Batch& batch, Completion done) {
  if (mixed(batch.ids.front().number) % 3 != 0) return done(nullptr);
  late->call(std::move(done), nullptr);
}

void Leave::run(graph::Batch& batch, Completion done) {
  dawdle(batch.ids.front().number, 2);
  if (batch.number != failure->batch) return done(nullptr);
  const auto error = std::make_exception_ptr(Error(ErrorKind::run, "the batch failed"));
  switch (failure->way) {
    case BatchFailure::Way::throws:
      std::rethrow_exception(error);
    case BatchFailure::Way::reports:
      return done(error);
    case BatchFailure::Way::reports_late:
      return late->call(std::move(done), error);
  }
}

void mark_batch(Fates& fates, const graph::Batch& batch, int branch) {
  std::size_t bad = 0;
  for (int row = 0; row < batch.count; ++row) {
    const auto at = static_cast<std::size_t>(row);
    const std::uint32_t record = batch.ids[at].number;
    const bool listed = bad < batch.bad.size() && batch.bad[bad].row == row;
    if (listed) fates.mark(record, Mark::failed, branch);
    if (batch.row_weights[at] == 1.0F) fates.mark(record, Mark::out, branch);
    bad += listed ? 1 : 0;
  }
}

}  // namespace sluice::test
