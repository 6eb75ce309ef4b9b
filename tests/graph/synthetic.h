// A pipeline without files: a source in memory, a decoder of a made-up format, augment nodes with
// draws, and a batch node that remembers what it saw.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "graph/pipeline.h"

namespace sluice::test {

// Which samples go wrong, and where; by number in the data set.
struct Faults {
  std::set<std::uint32_t> read;
  std::set<std::uint32_t> inspect;
  std::set<std::uint32_t> decode;
  std::set<std::uint32_t> store;
  std::set<std::uint32_t> small;     // too small for the crop: refused at planning
  std::set<std::uint32_t> throwing;  // `store` throws, which must end the run
};

// Sleeps up to `max_us` in node bodies, differently each time. 0: never.
struct Delays {
  int max_us = 0;
  void sleep() const;
};

// What the synthetic nodes of one pipeline share.
struct World {
  Faults faults;
  Delays delays;
  int width = 24;  // of ordinary images; each is a little larger by its number
  int height = 20;
  std::set<std::uint32_t> large;  // of extent large_side x large_side
  int large_side = 600;
  std::size_t decoder_bytes = 0;
  std::atomic<int> decoding = 0;
  std::atomic<int> alone_violations = 0;  // a large image met another one
};
using SharedWorld = std::shared_ptr<World>;

// `count` samples of one epoch, in an order that depends on the epoch. `fail_at`: next() throws
// there.
class MemorySource final : public graph::Source {
 public:
  MemorySource(int count, std::uint32_t epoch, int fail_at = -1);
  std::optional<graph::SourceItem> next() override;

 private:
  std::vector<std::string> paths_;
  std::uint32_t epoch_;
  std::uint32_t next_ = 0;
  int fail_at_;
};

struct MemoryRead {
  static constexpr graph::NodeInfo info{.name = "read", .kind = graph::NodeKind::read};
  SharedWorld world;
  Result<std::size_t> read(const graph::SourceItem& item, std::span<std::byte> to) const;
};

struct MemoryDecode {
  static constexpr graph::NodeInfo info{.name = "decode", .kind = graph::NodeKind::decode};
  SharedWorld world;
  Result<graph::DecodeNeeds> inspect(std::span<const std::byte> bytes) const;
  Result<Ok> decode(std::span<const std::byte> bytes, ImageView to) const;
};

// A random window of side x side.
struct Cut {
  struct Decision {
    int x = 0;
    int y = 0;
    int side = 0;
  };
  static constexpr graph::NodeInfo info{.name = "cut", .kind = graph::NodeKind::geometry};
  SharedWorld world;
  int side = 8;
  Decision draw(Random& random, Extent extent) const;
  Extent extent_after(const Decision& decision, Extent) const {
    return {decision.side, decision.side};
  }
  std::optional<std::string> refuses(Extent extent) const;
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
};

// Adds a random value; u8 becomes f32.
struct Tint {
  struct Decision {
    float add = 0.0F;
  };
  static constexpr graph::NodeInfo info{.name = "tint", .kind = graph::NodeKind::colour};
  SharedWorld world;
  Decision draw(Random& random, Extent) const { return {static_cast<float>(random.normal())}; }
  Extent extent_after(const Decision&, Extent before) const { return before; }
  PixelType type_after(PixelType) const { return PixelType::f32; }
  void apply(ConstImageView from, const Decision& decision, ImageView to) const;
};

// Repeats every pixel `factor` times in both directions.
struct Enlarge {
  struct Decision {};
  static constexpr graph::NodeInfo info{.name = "enlarge", .kind = graph::NodeKind::geometry};
  int factor = 2;
  Decision draw(Random&, Extent) const { return {}; }
  Extent extent_after(const Decision&, Extent before) const {
    return {before.width * factor, before.height * factor};
  }
  void apply(ConstImageView from, const Decision&, ImageView to) const;
};

struct MemoryCollate {
  static constexpr graph::NodeInfo info{.name = "collate", .kind = graph::NodeKind::collect};
  SharedWorld world;
  std::size_t floats = 8 * 8 * 3;
  std::size_t row_floats() const { return floats; }
  Result<Ok> store(ConstImageView image, const graph::SampleId& id, std::span<float> row) const;
};

// What a batch looked like.
struct SeenBatch {
  std::int64_t number = 0;
  std::uint32_t epoch = 0;
  int count = 0;
  std::uint64_t hash = 0;  // of rows, labels, weights and ids
  std::vector<float> weights;
  std::vector<graph::BadItem> bad;
  friend bool operator==(const SeenBatch& a, const SeenBatch& b) {
    return a.number == b.number && a.epoch == b.epoch && a.count == b.count && a.hash == b.hash;
  }
};
SeenBatch look_at(const graph::Batch& batch);

// A batch node that remembers. Serial, so it needs no lock.
struct Remember {
  static constexpr graph::NodeInfo info{.name = "remember", .kind = graph::NodeKind::batch};
  std::shared_ptr<std::vector<SeenBatch>> seen;
  void run(graph::Batch& batch, Completion done) {
    seen->push_back(look_at(batch));
    done(nullptr);
  }
};

graph::ImageStream images(const SharedWorld& world);           // read, decode
graph::BatchStream ordinary_stream(const SharedWorld& world);  // read, decode, cut, tint, collate

// Sum of one field over all rows named so; in = out + failed + held everywhere.
bool all_close(const graph::Pipeline& pipeline);
NodeRecord row(const AccountRecord& account, const std::string& name);

}  // namespace sluice::test
