// What was fastest, in a file beside the run: a later start asks the device for no trials.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/backend/cudnn/cuda/candidates.h"

namespace sluice::cudnn::cuda {

// Keys are lines of text that name device, libraries, operation, shape and precision. Any thread
// may call.
class TuningCache {
 public:
  // Reads `path` if it is there; what is no such file counts as empty. An empty path: kept in
  // memory alone.
  explicit TuningCache(std::string path);

  std::optional<Preference> find(const std::string& key) const;
  void put(const std::string& key, Preference preference);

  // Replaces the file at once, with what others wrote into it since; does nothing if nothing was
  // put. Throws Error{run} if it cannot be written.
  void save();

 private:
  using Entries = std::map<std::string, Preference>;
  static Entries read(const std::string& path);

  std::string path_;
  mutable std::mutex mutex_;
  Entries entries_;
  bool changed_ = false;
};

}  // namespace sluice::cudnn::cuda
