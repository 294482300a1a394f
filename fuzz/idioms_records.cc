// Stories of records and filters: what comes, goes, and is traced.
#include "fuzz/idiom_teller.h"

namespace recount::internal {

void IdiomTeller::Reload(ModuleId second, SlotId slot) {
  LoadAt(cast_.module, cast_.slot);
  FilterOn(cast_.ops, false);
  Say(Register{cast_.ops});
  Aside();
  if (chooser_->Chance(1, 4)) Say(Unregister{cast_.ops});
  Say(Unload{cast_.module});
  if (chooser_->Chance(1, 3)) FilterOn(cast_.ops, Sometimes());
  LoadAt(second, slot);
  Say(Hit{cast_.function});
  Say(Unregister{cast_.ops});
}

void IdiomTeller::StagedLoad() {
  if (Sometimes()) Say(Register{cast_.ops});
  Say(LoadBegin{cast_.module, cast_.slot, std::nullopt});
  const std::size_t steps = 1 + Pick(kStageCount);
  const std::size_t change = Pick(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    const bool fails = i + 1 == steps && chooser_->Chance(1, 3);
    Say(LoadStep{cast_.module, fails ? std::optional<Errno>(Errno::kOk) : std::nullopt});
    if (i == change) {
      FilterOn(cast_.ops, Sometimes());
      if (Sometimes()) Say(Register{cast_.ops});
    }
  }
  Aside();
  Say(Unload{cast_.module});
}

void IdiomTeller::FilterChange() {
  FilterOn(cast_.ops, true);
  Say(Register{cast_.ops});
  FilterOn(cast_.ops, Sometimes());
  Aside();
  FilterOn(cast_.ops, Sometimes());
  Say(Unregister{cast_.ops});
}

void IdiomTeller::CachedFilter() {
  const Which which = chooser_->Chance(1, 3) ? Which::kNotrace : Which::kFilter;
  Say(SetOps{.ops = cast_.ops, .user = User::kTracer, .save_regs = Sometimes()});
  Say(SetFilter{.which = which, .ops = cast_.ops, .pattern = ModulePattern(false)});
  if (Sometimes()) Say(Register{cast_.ops});
  if (chooser_->Chance(1, 4)) {
    Say(SetFilter{.which = which, .ops = cast_.ops, .pattern = ModulePattern(true)});
  }
  Aside();
  LoadAt(cast_.module, cast_.slot);
  Say(Hit{cast_.function});
  if (Sometimes()) Say(Unload{cast_.module});
}

void IdiomTeller::EmptyFilter() {
  LoadAt(cast_.module, cast_.slot);
  FilterOn(cast_.ops, true);
  Say(Register{cast_.ops});
  FilterOff(cast_.ops);
  Aside();
  FilterOn(cast_.ops, true);
  if (Sometimes()) Say(Unregister{cast_.ops});
}

void IdiomTeller::SharedHash() {
  Say(Share{cast_.ops, cast_.ops2});
  FilterOn(Sometimes() ? cast_.ops : cast_.ops2, true);
  Say(Register{cast_.ops});
  Say(Register{cast_.ops2});
  FilterOn(Sometimes() ? cast_.ops : cast_.ops2, Sometimes());
  Aside();
  Say(Unregister{cast_.ops});
  Say(Share{cast_.ops, cast_.ops});
}

void IdiomTeller::IpModify() {
  for (OpsId ops : {cast_.ops, cast_.ops2}) {
    Say(SetOps{.ops = ops, .save_regs = Sometimes(), .ipmodify = true});
    Say(SetFilterIp{.ops = ops, .reset = true, .places = {Place{cast_.function, 0}}});
  }
  Say(Register{cast_.ops});
  Aside();
  Say(Register{cast_.ops2});
  Say(Unregister{cast_.ops});
  Say(Register{cast_.ops2});
}

void IdiomTeller::Sysctl() {
  if (Sometimes()) Say(Register{cast_.ops});
  Say(FtraceEnabled{false});
  FilterOn(cast_.ops, Sometimes());
  Say(Sometimes() ? Op{Register{cast_.ops2}} : Op{Unregister{cast_.ops}});
  if (Sometimes()) LoadAt(cast_.module, cast_.slot);
  Aside();
  Say(FtraceEnabled{true});
}

void IdiomTeller::FaultedLoad() {
  const FaultPoint point = static_cast<FaultPoint>(Pick(kFaultPointCount));
  if (Sometimes()) {
    FilterOn(cast_.ops, false);
    Say(Register{cast_.ops});
  }
  Say(Fault{.point = point, .nth = static_cast<std::uint16_t>(1 + Pick(4))});
  LoadAt(cast_.module, cast_.slot);
  Say(Unload{cast_.module});
  LoadAt(cast_.module, cast_.slot);
}

void IdiomTeller::FaultedPatch() {
  LoadAt(cast_.module, cast_.slot);
  FilterOn(cast_.ops, true);
  Say(Fault{.point = FaultPoint::kVerify, .nth = static_cast<std::uint16_t>(1 + Pick(3))});
  Say(Register{cast_.ops});
  Say(Register{cast_.ops2});
  Say(Unregister{cast_.ops});
  Say(Unload{cast_.module});
}

}  // namespace recount::internal
