// The node contract. A node is a plain struct with `static constexpr NodeInfo info` and public
// parameters with defaults; a `const` operation may run on many threads at once. No node measures
// time, queues or logs (graph does), none draws randomness except from the generator it is handed,
// and no exception leaves a per-image operation: a bad item is a `Result` (laws 1 and 2).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graph/batch.h"
#include "runtime/backend/backend.h"
#include "runtime/error.h"
#include "runtime/image.h"
#include "runtime/random.h"

namespace sluice::graph {

enum class NodeKind {
  read,      // path -> compressed bytes
  decode,    // compressed bytes -> image
  geometry,  // image -> image; exposes its map
  colour,    // image -> image; an affine map of R, G, B
  pixels,    // image -> image; needs the pixels themselves
  collect,   // images -> rows of a batch
  batch,     // batch -> batch
};

// What a node's cost grows with.
enum class CostClass { bytes, pixels_in, pixels_out, batches };

enum class ParameterType { integer, real, word };

// One parameter of a node, for help, recipes and checks.
struct ParameterSpec {
  std::string_view name;
  ParameterType type = ParameterType::real;
  std::string_view unit;           // "pixels", "" for none
  std::string_view default_value;  // as a recipe writes it
  std::string_view valid;          // "1 to 4096", "antialias or bilinear"
  std::string_view help;           // one line
};

struct NodeInfo {
  std::string_view name;  // in recipes, tables and random streams: "random-crop"
  NodeKind kind = NodeKind::pixels;
  CostClass cost = CostClass::pixels_out;
  std::string_view help;
  std::span<const ParameterSpec> parameters = {};
};

// One image of the data set, as a source hands it out.
struct SourceItem {
  SampleId id;
  std::string_view path;  // relative; owned by the source, valid until the run ends
  std::int32_t label = 0;
  std::uint64_t file_bytes = 0;  // compressed size: what reading will need
  bool begins_batch = false;     // the batch before it ends, full or not
};

// Hands out the images of one run in order. One thread at a time.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::optional<SourceItem> next() = 0;
};

// Fills `to` (item.file_bytes long) and gives the bytes it wrote.
template <class N>
concept ReadNode = requires(const N& node, const SourceItem& item, std::span<std::byte> to) {
  { N::info } -> std::convertible_to<NodeInfo>;
  { node.read(item, to) } -> std::same_as<Result<std::size_t>>;
};

// Known from the header, before a pixel exists.
struct DecodeNeeds {
  Extent extent;
  std::size_t decoder_bytes = 0;  // the decoder's own arrays, an upper bound
  bool parts = false;             // any part can be decoded by itself, with the same pixels
};

// `inspect` must be cheap; `decode` fills a u8 image of the extent that `inspect` gave. Where that
// said `parts`: `Result<> decode_part(bytes, const Box& part, ImageView to) const` fills a part.
template <class N>
concept DecodeNode = requires(const N& node, std::span<const std::byte> bytes, ImageView to) {
  { N::info } -> std::convertible_to<NodeInfo>;
  { node.inspect(bytes) } -> std::same_as<Result<DecodeNeeds>>;
  { node.decode(bytes, to) } -> std::same_as<Result<Ok>>;
};

template <class N>
concept AppliesAlone = requires(const N& node, ConstImageView from, ImageView to,
                                const typename N::Decision& decision) {
  node.apply(from, decision, to);
};
template <class N>
concept AppliesWithScratch = requires(const N& node, Extent extent, PixelType type,
                                      ConstImageView from, ImageView to,
                                      const typename N::Decision& decision,
                                      std::span<std::byte> scratch) {
  { node.scratch_bytes(decision, extent, type) } -> std::same_as<std::size_t>;
  node.apply(from, decision, to, scratch);
};

