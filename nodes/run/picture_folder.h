// A folder of pictures, each written whole or not at all, and what a page shows of them.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/report/picture.h"
#include "runtime/image.h"

namespace sluice::nodes {

// A picture as a page shows it, made smaller where it is large. Pure. Error{run}.
io::Picture page_picture(std::string name, std::vector<std::string> words, ConstImageView image);

// Whether a PictureFolder can be made, without making it. Throws Error{usage} like it.
void check_picture_folder(const std::filesystem::path& folder);

// Main thread.
class PictureFolder {
 public:
  // Makes the folder where it is not there; what lies in it stays, but for files that are written
  // again. Throws Error{usage} for a name that is no folder or cannot be written.
  explicit PictureFolder(const std::filesystem::path& folder);

  // How an image's files begin: its file's name without the ending, with a number behind it where
  // it was given before ("cat", "cat-2").
  std::string stem_of(const std::filesystem::path& file);

  // The same picture for a page, where it is made smaller if it is large. Error{run}.
  io::Picture add(const std::string& file, std::string name, std::vector<std::string> words,
                  ConstImageView image);
  std::filesystem::path path_of(std::string_view file) const { return folder_ / file; }
  const std::filesystem::path& path() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::set<std::string> stems_;
};

}  // namespace sluice::nodes
