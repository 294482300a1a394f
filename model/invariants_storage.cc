// I6 and I7: records, groups and the ledger.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "model/invariants_internal.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

bool OwnsAGroup(const View& view, ModuleId module) {
  return std::any_of(view.groups.begin(), view.groups.end(),
                     [module](const GroupView& group) { return group.owner == module; });
}

bool NeedsARecord(const World& world, const Module& image, bool init_freed) {
  for (std::uint32_t i = 0; i < image.count; ++i) {
    if (init_freed && i >= image.init_begin && i < image.init_end) continue;
    if (World::HasRecord(world.functions()[image.first + i].kind)) return true;
  }
  return false;
}

// The records of one owner, as they come along in list order.
class Run {
 public:
  // `exact`: the records must be all of the image's, at `base`. Else (modules after death, which
  // are never released and lose whatever lies in a freed range) only their order counts.
  Run(const Observation& step, ModuleId owner, bool exact, Address base, bool init_freed)
      : step_(step),
        owner_(owner),
        image_(step.world.image(owner)),
        exact_(exact),
        base_(base),
        init_freed_(init_freed) {
    if (exact && owner != kCore) {
      const Stage next = step.after.modules[Index(owner)].next;
      not_enabled_ = next != Stage::kLayout && next <= Stage::kEnable;
    }
    Settle();
  }

  // Takes the next record; false when it may not come next, then Why() says why.
  bool Take(const RecordView& record) {
    const std::size_t place = Index(record.function) - image_.first;
    if (Index(record.function) < image_.first || place >= image_.count) return false;
    if (any_ && record.ip <= last_) return false;
    if (exact_ &&
        (place != next_ || record.ip != base_ + Address{next_} * World::kFunctionStride)) {
      return false;
    }
    if (!DisabledAsItShould(record)) return false;
    any_ = true;
    last_ = record.ip;
    if (exact_) {
      ++next_;
      Settle();
    }
    return true;
  }
  std::string Why(const RecordView& record) const {
    const World& world = step_.world;
    const std::string name = Cat({FunctionName(world, record.function), ": "});
    if (Index(record.function) >= world.functions().size() ||
        world.function(record.function).module != owner_) {
      return Cat({name, "in a group of ", ImageName(world, owner_)});
    }
    if (any_ && record.ip <= last_) return Cat({name, "not behind the record before it"});
    if (exact_ && next_ >= image_.count) return Cat({name, "a record, but the image has no more"});
    const FunctionId expected{image_.first + next_};
    if (exact_ && record.function != expected) {
      return Cat({name, "a record, but expected is ", FunctionName(world, expected)});
    }
    if (exact_ && record.ip != world.AddressOf(expected, base_)) {
      return Cat({name, "the record is not at its address"});
    }
    return Cat({name, (record.flags & kDisabled) != 0 ? "DISABLED" : "not DISABLED"});
  }

  Broken Finish() const {
    if (!exact_ || next_ >= image_.count) return std::nullopt;
    return Cat({FunctionName(step_.world, FunctionId{image_.first + next_}), ": has no record"});
  }

  ModuleId owner() const { return owner_; }
  bool exact() const { return exact_; }
  bool lost_init() const { return init_freed_ && image_.init_begin != image_.init_end; }

 private:
  // Moves next_ on to a function that has a record.
  void Settle() {
    const auto functions = step_.world.functions();
    while (next_ < image_.count &&
           ((init_freed_ && next_ >= image_.init_begin && next_ < image_.init_end) ||
            !World::HasRecord(functions[image_.first + next_].kind))) {
      ++next_;
    }
  }

  // Weak records are DISABLED for ever, a module's until its stage `enable`.
  bool DisabledAsItShould(const RecordView& record) const {
    const bool disabled = (record.flags & kDisabled) != 0;
    if (step_.world.function(record.function).kind == FunctionKind::kWeak) return disabled;
    if (owner_ == kCore) return !disabled;
    // Death in the middle of `enable` leaves the rest DISABLED; after it nothing is released.
    return !exact_ || disabled == not_enabled_;
  }

  const Observation& step_;
  ModuleId owner_;
  const Module& image_;
  bool exact_;
  Address base_;
  bool init_freed_;
  bool not_enabled_ = false;  // the stage `enable` is still to come
  std::uint32_t next_ = 0;    // place of the function whose record comes next
  bool any_ = false;
  Address last_ = 0;
};

// The run that begins with group `index`, or why none may begin there.
Broken BeginRun(const Observation& step, std::size_t index, std::optional<Run>* run) {
  const View& view = step.after;
  const ModuleId owner = view.groups[index].owner;
  if (owner == kCore) {
    if (index != 0) return "a group of the core is not among the first";
    run->emplace(step, owner, true, World::kCoreBase, view.globals.core_init_freed);
    return std::nullopt;
  }
  if (Index(owner) >= view.modules.size() || Index(owner) >= step.world.modules().size()) {
    return "a group of an unknown module";
  }
  for (std::size_t i = 0; i < index; ++i) {
    if (view.groups[i].owner == owner) {
      return Cat({"the groups of ", ImageName(step.world, owner), " are not together"});
    }
  }
  const ModuleView& module = view.modules[Index(owner)];
  const bool exact = !view.globals.dead;
  if (!exact) {
    run->emplace(step, owner, false, 0, false);
    return std::nullopt;
  }
  if (!PastRecords(module) || Index(module.slot) >= step.world.slot_count()) {
    return Cat({"records of ", ImageName(step.world, owner), ", which has none yet"});
  }
  run->emplace(step, owner, true, step.world.SlotAddress(module.slot),
               InitRecordsGone(step.profile, module));
  return std::nullopt;
}

