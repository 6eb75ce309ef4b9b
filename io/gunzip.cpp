#include "io/gunzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "runtime/error.h"

namespace sluice::io {
namespace {

constexpr int kGzipOnly = 15 + 16;  // the largest window, and zlib's sign for gzip

uInt as_count(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

// gzip files that were put one behind the other are one file (RFC 1952, section 2.2).
bool begins_member(const z_stream& stream) {
  return stream.avail_in >= 2 && stream.next_in[0] == 0x1F && stream.next_in[1] == 0x8B;
}

}  // namespace

struct Gunzip::State {
  z_stream stream{};
  std::size_t bytes = 0;  // of the input
  bool ended = false;
  std::string error;
};

bool starts_as_gzip(std::span<const std::byte> file) {
  return file.size() >= 2 && file[0] == std::byte{0x1F} && file[1] == std::byte{0x8B};
}

Gunzip::Gunzip(std::span<const std::byte> file) : state_(std::make_unique<State>()) {
  require(file.size() <= std::numeric_limits<uInt>::max(), "gzip data of {} bytes; valid: below 4G",
          file.size());
  state_->bytes = file.size();
  z_stream& stream = state_->stream;
  // zlib reads only, its interface is older than const.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(file.data()));
  stream.avail_in = as_count(file.size());
  if (::inflateInit2(&stream, kGzipOnly) != Z_OK)
    fail(ErrorKind::run, "no memory to read gzip data");
}

Gunzip::~Gunzip() { ::inflateEnd(&state_->stream); }

std::size_t Gunzip::read(std::span<std::byte> to) {
  z_stream& stream = state_->stream;
  std::size_t done = 0;
  while (done < to.size() && !state_->ended && state_->error.empty()) {
    const uInt room = as_count(to.size() - done);
    stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
    stream.avail_out = room;
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    done += room - stream.avail_out;
    state_->ended = status == Z_STREAM_END && !begins_member(stream);
    if (status == Z_STREAM_END && !state_->ended) {
      ::inflateReset(&stream);
      continue;
    }
    if (status == Z_OK || state_->ended) continue;
    state_->error = status == Z_BUF_ERROR
                        ? fmt::format("its gzip data end too early, behind {} bytes", state_->bytes)
                        : fmt::format("its gzip data are damaged near byte {}",
                                      state_->bytes - stream.avail_in);
  }
  return done;
}

bool Gunzip::ended() const { return state_->ended; }

const std::string& Gunzip::error() const { return state_->error; }

std::size_t Gunzip::bytes_left() const { return state_->stream.avail_in; }

}  // namespace sluice::io
