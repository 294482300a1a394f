// A hand-made step for the tests of invariants.
#ifndef RECOUNT_MODEL_INVARIANTS_TEST_STEP_H_
#define RECOUNT_MODEL_INVARIANTS_TEST_STEP_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "model/invariants.h"
#include "model/text.h"

namespace recount {

inline std::string JoinIds(const std::vector<std::string_view>& ids) {
  std::string text;
  for (const std::string_view id : ids) text.append(text.empty() ? "" : " ").append(id);
  return text;
}

// One step in world `small`, made by hand. It begins as: core and alpha (@0, complete) loaded; o1,
// a tracer, traces alpha_read; o2 saves registers and traces alpha_read and alpha_write; o1 was
// registered first. The operation only asks, and before equals after.
class Step {
 public:
  Step() {
    View& view = after;
    view.modules.resize(world->modules().size());
    for (std::size_t i = 0; i < kOpsCount; ++i) view.ops[i].pair = static_cast<OpsId>(i);
    AddImage(kCore, World::kCoreBase);
    view.modules[0] = {ModuleState::kLive, SlotId{0}, Stage::kLayout, /*klp_alive=*/true};
    AddImage(ModuleId{0}, world->SlotAddress(SlotId{0}));

    view.ops[1].user = User::kTracer;
    view.ops[1].registered = true;
    view.ops[1].filter.ips = {At("alpha_read").ip};
    view.ops[2].save_regs = true;
    view.ops[2].registered = true;
    view.ops[2].filter.ips = {At("alpha_read").ip, At("alpha_write").ip};
    view.order = {OpsId{2}, OpsId{1}};
    At("alpha_read").count = 2;
    At("alpha_read").flags = kRegs | kEnabled | kRegsEn;
    At("alpha_read").site = {SiteKind::kRegsEntry, {}};
    At("alpha_write").count = 1;
    At("alpha_write").flags = kRegs | kTramp | kEnabled | kRegsEn | kTrampEn;
    At("alpha_write").site = {SiteKind::kTrampoline, OpsId{2}};
    Count();
    before = after;
    told.Reset(world->modules().size());
    outcome.located = *world->FindFunction("alpha_read");
  }

  RecordView& At(std::string_view name) { return AtIn(after, name); }
  RecordView& AtIn(View& view, std::string_view name) {
    const FunctionId id = *world->FindFunction(name);
    for (RecordView& record : view.records) {
      if (record.function == id) return record;
    }
    ADD_FAILURE() << "no record of " << name;
    return view.records[0];
  }
  Address Ip(std::string_view name) { return At(name).ip; }

  // Records and one group for the image, idle.
  void AddImage(ModuleId id, Address base) {
    const Module& image = world->image(id);
    GroupView group{id, 0, 0};
    for (std::uint32_t i = 0; i < image.count; ++i) {
      const FunctionId function{image.first + i};
      const FunctionKind kind = world->function(function).kind;
      if (!World::HasRecord(kind)) continue;
      const std::uint8_t flags = kind == FunctionKind::kWeak ? kDisabled : 0;
      after.records.push_back(
          {.ip = world->AddressOf(function, base), .function = function, .flags = flags});
      ++group.used;
    }
    after.groups.push_back(group);
  }

  // Sets the ledger to what the View holds.
  void Count() {
    Ledger ledger;
    ledger.records = static_cast<std::uint32_t>(after.records.size());
    ledger.groups = static_cast<std::uint32_t>(after.groups.size());
    for (const GroupView& group : after.groups) ledger.pages += 1u << group.order;
    for (std::size_t i = 0; i < kOpsCount; ++i) {
      const OpsView& ops = after.ops[i];
      ledger.cached +=
          static_cast<std::uint32_t>(ops.cached_filter.size() + ops.cached_notrace.size());
      if (Index(ops.pair) != i) continue;
      ledger.hash_entries +=
          static_cast<std::uint32_t>(ops.filter.ips.size() + ops.notrace.ips.size()) +
          ops.filter.cleared + ops.notrace.cleared;
    }
    for (const LivepatchOpsView& ops : after.livepatch.ops) {
      ledger.hash_entries += ops.ip != 0 ? 1 : 0;
    }
    for (const KprobeOpsView& ops : after.kprobes.ops) {
      ledger.hash_entries += static_cast<std::uint32_t>(ops.filter.size());
    }
    after.ledger = ledger;
  }

  // The operation of a line of a program, and its answer.
  void Do(std::string_view line, int rc = 0) {
    op = ParseProgram(std::string("world small\nprofile linux-6.1\n").append(line))->ops[0];
    outcome = {};
    outcome.rc = rc;
  }

  std::optional<std::string> Ask(const Invariant& invariant) const {
    std::vector<TracedBy> traced;
    Recount(after, &traced);
    return invariant.broken(
        {*world, profile, op, outcome, before, after, before == after, traced, told});
  }
  // "I1 I3": the invariants that the step breaks.
  std::string Broken() const {
    std::vector<std::string_view> ids;
    for (const Invariant& invariant : Invariants()) {
      const auto broken = Ask(invariant);
      if (!broken.has_value()) continue;
      EXPECT_FALSE(broken->empty());
      ids.push_back(invariant.id);
    }
    return JoinIds(ids);
  }
  std::string Reason(std::string_view id) const {
    for (const Invariant& invariant : Invariants()) {
      if (invariant.id == id) return Ask(invariant).value_or("");
    }
    return "no such invariant";
  }

  WorldPtr world = *BuiltinWorld("small");
  Profile profile = FindProfile("linux-6.1")->profile;
  Op op = Locate{Place{*(*BuiltinWorld("small"))->FindFunction("alpha_read"), 4}};
  Outcome outcome;
  View before;
  View after;
  Announcements told;
};

// A step that changed what `change` says, by an operation that may change anything.
template <typename Change>
Step Changed(Change change) {
  Step step;
  step.Do("register o2");
  change(step);
  return step;
}

}  // namespace recount

#endif  // RECOUNT_MODEL_INVARIANTS_TEST_STEP_H_
