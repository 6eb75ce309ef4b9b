// TensorBoard's event files: records of TFRecord framing (length, masked CRC-32C of it, bytes,
// masked CRC-32C of them; little endian) that hold `tensorflow.Event` messages in protobuf's wire
// format. Written by hand: the few fields below are all that is needed, and a library would be a
// hundred times this file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "io/descriptor.h"
#include "runtime/extent.h"

namespace sluice::io {

// Castagnoli's polynomial, reflected, as iSCSI (RFC 3720) and TFRecord have it.
std::uint32_t crc32c(std::span<const std::byte> bytes);

struct Scalar {
  std::string_view tag;  // "train/loss"
  double value = 0.0;    // stored as a float
};

// One file, from its making on. A record is one write, so that a killed program leaves whole
// records, the last of them perhaps cut, which readers take for the end. One thread. Every failure
// is Error{run} that names the file and the reason.
class EventFile {
 public:
  // Makes `folder` and in it events.out.tfevents.SECONDS.HOST.PID, with a number behind it where
  // that is there already.
  explicit EventFile(const std::filesystem::path& folder);

  // All that stands in older files of the folder at this step or later does not count: a run that
  // goes on from a checkpoint computes it again.
  void add_start(std::int64_t step);
  void add_scalars(std::int64_t step, std::span<const Scalar> scalars);
  // `encoded`: a JPEG or PNG file.
  void add_image(std::int64_t step, std::string_view tag, Extent extent,
                 std::span<const std::byte> encoded);
  // Markdown.
  void add_text(std::int64_t step, std::string_view tag, std::string_view text);

  // Has everything on the disk.
  void sync();

  const std::filesystem::path& path() const { return path_; }

 private:
  void add_record(std::string_view event);
  void add_event(std::int64_t step, std::string_view field);
  [[noreturn]] void fail_with(int number) const;

  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace sluice::io
