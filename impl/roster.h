// Name -> Subject: the one place that knows all of them.
#ifndef RECOUNT_IMPL_ROSTER_H_
#define RECOUNT_IMPL_ROSTER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/subject.h"

namespace recount {

// "reference", "fast", "fast+bug:ID". Error: NotFound that lists what there is (for an unknown bug
// the nearest ids).
absl::StatusOr<std::unique_ptr<Subject>> MakeSubject(std::string_view name);
// Names for help and completion, bugs included.
std::vector<std::string> SubjectNames();

// One more, that this program has and others have not: a kernel that is linked in. Before main()'s
// work begins; `name` must be new.
void AddSubject(std::string name, std::function<std::unique_ptr<Subject>()> make);

}  // namespace recount

#endif  // RECOUNT_IMPL_ROSTER_H_
