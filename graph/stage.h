// Nodes with their types erased, so that a chain can be built at run time. Made by `erase_*` from
// anything that meets the contract (graph/node.h); immutable; shared by all threads.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "graph/node.h"

namespace sluice::graph {

// Room for any node's decision, and for what stages that hold others decide (nodes/sometimes.h,
// nodes/group_stage.h).
struct DecisionBox {
  static constexpr std::size_t kBytes = 48;
  alignas(8) std::array<std::byte, kBytes> bytes{};
  std::uint16_t member = 0;  // which of several nodes it is a decision of
  bool skips = false;        // the image passes untouched
};

template <class D>
DecisionBox box(const D& decision) {
  static_assert(std::is_trivially_copyable_v<D> && sizeof(D) <= DecisionBox::kBytes &&
                alignof(D) <= 8);
  DecisionBox result;
  std::memcpy(result.bytes.data(), &decision, sizeof(D));
  return result;
}

template <class D>
D unbox(const DecisionBox& boxed) {
  D decision;
  std::memcpy(&decision, boxed.bytes.data(), sizeof(D));
  return decision;
}

class ReadStage {
 public:
  virtual ~ReadStage() = default;
  virtual NodeInfo info() const = 0;
  virtual Result<std::size_t> read(const SourceItem& item, std::span<std::byte> to) const = 0;
};

class DecodeStage {
 public:
  virtual ~DecodeStage() = default;
  virtual NodeInfo info() const = 0;
  virtual Result<DecodeNeeds> inspect(std::span<const std::byte> bytes) const = 0;
  // `part` is the whole image unless `inspect` said that parts can be decoded.
  virtual Result<> decode(std::span<const std::byte> bytes, const ImagePart& part) const = 0;
};

class AugmentStage {
 public:
  virtual ~AugmentStage() = default;
  virtual NodeInfo info() const = 0;
  // The node's name in its recipe: its random stream is "augment/NAME" and its row in tables NAME.
  virtual const std::string& name() const = 0;
  // So many neighbours in an epoch's order share their draws.
  virtual std::uint32_t group() const = 0;
  virtual DecisionBox draw(Random& random, Extent extent) const = 0;
  virtual Extent extent_after(const DecisionBox& decision, Extent before) const = 0;
  virtual PixelType type_after(PixelType before) const = 0;
  virtual std::size_t scratch_bytes(const DecisionBox& decision, Extent before,
                                    PixelType type) const = 0;
  virtual std::optional<std::string> refuses(Extent extent) const = 0;
  // The part of the input that a part of the output is made of; none: the whole, and only whole
  // outputs are made.
  virtual std::optional<Box> box_before(const DecisionBox& decision, Extent before,
                                        const Box& after) const = 0;
  virtual bool keeps_pixels(const DecisionBox& decision) const = 0;
  // The decision in words; empty where the node has none.
  virtual std::string text(const DecisionBox&) const { return {}; }
  virtual bool moves_pixels() const = 0;
  virtual bool only_shifts() const { return false; }
  // Whether the node can be left to whoever reads the rows, and what it adds to a row's transform.
  virtual bool can_be_left() const = 0;
  virtual void add_to(RowTransform& row, const DecisionBox& decision) const = 0;
  virtual RowImage row_image() const { return {}; }
  // `scratch`: scratch_bytes, aligned to 64 bytes; may be empty where those are 0.
  virtual void apply(const ConstImagePart& from, const DecisionBox& decision, const ImagePart& to,
                     std::span<std::byte> scratch) const = 0;
};

class CollectStage {
 public:
  virtual ~CollectStage() = default;
  virtual NodeInfo info() const = 0;
  virtual PixelType row_type() const = 0;
  virtual int views() const = 0;              // rows of a sample, one behind the other
  virtual std::size_t row_bytes() const = 0;  // of one of them
  virtual std::optional<ImageView> row_image(Extent extent, PixelType type,
                                             std::span<std::byte> row) const = 0;
  virtual Result<> store(ConstImageView image, const SampleId& id,
                         std::span<std::byte> row) const = 0;
};

class BatchStage {
 public:
  virtual ~BatchStage() = default;
  virtual NodeInfo info() const = 0;
  virtual StepToken token() const = 0;
  virtual std::string place() const = 0;
  virtual std::optional<double> device_seconds() const = 0;
  virtual void settle() noexcept = 0;
  virtual const void* net() const = 0;  // whose step token it is; null: the branch's
  virtual void run(Batch& batch, Completion done) = 0;
};

template <ReadNode N>
std::unique_ptr<ReadStage> erase_read(N node) {
  struct Erased final : ReadStage {
    explicit Erased(N n) : node(std::move(n)) {}
    NodeInfo info() const override { return N::info; }
    Result<std::size_t> read(const SourceItem& item, std::span<std::byte> to) const override {
      return node.read(item, to);
    }
    N node;
  };
  return std::make_unique<Erased>(std::move(node));
}

template <DecodeNode N>
std::unique_ptr<DecodeStage> erase_decode(N node) {
  struct Erased final : DecodeStage {
    explicit Erased(N n) : node(std::move(n)) {}
    NodeInfo info() const override { return N::info; }
    Result<DecodeNeeds> inspect(std::span<const std::byte> bytes) const override {
      Result<DecodeNeeds> needs = node.inspect(bytes);
      if constexpr (!requires(const Box& box, ImageView to) { node.decode_part(bytes, box, to); }) {
        if (needs.ok()) needs.value().parts = false;
      }
      return needs;
    }
    Result<> decode(std::span<const std::byte> bytes, const ImagePart& part) const override {
      if constexpr (requires { node.decode_part(bytes, part.box, part.view); }) {
        if (part.box != whole(part.whole)) return node.decode_part(bytes, part.box, part.view);
      }
      return node.decode(bytes, part.view);
    }
    N node;
  };
  return std::make_unique<Erased>(std::move(node));
}

// `name`: the node's name in its recipe; a second use of a node must be named differently.
template <AugmentNode N>
std::unique_ptr<AugmentStage> erase_augment(N node, std::string name = std::string(N::info.name)) {
  using Decision = typename N::Decision;
  struct Erased final : AugmentStage {
    Erased(N n, std::string given) : node(std::move(n)), name_(std::move(given)) {}
    NodeInfo info() const override { return N::info; }
    const std::string& name() const override { return name_; }
    std::uint32_t group() const override {
      if constexpr (requires { node.group; }) return static_cast<std::uint32_t>(node.group);
      return 1;
    }
    DecisionBox draw(Random& random, Extent extent) const override {
      return box(node.draw(random, extent));
    }
    Extent extent_after(const DecisionBox& decision, Extent before) const override {
      return node.extent_after(unbox<Decision>(decision), before);
    }
    PixelType type_after(PixelType before) const override {
      if constexpr (requires { node.type_after(before); }) return node.type_after(before);
      return before;
    }
    std::size_t scratch_bytes(const DecisionBox& decision, Extent before,
                              PixelType type) const override {
      if constexpr (requires { node.scratch_bytes(unbox<Decision>(decision), before, type); }) {
        return node.scratch_bytes(unbox<Decision>(decision), before, type);
      }
      return 0;
    }
    std::optional<std::string> refuses(Extent extent) const override {
      if constexpr (requires { node.refuses(extent); }) return node.refuses(extent);
      return std::nullopt;
    }
    std::optional<Box> box_before(const DecisionBox& decision, Extent before,
                                  const Box& after) const override {
      if constexpr (requires { node.box_before(unbox<Decision>(decision), before, after); }) {
        return node.box_before(unbox<Decision>(decision), before, after);
      }
      return std::nullopt;
    }
    bool keeps_pixels(const DecisionBox& decision) const override {
      if constexpr (requires { node.keeps_pixels(unbox<Decision>(decision)); }) {
        return node.keeps_pixels(unbox<Decision>(decision));
      }
      return false;
    }
    std::string text(const DecisionBox& decision) const override {
      if constexpr (requires { unbox<Decision>(decision).text(); })
        return unbox<Decision>(decision).text();
      return {};
    }
    bool moves_pixels() const override {
      if constexpr (requires { N::kMovesPixels; }) return N::kMovesPixels;
      return false;
    }
    bool only_shifts() const override {
      if constexpr (requires { N::kOnlyShifts; }) return N::kOnlyShifts;
      return false;
    }
    bool can_be_left() const override { return CanBeLeft<N>; }
    void add_to(RowTransform& row, const DecisionBox& decision) const override {
      if constexpr (CanBeLeft<N>) node.add_to(row, unbox<Decision>(decision));
    }
    RowImage row_image() const override {
      if constexpr (requires { node.row_image(); }) return node.row_image();
      return {};
    }
    void apply(const ConstImagePart& from, const DecisionBox& decision, const ImagePart& to,
               [[maybe_unused]] std::span<std::byte> scratch) const override {
      constexpr bool kMakesParts = requires {
        node.apply_part(from, unbox<Decision>(decision), to, scratch);
      };
      static_assert(kMakesParts ==
                    requires { node.box_before(unbox<Decision>(decision), from.whole, to.box); });
      if constexpr (kMakesParts) {
        node.apply_part(from, unbox<Decision>(decision), to, scratch);
      } else if constexpr (AppliesWithScratch<N>) {
        node.apply(from.view, unbox<Decision>(decision), to.view, scratch);
      } else {
        node.apply(from.view, unbox<Decision>(decision), to.view);
      }
    }
    N node;
    std::string name_;
  };
  return std::make_unique<Erased>(std::move(node), std::move(name));
}

inline std::span<float> as_floats(std::span<std::byte> bytes) {
  return {reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float)};
}

