// Lockstep: the only judge. Feeds a Program to an oracle and a subject, operation by operation,
// compares what they answer and what they show, and checks the invariants.
//
// Two peers are compared in the same way, but neither is the one that is right: no invariant is
// asked, a crash of either is a difference, and a crash of both at the same operation is none.
#ifndef RECOUNT_HARNESS_LOCKSTEP_H_
#define RECOUNT_HARNESS_LOCKSTEP_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/compare.h"
#include "harness/known/declared.h"
#include "harness/known/known.h"
#include "model/invariants.h"
#include "model/program.h"
#include "model/subject.h"
#include "model/view.h"

namespace recount {

enum class Verdict : std::uint8_t {
  kAgree,
  kDiverge,
  kUnknown,
  // What was to be masked explains a step: a defect, and both agreed up to there; or a declared
  // difference, behind which they may have gone on.
  kKnown,
};

struct Divergence {
  std::size_t op_index = 0;
  // The sides differ before the first operation; op_index is 0.
  bool at_begin = false;
  // Between peers: "expected" is what the left one has, "actual" what the right one has.
  bool peers = false;
  Difference difference;
  // What else the Views differ in, up to kMostAlso.
  static constexpr std::size_t kMostAlso = 6;
  std::vector<Difference> also;
  // Ids of the invariants the subject's View breaks at that point ("I1", "I7"): a hint at the
  // cause.
  std::vector<std::string> broken_invariants;
  // What the subject warned of in that step (Outcome::warnings).
  std::vector<std::string> warnings;

  // "CLASS:OP:SHAPE" with the shape of the field path, names taken out, and for a return value what
  // was expected and what came: "difference:load:records[].count",
  // "difference:unregister:outcome.rc:0/-EBUSY", "fate:hit:crashed", "invariant:load:I4".
  // The shrinker follows the class and files the rest (shrink.h says why).
  std::string Signature(const Program& program) const;
};

struct RunResult {
  Verdict verdict = Verdict::kAgree;
  std::optional<Divergence> divergence;  // iff kDiverge
  std::string unknown_reason;            // iff kUnknown
  const KnownDefect* known = nullptr;    // iff kKnown
  std::uint64_t operations = 0;          // applied to both sides
  std::uint64_t refused = 0;             // of these, the oracle answered rc != 0
};

class Lockstep {
 public:
  enum class Between : std::uint8_t { kOracleAndSubject, kPeers };
  // Neither is owned; both must outlive this. Of peers the left one comes first, and stands where
  // this class says oracle.
  Lockstep(Subject* oracle, Subject* subject, Between between = Between::kOracleAndSubject);
  // The oracle alone, with nothing to compare: for who makes programs and wants its Views.
  explicit Lockstep(Subject* oracle);
  // Masks `known`: a divergence that one of them explains is kKnown. Against an oracle a `load` is
  // then looked at on the way, too: what a defect did there may be gone at the end, and have met a
  // fault.
  void Mask(std::vector<const KnownDefect*> known) { masked_ = std::move(known); }
  // The same for defects of the left one of two peers.
  void MaskLeft(std::vector<const KnownDefect*> known) { masked_left_ = std::move(known); }
  // Masks what two peers are declared to differ in. `*declared` must outlive this.
  void Declare(Declared* declared) { declared_ = declared; }
  // The number of the operation under way, 0 while resetting, goes to `*applied` from now on.
  void Tell(std::atomic<std::uint64_t>* applied) { applied_ = applied; }

  // Resets both sides, compares their first Views.
  std::optional<Divergence> Begin(const WorldPtr& world, const Profile& rules);
  // One operation on both sides. nullopt: they agree, and every invariant holds on both.
  // After a Divergence, kKnown or kUnknown, Begin() again. Where both sides agree and an invariant
  // is broken, the field is "invariant I4", expected its sentence, actual what does not hold.
  struct StepResult {
    Verdict verdict = Verdict::kAgree;
    std::optional<Divergence> divergence;
    Outcome expected;
    bool changed = true;  // false: both agree, and the View is what it was before
    bool ended = false;   // peers that agree in not coming back: as after a Divergence
    std::string unknown_reason;
    // Of kKnown; of kAgree the declared difference that the step shows, which changes no state.
    const KnownDefect* known = nullptr;
    std::vector<std::string> warnings;  // the subject's
  };
  StepResult Step(const Op& op);

  // The oracle's View after the last step.
  const View& view() const { return oracle_views_[now_]; }

  // Why `program` cannot be run at all: it begins at boot, and one of the two after it. Empty when
  // it can.
  std::string CannotRun(const Program& program) const;
  RunResult Run(const Program& program);
  // Run() as the shrinker wants it: the Divergence's signature, empty when there is none.
  std::string Failure(const Program& program);

 private:
  // The last step as the invariants see the subject's side of it. Valid until the next.
  Observation Observed(const Op& op, const Outcome& actual);
  // The first invariant that the step breaks, although both sides agree.
  std::optional<Difference> BrokenInvariant(const Observation& observation);
  // Which of the masked defects explains the last step, if one does.
  const KnownDefect* Explanation(const Op& op, const Outcome& expected,
                                 const Outcome& actual) const;
  // A masked defect that was at work in the last step although the sides agree (known.h).
  const KnownDefect* Hidden(const Op& op, const Outcome& expected) const;
  // Whether a masked defect may show while `op` is under way, and not at its end.
  bool IsToBeWatched(const Op& op) const;
  // Stage by stage. A masked defect that shows on the way ends it.
  const KnownDefect* LoadWatched(const Load& load, Outcome* expected, Outcome* actual);
  StepResult Diverged(Difference difference, const Op& op, const Outcome& actual, bool observed);

  bool peers() const { return between_ == Between::kPeers; }

  Subject* oracle_;
  Subject* subject_;  // null: the oracle is alone
  Between between_ = Between::kOracleAndSubject;
  std::vector<const KnownDefect*> masked_;
  std::atomic<std::uint64_t>* applied_ = nullptr;
  std::vector<const KnownDefect*> masked_left_;
  Declared* declared_ = nullptr;
  WorldPtr world_;
  Profile rules_;
  std::size_t steps_ = 0;
  // What the oracle showed last, and the time before: a View is too big to be moved about.
  std::array<View, 2> oracle_views_;
  std::size_t now_ = 0;
  View actual_view_;
  // While a load is watched: ahead of the stage, the oracle's behind it, the subject's.
  View stage_before_, stage_after_, stage_shown_;
  std::array<std::uint16_t, kFaultPointCount> armed_{};  // DivergingStep::armed
  std::vector<TracedBy> traced_;
  Announcements told_;
  bool view_checked_ =
      false;  // every invariant of a View has been asked of the one before the step
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_LOCKSTEP_H_
