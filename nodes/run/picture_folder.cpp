#include "nodes/run/picture_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "io/atomic_file.h"
#include "io/encode_png.h"
#include "io/text.h"
#include "nodes/run/sample_pictures.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr int kPageSide = 720;           // pixels of a page's picture at most
constexpr std::size_t kStemBytes = 100;  // so that a file's name stays a file's name

}  // namespace

PictureFolder::PictureFolder(const std::filesystem::path& folder) : folder_(folder) {
  require(!folder.empty(), "no folder to write to; name one with --out FOLDER");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const bool folder_there = std::filesystem::is_directory(folder, error);
  require(folder_there && ::access(folder.c_str(), W_OK | X_OK) == 0,
          "--out {}: {}; valid: a folder that can be written, or one to make",
          io::one_line(folder.string()),
          folder_there ? "it cannot be written" : "it cannot be made, or is no folder");
}

std::string PictureFolder::stem_of(const std::filesystem::path& file) {
  const std::string stem = file.stem().string().substr(0, kStemBytes);
  std::string name = stem;
  for (int again = 2; !stems_.insert(name).second; ++again)
    name = fmt::format("{}-{}", stem, again);
  return name;
}

io::Picture PictureFolder::add(const std::string& file, std::string name,
                               std::vector<std::string> words, ConstImageView image) {
  std::vector<std::byte> png = io::encode_png(image);
  io::AtomicFile written(path_of(file));
  written.write(png);
  written.commit();
  io::Picture picture{
      .name = std::move(name), .words = std::move(words), .shown = image.extent, .png = {}};
  if (std::max(image.extent.width, image.extent.height) > kPageSide) {
    const Shown smaller = shown_as(image, kPageSide);
    picture.shown = smaller.image.extent();
    png = io::encode_png(smaller.image.view());
  }
  picture.png = std::move(png);
  return picture;
}

}  // namespace sluice::nodes
