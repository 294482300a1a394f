// Where a real kernel does otherwise than the intent, declared by name: one table.
//
// The reference says what should happen. A deviation that a replay meets is counted and printed;
// anything the table does not explain is a difference.
#ifndef RECOUNT_HARNESS_CONFORM_DEVIATIONS_H_
#define RECOUNT_HARNESS_CONFORM_DEVIATIONS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/conform/recording.h"
#include "harness/conform/translate.h"
#include "model/ids.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

// What of a step disagreed.
enum class Aspect : std::uint8_t {
  kRc,
  kComplaint,  // the kernel warned or crashed
  kAnswer,     // of a notifier chain
  kLog,        // which notifiers were called
  kReturned,
  kHits,
  kModules,
  kRecordSet,  // a record is there on one side only
  kCount,
  kEnabled,
  kIpModify,
  kDisabled,
  kRegs,    // wanted or current
  kTramp,   // wanted or current
  kDirect,  // wanted or current: the language has no direct calls
  kRegistered,
  kHash,
  kLines,
  kKprobe,  // its flags, the list of all
  kSysctl,
};

struct Mismatch {
  Aspect aspect = Aspect::kRc;
  std::string field;  // "recs.tgA.tgA_f0.count"
  std::string kernel;
  std::string model;
  FunctionId function = kNoFunction;       // of a record's mismatch
  const RecordedRecord* record = nullptr;  // what the kernel showed of it, if it is there
};

struct StepContext {
  const Universe& universe;
  const RecordedStep* previous;  // nullptr at the first step
  const RecordedStep& step;
  const StepPlan& plan;
  const View& before;
  const View& after;
};

enum class DeviationKind : std::uint8_t {
  kTolerance,      // harmless; comparing goes on
  kDefect,         // leaves the kernel unsound; comparing ends
  kConfiguration,  // that kernel or that guest is built differently; comparing goes on
};
std::string_view ToText(DeviationKind kind);

struct Deviation {
  std::string_view name;
  DeviationKind kind;
  std::string_view kernels;      // on which it was seen, or read in the source
  std::string_view kernel_does;  // one sentence
  std::string_view intent;       // what the reference says instead
  std::string_view source;
  // Whether some recording of corpus/kernel/ meets it.
  bool recorded;
  // nullptr when a recording cannot show it, or when the translation recognises it.
  bool (*explains)(const StepContext& context, const Mismatch& mismatch);
};

std::span<const Deviation> Deviations();
const Deviation* FindDeviation(std::string_view name);
// The first one that explains `mismatch`, or nullptr.
const Deviation* Explain(const StepContext& context, const Mismatch& mismatch);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_DEVIATIONS_H_
