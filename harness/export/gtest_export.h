// A Program as a GoogleTest source file.
#ifndef RECOUNT_HARNESS_EXPORT_GTEST_EXPORT_H_
#define RECOUNT_HARNESS_EXPORT_GTEST_EXPORT_H_

#include <string>

#include "harness/export/export.h"
#include "model/program.h"

namespace recount {

// See ExportProgram(). The program stands in the file as text, because that is what a reader of a
// failing test wants to see, and what he pastes back into a .prog.
std::string GtestText(const Program& program, const ExportOptions& options);

}  // namespace recount

#endif  // RECOUNT_HARNESS_EXPORT_GTEST_EXPORT_H_
