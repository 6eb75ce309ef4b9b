#include "io/data_identity.h"

#include <fmt/format.h>

#include <span>

#include "io/file_checksum.h"
#include "io/grey_records.h"

namespace sluice::io {
namespace {

void add_number(FileChecksum& hash, std::int64_t number) {
  hash.add(std::as_bytes(std::span(&number, 1)));
}

void add_text(FileChecksum& hash, const std::string& text) {
  add_number(hash, static_cast<std::int64_t>(text.size()));
  hash.add(std::as_bytes(std::span(text)));
}

void add_files(FileChecksum& hash, const Dataset& set) {
  add_number(hash, static_cast<std::int64_t>(set.classes.size()));
  for (const std::string& name : set.classes) add_text(hash, name);
  add_number(hash, static_cast<std::int64_t>(set.entries.size()));
  for (const Entry& entry : set.entries) {
    add_text(hash, entry.path);
    add_number(hash, entry.label);
    add_number(hash, static_cast<std::int64_t>(entry.bytes));
  }
  if (set.records) add_text(hash, set.records->checksum());
}

}  // namespace

DataIdentity identity_of(const Split& data) {
  FileChecksum files;
  FileChecksum times;
  for (const Dataset* set : {&data.train, &data.val}) {
    add_files(files, *set);
    for (const Entry& entry : set->entries) add_number(times, entry.mtime_ns);
  }
  return {.train_images = static_cast<std::int64_t>(data.train.entries.size()),
          .val_images = static_cast<std::int64_t>(data.val.entries.size()),
          .files = files.text(),
          .times = times.text()};
}

std::string identity_difference(const DataIdentity& was, const DataIdentity& now) {
  if (was.train_images != now.train_images || was.val_images != now.val_images) {
    return fmt::format("{} images to train on and {} to validate, were {} and {}", now.train_images,
                       now.val_images, was.train_images, was.val_images);
  }
  if (was.files != now.files)
    return "the number of images is the same, but not their names, labels or sizes (of idx files: "
           "or pixels)";
  return {};
}

}  // namespace sluice::io
