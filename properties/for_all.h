// ForAllPrograms: RapidCheck draws Programs with our generator, a property looks at each, our
// shrinker makes the first that breaks it small, and GoogleTest reports that.
//
// RapidCheck counts the cases, grows their size and gives the seed. Its own shrinking is off: it
// removes parts of a list and knows nothing of ids that must change together.
//
//   RC_PARAMS="seed=7"             other programs
//   RC_PARAMS="max_success=1000"   ten times as many (100 stands for a property's own number)
//   RECOUNT_PROGRAM=x.prog         this one program instead of random ones
#ifndef RECOUNT_PROPERTIES_FOR_ALL_H_
#define RECOUNT_PROPERTIES_FOR_ALL_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/generate/generate.h"
#include "model/program.h"

namespace recount {

// How a property fails for one Program.
struct Broken {
  // What makes two failures the same for the shrinker: "CLASS:DETAIL" as in
  // harness/shrink/shrink.h.
  std::string signature;
  std::string what;  // for people
};
// nullopt: it holds.
using ProgramProperty = std::function<std::optional<Broken>(const Program&)>;

struct Programs {
  // Each Program is in one of these, and in one of the profiles.
  std::vector<std::string_view> worlds = {"small"};
  int cases = 100;
  // The longest; RapidCheck's size grows the length towards it.
  std::uint32_t max_ops = 200;
  // Without: no `fault` operations, so that ftrace never dies.
  bool faults = true;
};

// Fails the current test, with the minimal program, where `property` is broken. At most once a
// test.
void ForAllPrograms(const Programs& programs, const ProgramProperty& property);

}  // namespace recount

#endif  // RECOUNT_PROPERTIES_FOR_ALL_H_
