#include "harness/generate/chooser.h"

#include "model/check.h"

namespace recount {
namespace {

// splitmix64: spreads a small seed over the whole state.
std::uint64_t SplitMix(std::uint64_t* x) {
  std::uint64_t z = (*x += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr std::uint64_t RotateLeft(std::uint64_t x, int bits) {
  return (x << bits) | (x >> (64 - bits));
}

}  // namespace

RandomChooser::RandomChooser(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = SplitMix(&seed);
}

std::uint32_t RandomChooser::Pick(std::uint32_t n) {
  RECOUNT_CHECK(n > 0);
  const std::uint64_t result = RotateLeft(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = RotateLeft(state_[3], 45);
  // Multiply and shift instead of modulo. The bias is below n / 2^32, and one Pick always takes one
  // number, so a Program's later choices do not depend on a rejection.
  return static_cast<std::uint32_t>(((result >> 32) * n) >> 32);
}

std::uint32_t ByteChooser::Pick(std::uint32_t n) {
  RECOUNT_CHECK(n > 0);
  // As few bytes as n needs, so that a mutated byte changes one choice. A choice among one thing
  // takes none.
  std::size_t width = n <= 1 ? 0 : n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 4;
  if (width > bytes_.size()) width = bytes_.size();
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= std::uint32_t{bytes_[i]} << (8 * i);
  bytes_ = bytes_.subspan(width);
  return value % n;
}

}  // namespace recount
