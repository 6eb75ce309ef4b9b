#include "nodes/run/image_opener.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "io/recipe.h"
#include "io/sample_order.h"
#include "nodes/data_source.h"
#include "nodes/run/image_source.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr int kTriesAnImage = 8;

Result<> fits(std::uint64_t bytes, const ImageLimit& limit) {
  if (bytes <= limit.bytes) return Ok{};
  return ItemError{fmt::format("needs {}, {} is {}", io::format_bytes(bytes), limit.name,
                               io::format_bytes(limit.bytes))};
}

}  // namespace

ImageOpener::ImageOpener(const io::Dataset& data, const io::Recipe& recipe, const ImageLimit& limit)
    : stream_(image_source(data, recipe)), limit_(limit) {}

Result<Image> ImageOpener::open(const graph::SourceItem& item) const {
  if (const Result<> fit = fits(item.file_bytes, limit_); !fit) return fit.error();
  std::vector<std::byte> file(static_cast<std::size_t>(item.file_bytes));
  const Result<std::size_t> read = stream_.trunk->read->read(item, file);
  if (!read) return read.error();
  const auto whole_file = std::span<const std::byte>(file).first(read.value());
  const Result<graph::DecodeNeeds> needs = stream_.trunk->decode->inspect(whole_file);
  if (!needs) return needs.error();
  const Extent extent = needs.value().extent;
  if (extent.pixels() < 1) return ItemError{"no pixels"};
  const std::size_t pixels = image_bytes(extent, PixelType::u8);
  const Result<> fit = fits(file.size() + needs.value().decoder_bytes + pixels, limit_);
  if (!fit) return fit.error();
  Image image(extent, PixelType::u8);
  const auto decoded = stream_.trunk->decode->decode(whole_file, all_of(image.view()));
  if (!decoded) return decoded.error();
  return image;
}

void take_images(const io::Dataset& data, const io::Recipe& recipe, const ImagesWanted& wanted,
                 const std::function<bool(const graph::SourceItem& item, Image image)>& take) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("seed"));
  const auto count = static_cast<std::uint32_t>(data.entries.size());
  const int tries = kTriesAnImage * wanted.images;
  const ImageOpener opener(data, recipe, {.bytes = wanted.bytes});
  DataSource source(data, io::sample_order(count, seed, 0), 0,
                    {.begin = 0, .end = static_cast<std::size_t>(tries)});
  int taken = 0;
  while (taken < wanted.images) {
    const std::optional<graph::SourceItem> item = source.next();
    if (!item) break;
    Result<Image> image = opener.open(*item);
    if (image && take(*item, std::move(image.value()))) ++taken;
  }
  require(taken > 0, "none of the first {} images can go through {}", tries,
          wanted.chains == 1 ? "the chain" : "all chains");
}

}  // namespace sluice::nodes
