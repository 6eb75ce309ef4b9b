// The bound on the decoder's memory against what malloc says it takes.
#include <malloc.h>

#include <vector>

#include "io/jpeg_state.h"
#include "tests/io/jpeg_fixture.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;

namespace {

std::size_t bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Sanitizers bring their own malloc, which mallinfo2 knows nothing of.
bool can_measure() {
  const std::size_t before = bytes_in_use();
  std::vector<std::byte> block(1 << 20);
  volatile std::byte* const kept = block.data();  // else the compiler needs no memory
  kept[0] = std::byte{1};
  return bytes_in_use() >= before + block.size();
}

struct Measured {
  std::size_t bound = 0;
  std::size_t used = 0;
};

// `start` makes libjpeg allocate all that it will.
Measured measure(const std::vector<std::byte>& file, const JpegOptions& options) {
  const std::size_t before = bytes_in_use();
  JpegDecoder decoder(file, options);
  const auto header = decoder.header(options);
  REQUIRE(header.ok());
  (void)decoder.run(start_step);  // a bad file stops on the way, and has taken something too
  return {header.value().decoder_bytes, bytes_in_use() - before};
}

void check_bound(const std::vector<std::byte>& file) {
  for (const Orientation orientation : {Orientation::ignore, Orientation::apply}) {
    const Measured measured = measure(file, {.orientation = orientation});
    CAPTURE(measured.bound, measured.used);
    CHECK(measured.used <= measured.bound);
    CHECK(measured.bound <= measured.used * 3 / 2 + 256 * 1024);
  }
}

}  // namespace

TEST_CASE("the decoder takes at most its bound and not much less", "[io][jpeg][memory]") {
  if (!can_measure()) {
    WARN("skipped: this build's malloc cannot be measured");
    return;
  }
  using test::Coding;
  const auto coding = GENERATE(Coding::baseline, Coding::progressive, Coding::one_scan_a_component,
                               Coding::arithmetic);
  const auto extent = GENERATE(Extent{1, 1}, Extent{1, 65500}, Extent{65500, 1}, Extent{1000, 700});
  const auto sampling = GENERATE(test::Sampling::full, test::Sampling::halved);
  const auto colour = GENERATE(test::Colour::ycbcr, test::Colour::grey, test::Colour::ycck);
  CAPTURE(static_cast<int>(coding), extent.width, extent.height, static_cast<int>(colour));
  check_bound(test::encode({.extent = extent,
                            .colour = colour,
                            .sampling = sampling,
                            .coding = coding,
                            .app1 = test::exif_block(6)}));
}

TEST_CASE("33 megapixels take at most their bound, progressive or not",
          "[io][jpeg][memory][data]") {
  const auto folder = test::real_data("awkward");
  if (!folder || !can_measure()) {
    WARN("skipped: no awkward files (set SLUICE_DATA), or a malloc that cannot be measured");
    return;
  }
  for (const char* const group : {"04_large_valid", "14_odd_sampling", "16_progressive"}) {
    for (const auto& file : std::filesystem::directory_iterator(*folder / group)) {
      const auto bytes = test::bytes_of(file.path());
      CAPTURE(file.path().string());
      const auto header = read_jpeg_header(bytes, {});
      if (header.ok()) check_bound(bytes);
    }
  }
}
