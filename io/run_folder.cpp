#include "io/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "io/atomic_file.h"
#include "io/checkpoint.h"
#include "io/text.h"

namespace sluice::io {
namespace {

namespace fs = std::filesystem;

void prepare(const fs::path& path) {
  const std::string name = one_line(path.string());
  std::error_code error;
  fs::create_directories(path, error);
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    fail(ErrorKind::usage, "cannot make the run folder {}: {}; give another --out", name,
         error ? error.message() : "something else stands under that name");
  }
}

struct Table {
  std::string_view name;
  std::string_view header;
};
constexpr Table kSteps{"steps.csv", "step,epoch,images,loss,learning_rate,images_per_second"};
constexpr Table kEpochs{"epochs.csv", "epoch,train_loss,val_top1,val_top5,val_per_class,seconds"};
constexpr Table kBadFiles{"bad_files.tsv", "path\tbyte_offset\tmessage"};

// A run that was killed before its recipe was written leaves tables of a header at most.
void require_unused(const fs::path& folder, const Table& table) {
  std::error_code none;
  const std::uintmax_t bytes = fs::file_size(folder / table.name, none);
  require(none || bytes <= table.header.size() + 1,
          "{} is there already, of no run that --resume could go on with; give another --out",
          one_line((folder / table.name).string()));
}

Descriptor locked_and_empty(const fs::path& path) {
  prepare(path);
  Descriptor folder = lock_run_folder(path);
  std::error_code ignored;
  require(!fs::exists(fs::symlink_status(path / "recipe.toml", ignored)) &&
              list_checkpoints(path).empty(),
          "{} already holds a run; go on with it by --resume, or give another --out",
          one_line(path.string()));
  for (const Table& table : {kSteps, kEpochs, kBadFiles}) require_unused(path, table);
  return folder;
}

// At this point nothing has run yet: a folder that cannot be written is a mistake in the command.
LineLog opened(const fs::path& folder, const Table& table, std::optional<std::uint64_t> kept) try {
  if (kept) return LineLog(folder / table.name, LineLog::Kept{*kept});
  return LineLog(folder / table.name, table.header);
} catch (const Error& error) {
  if (kept) fail(ErrorKind::usage, "{}", error.what());
  fail(ErrorKind::usage, "{}; give another --out", error.what());
}

std::optional<std::uint64_t> bytes_of(const std::optional<TableBytes>& tables,
                                      std::uint64_t TableBytes::*table) {
  return tables ? std::optional((*tables).*table) : std::nullopt;
}

std::string share(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : std::string();
}

}  // namespace

Descriptor lock_run_folder(const fs::path& path) {
  const std::string name = one_line(path.string());
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int number = errno;
  require(folder.open(), "cannot open the run folder {}: {}; give another --out", name,
          std::strerror(number));
  // File systems without locks let everybody in.
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    fail(ErrorKind::usage, "{} is in use by another run; give another --out", name);
  }
  return folder;
}

RunFolder::RunFolder(const fs::path& path)
    : RunFolder(path, locked_and_empty(path), std::nullopt) {}

RunFolder::RunFolder(const fs::path& path, Descriptor lock, std::optional<TableBytes> tables)
    : path_(path),
      lock_(std::move(lock)),
      steps_(opened(path_, kSteps, bytes_of(tables, &TableBytes::steps))),
      epochs_(opened(path_, kEpochs, bytes_of(tables, &TableBytes::epochs))),
      bad_files_(opened(path_, kBadFiles, bytes_of(tables, &TableBytes::bad_files))) {
  remove_partial_files(path_);
  remove_partial_files(path_ / "checkpoints");
}

void RunFolder::set_older_account_aside() {
  std::error_code none;
  int number = 1;
  while (fs::exists(file(fmt::format("nodes.{}.json", number)), none)) ++number;
  for (const std::string_view name : {"nodes", "timeline", "trace"}) {
    const fs::path old = file(fmt::format("{}.json", name));
    if (fs::exists(old, none)) fs::rename(old, file(fmt::format("{}.{}.json", name, number)), none);
  }
}

std::vector<std::string> RunFolder::tables() {
  return {std::string(kSteps.name), std::string(kEpochs.name), std::string(kBadFiles.name)};
}

TableBytes RunFolder::table_bytes() const {
  return {.steps = steps_.bytes(), .epochs = epochs_.bytes(), .bad_files = bad_files_.bytes()};
}

void RunFolder::sync_tables() {
  for (LineLog* table : {&steps_, &epochs_, &bad_files_}) table->sync();
}

void RunFolder::write_recipe(std::string_view toml) { write_text_file(file("recipe.toml"), toml); }

void RunFolder::add_bad_file(std::string_view path, const ItemError& error) {
  bad_files_.add(
      fmt::format("{}\t{}\t{}", tsv_field(path), error.byte_offset, tsv_field(error.message)));
}

std::string RunFolder::text_of(const StepRow& row) {
  const std::string loss = row.loss ? fmt::format("{:.9g}", *row.loss) : std::string();
  return fmt::format("{},{},{},{},{:.9g},{:.6g}", row.step, row.epoch, row.images, loss,
                     row.learning_rate, row.images_per_second);
}

std::string RunFolder::text_of(const EpochRow& row) {
  return fmt::format("{},{:.9g},{},{},{},{:.3f}", row.epoch, row.train_loss, share(row.val_top1),
                     share(row.val_top5), share(row.val_per_class), row.seconds);
}

}  // namespace sluice::io
