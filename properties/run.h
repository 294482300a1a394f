// A subject and its View, and what a property asks of them: shorthand for laws about one subject.
#ifndef RECOUNT_PROPERTIES_RUN_H_
#define RECOUNT_PROPERTIES_RUN_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/op.h"
#include "model/outcome.h"
#include "model/program.h"
#include "model/subject.h"
#include "model/view.h"
#include "properties/for_all.h"

namespace recount {

// One subject running one Program, step by step, with its View at hand.
class Run {
 public:
  // `name` as in impl/roster.h.
  Run(std::string_view name, const Program& program);

  Outcome Apply(const Op& op);
  // All operations of the Program.
  void ApplyAll();
  // What shows now. Valid until the next Apply().
  const View& view() const { return view_; }
  const World& world() const { return *program_.world; }
  bool alive() const { return !view_.globals.dead; }

 private:
  const Program& program_;
  std::unique_ptr<Subject> subject_;
  View view_;
};

// nullopt when the Views are equal; else a Broken that names the first difference. `law` is one
// word.
std::optional<Broken> ViewsDiffer(std::string_view law, const World& world, const View& expected,
                                  const View& actual);
// nullopt when notifiers were told the same, `expected` by `op`.
std::optional<Broken> LogsDiffer(std::string_view law, const World& world, const Op& op,
                                 const Outcome& expected, const Outcome& actual);
// nullopt when `rc` is `expected`.
std::optional<Broken> RcDiffers(std::string_view law, int expected, int actual);

// Whether an operation is about notifiers, livepatches, or kprobes. What a law about records says
// may not hold where the first two decide whether a module may be loaded, and where a kprobe has
// gone.
bool IsAboutNotifiers(const Op& op);
bool IsAboutLivepatches(const Op& op);
bool IsAboutKprobes(const Op& op);
// `program` without the operations that are `unwanted`.
Program Without(Program program, bool (*unwanted)(const Op& op));

// The law must hold of the fast implementation and of the reference alike: a wrong law shows at the
// reference, a wrong implementation at only one of them.
using LawOfOneSubject = std::optional<Broken> (*)(std::string_view subject, const Program& program);
ProgramProperty ForReferenceAndFast(LawOfOneSubject law);

}  // namespace recount

#endif  // RECOUNT_PROPERTIES_RUN_H_
