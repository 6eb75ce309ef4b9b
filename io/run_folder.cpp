#include "io/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>

#include "io/atomic_file.h"
#include "io/text.h"

namespace sluice::io {
namespace {

namespace fs = std::filesystem;

fs::path prepared(const fs::path& path) {
  const std::string name = one_line(path.string());
  std::error_code error;
  fs::create_directories(path, error);
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    fail(ErrorKind::usage, "cannot make the run folder {}: {}; give another --out", name,
         error ? error.message() : "something else stands under that name");
  }
  return path;
}

// Held as long as the run lasts, and let go by the kernel however it ends.
Descriptor locked(const fs::path& path) {
  const std::string name = one_line(path.string());
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)) {
    fail(ErrorKind::usage, "{} is in use by another run; give another --out", name);
  }
  std::error_code ignored;
  require(!fs::exists(fs::symlink_status(path / "recipe.toml", ignored)),
          "{} already holds a run; give another --out, or remove that folder", name);
  return folder;
}

// At this point nothing has run yet: a folder that cannot be written is a mistake in the command.
LineLog started(const fs::path& path, std::string_view header) try {
  return {path, header};
} catch (const Error& error) {
  fail(ErrorKind::usage, "{}; give another --out", error.what());
}

std::string share(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : std::string();
}

}  // namespace

RunFolder::RunFolder(const fs::path& path)
    : path_(prepared(path)),
      lock_(locked(path_)),
      steps_(
          started(path_ / "steps.csv", "step,epoch,images,loss,learning_rate,images_per_second")),
      epochs_(started(path_ / "epochs.csv",
                      "epoch,train_loss,val_top1,val_top5,val_per_class,seconds")),
      bad_files_(started(path_ / "bad_files.tsv", "path\tbyte_offset\tmessage")) {}

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
