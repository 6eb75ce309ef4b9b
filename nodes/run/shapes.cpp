#include "nodes/run/shapes.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>
#include <string_view>
#include <system_error>

#include "io/encode_jpeg.h"
#include "nodes/run/shape_picture.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

namespace fs = std::filesystem;

void check(const ShapesOptions& options) {
  constexpr int kMost = 9999;  // four digits in a file's name
  require(!options.out.empty(), "shapes: no folder to write to; name one with --out");
  require(options.train_per_class >= 1 && options.train_per_class <= kMost,
          "shapes: {} training images a class; valid are 1 to {}", options.train_per_class, kMost);
  require(options.val_per_class >= 1 && options.val_per_class <= kMost,
          "shapes: {} validation images a class; valid are 1 to {}", options.val_per_class, kMost);
  std::error_code ignored;
  const bool vacant =
      !fs::exists(options.out, ignored) ||
      (fs::is_directory(options.out, ignored) && fs::is_empty(options.out, ignored));
  require(vacant, "shapes: {} exists already; name a folder that does not, or an empty one",
          options.out.string());
}

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file)
    fail(ErrorKind::run, "shapes: cannot write {}: {}", path.string(), std::strerror(errno));
}

void write_split(const ShapesOptions& options, const fs::path& root, std::string_view split,
                 int per_class, const std::stop_token& stop) {
  for (const ShapePattern& pattern : shape_patterns()) {
    const fs::path folder = root / split / pattern.name;
    fs::create_directories(folder);
    const std::uint32_t stream = stream_id(fmt::format("shapes/{}/{}", split, pattern.name));
    for (int i = 0; i < per_class; ++i) {
      if (stop.stop_requested())
        fail(ErrorKind::interrupted, "interrupted; nothing was left under {}",
             options.out.string());
      const RandomKey key{
          .seed = options.seed, .sample = static_cast<std::uint32_t>(i), .stream = stream};
      const Image image = paint_shape(pattern, Random(key));
      write_file(folder / fmt::format("{:04}.jpg", i),
                 io::encode_jpeg(image.view(), {.quality = 88}));
    }
  }
}

// `out` beside itself; a trailing slash is no name.
fs::path partial_name(const fs::path& out) {
  fs::path name = fs::absolute(out).lexically_normal();
  if (!name.has_filename()) name = name.parent_path();
  return name += ".partial";
}

}  // namespace

void make_shapes(const ShapesOptions& options, const std::stop_token& stop) {
  check(options);
  const fs::path partial = partial_name(options.out);
  std::error_code ignored;
  try {
    fs::remove_all(partial);  // of a call that was killed
    write_split(options, partial, "train", options.train_per_class, stop);
    write_split(options, partial, "val", options.val_per_class, stop);
    fs::rename(partial, options.out);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(partial, ignored);
    fail(ErrorKind::run, "shapes: cannot write {}: {}", options.out.string(),
         error.code().message());
  } catch (...) {
    fs::remove_all(partial, ignored);
    throw;
  }
}

}  // namespace sluice::nodes
