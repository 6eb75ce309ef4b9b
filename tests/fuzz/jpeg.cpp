// The JPEG reader on any bytes. Checked:
//  * header and decoding agree on every size; messages are one line, byte offsets lie in the file;
//  * the decoder writes inside its destination and takes no more memory than the header's bound;
//  * decoding twice gives the same, and a part gives the pixels, errors and warnings of the whole;
//  * what is accepted under `Truncated::reject` is the same under `Truncated::accept`.
#include "io/jpeg.h"

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "io/jpeg_state.h"
#include "tests/fuzz/property.h"

using namespace sluice;
using namespace sluice::io;
using sluice::fuzz::Choices;
using sluice::fuzz::must;

namespace {

using File = std::span<const std::byte>;

// Small, so that thousands of files a second are read; the limits themselves have tests.
constexpr JpegLimits kLimits{.max_pixels = 1 << 16, .max_scans = 20};
constexpr std::byte kUntouched{0xA5};

// libjpeg is not instrumented, so what it writes beside its destination shows only here.
class GuardedPixels {
 public:
  explicit GuardedPixels(Extent extent)
      : extent_(extent), bytes_(2 * kGuard + image_bytes(extent, PixelType::u8), kUntouched) {}

  ImageView view() { return {bytes_.data() + kGuard, extent_, PixelType::u8}; }

  void check_guards() const {
    const auto untouched = [](std::byte byte) { return byte == kUntouched; };
    const auto guard = static_cast<std::ptrdiff_t>(kGuard);
    must(std::all_of(bytes_.begin(), bytes_.begin() + guard, untouched) &&
             std::all_of(bytes_.end() - guard, bytes_.end(), untouched),
         "the decoder writes inside its destination");
  }

 private:
  static constexpr std::size_t kGuard = 264;  // pixels start 8 bytes behind a multiple of 32
  Extent extent_;
  std::vector<std::byte> bytes_;
};

struct Outcome {
  std::string words;  // error or warnings, with their place
  bool ok = false;
  GuardedPixels pixels;
};

void check_place(std::int64_t offset, File file) {
  must(offset >= -1 && offset <= static_cast<std::int64_t>(file.size()),
       "a byte offset lies in the file");
}

void check_error(const ItemError& error, File file) {
  fuzz::must_be_one_line(error.message);
  check_place(error.byte_offset, file);
}

void note(const Result<JpegWarnings>& result, File file, Outcome& outcome) {
  outcome.ok = result.ok();
  outcome.pixels.check_guards();
  if (!result.ok()) {
    check_error(result.error(), file);
    outcome.words =
        fmt::format("error '{}' at {}", result.error().message, result.error().byte_offset);
    return;
  }
  const JpegWarnings& warnings = result.value();
  check_place(warnings.byte_offset, file);
  must((warnings.count > 0) == !warnings.first.empty(), "warnings have a first one");
  outcome.words =
      fmt::format("{} warnings, '{}' at {}", warnings.count, warnings.first, warnings.byte_offset);
}

Outcome decode_whole(File file, const JpegOptions& options, Extent extent) {
  Outcome outcome{.pixels = GuardedPixels(extent)};
  note(decode_jpeg(file, options, outcome.pixels.view()), file, outcome);
  return outcome;
}

Outcome decode_part(File file, const JpegOptions& options, const Box& part) {
  Outcome outcome{.pixels = GuardedPixels(part.extent)};
  note(decode_jpeg(file, options, part, outcome.pixels.view()), file, outcome);
  return outcome;
}

// `part` of `all` against the part that was decoded by itself.
void compare(Outcome& all, const Box& part, Outcome& alone) {
  const std::string where =
      fmt::format("{} x {} at {}, {}: {} | {}", part.extent.width, part.extent.height, part.left,
                  part.top, all.words, alone.words);
  must(all.words == alone.words, "a part has the errors and warnings of the whole", where);
  if (!all.ok) return;
  for (int y = 0; y < part.extent.height; ++y) {
    const std::uint8_t* const expected = all.pixels.view().u8(part.top + y) + part.left * kChannels;
    const bool same =
        std::memcmp(expected, alone.pixels.view().u8(y), alone.pixels.view().row_bytes()) == 0;
    must(same, "a part has the pixels of the whole", where);
  }
}

Box random_part(Choices& choices, Extent image) {
  const Extent extent{1 + choices.below(image.width), 1 + choices.below(image.height)};
  return {choices.below(image.width - extent.width + 1),
          choices.below(image.height - extent.height + 1), extent};
}

// The step `start` makes libjpeg allocate all that it will.
void check_memory(File file, const JpegOptions& options) {
  const std::size_t before = __sanitizer_get_current_allocated_bytes();
  JpegDecoder decoder(file, options);
  const auto header = decoder.header(options);
  must(header.ok(), "a header that was read can be read again");
  (void)decoder.run(start_step);
  const std::size_t used = __sanitizer_get_current_allocated_bytes() - before;
  must(used <= header.value().decoder_bytes, "the decoder takes no more than its bound",
       fmt::format("{} bytes, bound {}", used, header.value().decoder_bytes));
}

void check_header(const JpegHeader& header, const JpegOptions& options) {
  must(header.stored.width > 0 && header.stored.height > 0, "an image has pixels");
  must(header.stored.pixels() <= options.limits.max_pixels, "the limit on pixels holds");
  must(header.exif_orientation >= 1 && header.exif_orientation <= 8, "orientations are 1 to 8");
  const bool turned = options.orientation == Orientation::apply && header.exif_orientation >= 5;
  const Extent expected =
      turned ? Extent{header.stored.height, header.stored.width} : header.stored;
  must(header.extent == expected, "the extent is the stored one, turned");
  must(!header.parts || !header.multi_scan, "parts come from single scans");
}

void check_decoding(File file, const JpegOptions& options, Extent extent, Choices& choices) {
  Outcome all = decode_whole(file, options, extent);
  Outcome again = decode_whole(file, options, extent);
  compare(all, whole(extent), again);
  for (int i = 0; i < 2; ++i) {
    const Box part = random_part(choices, extent);
    Outcome alone = decode_part(file, options, part);
    compare(all, part, alone);
  }
  if (options.truncated == Truncated::accept || !all.ok) return;
  JpegOptions lenient = options;
  lenient.truncated = Truncated::accept;
  Outcome accepted = decode_whole(file, lenient, extent);
  compare(all, whole(extent), accepted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, size);
  const File file = std::as_bytes(input);
  Choices choices(input);
  const JpegOptions options{
      .limits = kLimits,
      .orientation = choices.below(2) == 0 ? Orientation::ignore : Orientation::apply,
      .truncated = choices.below(2) == 0 ? Truncated::reject : Truncated::accept};
  const auto header = read_jpeg_header(file, options);
  if (!header.ok()) {
    check_error(header.error(), file);
    return 0;
  }
  check_header(header.value(), options);
  check_memory(file, options);
  check_decoding(file, options, header.value().extent, choices);
  return 0;
}
