// Random programs that do something.
//
// The generator sees the oracle's View before each choice, so it prefers what exists: loaded
// modules, the slot a module was last at, registered ops, functions that are traced. Swarm: each
// Program switches some kinds of operation and fault off altogether and weighs the rest unevenly,
// because "everything, always a little" hides long odd sequences (swarm.h).
#ifndef RECOUNT_HARNESS_GENERATE_GENERATE_H_
#define RECOUNT_HARNESS_GENERATE_GENERATE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/generate/chooser.h"
#include "harness/generate/pattern_maker.h"
#include "harness/generate/swarm.h"
#include "model/program.h"
#include "model/subject.h"
#include "model/view.h"

namespace recount {

struct GenerateOptions {
  std::uint32_t min_ops = 100;
  std::uint32_t max_ops = 300;
  Limits limits;  // of what the Program is for
};

class Generator {
 public:
  // Draws the swarm and the length of one Program. `chooser` must outlive the generator.
  // `rules`: what the Program is run by.
  Generator(WorldPtr world, const Profile& rules, Chooser* chooser,
            const GenerateOptions& options = {});
  // The next operation, given what the oracle shows now.
  Op Next(const View& view);
  // True when the Program is long enough. Once ftrace is dead, a few operations are enough: nearly
  // all of them are refused.
  bool Finished(const View& view) const;

 private:
  // What matters of a View, gathered once an operation. Modules are indices into swarm_.modules.
  struct Modules {
    std::array<std::uint8_t, 8> index;
    std::uint32_t count = 0;
    void Add(std::size_t i) { index[count++] = static_cast<std::uint8_t>(i); }
  };

  void Look(const View& view);
  // Writes an operation of the kind; false when none seems worth it and the Program is careful.
  bool Make(OpKind kind, const View& view, Op* op);
  bool MakeLoad(OpKind kind, const View& view, Op* op);
  bool MakeLoadStep(const View& view, Op* op);
  bool MakeUnload(Op* op);
  bool MakeSetFilter(const View& view, Op* op);
  bool MakeSetFilterIp(const View& view, Op* op);
  bool MakeShare(const View& view, Op* op);
  bool MakeSetOps(const View& view, OpsId ops, Op* op);
  bool MakeRegister(const View& view, Op* op);
  bool MakeUnregister(const View& view, Op* op);
  bool MakeFault(Op* op);
  // chain.cc
  bool MakeChainOp(OpKind kind, const View& view, Op* op);
  bool MakeAddNotifier(const View& view, Op* op);
  bool MakeRemoveNotifier(const View& view, Op* op);
  bool MakeSetScript(const View& view, Op* op);
  bool MakeRepair(NotifierId notifier, Op* op);
  bool MakeNotify(const View& view, Op* op);
  bool MakeNotifyRobust(const View& view, Op* op);
  // livepatch.cc
  bool MakeSetPatch(const View& view, Op* op);
  bool MakeEnablePatch(const View& view, Op* op);
  bool MakeDisablePatch(const View& view, Op* op);
  // kprobe.cc
  bool MakeKprobeOp(OpKind kind, const View& view, Op* op);
  bool MakeAddKprobe(const View& view, Op* op);
  bool MakeOptimize(const View& view, Op* op);

  // boot.cc
  bool MakeBoot(const View& view, Op* op);
  // Whether the operation is bound to be refused in this phase.
  static bool HasToWait(OpKind kind, const View& view, bool early);

  bool Sometimes(std::uint8_t of16) { return of16 > 0 && chooser_->Chance(of16, 16); }
  bool Careless() { return Sometimes(swarm_.careless); }
  template <typename T>
  const T& OneOf(const std::vector<T>& values) {
    return values[chooser_->Pick(static_cast<std::uint32_t>(values.size()))];
  }
  std::uint32_t Below(std::size_t n) { return chooser_->Pick(static_cast<std::uint32_t>(n)); }

  // A slot where the module of swarm_.modules[i] overlaps nothing present; kNoSlot when it found
  // none.
  SlotId FreeSlot(std::size_t i, const View& view);
  bool Overlaps(ModuleId module, SlotId slot, const View& view) const;
  // Any function of the images this Program works with, a record or not.
  FunctionId AnyFunction();
  // The function of a record, from a module rather than from the core; kNoFunction when there is no
  // record at all.
  FunctionId SomeRecord(const View& view);
  // The function at `ip` now; kNoFunction when nothing is there.
  FunctionId FunctionAt(Address ip, const View& view) const;
  FunctionId InHash(const HashView& hash, const View& view);
  Pattern MakePattern(const View& view, const OpsView& ops, const HashView& hash);
  Errno SomeErrno();

  // The chain a notifier is on; nullptr when it is on none.
  static const ChainView* ChainOf(NotifierId notifier, const View& view);
  // A chain that a Program may call, rather one with somebody on it.
  Chain CallableChain(const View& view);
  Answer SomeAnswer(bool refuses);
  // A function to patch: one that another patch has, or one of the images of this Program.
  FunctionId ToPatch(const View& view);
  // An address that livepatch patches at; 0 when there is none.
  Address PatchedAddress(const View& view);
  static bool HasPermanent(const View& view);
  // Where to put a kprobe: where another one is or was, or mostly on a record.
  Place ToProbe(const View& view);
  // A place at most four bytes from one that is probed, or where an unused jump is.
  std::optional<Place> NextToProbed(const View& view);
  // The function that some registered kprobe is in; kNoFunction when it found none, and mostly in a
  // Program that has no kprobes.
  FunctionId ProbedFunction(const View& view);

  WorldPtr world_;
  Chooser* chooser_;
  Limits limits_;
  Swarm swarm_;
  bool early_kprobes_;
  std::uint32_t length_;
  std::uint32_t made_ = 0;
  std::uint32_t made_dead_ = 0;
  std::size_t opening_ = 0;           // ops of swarm_.ops that have had their say at the start
  std::size_t notifiers_opened_ = 0;  // of the notifiers
  std::optional<Op> follow_up_;       // what the operation before is half of
  // Notifiers whose script refuses a load, as far as this Program said: a bit each.
  std::uint8_t refusing_ = 0;
  std::vector<SlotId> last_slot_;  // of each module in swarm_.modules; kNoSlot: never loaded
  SlotId newest_slot_ = kNoSlot;   // of the last load of any module

  std::optional<Place> last_probed_;  // where this Program put a kprobe last

  Modules live_, absent_, under_way_;
  std::uint32_t core_records_ = 0;
};

// Whether a Program of this profile, for a subject with these limits, starts from boot: most do
// where there are early kprobes.
bool DrawFromBoot(const NamedProfile& profile, const Limits& limits, Chooser* chooser);

// A whole Program: `oracle` is reset and stepped along, so that choices see its Views.
Program GenerateProgram(WorldPtr world, const NamedProfile& profile, const GenerateOptions& options,
                        Chooser* chooser, Subject* oracle);

// One operation of any kind and operands, without a View: for mutators. A third is about
// notifiers, livepatches and kprobes.
Op RandomOp(const World& world, Chooser* chooser);
// A pattern that is likely to match something in `world`: names cut, starred, negated, with
// modules.
Pattern RandomPattern(const World& world, Chooser* chooser);

}  // namespace recount

#endif  // RECOUNT_HARNESS_GENERATE_GENERATE_H_
