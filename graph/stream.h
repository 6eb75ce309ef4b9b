// Streams: a pipeline while it is being wired. Each operator consumes its left side.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/stage.h"

namespace sluice::graph {

using Chain = std::vector<std::unique_ptr<AugmentStage>>;

// What is wired so far. The trunk (source to split) is shared by branches and read-only behind it.
struct Trunk {
  std::unique_ptr<ReadStage> read;
  std::unique_ptr<DecodeStage> decode;
  Chain augment;
};

struct FileStream {
  std::shared_ptr<Trunk> trunk;
  FileStream(FileStream&&) = default;
  FileStream& operator=(FileStream&&) = default;
  explicit FileStream(std::unique_ptr<ReadStage> read) : trunk(std::make_shared<Trunk>()) {
    trunk->read = std::move(read);
  }
};

struct ImageStream {
  std::shared_ptr<Trunk> trunk;
  Chain augment;  // of this branch, behind the split; of the trunk while there is none
  bool is_branch = false;
  ImageStream(ImageStream&&) = default;
  ImageStream& operator=(ImageStream&&) = default;
  explicit ImageStream(std::shared_ptr<Trunk> shared) : trunk(std::move(shared)) {}
};

struct BatchStream {
  std::shared_ptr<Trunk> trunk;
  std::string name{};  // of a branch in the account; empty: branch1, branch2, ...
  Chain augment;
  Chain left;                           // what is left to whoever reads the rows
  std::vector<std::size_t> run_behind;  // of each of those: nodes of `augment` that stand behind it
  std::unique_ptr<CollectStage> collect;
  std::vector<std::unique_ptr<BatchStage>> batch_nodes;
  BatchStream(BatchStream&&) = default;
  BatchStream& operator=(BatchStream&&) = default;
  BatchStream(std::shared_ptr<Trunk> shared, Chain chain, std::unique_ptr<CollectStage> collector)
      : trunk(std::move(shared)), augment(std::move(chain)), collect(std::move(collector)) {}
};

template <ReadNode N>
FileStream files(N node) {
  return FileStream(erase_read(std::move(node)));
}

template <DecodeNode N>
ImageStream operator|(FileStream stream, N node) {
  stream.trunk->decode = erase_decode(std::move(node));
  return ImageStream(std::move(stream.trunk));
}

inline ImageStream operator|(ImageStream stream, std::unique_ptr<AugmentStage> stage) {
  stream.augment.push_back(std::move(stage));
  return stream;
}

inline ImageStream operator|(ImageStream stream, Chain chain) {
  for (auto& stage : chain) stream.augment.push_back(std::move(stage));
  return stream;
}

template <AugmentNode N>
ImageStream operator|(ImageStream stream, N node) {
  return std::move(stream) | erase_augment(std::move(node));
}

template <CollectNode N>
BatchStream operator|(ImageStream stream, N node) {
  return BatchStream(std::move(stream.trunk), std::move(stream.augment),
                     erase_collect(std::move(node)));
}

// A collector of bytes, and the nodes that are not run on them: their decisions are drawn with the
// sample's others, of images of the extent at their own place, and become the row's transform.
struct Leaving {
  Chain left;
  std::unique_ptr<CollectStage> collect;
  // How many of the nodes that are run stand behind each; empty: they stand at the chain's end.
  std::vector<std::size_t> run_behind{};
};

template <CollectBytesNode N>
Leaving leaving(Chain left, N node, std::vector<std::size_t> run_behind = {}) {
  return {std::move(left), erase_collect(std::move(node)), std::move(run_behind)};
}

inline BatchStream operator|(ImageStream stream, Leaving end) {
  BatchStream batches(std::move(stream.trunk), std::move(stream.augment), std::move(end.collect));
  batches.left = std::move(end.left);
  batches.run_behind = std::move(end.run_behind);
  batches.run_behind.resize(batches.left.size(), 0);
  return batches;
}

template <BatchNode N>
BatchStream operator|(BatchStream stream, N node) {
  stream.batch_nodes.push_back(erase_batch(std::move(node)));
  return stream;
}

// `count` branches of one stream: its images become read-only, each branch has its own slots, and
// the last branch to store a sample releases it. Throws Error{usage} for a second split.
std::vector<ImageStream> split(ImageStream stream, int count);

}  // namespace sluice::graph
