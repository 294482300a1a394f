// Known bugs as switches of the fast implementation: the ground truth that checks are measured by.
#ifndef RECOUNT_IMPL_BUGS_BUGS_H_
#define RECOUNT_IMPL_BUGS_BUGS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace recount {

enum class Bug : std::uint8_t {
#define RECOUNT_BUG(name, id, profile, origin, title) name,
#include "impl/bugs/bugs.def"
#undef RECOUNT_BUG
};

struct BugInfo {
  Bug bug;
  std::string_view id;       // "reload-refcount-lost"
  std::string_view profile;  // a profile it shows in; the one a hunt for it uses
  std::string_view origin;   // commit or mail, and how sure we are of it
  std::string_view title;    // what goes wrong, one sentence
};

// Every bug, in the order of bugs.def.
std::span<const BugInfo> Bugs();
// nullptr for an unknown id.
const BugInfo* FindBug(std::string_view id);

class BugSet {
 public:
  static constexpr std::size_t kRoom = 128;

  constexpr BugSet() = default;
  constexpr explicit BugSet(Bug bug) { words_[Word(bug)] = Bit(bug); }
  // No bug, no cost: RECOUNT_NO_BUGS compiles every mark out.
#ifdef RECOUNT_NO_BUGS
  constexpr bool has(Bug) const { return false; }
#else
  constexpr bool has(Bug bug) const { return (words_[Word(bug)] & Bit(bug)) != 0; }
#endif

 private:
  static constexpr std::size_t Word(Bug bug) { return static_cast<std::size_t>(bug) / 64; }
  static constexpr std::uint64_t Bit(Bug bug) {
    return std::uint64_t{1} << (static_cast<unsigned>(bug) % 64);
  }
  std::array<std::uint64_t, kRoom / 64> words_{};
};

}  // namespace recount

#endif  // RECOUNT_IMPL_BUGS_BUGS_H_
