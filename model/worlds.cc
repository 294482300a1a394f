// The built-in worlds. Each is built when first asked for, and once.
#include <array>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/strings.h"
#include "model/world.h"
#include "model/worlds_kernel.h"

namespace recount {
namespace {

using Definition = World::Definition;
using Image = World::Definition::Image;
using enum FunctionKind;

// Two modules of two functions, and two slots one function apart: what was alpha's second function
// can come back as beta's first. Small enough to be searched exhaustively.
Definition Tiny() {
  return {
      .name = "tiny",
      .core = {"", {{"core_read", kText}, {"core_setup", kInit}}},
      .modules = {{"alpha", {{"alpha_open", kText}, {"alpha_read", kText}}},
                  {"beta", {{"beta_open", kText}, {"beta_init", kInit}}}},
      .slots = {0, 1},
  };
}

// The default. Every kind of function; names that share prefixes (alpha_*), infixes (*_read) and
// whole names (probe_shared, of which the core's `probe` is a prefix), so that patterns of every
// shape tell something apart. Init text lies in the middle (beta) and at the end (gamma). At slot
// @0 the functions at places 0, 2 and 3 are ordinary ones in at least three modules; @1 and @4 lie
// two functions into @0 and @3.
Definition Small() {
  return {
      .name = "small",
      .core = {"",
               {{"core_setup", kInit},
                {"core_read", kText},
                {"core_write", kText},
                {"probe", kText},
                {"core_old", kWeak},
                {"core_lock", kNotrace},
                {"core_gap", kNull},
                {"core_trap", kNoKprobe},
                {"core_slots", kNoKprobe}}},
      .modules = {{"alpha",
                   {{"alpha_open", kText},
                    {"alpha_read", kText},
                    {"alpha_write", kText},
                    {"probe_shared", kText}}},
                  {"beta",
                   {{"beta_open", kText},
                    {"beta_init", kInit},
                    {"beta_read", kText},
                    {"beta_write", kText},
                    {"probe_shared", kText}}},
                  {"gamma",
                   {{"gamma_open", kText},
                    {"gamma_gap", kNull},
                    {"gamma_read", kText},
                    {"probe_shared", kText},
                    {"gamma_init", kInit}}},
                  {"delta",
                   {{"delta_old", kWeak},
                    {"delta_lock", kNotrace},
                    {"delta_read", kText},
                    {"delta_write", kText}}}},
      .slots = {0, 2, 8, 16, 18, 32},
  };
}

// `count` functions NAME_0, NAME_1, ... of ordinary text.
Image Numbered(const std::string& name, int count) {
  Image image{name, {}};
  for (int i = 0; i < count; ++i)
    image.functions.emplace_back(internal::Cat({name, "_", std::to_string(i)}), kText);
  return image;
}

void SetKind(Image* image, int begin, int end, FunctionKind kind) {
  for (int i = begin; i < end; ++i) image->functions[static_cast<std::size_t>(i)].second = kind;
}

// Page arithmetic: a group of one page holds 256 records, entries decide the groups, records fill
// them (SEMANTICS 4).
Definition Paged() {
  // 523 entries take groups of 512 and 256; the 515 records leave three in the second, init text,
  // so that free_init empties it.
  Image core = Numbered("core", 524);
  SetKind(&core, 20, 28, kNull);
  SetKind(&core, 40, 41, kNotrace);
  SetKind(&core, 60, 62, kWeak);
  SetKind(&core, 518, 524, kInit);

  Image none{"none", {{"none_hidden", kNotrace}}};
  Image one = Numbered("one", 1);
  Image under = Numbered("under", 255);
  SetKind(&under, 254, 255, kInit);
  Image exact = Numbered("exact", 256);
  SetKind(&exact, 100, 104, kInit);
  Image over = Numbered("over", 257);
  SetKind(&over, 7, 8, kWeak);
  // Groups of 512 and 256; the null entries leave both in use, the init text spans their border.
  Image large = Numbered("large", 701);
  SetKind(&large, 0, 2, kNull);
  SetKind(&large, 300, 301, kNotrace);
  SetKind(&large, 505, 525, kInit);
  SetKind(&large, 600, 603, kWeak);
  // Three entries, no record: the only group stays empty, and is freed.
  Image blank = Numbered("blank", 3);
  SetKind(&blank, 0, 3, kNull);
  // 520 entries take groups of 512 and 256, the 500 records only the first.
  Image holes = Numbered("holes", 520);
  SetKind(&holes, 200, 210, kNull);
  SetKind(&holes, 400, 410, kNull);
  SetKind(&holes, 519, 520, kInit);
  // Groups of 1024 and 16; when the first cannot be had, its order goes down by one, then again.
  Image deep = Numbered("deep", 1040);
  SetKind(&deep, 1030, 1040, kInit);
  return {
      .name = "paged",
      .core = std::move(core),
      .modules = {std::move(none), std::move(one), std::move(under), std::move(exact),
                  std::move(over), std::move(large), std::move(blank), std::move(holes),
                  std::move(deep)},
      // @4 lies in the middle of @3 and @7 one function into @6.
      .slots = {0, 1000, 2000, 3000, 3300, 4000, 5000, 5001},
  };
}

constexpr std::array<std::string_view, 4> kNames = {"tiny", "small", "paged", "kernel"};
constexpr std::array<Definition (*)(), 4> kDefinitions = {Tiny, Small, Paged,
                                                          internal::KernelDefinition};

}  // namespace

std::span<const std::string_view> BuiltinWorldNames() { return kNames; }

absl::StatusOr<WorldPtr> BuiltinWorld(std::string_view name) {
  static std::mutex mutex;
  static auto* const worlds = new std::array<WorldPtr, kNames.size()>();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] != name) continue;
    const std::lock_guard lock(mutex);
    WorldPtr& world = (*worlds)[i];
    if (world == nullptr) {
      absl::StatusOr<WorldPtr> made = World::Make(kDefinitions[i]());
      RECOUNT_CHECK(made.ok());
      world = *std::move(made);
    }
    return world;
  }
  std::string names;
  for (const std::string_view known : kNames)
    names += internal::Cat({names.empty() ? "" : ", ", known});
  return absl::NotFoundError(
      internal::Cat({"unknown world ", internal::Quote(name), " (built in: ", names, ")"}));
}

}  // namespace recount
