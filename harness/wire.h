// Outcomes and Views as bytes, from one process of this machine to another that was built from the
// same tree: no file has them, so neither byte order nor versions are a matter.
//
// Canonical: equal values have equal bytes, so a digest of the bytes stands for the value. What is
// not compared, the warnings of an Outcome, is not sent.
#ifndef RECOUNT_HARNESS_WIRE_H_
#define RECOUNT_HARNESS_WIRE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "model/outcome.h"
#include "model/view.h"

namespace recount {

// Behind what `bytes` has already.
void AppendOutcome(const Outcome& outcome, std::string* bytes);
void AppendView(const View& view, std::string* bytes);

// Takes one from the front of `bytes`. False when they are cut short or cannot be one: whoever
// wrote them may have been out of its mind.
bool TakeOutcome(std::string_view* bytes, Outcome* outcome);
bool TakeView(std::string_view* bytes, View* view);

// 64 bits that differ wherever `bytes` do, but for chance.
std::uint64_t Digest(std::string_view bytes);

}  // namespace recount

#endif  // RECOUNT_HARNESS_WIRE_H_