// Draw first, apply later: `draw` needs only the extent. Optional members:
//   int group                                              default: 1; images that share a draw, so
//       many neighbours in the epoch's order (the draw is keyed by position / group)
//   PixelType type_after(PixelType) const                  default: as it came
//   std::size_t scratch_bytes(const Decision&, Extent, PixelType) const   default: 0
//   std::optional<std::string> refuses(Extent) const       default: never; why it does not fit
//   Box box_before(const Decision&, Extent before, const Box& after) const
//       the part of the input that `after`, a part of the output, is made of; default: all of it,
//       and the node is always asked for its whole output
//   void apply_part(const ConstImagePart& from, const Decision&, const ImagePart& to,
//                   std::span<std::byte> scratch) const
//       with `box_before`, always; `from` holds at least that part (more where the node before
//       makes whole images, or another branch needs more)
//   static constexpr bool kMovesPixels = true              default: false
//       every pixel of the output is one of the input's, so that what is done to each pixel alike
//       may be done behind the node as well
//   static constexpr bool kOnlyShifts = true               default: false
//       with kMovesPixels and box_before: a pixel's neighbours stay its neighbours, so that what is
//       done to each place differently may be done behind the node at the places before it
//   void add_to(RowTransform& row, const Decision&) const
//       what the node does, as a part of what is done to a row when it is read
//       (runtime/row_transform.h): it can then be left to whoever reads the rows (stream.h). `draw`
//       must not look at the extent
//   RowImage row_image() const
//       with add_to, of a node that subtracts an image of its input's size: the image. Where the
//       row lies in it is found out by the pipeline
//   bool keeps_pixels(const Decision&) const               default: false
//       with `box_before`: a part of the output has the bytes of the part of the input that it is
//       made of, so that an image of just that part can be passed on as it is
// Scratch counts while the node works; an `apply` of four arguments is handed it (so many bytes,
// aligned to 64, contents undefined), so that a node allocates nothing per image (law 3).
template <class N>
concept AugmentNode = (AppliesAlone<N> || AppliesWithScratch<N>)&&requires(
    const N& node, Random& random, Extent extent, const typename N::Decision& decision) {
  { N::info } -> std::convertible_to<NodeInfo>;
  { node.draw(random, extent) } -> std::same_as<typename N::Decision>;
  { node.extent_after(decision, extent) } -> std::same_as<Extent>;
};

template <class N>
concept CanBeLeft = requires(const N& node, RowTransform& row,
                             const typename N::Decision& decision) {
  node.add_to(row, decision);
};

// N images -> one batch. `store` writes sample k's row, in any arrival order, from many threads.
// Optional: `std::optional<ImageView> row_image(Extent, PixelType, std::span<float> row) const`:
// the row itself as the image of that extent and type, where storing would only copy it; the last
// node of the chain then writes there, and `store` is not called.
// Optional: `int views() const` (default 1): rows that each image makes; `store` is then handed all
// of them at once, `row_floats` long each.
template <class N>
concept CollectNode = requires(const N& node, ConstImageView image, const SampleId& id,
                               std::span<float> row) {
  { N::info } -> std::convertible_to<NodeInfo>;
  { node.row_floats() } -> std::same_as<std::size_t>;  // may be 0
  { node.store(image, id, row) } -> std::same_as<Result<Ok>>;
};

// The same for rows that are stored as the bytes of u8 images, a quarter of the memory; what the
// chain would do to floats is left to whoever reads them (`leaving`, stream.h).
template <class N>
concept CollectBytesNode = requires(const N& node, ConstImageView image, const SampleId& id,
                                    std::span<std::byte> row) {
  { N::info } -> std::convertible_to<NodeInfo>;
  { node.row_bytes() } -> std::same_as<std::size_t>;
  { node.store(image, id, row) } -> std::same_as<Result<Ok>>;
};

// Batches in order, one at a time in this node. `done` exactly once, from any thread. `Phase`-like
// asynchronous work is welcome: `run` may return before it is done. The batch stays valid until
// then. Optional: `static constexpr StepToken token` (default none); `std::string place() const`
// (default "cpu"); `std::optional<double> device_seconds() const`: how long a device has been busy
// with it so far, by its own clock, which then is what the account says; `void settle() noexcept`:
// at the end of a run, waits until nothing reads a batch any more; `const void* net() const`: nodes
// that take the step token and name the same net share it, whatever branch they are in.
template <class N>
concept BatchNode = requires(N& node, Batch& batch, Completion done) {
  { N::info } -> std::convertible_to<NodeInfo>;
  node.run(batch, std::move(done));
};

// Between a node that takes the net's one step token and the node that gives it back (or fails), no
// other batch enters: two batches are never inside one net.
enum class StepToken { none, takes, gives, takes_and_gives };

}  // namespace sluice::graph
