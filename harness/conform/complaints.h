// What a kernel complained of in a step: the recorded one, and a subject that is a kernel itself.
//
// The rules know of no complaints, so for every other subject a complaint is a deviation that has
// to be declared. A kernel as a subject must complain of the same, and at the same place.
#ifndef RECOUNT_HARNESS_CONFORM_COMPLAINTS_H_
#define RECOUNT_HARNESS_CONFORM_COMPLAINTS_H_

#include <span>
#include <string>
#include <string_view>

#include "harness/conform/recording.h"
#include "model/subject.h"

namespace recount {

// Whether `subject` is kernel code: "linux:6.1".
bool IsKernel(const Subject& subject);

// The places that warned: "kernel/notifier.c:28 kernel/module/main.c:1", "none"; "somewhere" when
// no line that was kept says where.
std::string RecordedWarnings(const RecordedStep& step);
std::string WarningsText(std::span<const std::string> warnings);

// Whether two such texts name the same files, in the same order, and other lines.
bool DifferInLinesOnly(std::string_view a, std::string_view b);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_COMPLAINTS_H_
