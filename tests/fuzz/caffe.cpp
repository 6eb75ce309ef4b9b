// Caffe's nets and mean images on any bytes. Checked:
//  * tensors have as many values as their shapes say, no more than the file can hold, and are read;
//  * a mean image has three values a pixel.
#include "io/caffe_weights.h"
#include "tests/fuzz/foreign_input.h"
#include "tests/fuzz/property.h"
#include "tests/io/temp_folder.h"

using namespace sluice;
using namespace sluice::io;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TempFolder folder;
  const auto path = folder.add("input.caffemodel", fuzz::text_of({data, size}));
  ForeignWeights weights;
  const bool opens = fuzz::accepted([&] { weights = open_caffe_weights(path); });
  if (opens) fuzz::check_tensors(weights, size);
  fuzz::accepted([&] {
    const Statistics statistics = read_caffe_mean(path);
    const Extent extent = statistics.mean_extent;
    const auto pixels =
        static_cast<std::size_t>(extent.width) * static_cast<std::size_t>(extent.height);
    fuzz::must(statistics.mean_image.size() == 3 * pixels, "a mean image fills its extent");
  });
  return 0;
}
