#include "tests/graph/synthetic.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>

#include "graph/account/closes.h"

namespace sluice::test {
namespace {

struct Header {
  std::uint32_t number = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
};

std::uint64_t fnv(std::uint64_t hash, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 1099511628211ULL;
  return hash;
}

Result<Header> header_of(std::span<const std::byte> bytes) {
  Header header;
  if (bytes.size() < sizeof(header)) return ItemError{"the file is too short", 0};
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

std::uint8_t pixel(std::uint32_t number, int x, int y, int channel) {
  return static_cast<std::uint8_t>(number * 31 +
                                   static_cast<std::uint32_t>(x * 7 + y * 13 + channel * 5));
}

float value(ConstImageView image, int y, int i) {
  return image.type == PixelType::u8 ? static_cast<float>(image.u8(y)[i]) : image.f32(y)[i];
}

}  // namespace

void Delays::sleep() const {
  if (max_us == 0) return;
  thread_local std::minstd_rand generator(std::random_device{}());
  const int us = static_cast<int>(generator() % static_cast<unsigned>(max_us));
  if (us > 0) std::this_thread::sleep_for(std::chrono::microseconds(us));
}

MemorySource::MemorySource(int count, std::uint32_t epoch, int fail_at)
    : epoch_(epoch), fail_at_(fail_at) {
  for (int i = 0; i < count; ++i) paths_.push_back("class/" + std::to_string(i) + ".jpg");
}

std::optional<graph::SourceItem> MemorySource::next() {
  if (static_cast<int>(next_) == fail_at_) fail(ErrorKind::run, "the source broke at {}", fail_at_);
  const auto count = static_cast<std::uint32_t>(paths_.size());
  if (next_ == count) return std::nullopt;
  const std::uint32_t position = next_++;
  const std::uint32_t number = (position + epoch_ * 5) % count;
  return graph::SourceItem{.id = {.epoch = epoch_, .number = number, .position = position},
                           .path = paths_[number],
                           .label = static_cast<std::int32_t>(number % 7),
                           .file_bytes = 64 + number % 50};
}

Result<std::size_t> MemoryRead::read(const graph::SourceItem& item, std::span<std::byte> to) const {
  world->delays.sleep();
  const std::uint32_t number = item.id.number;
  if (world->faults.read.contains(number)) return ItemError{"vanished"};
  Header header{number, world->width + static_cast<int>(number % 9),
                world->height + static_cast<int>(number % 5)};
  if (world->large.contains(number)) header.width = header.height = world->large_side;
  if (world->faults.small.contains(number)) header.width = header.height = 1;
  std::memcpy(to.data(), &header, sizeof(header));
  return to.size();
}

Result<graph::DecodeNeeds> MemoryDecode::inspect(std::span<const std::byte> bytes) const {
  const Result<Header> header = header_of(bytes);
  if (!header) return header.error();
  if (world->faults.inspect.contains(header.value().number)) return ItemError{"no header", 3};
  return graph::DecodeNeeds{.extent = {header.value().width, header.value().height},
                            .decoder_bytes = world->decoder_bytes};
}

Result<Ok> MemoryDecode::decode(std::span<const std::byte> bytes, ImageView to) const {
  const Header header = header_of(bytes).value();
  const int others = world->decoding.fetch_add(1);
  if (world->large.contains(header.number) && others > 0) ++world->alone_violations;
  world->delays.sleep();
  for (int y = 0; y < to.extent.height; ++y) {
    for (int x = 0; x < to.extent.width * kChannels; ++x) {
      to.u8(y)[x] = pixel(header.number, x / kChannels, y, x % kChannels);
    }
  }
  if (world->large.contains(header.number) && world->decoding > 1) ++world->alone_violations;
  --world->decoding;
  if (world->faults.decode.contains(header.number)) return ItemError{"broken pixels", 40};
  return Ok{};
}

Cut::Decision Cut::draw(Random& random, Extent extent) const {
  const auto range = [&](int size) { return static_cast<std::uint64_t>(size - side + 1); };
  return {.x = static_cast<int>(random.below(range(extent.width))),
          .y = static_cast<int>(random.below(range(extent.height))),
          .side = side};
}

std::optional<std::string> Cut::refuses(Extent extent) const {
  if (std::min(extent.width, extent.height) >= side) return std::nullopt;
  return "the image is too small";
}

void Cut::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  world->delays.sleep();
  for (int y = 0; y < to.extent.height; ++y) {
    std::memcpy(to.data + static_cast<std::size_t>(y) * to.row_bytes(),
                from.data + static_cast<std::size_t>(y + decision.y) * from.row_bytes() +
                    static_cast<std::size_t>(decision.x) * bytes_per_pixel(from.type),
                to.row_bytes());
  }
}

void Tint::apply(ConstImageView from, const Decision& decision, ImageView to) const {
  world->delays.sleep();
  for (int y = 0; y < to.extent.height; ++y) {
    for (int i = 0; i < to.extent.width * kChannels; ++i) {
      to.f32(y)[i] = value(from, y, i) + decision.add;
    }
  }
}

void Enlarge::apply(ConstImageView from, const Decision&, ImageView to) const {
  for (int y = 0; y < to.extent.height; ++y) {
    for (int x = 0; x < to.extent.width; ++x) {
      for (int c = 0; c < kChannels; ++c) {
        to.u8(y)[x * kChannels + c] = from.u8(y / factor)[x / factor * kChannels + c];
      }
    }
  }
}

Result<Ok> MemoryCollate::store(ConstImageView image, const graph::SampleId& id,
                                std::span<float> row) const {
  world->delays.sleep();
  if (world->faults.store.contains(id.number)) return ItemError{"does not fit"};
  if (world->faults.throwing.contains(id.number)) fail(ErrorKind::run, "store {} broke", id.number);
  const auto width = static_cast<std::size_t>(image.extent.width) * kChannels;
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = value(image, static_cast<int>(i / width), static_cast<int>(i % width));
  }
  return Ok{};
}

SeenBatch look_at(const graph::Batch& batch) {
  std::uint64_t hash = 14695981039346656037ULL;
  hash = fnv(hash, batch.rows.data(), batch.rows.size_bytes());
  hash = fnv(hash, batch.labels.data(), batch.labels.size() * sizeof(batch.labels[0]));
  hash = fnv(hash, batch.row_weights.data(), batch.row_weights.size() * sizeof(float));
  hash = fnv(hash, batch.ids.data(), batch.ids.size() * sizeof(batch.ids[0]));
  return {.number = batch.number,
          .epoch = batch.epoch,
          .count = batch.count,
          .hash = hash,
          .weights = batch.row_weights,
          .bad = batch.bad};
}

graph::ImageStream images(const SharedWorld& world) {
  return graph::files(MemoryRead{world}) | MemoryDecode{world};
}

graph::BatchStream ordinary_stream(const SharedWorld& world) {
  return images(world) | Cut{world} | Tint{world} | MemoryCollate{world};
}

bool all_close(const graph::Pipeline& pipeline) { return graph::closes(pipeline.account()); }

NodeRecord row(const AccountRecord& account, const std::string& name) {
  for (const NodeRecord& node : account.nodes) {
    if (node.name == name) return node;
  }
  throw std::runtime_error("no row named " + name);
}

}  // namespace sluice::test
