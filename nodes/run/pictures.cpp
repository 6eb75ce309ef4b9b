#include "nodes/run/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "io/atomic_file.h"
#include "io/nearest.h"
#include "io/report/pictures_page.h"
#include "io/text.h"
#include "nodes/run/filter_picture.h"
#include "nodes/run/image_painter.h"
#include "nodes/run/learning.h"
#include "nodes/run/machine.h"
#include "nodes/run/net_memory.h"
#include "nodes/run/picture_folder.h"
#include "nodes/run/seen_rows.h"
#include "nodes/run/subject.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"

namespace sluice::nodes {
namespace {

constexpr int kMostCopies = 32;  // that occlusion runs at once
constexpr std::string_view kPage = "pictures.html";

std::vector<std::string> chosen_layers(const Net& net, const std::vector<std::string>& asked) {
  if (asked.empty()) return usual_layers(net);
  std::vector<std::string> valid, chosen;
  for (const Layer& layer : net.layers)
    if (!is_loss(layer.spec)) valid.push_back(layer.name);
  for (const std::string& name : asked) {
    require(std::ranges::find(valid, name) != valid.end(),
            "--layer '{}': net {} {} has no such layer{}; valid: {}", io::one_line(name), net.name,
            net.variant, io::did_you_mean(name, valid), io::listed(valid, valid.size()));
    if (std::ranges::find(chosen, name) == chosen.end()) chosen.push_back(name);
  }
  return chosen;
}

std::optional<int> chosen_class(const std::vector<std::string>& names, const std::string& asked) {
  if (asked.empty()) return std::nullopt;
  const auto found = std::ranges::find(names, asked);
  require(found != names.end(), "--class '{}': the net has no such class{}; valid: {}",
          io::one_line(asked), io::did_you_mean(asked, names), io::listed(names, 30));
  return static_cast<int>(found - names.begin());
}

Square chosen_square(const PicturesRequest& request, int side) {
  Square square = usual_square(side);
  if (request.square) square = {.side = *request.square, .step = std::max(1, *request.square / 2)};
  if (request.step) square.step = *request.step;
  (void)square_starts(side, square);
  return square;
}

PicturesWanted wanted_of(const PicturesRequest& request, const Subject& subject) {
  require(request.files.size() <= static_cast<std::size_t>(kMostPicturedFiles),
          "{} files; valid: at most {}, a page is for people", request.files.size(),
          kMostPicturedFiles);
  return {.layers = chosen_layers(subject.net, request.layers),
          .of_class = chosen_class(score_names(subject), request.of_class),
          .square = chosen_square(request, subject.net.side)};
}

// Gradients of rows are the CPU backends'.
io::Recipe on_cpu(io::Recipe recipe) {
  if (recipe.text("run.backend") != "auto") return recipe;
  const std::vector<std::string> backends = available_backends();
  const auto found = std::ranges::find_if(
      backends, [](const std::string& name) { return name == "onednn" || name == "reference"; });
  if (found != backends.end()) recipe.set("run.backend", *found);
  return recipe;
}

PicturePrograms compile(const io::Recipe& recipe, Machine& machine, Subject& subject,
                        const PicturesWanted& wanted) {
  PicturePrograms programs{
      .batch = std::min(static_cast<int>(recipe.integer("train.batch")), kMostCopies)};
  ProgramOptions options{.batch = 1,
                         .purpose = Purpose::row_gradients,
                         .precision = precision(recipe),
                         .keep = wanted.layers,
                         .layouts = Layouts::chosen};
  machine.arena->run([&] {
    programs.slopes = machine.backend->compile(subject.net, subject.state, options);
    options = {.batch = programs.batch, .precision = options.precision};
    programs.copies = machine.backend->compile(subject.net, subject.state, options);
  });
  const std::size_t state = subject.state.bytes();
  check_total_memory(machine, {.bytes = state + programs.slopes->bytes() + programs.copies->bytes(),
                               .taken = state});
  return programs;
}

void show_filters(const Subject& subject, PictureFolder& folder, PicturesResult& result,
                  io::PicturesPage& page) {
  const std::optional<FilterPicture> filters = filters_of(subject.net, subject.state);
  if (!filters) return;
  const std::string file = "filters.png";
  page.filters.push_back(
      folder.add(file, filters->layer, {words_of(*filters)}, filters->image.view()));
  result.filters = {.file = file,
                    .layer = filters->layer,
                    .kernels = filters->kernels,
                    .side = filters->side,
                    .channels = filters->channels,
                    .towers = filters->towers};
}

io::PicturesPage page_of_net(const Subject& subject) {
  return {.title = fmt::format("{} {}: pictures", subject.net.name, subject.net.variant),
          .lead = {fmt::format("Of {}.", io::one_line(subject.name())),
                   "Saliency: Simonyan, Vedaldi and Zisserman 2013, section 3. Occlusion: Zeiler "
                   "and Fergus 2013, section 4.2."},
          .filters = {},
          .images = {}};
}

// Tells lines no more often than every five seconds.
class SteadyLines {
 public:
  explicit SteadyLines(const Listener& listener) : listener_(listener) {}

