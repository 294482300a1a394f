// Rules on a command line: a profile, and switches of it that are set otherwise.
//
//   linux-6.1
//   linux-6.1,load_path=chain
//   linux-6.1,load_path=chain,rollback=reverse
//
// A Program names a profile only: so these are for a side of `recount equiv`, which plays by them
// whatever the Program says.
#ifndef RECOUNT_HARNESS_CLI_RULES_H_
#define RECOUNT_HARNESS_CLI_RULES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/profile.h"

namespace recount {

struct Rules {
  const NamedProfile* profile = nullptr;  // as it is called
  Profile switched;                       // and with its switches set
};

// Errors: NotFound that lists the profiles, or the switches; InvalidArgument for a value that a
// switch does not have, or a switch that is set twice.
absl::StatusOr<Rules> RulesNamed(std::string_view text);
// Whether `text` begins with a profile, so that RulesNamed() is to say what is wrong with it.
bool BeginsWithProfile(std::string_view text);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_RULES_H_
