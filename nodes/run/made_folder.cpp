#include "nodes/run/made_folder.h"

#include <system_error>

#include "io/descriptor.h"
#include "io/run_folder.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

namespace fs = std::filesystem;

bool missing(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::not_found;
}

}  // namespace

MadeFolder::MadeFolder(const fs::path& folder, const std::vector<std::string>& files)
    : folder_(folder) {
  for (const std::string& file : files)
    if (missing(folder / file)) missing_.push_back(folder / file);
  std::error_code error;
  fs::path made = fs::absolute(folder, error).lexically_normal();
  if (!made.has_filename()) made = made.parent_path();  // as in "run/"
  for (; missing(made) && made.has_relative_path(); made = made.parent_path())
    missing_.push_back(made);
}

MadeFolder::~MadeFolder() {
  if (missing_.empty()) return;
  try {
    const auto lock = missing(folder_) ? io::Descriptor() : io::lock_run_folder(folder_);
    std::error_code left;  // a folder that holds something stays
    for (const fs::path& path : missing_) fs::remove(path, left);
  } catch (const Error&) {  // in use by another run
  }
}

}  // namespace sluice::nodes
