// A load that is looked at on the way: what a masked defect did there may be gone at its end.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "harness/load_stages.h"
#include "harness/lockstep.h"

namespace recount {
namespace {

// What a stage of a load was answered, behind what those before it were.
void AddStage(Outcome stage, Outcome* load) {
  stage.log.insert(stage.log.begin(), load->log.begin(), load->log.end());
  stage.warnings.insert(stage.warnings.begin(), load->warnings.begin(), load->warnings.end());
  *load = std::move(stage);
}

bool GoesOn(const Outcome& load) { return load.fate == Fate::kReturned && load.rc == 0; }

}  // namespace

// What a load does under these conditions only is counting for filters that are there: no defect
// that is declared is in that.
bool Lockstep::IsToBeWatched(const Op& op) const {
  const auto* load = std::get_if<Load>(&op);
  if (load == nullptr || masked_.empty() || peers()) return false;
  const View& now = view();
  if (!now.globals.enabled) return true;
  for (const OpsView& ops : now.ops) {
    if (ops.ipmodify && ops.registered) return true;
    if (!ops.cached_filter.empty() || !ops.cached_notrace.empty()) return true;
  }
  // kpi is an IPMODIFY ops, too. Probes are left where text was when nobody told kprobes of it.
  if (now.kprobes.ops[1].registered) return true;
  const Address begin = world_->SlotAddress(load->slot);
  const Address end = begin + world_->module(load->module).count * World::kFunctionStride;
  for (std::size_t i = 0; i < now.kprobes.entry_count; ++i) {
    const Address address = now.kprobes.entries[i].address;
    if (address >= begin && address < end) return true;
  }
  const Module& image = world_->module(load->module);
  for (std::uint32_t i = image.first; i < image.first + image.count; ++i) {
    if (World::HasRecord(world_->functions()[i].kind)) return false;
  }
  return true;
}

// A `load` is a `load_begin` and then a `load_step` until it is complete or fails (SEMANTICS 4).
const KnownDefect* Lockstep::LoadWatched(const Load& load, Outcome* expected, Outcome* actual) {
  const auto apply = [&](const Op& op) {
    AddStage(oracle_->Apply(op), expected);
    AddStage(subject_->Apply(op), actual);
    return GoesOn(*expected) && GoesOn(*actual);
  };
  if (!apply(BeginOf(load))) return nullptr;
  stage_before_ = view();
  bool agreed = true;
  for (auto stage = static_cast<int>(kFirstStep); stage <= static_cast<int>(kLastStep); ++stage) {
    const Stage now{static_cast<std::uint8_t>(stage)};
    const Op step = StepOf(load, now);
    const bool goes_on = apply(step);
    if (expected->fate != Fate::kReturned || actual->fate != Fate::kReturned) return nullptr;
    const bool goes_back = !goes_on && now > Stage::kEnable;
    const bool changes_records = now == Stage::kFormation || now == Stage::kEnable ||
                                 now == Stage::kComing || now == Stage::kLive || goes_back;
    if (!goes_on && !goes_back) return nullptr;
    if (!agreed || !changes_records) continue;
    oracle_->Observe(&stage_after_);
    subject_->Observe(&stage_shown_);
    agreed = stage_after_ == stage_shown_;
    const DivergingStep staged{*world_,       rules_,       step,         *expected, *actual,
                               stage_before_, stage_after_, stage_shown_, armed_};
    const KnownDefect* const known =
        agreed ? HiddenIn(masked_, staged) : recount::Explanation(masked_, staged);
    if (known != nullptr || goes_back) return known;
    // What nothing explains is to be seen at the end, or not at all.
    std::swap(stage_before_, stage_after_);
  }
  return nullptr;
}

}  // namespace recount
