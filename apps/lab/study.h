// A study: recipes that try a claim of a paper, and the claim.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::apps {

// STUDY/study.toml: `title`, `claim`, `source`, `size` (how much smaller than the paper's it is),
// `recipes` (files of that folder, the first is what the others are held against).
struct Study {
  std::string title, claim, source, size;
  std::vector<std::string> recipes;  // with the folder in front
};

// Throws Error{usage} naming the file, and what is missing or unknown in it.
Study read_study(const std::filesystem::path& folder);

}  // namespace sluice::apps
