#include "nodes/run/image_opener.h"

#include <span>
#include <utility>
#include <vector>

#include "io/sample_order.h"
#include "nodes/data_source.h"
#include "nodes/run/image_source.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr int kTriesAnImage = 8;

}  // namespace

ImageOpener::ImageOpener(const io::Dataset& data, const io::Recipe& recipe, std::size_t bytes)
    : stream_(image_source(data, recipe)), bytes_(bytes) {}

std::optional<Image> ImageOpener::open(const graph::SourceItem& item) const {
  if (item.file_bytes > bytes_) return std::nullopt;
  std::vector<std::byte> file(static_cast<std::size_t>(item.file_bytes));
  const Result<std::size_t> read = stream_.trunk->read->read(item, file);
  if (!read) return std::nullopt;
  const auto whole_file = std::span<const std::byte>(file).first(read.value());
  const Result<graph::DecodeNeeds> needs = stream_.trunk->decode->inspect(whole_file);
  if (!needs || needs.value().decoder_bytes > bytes_) return std::nullopt;
  const Extent extent = needs.value().extent;
  if (extent.pixels() < 1 || image_bytes(extent, PixelType::u8) > bytes_) return std::nullopt;
  Image image(extent, PixelType::u8);
  if (!stream_.trunk->decode->decode(whole_file, all_of(image.view()))) return std::nullopt;
  return image;
}

void take_images(const io::Dataset& data, const io::Recipe& recipe, const ImagesWanted& wanted,
                 const std::function<bool(const graph::SourceItem& item, Image image)>& take) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("seed"));
  const auto count = static_cast<std::uint32_t>(data.entries.size());
  const int tries = kTriesAnImage * wanted.images;
  const ImageOpener opener(data, recipe, wanted.bytes);
  DataSource source(data, io::sample_order(count, seed, 0), 0,
                    {.begin = 0, .end = static_cast<std::size_t>(tries)});
  int taken = 0;
  while (taken < wanted.images) {
    const std::optional<graph::SourceItem> item = source.next();
    if (!item) break;
    std::optional<Image> image = opener.open(*item);
    if (image && take(*item, *std::move(image))) ++taken;
  }
  require(taken > 0, "none of the first {} images can go through {}", tries,
          wanted.chains == 1 ? "the chain" : "all chains");
}

}  // namespace sluice::nodes
