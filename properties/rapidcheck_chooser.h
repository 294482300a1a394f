// RapidCheck's Random as a source of choices: the one generator of harness/generate/generate.h,
// driven by RapidCheck.
#ifndef RECOUNT_PROPERTIES_RAPIDCHECK_CHOOSER_H_
#define RECOUNT_PROPERTIES_RAPIDCHECK_CHOOSER_H_

#include <rapidcheck/Random.h>

#include <cstdint>

#include "harness/generate/chooser.h"

namespace recount {

class RapidCheckChooser final : public Chooser {
 public:
  explicit RapidCheckChooser(const rc::Random& random) : random_(random) {}

  std::uint32_t Pick(std::uint32_t n) override {
    // The upper half scaled down: without a division, and the same on every compiler.
    return static_cast<std::uint32_t>((random_.next() >> 32) * n >> 32);
  }

 private:
  rc::Random random_;
};

}  // namespace recount

#endif  // RECOUNT_PROPERTIES_RAPIDCHECK_CHOOSER_H_
