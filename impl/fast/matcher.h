// One pattern of a filter token, compiled: what shape it has and what it compares (SEMANTICS 5).
#ifndef RECOUNT_IMPL_FAST_MATCHER_H_
#define RECOUNT_IMPL_FAST_MATCHER_H_

#include <cstdint>
#include <string_view>

#include "impl/bugs/bugs.h"

namespace recount::fast {

class Matcher {
 public:
  enum class Shape : std::uint8_t { kIndex, kFull, kFront, kEnd, kMiddle, kGlob };

  // `text` is without the leading `!`, and outlives this.
  Matcher(std::string_view text, BugSet bugs);

  Shape shape() const { return shape_; }
  // What is compared: the text without the `*` that made the shape.
  std::string_view text() const { return text_; }
  // Every name matches.
  bool everything() const {
    return text_.empty() && (shape_ == Shape::kEnd || shape_ == Shape::kMiddle);
  }
  // False for kIndex: that is not about names.
  bool Matches(std::string_view name) const;
  // For kIndex: the number, from 1; 0 when the text is none.
  std::uint64_t index() const;

 private:
  std::string_view text_;
  Shape shape_ = Shape::kFull;
  // The bug glob-front-overcompare.
  bool overcompare_ = false;
};

// Shell glob over the whole of `name`.
bool GlobMatches(std::string_view pattern, std::string_view name);

}  // namespace recount::fast

#endif  // RECOUNT_IMPL_FAST_MATCHER_H_
