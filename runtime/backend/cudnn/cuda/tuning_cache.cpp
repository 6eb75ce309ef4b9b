#include "runtime/backend/cudnn/cuda/tuning_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/error.h"

namespace sluice::cudnn::cuda {

// {"key": {"rank": 3, "name": "cuDNN eng11_k2=4_k3=0"}, ...}
TuningCache::Entries TuningCache::read(const std::string& path) {
  Entries entries;
  std::ifstream file(path);
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return entries;
  for (const auto& [key, value] : json.items()) {
    const auto rank = value.is_object() ? value.find("rank") : value.end();
    const auto name = value.is_object() ? value.find("name") : value.end();
    if (rank == value.end() || !rank->is_number_unsigned()) continue;
    if (name == value.end() || !name->is_string()) continue;
    entries[key] = {rank->get<std::size_t>(), name->get<std::string>()};
  }
  return entries;
}

TuningCache::TuningCache(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) entries_ = read(path_);
}

std::optional<Preference> TuningCache::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void TuningCache::put(const std::string& key, Preference preference) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = entries_.try_emplace(key, preference);
  if (!is_new && entry->second == preference) return;
  entry->second = std::move(preference);
  changed_ = true;
}

void TuningCache::save() {
  const std::lock_guard lock(mutex_);
  if (path_.empty() || !changed_) return;
  Entries all = entries_;
  all.merge(read(path_));
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [key, value] : all) json[key] = {{"rank", value.rank}, {"name", value.name}};
  std::error_code error;
  if (const auto folder = std::filesystem::path(path_).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, error);
  const std::string partial = fmt::format("{}.partial-{}", path_, getpid());
  std::ofstream(partial) << json.dump(2) << '\n';
  if (std::ifstream(partial).good()) {
    std::filesystem::rename(partial, path_, error);
  } else {
    error = std::make_error_code(std::errc::io_error);
  }
  if (error) {
    fail(ErrorKind::run, "{}: cannot be written ({}); give a path in a folder that can", path_,
         error.message());
  }
  changed_ = false;
}

}  // namespace sluice::cudnn::cuda
