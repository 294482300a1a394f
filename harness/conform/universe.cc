#include "harness/conform/universe.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "model/check.h"
#include "model/errno.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;
using Functions = std::vector<std::pair<std::string, FunctionKind>>;

// Stand-ins in the core, beside the functions that a recording shows there.
constexpr std::string_view kCoreFunction = "core_function";
constexpr std::string_view kNoCallSite = "no_call_site";

bool Has(const Functions& functions, std::string_view name) {
  return std::any_of(functions.begin(), functions.end(),
                     [name](const auto& function) { return function.first == name; });
}

bool IsInitRecord(std::string_view module, std::string_view function) {
  const TargetFunctions targets = TargetsOf(module);
  return std::find(targets.init.begin(), targets.init.end(), function) != targets.init.end();
}

// Collects what a recording names, in the order it is first seen.
class Survey {
 public:
  void Add(const Sequence& sequence) {
    ++sequence_;
    for (const RecordedStep& step : sequence.steps) {
      for (const auto& [module, base] : step.mods) {
        Image(module);
        bases_.push_back(base);
      }
      for (const RecordedImage& image : step.recs) AddRecords(image);
      for (const RecordedOps& ops : step.ops) {
        AddCore(ops.filter.entries);
        AddCore(ops.notrace.entries);
      }
      AddOperation(step);
    }
  }

  World::Definition Finish(std::string_view name, std::vector<std::uint64_t>* bases) {
    World::Definition definition;
    definition.name = std::string(name);
    std::sort(core_.begin(), core_.end());  // where they lie is not recorded
    definition.core.functions.emplace_back(kCoreFunction, FunctionKind::kText);
    for (std::string& function : core_) {
      definition.core.functions.emplace_back(std::move(function), FunctionKind::kText);
    }
    definition.core.functions.emplace_back(kNoCallSite, FunctionKind::kNotrace);

    std::size_t longest = 1;
    std::sort(images_.begin(), images_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (Sight& sight : images_) {
      World::Definition::Image image = Agreed(sight);
      const TargetFunctions targets = TargetsOf(image.name);
      if (!targets.notrace.empty() && !Has(image.functions, targets.notrace)) {
        image.functions.emplace_back(targets.notrace, FunctionKind::kNotrace);
      }
      for (const std::string& function : targets.init) {
        image.functions.emplace_back(function, FunctionKind::kInit);
      }
      longest = std::max(longest, image.functions.size());
      definition.modules.push_back(std::move(image));
    }

    std::sort(bases_.begin(), bases_.end());
    bases_.erase(std::unique(bases_.begin(), bases_.end()), bases_.end());
    // The last slot is the spare. None at all says that they would not fit.
    constexpr std::size_t kMaxOffset = std::size_t{1} << 31;
    for (std::size_t slot = 0; slot <= bases_.size() && bases_.size() < kMaxOffset / longest;
         ++slot) {
      definition.slots.push_back(static_cast<std::uint32_t>(slot * longest));
    }
    *bases = std::move(bases_);
    return definition;
  }

 private:
  // In how many sequences something was seen.
  struct Votes {
    std::size_t count = 0;
    std::size_t last = 0;  // the sequence it was last counted in
    void Add(std::size_t sequence) {
      if (last != sequence) ++count;
      last = sequence;
    }
  };
  struct SeenFunction {
    std::string name;
    Votes shown;         // as a record
    bool named = false;  // by an operation that could resolve it
  };
  struct Sight {
    std::string name;
    Votes shown;  // with records
    std::vector<SeenFunction> functions;
  };

  Sight& Image(std::string_view module) {
    auto it = std::find_if(images_.begin(), images_.end(),
                           [module](const auto& image) { return image.name == module; });
    if (it != images_.end()) return *it;
    Sight& sight = images_.emplace_back();
    sight.name = std::string(module);
    return sight;
  }

  // The functions of a module: those that most of the sequences show that show the module. One
  // damaged sequence must not make all others differ.
  static World::Definition::Image Agreed(const Sight& sight) {
    World::Definition::Image image{sight.name, {}};
    for (const SeenFunction& function : sight.functions) {
      if (2 * function.shown.count > sight.shown.count) {
        image.functions.emplace_back(function.name, FunctionKind::kText);
      } else if (function.named) {
        image.functions.emplace_back(function.name, FunctionKind::kNotrace);
      }
    }
    return image;
  }

  // Records of a module that were never seen before go behind their predecessor in this list, so
  // that address order is kept even when one sight was incomplete.
  void AddRecords(const RecordedImage& recorded) {
    Sight& image = Image(recorded.module);
    std::size_t at = 0;
    for (const RecordedRecord& record : recorded.records) {
      if (IsInitRecord(recorded.module, record.function)) continue;
      image.shown.Add(sequence_);
      auto it = std::find_if(
          image.functions.begin(), image.functions.end(),
          [&record](const auto& function) { return function.name == record.function; });
      if (it == image.functions.end()) {
        it = image.functions.insert(image.functions.begin() + static_cast<std::ptrdiff_t>(at),
                                    {.name = record.function});
      }
      it->shown.Add(sequence_);
      at = static_cast<std::size_t>(it - image.functions.begin()) + 1;
    }
  }

  void AddCore(const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
      if (entry.find(':') != std::string::npos || entry.find(' ') != std::string::npos) continue;
      if (entry.substr(0, 2) == "0x") continue;
      if (std::find(core_.begin(), core_.end(), entry) == core_.end()) core_.push_back(entry);
    }
  }

