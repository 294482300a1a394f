// Stories of kprobes.
#include <iterator>

#include "fuzz/idiom_teller.h"

namespace recount::internal {

Place IdiomTeller::ProbedPlace() {
  static constexpr std::uint8_t kOffsets[] = {0, 0, 0, 0, 5, 8, 12};
  return {cast_.function, kOffsets[Pick(std::size(kOffsets))]};
}

void IdiomTeller::ProbedModule() {
  const Place place = ProbedPlace();
  LoadAt(cast_.module, cast_.slot);
  Say(AddKprobe{cast_.kprobe, place, Sometimes(), chooser_->Chance(1, 4)});
  if (chooser_->Chance(1, 3)) Say(AddKprobe{cast_.kprobe2, place, Sometimes(), false});
  Say(Hit{cast_.function});
  Aside();
  Say(Unload{cast_.module});
  if (chooser_->Chance(1, 3)) Say(RemoveKprobe{cast_.kprobe});
  LoadAt(cast_.module, cast_.slot);
  Say(Hit{cast_.function});
  if (Sometimes()) Say(EnableKprobe{cast_.kprobe});
  Say(AddKprobe{Sometimes() ? cast_.kprobe : cast_.kprobe2, place, Sometimes(), false});
  Say(Hit{cast_.function});
  Say(RemoveKprobe{cast_.kprobe});
}

void IdiomTeller::ProbeStack() {
  const Place place = ProbedPlace();
  LoadAt(cast_.module, cast_.slot);
  const bool post_first = chooser_->Chance(1, 4);
  Say(AddKprobe{cast_.kprobe, place, post_first, chooser_->Chance(1, 4)});
  Say(AddKprobe{cast_.kprobe2, place, !post_first, chooser_->Chance(1, 4)});
  Say(Hit{cast_.function});
  Aside();
  if (chooser_->Chance(1, 3)) Say(KprobesArmed{false});
  const bool newest_first = Sometimes();
  const KprobeId first = newest_first ? cast_.kprobe2 : cast_.kprobe;
  const KprobeId second = newest_first ? cast_.kprobe : cast_.kprobe2;
  if (Sometimes()) Say(DisableKprobe{Sometimes() ? first : second});
  if (Sometimes()) Say(EnableKprobe{Sometimes() ? first : second});
  Say(RemoveKprobe{first});
  if (Sometimes()) Say(KprobesArmed{true});
  Say(Hit{cast_.function});
  Say(RemoveKprobe{second});
  Say(AddKprobe{first, place, false, false});
}

void IdiomTeller::ProbeAndOwner() {
  LoadAt(cast_.module, cast_.slot);
  const Place place{cast_.function, 0};
  const Op probe = AddKprobe{cast_.kprobe, place, chooser_->Chance(3, 4), false};
  const bool probe_first = Sometimes();
  if (probe_first) Say(probe);
  const bool patch = Sometimes();
  if (patch) {
    Patch(cast_.patch, false);
    Say(EnablePatch{cast_.patch});
  } else {
    Say(SetOps{.ops = cast_.ops, .save_regs = true, .ipmodify = true});
    Say(SetFilterIp{.ops = cast_.ops, .reset = true, .places = {place}});
    Say(Register{cast_.ops});
  }
  if (!probe_first) Say(probe);
  if (Sometimes()) Say(AddKprobe{cast_.kprobe2, place, Sometimes(), false});
  Say(Hit{cast_.function});
  Aside();
  const Op end = patch ? Op{DisablePatch{cast_.patch}} : Op{Unregister{cast_.ops}};
  Say(probe_first ? Op{RemoveKprobe{cast_.kprobe}} : end);
  Say(Hit{cast_.function});
  if (!probe_first) Say(AddKprobe{cast_.kprobe, place, true, false});
}

void IdiomTeller::OptimizedProbe() {
  const bool low = Sometimes();
  const auto offset = static_cast<std::uint8_t>(low ? 5 : 8);
  const auto behind = static_cast<std::uint8_t>(low ? 8 : 12);
  LoadAt(cast_.module, cast_.slot);
  Say(AddKprobe{cast_.kprobe, {cast_.function, offset}, false, chooser_->Chance(1, 6)});
  if (chooser_->Chance(5, 6)) Say(Optimize{});
  switch (Pick(4)) {
    case 0:
      Say(KprobesArmed{false});
      Aside();
      Say(KprobesArmed{true});
      break;
    case 1:
      Say(AddKprobe{cast_.kprobe2, {cast_.function, behind}, false, Sometimes()});
      if (Sometimes()) Say(EnableKprobe{cast_.kprobe2});
      if (Sometimes()) Say(Optimize{});
      Say(Sometimes() ? Op{DisableKprobe{cast_.kprobe2}} : Op{RemoveKprobe{cast_.kprobe2}});
      break;
    case 2:
      Say(DisableKprobe{cast_.kprobe});
      if (Sometimes()) Aside();
      Say(EnableKprobe{cast_.kprobe});
      break;
    default:
      Say(RemoveKprobe{cast_.kprobe});
      if (Sometimes()) Say(AddKprobe{cast_.kprobe2, {cast_.function, behind}, false, false});
      Say(AddKprobe{cast_.kprobe, {cast_.function, offset}, Sometimes(), chooser_->Chance(1, 4)});
  }
  Say(Hit{cast_.function});
  Say(Optimize{});
  Say(Hit{cast_.function});
  Say(RemoveKprobe{cast_.kprobe});
}

}  // namespace recount::internal
