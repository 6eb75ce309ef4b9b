// A run over time as `timeline.json`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/timeline.h"

namespace sluice::io {

// One JSON document of columns, an entry a moment: interval_seconds (a number), seconds,
// cpu_seconds_process, device_seconds, in_flight (file_bytes, image_bytes, slots_busy), nodes
// (each: name, items_out, busy_seconds, cpu_seconds, queued). Sums since the run began; seconds to
// the microsecond.
std::string timeline_json(const Timeline& timeline);

// Whole or not at all; Error{run}.
void write_timeline_json(const std::filesystem::path& path, const Timeline& timeline);

// Throws Error{usage} for a text that is no such document (columns that are missing or of different
// lengths); `name`: of the text, for that message.
Timeline parse_timeline_json(std::string_view text, const std::string& name);

// Throws Error{usage} also when the file cannot be read.
Timeline read_timeline_json(const std::filesystem::path& path);

}  // namespace sluice::io