  void AddOperation(const RecordedStep& step) {
    const std::vector<std::string> words = absl::StrSplit(step.op, ' ', absl::SkipEmpty());
    if (words.size() >= 2 && (words[0] == "insmod" || words[0] == "rmmod")) Image(words[1]);
    // `ops I ip M:FN`: the agent answers -ESRCH itself when the name does not resolve, so any other
    // answer says that the function exists.
    if (words.size() >= 4 && words[0] == "ops" && words[2] == "ip" && step.rc != Rc(Errno::kSrch)) {
      const std::size_t colon = words[3].find(':');
      if (colon == std::string::npos) return;
      const std::string function = words[3].substr(colon + 1, words[3].find('+') - colon - 1);
      Sight& image = Image(words[3].substr(0, colon));
      if (IsInitRecord(image.name, function)) return;
      auto it = std::find_if(image.functions.begin(), image.functions.end(),
                             [&function](const auto& seen) { return seen.name == function; });
      if (it == image.functions.end()) {
        it = image.functions.insert(it, {.name = function});
      }
      it->named = true;
    }
  }

  std::size_t sequence_ = 0;  // the one that is being added, from 1
  std::vector<Sight> images_;
  std::vector<std::string> core_;
  std::vector<std::uint64_t> bases_;
};

}  // namespace

int EndbrSize(std::string_view kernel) { return IsOfSeries(kernel, "6.12") ? 4 : 0; }

TargetFunctions TargetsOf(std::string_view module) {
  TargetFunctions targets;
  if (module.size() != 3 || module.substr(0, 2) != "tg" || module[2] < 'A' || module[2] > 'Z') {
    return targets;
  }
  for (const std::string_view suffix : {"_f0", "_f1", "_f2", "_f3"}) {
    targets.callable.push_back(Cat({module, suffix}));
  }
  targets.callable.push_back("tg_shared");
  targets.notrace = Cat({module, "_nt"});
  targets.callable.push_back(targets.notrace);
  targets.init = {Cat({module, "_initfn"}), "init_module"};
  return targets;
}

absl::StatusOr<Universe> Universe::Derive(const Recording& recording, std::string_view world_name) {
  absl::StatusOr<Universe> all = DeriveFrom(recording.sequences, world_name);
  if (all.ok()) return all;
  const auto no_world = [&recording](std::size_t line, const absl::Status& why) {
    return absl::InvalidArgumentError(Cat({recording.path, ":", std::to_string(line),
                                           ": makes no world: ", std::string(why.message())}));
  };
  // Whose fault it is: the first sequence that makes no world alone.
  for (const Sequence& sequence : recording.sequences) {
    const absl::StatusOr<Universe> alone = DeriveFrom({&sequence, 1}, world_name);
    if (!alone.ok()) return no_world(sequence.line, alone.status());
  }
  return no_world(1, all.status());
}

absl::StatusOr<Universe> Universe::DeriveFrom(std::span<const Sequence> sequences,
                                              std::string_view world_name) {
  Survey survey;
  for (const Sequence& sequence : sequences) survey.Add(sequence);
  Universe universe;
  World::Definition definition = survey.Finish(world_name, &universe.bases_);
  if (definition.slots.empty()) {
    return absl::InvalidArgumentError("too many base addresses and functions");
  }
  absl::StatusOr<WorldPtr> world = World::Make(std::move(definition));
  if (!world.ok()) return world.status();
  universe.world_ = *std::move(world);
  universe.spare_slot_ = SlotId(universe.bases_.size());
  const absl::StatusOr<FunctionId> stand_in =
      universe.world_->FindFunction(Cat({"vmlinux:", kNoCallSite}));
  RECOUNT_CHECK(stand_in.ok());
  universe.no_call_site_ = *stand_in;
  return universe;
}

SlotId Universe::SlotOf(std::uint64_t base) const {
  const auto it = std::lower_bound(bases_.begin(), bases_.end(), base);
  RECOUNT_CHECK(it != bases_.end() && *it == base);
  return SlotId(it - bases_.begin());
}

std::optional<FunctionId> Universe::FindFunction(ModuleId module, std::string_view name) const {
  const Module& image = world_->image(module);
  for (std::uint32_t i = image.first; i < image.first + image.count; ++i) {
    if (world_->functions()[i].name == name) return FunctionId{i};
  }
  return std::nullopt;
}

}  // namespace recount
