#include "nodes/run/linear_data.h"

#include <optional>
#include <vector>

#include "io/grey_records.h"
#include "io/jpeg.h"
#include "io/read_file.h"
#include "nodes/decode_grey.h"
#include "nodes/run/linear_baseline.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

Thumbnail thumbnail_of_record(const io::GreyRecords& records, std::size_t number, int label) {
  Image image(records.extent(), PixelType::u8);
  (void)DecodeGrey{records.extent()}.decode(records.record(number), image.view());  // cannot fail
  return make_thumbnail(image.view(), label);
}

std::optional<Thumbnail> thumbnail_of(const io::Dataset& data, std::size_t number) {
  const io::Entry& entry = data.entries[number];
  if (data.records) return thumbnail_of_record(*data.records, number, entry.label);
  std::vector<std::byte> bytes(entry.bytes);
  if (!io::read_file(data.root / entry.path, bytes).ok()) return std::nullopt;
  const auto header = io::read_jpeg_header(bytes, {});
  if (!header.ok()) return std::nullopt;
  Image image(header.value().extent, PixelType::u8);
  if (!io::decode_jpeg(bytes, {}, image.view()).ok()) return std::nullopt;
  return make_thumbnail(image.view(), entry.label);
}

std::vector<Thumbnail> thumbnails_of(const io::Dataset& data, const std::stop_token& stop) {
  std::vector<Thumbnail> thumbnails;
  for (std::size_t i = 0; i < data.entries.size(); ++i) {
    if (stop.stop_requested()) fail(ErrorKind::interrupted, "interrupted while reading the images");
    if (auto thumbnail = thumbnail_of(data, i)) thumbnails.push_back(*thumbnail);
  }
  return thumbnails;
}

}  // namespace

LinearResult linear_baseline_of(const io::Split& data, const std::stop_token& stop) {
  const auto train = thumbnails_of(data.train, stop);
  const auto val = thumbnails_of(data.val, stop);
  return {.accuracy = linear_baseline(train, val, static_cast<int>(data.train.classes.size())),
          .train_images = static_cast<std::int64_t>(train.size()),
          .val_images = static_cast<std::int64_t>(val.size())};
}

}  // namespace sluice::nodes
