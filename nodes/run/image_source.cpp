#include "nodes/run/image_source.h"

#include "io/grey_records.h"
#include "nodes/decode_grey.h"
#include "nodes/read_file.h"
#include "nodes/read_record.h"
#include "nodes/run/setup.h"

namespace sluice::nodes {

graph::ImageStream image_source(const io::Dataset& data, const io::Recipe& recipe) {
  if (data.records)
    return graph::files(ReadRecord{data.records}) | DecodeGrey{data.records->extent()};
  return graph::files(ReadFile{data.root}) | make_decoder(recipe);
}

std::optional<Extent> image_extent(const io::Dataset& data) {
  if (!data.records) return std::nullopt;
  return data.records->extent();
}

std::size_t data_bytes(const io::Dataset& data) {
  std::size_t bytes = data.entries.capacity() * sizeof(io::Entry);
  for (const io::Entry& entry : data.entries) bytes += entry.path.capacity();
  return bytes + (data.records ? data.records->count() * data.records->record_bytes() : 0);
}

}  // namespace sluice::nodes
