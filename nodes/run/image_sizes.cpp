#include "nodes/run/image_sizes.h"

#include <algorithm>
#include <fstream>

#include "nodes/run/image_source.h"
#include "nodes/run/setup.h"

namespace sluice::nodes {
namespace {

// Headers end before the first scan; what cameras put in front of it is seldom more.
constexpr std::size_t kFirst = std::size_t{128} << 10;
// A file whose header is not even here is a bad item later, whatever its size.
constexpr std::size_t kSecond = std::size_t{16} << 20;

std::optional<Extent> size_of(const DecodeJpeg& decoder, const std::filesystem::path& file,
                              std::size_t bytes, std::vector<std::byte>& memory) {
  memory.resize(bytes);
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(memory.data()), static_cast<std::streamsize>(bytes));
  memory.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  const auto needs = decoder.inspect(memory);
  if (!needs.ok()) return std::nullopt;
  return needs.value().extent;
}

}  // namespace

std::vector<std::optional<Extent>> image_sizes(const io::Dataset& data, const io::Recipe& recipe) {
  if (const auto all = image_extent(data)) return {data.entries.size(), all};
  const DecodeJpeg decoder = make_decoder(recipe);
  std::vector<std::optional<Extent>> sizes;
  std::vector<std::byte> memory;
  for (const io::Entry& entry : data.entries) {
    const auto whole = static_cast<std::size_t>(entry.bytes);
    const std::filesystem::path file = data.root / entry.path;
    sizes.push_back(size_of(decoder, file, std::min(whole, kFirst), memory));
    if (!sizes.back() && whole > kFirst)
      sizes.back() = size_of(decoder, file, std::min(whole, kSecond), memory);
  }
  return sizes;
}

std::optional<Extent> size_behind(const graph::Chain& chain, Extent image,
                                  std::int64_t max_pixels) {
  for (const auto& node : chain) {
    if (node->refuses(image)) return std::nullopt;
    Random unused({});
    image = node->extent_after(node->draw(unused, image), image);
    if (image.pixels() > max_pixels) return std::nullopt;
  }
  return image;
}

}  // namespace sluice::nodes
