// What two profiles are declared to differ in where they tell notifiers, ftrace and livepatch of
// modules (SEMANTICS 13): by name, so that `recount equiv` can go on behind it.
//
// A declared difference explains a step on which two peers differ when it says all of it: what each
// side told is predicted from the chain, the scripts and the rules, and must be what the side's log
// says; what a script takes and gives back must follow from that log; and everything else must be
// equal. A difference of the logs alone leaves both sides in one state, and the program goes on.
// Where the sides part for good it ends there, and what belongs to the module that was loaded is
// left out of the comparison.
#ifndef RECOUNT_HARNESS_KNOWN_DECLARED_H_
#define RECOUNT_HARNESS_KNOWN_DECLARED_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "harness/known/declared_table.h"
#include "harness/known/declared_teller.h"
#include "harness/known/known.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"
#include "model/world.h"

namespace recount {

struct DeclaredFindings;  // declared_step.h

// Follows two peers through one Program.
class Declared {
 public:
  // Only `masked` explain anything.
  Declared(std::vector<const KnownDefect*> masked, const Profile& left, const Profile& right);

  // The start of a Program.
  void Begin(const World& world);
  // Not null: before `op`, the sides are not where they could be compared again.
  const KnownDefect* EndsBefore(const Op& op) const;

  // A step from which both sides returned, whether they differ or not.
  struct Step {
    const Op& op;
    const View& before;
    const Outcome& left;
    const Outcome& right;
    const View& left_view;
    const View& right_view;
  };
  struct Met {
    const KnownDefect* which = nullptr;  // null: nothing declared is in the step, or not all of it
    bool goes_on = false;                // the sides are in one state, or soon will be
  };
  // To be called for every step. Of several the last in the table is named.
  Met Explain(const Step& step);

 private:
  void ExplainRobust(const Step& step, const NotifyRobust& op, DeclaredFindings* found) const;
  std::uint32_t Hidden(const Step& step, ModuleId module) const;
  bool ExplainKprobes(const Step& step, ModuleId module, View* left, View* right,
                      DeclaredFindings* found) const;
  bool Armed(std::initializer_list<FaultPoint> points) const;

  std::vector<const KnownDefect*> masked_;
  Profile left_, right_;
  const World* world_ = nullptr;
  Teller teller_;
  std::array<bool, kFaultPointCount> armed_{};  // by a `fault` of the program; perhaps struck since
  // Its init text is gone on one side only, until its next stage.
  std::optional<ModuleId> waiting_for_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DECLARED_H_
