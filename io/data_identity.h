// Which images a run has, in a few words: what tells a resumed run that its data are still the
// same.
#pragma once

#include <cstdint>
#include <string>

#include "io/dataset.h"

namespace sluice::io {

// Hashes are hexadecimal XXH3. Names, labels and sizes decide what a run computes; times only tell
// that files have been written anew.
struct DataIdentity {
  std::int64_t train_images = 0;
  std::int64_t val_images = 0;
  std::string files;
  std::string times;

  friend bool operator==(const DataIdentity&, const DataIdentity&) = default;
};

// Pure; any thread.
DataIdentity identity_of(const Split& data);

// In one line, why `now` is not the data of `was`; empty: it is, times aside.
std::string identity_difference(const DataIdentity& was, const DataIdentity& now);

}  // namespace sluice::io