// Records appear in stage `records` and vanish with their module: all or none, and not in between.
Broken AppearanceFault(const Observation& step) {
  const View& view = step.after;
  for (std::size_t i = 0; i < view.modules.size() && i < step.before.modules.size(); ++i) {
    if (!PastRecords(view.modules[i]) || !PastRecords(step.before.modules[i])) continue;
    const ModuleId id{static_cast<std::uint16_t>(i)};
    const bool has = OwnsAGroup(view, id);
    if (OwnsAGroup(step.before, id) == has) continue;
    if (!has && !NeedsARecord(step.world, step.world.module(id),
                              InitRecordsGone(step.profile, view.modules[i]))) {
      continue;  // all of it was init text
    }
    // Who stops COMING without an errno has ftrace told GOING, and the load goes on.
    if (!has && step.profile.load_path == Profile::LoadPath::kChain &&
        step.before.modules[i].next == Stage::kComing) {
      continue;
    }
    return Cat({"the records of ", ImageName(step.world, id), has ? " appeared" : " vanished",
                " though it stayed loaded"});
  }
  return std::nullopt;
}

}  // namespace

Broken RecordsAreTheCallSites(const Observation& step) {
  const View& view = step.after;
  std::optional<Run> run;
  std::size_t at = 0;
  for (std::size_t i = 0; i < view.groups.size(); ++i) {
    const GroupView& group = view.groups[i];
    const bool begins = !run.has_value() || run->owner() != group.owner;
    if (begins) {
      if (run.has_value()) {
        if (Broken broken = run->Finish()) return broken;
      }
      if (Broken broken = BeginRun(step, i, &run)) return broken;
    }
    const std::uint64_t capacity = std::uint64_t{World::kRecordsPerPage} << (group.order & 31);
    if (group.used == 0 || group.used > capacity) {
      return Cat({"a group of ", ImageName(step.world, group.owner), " of order ",
                  std::to_string(group.order), " has ", std::to_string(group.used), " records"});
    }
    // Groups are filled one after another; only freeing init text makes room again.
    const bool last = i + 1 == view.groups.size() || view.groups[i + 1].owner != group.owner;
    if (!last && run->exact() && !run->lost_init() && group.used != capacity) {
      return Cat({"a group of ", ImageName(step.world, group.owner),
                  " is not full, and another one follows"});
    }
    if (group.used > view.records.size() - at) return "the groups hold more than there is";
    for (std::uint32_t n = 0; n < group.used; ++n) {
      const RecordView& record = view.records[at++];
      if (!run->Take(record)) return run->Why(record);
    }
  }
  if (run.has_value()) {
    if (Broken broken = run->Finish()) return broken;
  }
  if (at != view.records.size()) {
    return Cat({std::to_string(view.records.size()), " records, but the groups hold ",
                std::to_string(at)});
  }
  if (view.globals.phase < Phase::kFtrace && !view.records.empty()) {
    return "there are records before ftrace_init()";
  }
  if (!OwnsAGroup(view, kCore) && !MayHaveNoCoreRecords(view) &&
      NeedsARecord(step.world, step.world.core(), view.globals.core_init_freed)) {
    return "the core has no records";
  }
  return view.globals.dead ? std::nullopt : AppearanceFault(step);
}

Broken LedgerIsTheView(const Observation& step) {
  const View& view = step.after;
  std::uint64_t pages = 0;
  for (const GroupView& group : view.groups) pages += std::uint64_t{1} << (group.order & 31);
  std::uint64_t entries = 0;
  std::uint64_t cached = 0;
  for (std::size_t i = 0; i < view.ops.size(); ++i) {
    const OpsView& ops = view.ops[i];
    cached += ops.cached_filter.size() + ops.cached_notrace.size();
    if (Index(ops.pair) != i) continue;
    entries +=
        ops.filter.ips.size() + ops.filter.cleared + ops.notrace.ips.size() + ops.notrace.cleared;
  }
  for (const LivepatchOpsView& ops : view.livepatch.ops) entries += ops.ip != 0 ? 1 : 0;
  for (const KprobeOpsView& ops : view.kprobes.ops) entries += ops.filter.size();
  const Ledger& ledger = view.ledger;
  if (ledger.records == view.records.size() && ledger.groups == view.groups.size() &&
      ledger.pages == pages && ledger.hash_entries == entries && ledger.cached == cached) {
    return std::nullopt;
  }
  std::string text;
  const auto compare = [&text](std::string_view what, std::uint64_t has, std::uint64_t shown) {
    if (has == shown) return;
    text += Cat({text.empty() ? "" : "; ", "the ledger has ", std::to_string(has), " ", what,
                 ", the View ", std::to_string(shown)});
  };
  compare("records", ledger.records, view.records.size());
  compare("groups", ledger.groups, view.groups.size());
  compare("pages", ledger.pages, pages);
  compare("hash entries", ledger.hash_entries, entries);
  compare("cached module filters", ledger.cached, cached);
  return text;
}

}  // namespace recount::internal
