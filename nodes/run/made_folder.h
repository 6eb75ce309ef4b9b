// A folder that a start makes, and takes back when the start fails.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::nodes {

// Make it before the folder. Unless `keep` is called, its end removes `files` from the folder,
// those that were not there before, then the folder and its parents as far as they were not there
// and are empty; nothing where another run has the folder by now. Main thread.
class MadeFolder {
 public:
  MadeFolder(const std::filesystem::path& folder, const std::vector<std::string>& files);
  ~MadeFolder();
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

  void keep() { missing_.clear(); }

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> missing_;  // innermost first
};

}  // namespace sluice::nodes
