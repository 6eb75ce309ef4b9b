#include "nodes/run/image_opener.h"

#include <span>
#include <vector>

#include "nodes/run/image_source.h"

namespace sluice::nodes {

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

}  // namespace sluice::nodes