template <class N>
concept AnyCollectNode = CollectNode<N> || CollectBytesNode<N>;

template <AnyCollectNode N>
std::unique_ptr<CollectStage> erase_collect(N node) {
  struct Erased final : CollectStage {
    explicit Erased(N n) : node(std::move(n)) {}
    // The row as the node takes it.
    static auto row_of(std::span<std::byte> bytes) {
      if constexpr (CollectBytesNode<N>) {
        return bytes;
      } else {
        return as_floats(bytes);
      }
    }
    NodeInfo info() const override { return N::info; }
    PixelType row_type() const override {
      return CollectBytesNode<N> ? PixelType::u8 : PixelType::f32;
    }
    int views() const override {
      if constexpr (requires { node.views(); }) return node.views();
      return 1;
    }
    std::size_t row_bytes() const override {
      if constexpr (CollectBytesNode<N>) {
        return node.row_bytes();
      } else {
        return node.row_floats() * sizeof(float);
      }
    }
    std::optional<ImageView> row_image(Extent extent, PixelType type,
                                       std::span<std::byte> row) const override {
      if constexpr (requires { node.row_image(extent, type, row_of(row)); }) {
        return node.row_image(extent, type, row_of(row));
      }
      return std::nullopt;
    }
    Result<> store(ConstImageView image, const SampleId& id,
                   std::span<std::byte> row) const override {
      return node.store(image, id, row_of(row));
    }
    N node;
  };
  return std::make_unique<Erased>(std::move(node));
}

template <BatchNode N>
std::unique_ptr<BatchStage> erase_batch(N node) {
  struct Erased final : BatchStage {
    explicit Erased(N n) : node(std::move(n)) {}
    NodeInfo info() const override { return N::info; }
    StepToken token() const override {
      if constexpr (requires { N::token; }) return N::token;
      return StepToken::none;
    }
    std::string place() const override {
      if constexpr (requires { node.place(); }) return node.place();
      return "cpu";
    }
    std::optional<double> device_seconds() const override {
      if constexpr (requires { node.device_seconds(); }) return node.device_seconds();
      return std::nullopt;
    }
    void settle() noexcept override {
      if constexpr (requires { node.settle(); }) node.settle();
    }
    const void* net() const override {
      if constexpr (requires { node.net(); }) return node.net();
      return nullptr;
    }
    void run(Batch& batch, Completion done) override { node.run(batch, std::move(done)); }
    N node;
  };
  return std::make_unique<Erased>(std::move(node));
}

}  // namespace sluice::graph
