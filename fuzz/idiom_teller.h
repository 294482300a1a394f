// Tells one idiom: what the stories of idioms*.cc share. Not for others.
#ifndef RECOUNT_FUZZ_IDIOM_TELLER_H_
#define RECOUNT_FUZZ_IDIOM_TELLER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fuzz/idioms.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "model/op.h"
#include "model/world.h"

namespace recount::internal {

// The cast of one story, drawn once so that its operations are about the same things.
struct Cast {
  ModuleId module{};
  ModuleId other{};  // another module where there is one
  SlotId slot{};
  SlotId elsewhere{};
  OpsId ops{};
  OpsId ops2{};  // never `ops`
  PatchId patch{};
  PatchId patch2{};  // never `patch`
  KprobeId kprobe{};
  KprobeId kprobe2{};     // never `kprobe`
  FunctionId function{};  // of `module`; of the core in a world without modules
};

template <typename Id>
Id Different(Id id, std::size_t count, Chooser* chooser) {
  if (count < 2) return id;
  auto shift = 1 + chooser->Pick(static_cast<std::uint32_t>(count - 1));
  return static_cast<Id>((Index(id) + shift) % count);
}

class IdiomTeller {
 public:
  IdiomTeller(const World& world, Chooser* chooser);
  std::vector<Op> Tell(Idiom idiom);

 private:
  std::uint32_t Pick(std::size_t n) { return chooser_->Pick(static_cast<std::uint32_t>(n)); }
  bool Sometimes() { return chooser_->Chance(1, 2); }
  // An operation on a module is left out where the world has none.
  void Say(Op op);
  // Now and then something unrelated happens in between.
  void Aside();

  Pattern FunctionPattern();
  Pattern ModulePattern(bool negated);
  void LoadAt(ModuleId module, SlotId slot) { Say(Load{module, slot, std::nullopt}); }
  void FilterOn(OpsId ops, bool reset);
  void FilterOff(OpsId ops) { Say(SetFilter{.ops = ops, .reset = true, .pattern = Pattern()}); }

  // The 2013 bug and its relatives: the hash remembers what the records forgot.
  void Reload(ModuleId second, SlotId slot);
  void StagedLoad();
  void FilterChange();
  void CachedFilter();
  void EmptyFilter();
  void SharedHash();
  void IpModify();
  void Sysctl();
  void FaultedLoad();
  void FaultedPatch();

  // Some notifiers of one chain, in any order and with one priority or two.
  std::vector<NotifierId> Assemble(Chain chain);
  Answer Refusal();
  void NotifiedLoad();
  void RobustCall();
  void Patch(PatchId patch, bool replace);
  void Livepatch();
  void PatchStack();

  // Mostly the call site, else an instruction behind it.
  Place ProbedPlace();
  // S 8.8: what the module takes along is gone for good.
  void ProbedModule();
  // S 8.4: the aggregator gets a post_handler, and moves from one ops to the other.
  void ProbeStack();
  // S 8.3, 7.3: one IPMODIFY a record, whoever comes first.
  void ProbeAndOwner();
  // S 8.7: a jump that the worker puts in goes in one way, and perhaps comes back.
  void OptimizedProbe();

  const World& world_;
  Chooser* chooser_;
  Cast cast_;
  std::vector<Op> story_;
};

}  // namespace recount::internal

#endif  // RECOUNT_FUZZ_IDIOM_TELLER_H_
