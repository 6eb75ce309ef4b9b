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

// What `folder` is, or the nearest above it that is there and in which it would be made, can be
// written to.
void require_writable(const std::filesystem::path& folder, const std::filesystem::path& there) {
  std::error_code error;
  const bool folder_there = std::filesystem::is_directory(there, error);
  require(folder_there && ::access(there.c_str(), W_OK | X_OK) == 0,
          "--out {}: {}; valid: a folder that can be written, or one to make",
          io::one_line(folder.string()),
          !folder_there     ? "it cannot be made, or is no folder"
          : there == folder ? "it cannot be written"
                            : "it cannot be made in " + io::one_line(there.string()));
}

}  // namespace

io::Picture page_picture(std::string name, std::vector<std::string> words, ConstImageView image) {
  const bool fits = std::max(image.extent.width, image.extent.height) <= kPageSide;
  const Shown smaller = fits ? Shown{} : shown_as(image, kPageSide);
  const ConstImageView shown = fits ? image : smaller.image.view();
  return {.name = std::move(name),
          .words = std::move(words),
          .shown = shown.extent,
          .png = io::encode_png(shown)};
}

void check_picture_folder(const std::filesystem::path& folder) {
  require(!folder.empty(), "no folder to write to; name one with --out FOLDER");
  std::error_code error;
  std::filesystem::path there = std::filesystem::absolute(folder, error);
  if (std::filesystem::exists(folder, error)) return require_writable(folder, folder);
  while (!std::filesystem::exists(there, error) && there.has_relative_path())
    there = there.parent_path();
  require_writable(folder, there);
}

PictureFolder::PictureFolder(const std::filesystem::path& folder) : folder_(folder) {
  check_picture_folder(folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  require_writable(folder, folder);
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
  io::AtomicFile written(path_of(file));
  written.write(io::encode_png(image));
  written.commit();
  return page_picture(std::move(name), std::move(words), image);
}

}  // namespace sluice::nodes