  void tell(const std::string& line) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::seconds(5)) return;
    last_ = now;
    listener_.tell(line);
  }

 private:
  const Listener& listener_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void paint_all(std::span<const SeenRow> rows, const Machine& machine, ImagePainter& painter,
               const Listener& listener, const std::stop_token& stop, PicturesResult& result,
               io::PicturesPage& page) {
  for (const SeenRow& row : rows) {
    const std::string name = io::one_line(row.path);
    SteadyLines lines(listener);
    const auto between = [&](const OcclusionProgress& now) {
      if (stop.stop_requested())
        fail(ErrorKind::interrupted, "interrupted after {} of {} images", result.images.size(),
             rows.size());
      lines.tell(fmt::format("occlusion of {}: {} of {} places", name, now.done, now.all));
    };
    listener.tell(fmt::format("pictures of {}", name));
    machine.arena->run([&] { painter.paint(row, between); });
    result.images.push_back(painter.image());
    page.images.push_back(painter.page());
  }
}

}  // namespace

std::vector<std::string> usual_layers(const Net& net) {
  std::vector<std::string> layers;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    if (!std::holds_alternative<Conv2d>(net.layers[i].spec)) continue;
    const bool active =
        i + 1 < net.layers.size() && (std::holds_alternative<Relu>(net.layers[i + 1].spec) ||
                                      std::holds_alternative<Tanh>(net.layers[i + 1].spec));
    layers.push_back(net.layers[active ? i + 1 : i].name);
    break;
  }
  for (std::size_t i = net.layers.size(); i-- > 0;) {
    const LayerSpec& spec = net.layers[i].spec;
    if (!std::holds_alternative<MaxPool>(spec) && !std::holds_alternative<Subsample>(spec))
      continue;
    layers.push_back(net.layers[i].name);
    break;
  }
  return layers;
}

PicturesResult make_pictures(const io::Recipe& recipe, const PicturesRequest& request,
                             const Listener& listener, const std::stop_token& stop) {
  Subject subject(request.weights);
  const PicturesWanted wanted = wanted_of(request, subject);
  check_picture_folder(request.out);
  Machine machine = open_machine(on_cpu(recipe));
  require_usable(machine);
  const std::vector<SeenRow> rows = seen_rows(
      subject, {.paths = request.files, .bytes = machine.preparation_bytes}, listener, stop);
  read_parameters(subject, machine);
  PicturePrograms programs;
  if (!rows.empty()) programs = compile(recipe, machine, subject, wanted);

  PictureFolder folder(request.out);
  PicturesResult result{.out = request.out,
                        .page = std::string(kPage),
                        .net = subject.net.name,
                        .variant = subject.net.variant,
                        .classes = score_names(subject),
                        .filters = {},
                        .images = {},
                        .bad_files = static_cast<int>(request.files.size() - rows.size())};
  io::PicturesPage page = page_of_net(subject);
  show_filters(subject, folder, result, page);
  ImagePainter painter(subject, wanted, programs, folder);
  paint_all(rows, machine, painter, listener, stop, result, page);
  io::write_text_file(folder.path_of(kPage), io::pictures_page(page));
  return result;
}

}  // namespace sluice::nodes
