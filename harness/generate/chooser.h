// Where a generator's choices come from. One generator, several sources: a PRNG, RapidCheck's
// Random, a fuzzer's bytes, later an odometer.
#ifndef RECOUNT_HARNESS_GENERATE_CHOOSER_H_
#define RECOUNT_HARNESS_GENERATE_CHOOSER_H_

#include <cstdint>
#include <span>

namespace recount {

class Chooser {
 public:
  virtual ~Chooser() = default;
  // A number in [0, n). REQUIRES: n > 0.
  virtual std::uint32_t Pick(std::uint32_t n) = 0;

  // True `num` times out of `den`.
  bool Chance(std::uint32_t num, std::uint32_t den) { return Pick(den) < num; }
};

// xoshiro256** seeded by splitmix64: the same numbers on every compiler.
class RandomChooser final : public Chooser {
 public:
  explicit RandomChooser(std::uint64_t seed);
  std::uint32_t Pick(std::uint32_t n) override;

 private:
  std::uint64_t state_[4];
};

// Takes choices from bytes; 0 once they are used up.
class ByteChooser final : public Chooser {
 public:
  explicit ByteChooser(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint32_t Pick(std::uint32_t n) override;

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_GENERATE_CHOOSER_H_
