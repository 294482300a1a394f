// Makes patterns out of names, in a buffer on the stack: no string is built on the way.
#ifndef RECOUNT_HARNESS_GENERATE_PATTERN_MAKER_H_
#define RECOUNT_HARNESS_GENERATE_PATTERN_MAKER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/generate/chooser.h"
#include "harness/generate/swarm.h"
#include "model/pattern.h"

namespace recount {

// Text of bounded length; what does not fit is cut off.
class PatternBuffer {
 public:
  void Add(char c) {
    if (size_ < text_.size()) text_[size_++] = c;
  }
  void Add(std::string_view text) {
    for (const char c : text) Add(c);
  }
  std::size_t size() const { return size_; }
  // The null pattern when the text is no pattern (empty, or a word the text form keeps for itself).
  Pattern Take() const;

 private:
  std::array<char, Pattern::kMaxSize> text_{};
  std::size_t size_ = 0;
};

// Appends a pattern of `shape` that matches `name` (kIndex: any of `records` records).
// REQUIRES: `name` is not empty.
void AddShaped(PatternShape shape, std::string_view name, std::uint32_t records, Chooser* chooser,
               PatternBuffer* out);

}  // namespace recount

#endif  // RECOUNT_HARNESS_GENERATE_PATTERN_MAKER_H_
