// The semantics in force: named switches over one body of rules, and names for bundles of them.
//
// A profile is not an archaeology of a release. Where a switch meets something its era did not
// have, the simplest consistent rule is taken and said in SEMANTICS.md.
#ifndef RECOUNT_MODEL_PROFILE_H_
#define RECOUNT_MODEL_PROFILE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace recount {

struct Profile {
  // What happens to filter entries whose functions vanish (SPEC 5.6).
  enum class Reload : std::uint8_t {
    kRecounted,  // 3.2.54 to 4.13: entries survive, and are counted again when the address returns
    kCleared,    // 4.14 on: a tracer's entries are cleared; a kernel user's survive
  };
  // What a failed code change leaves behind (SPEC 4.3, 4.4). ftrace is dead, unless it was
  // repaired.
  enum class PatchFailure : std::uint8_t {
    kFlagsFirst,   // generic: flags of the failing record are already new, earlier sites are done
    kVerifyFirst,  // x86: all sites are verified before any is touched; nothing changes
    kRepairable,   // early kprobes of 2015: flags change once the site has, the chain `tryfix` is
                   // asked, and the step is done once more (SPEC 4.8)
  };
  // Who tells ftrace and livepatch about modules (SPEC 5.7).
  enum class LoadPath : std::uint8_t {
    kDirect,  // the loader calls them, then the notifier chain
    kChain,   // they are the first two notifiers of the chain (RFC of 2026, as reviewed)
  };
  // In which order what went up comes down: GOING, and the rollback of a robust call
  // (SPEC 6.4, 6.6).
  enum class Rollback : std::uint8_t { kForward, kReverse };
  // Whether kprobes can be registered before init_kprobes() (SPEC 8.10).
  enum class EarlyKprobes : std::uint8_t { kOff, kOn };
  // Whether a worker puts jumps in the place of breakpoints (SPEC 8.7).
  enum class Optprobes : std::uint8_t { kOff, kOn };
  // What becomes of disarming a kprobe on ftrace when ftrace is dead (SEMANTICS 14).
  enum class DeadDisarm : std::uint8_t {
    kRefused,  // ftrace refuses, so the probe cannot be taken back
    kDone,     // kprobes have been told, and do not ask ftrace any more
  };
  // Where a Program starts. No bundle says it: the Program's header does.
  enum class Start : std::uint8_t { kRunning, kBoot };

  Reload reload = Reload::kCleared;
  PatchFailure patch_failure = PatchFailure::kVerifyFirst;
  LoadPath load_path = LoadPath::kDirect;
  Rollback rollback = Rollback::kForward;
  EarlyKprobes early_kprobes = EarlyKprobes::kOff;
  Optprobes optprobes = Optprobes::kOff;
  DeadDisarm dead_disarm = DeadDisarm::kRefused;
  Start start = Start::kRunning;

  friend auto operator<=>(const Profile&, const Profile&) = default;
};

struct NamedProfile {
  std::string_view name;
  std::string_view title;  // one line for `recount profiles`
  Profile profile;
};

// Every bundle, in the order of their numbers in the binary form: linux-3.2, linux-6.1,
// rfc-notifier, early-kprobe, linux-6.1-optprobes, linux-6.12, linux-6.12-optprobes.
std::span<const NamedProfile> Profiles();
// nullptr when there is none of that name.
const NamedProfile* FindProfile(std::string_view name);
// "recounted", "cleared", "flags-first", "verify-first", "repairable".
std::string_view ToText(Profile::Reload value);
std::string_view ToText(Profile::PatchFailure value);
// "direct", "chain", "forward", "reverse", "off", "on".
std::string_view ToText(Profile::LoadPath value);
std::string_view ToText(Profile::Rollback value);
std::string_view ToText(Profile::EarlyKprobes value);
std::string_view ToText(Profile::Optprobes value);
// "refused", "done".
std::string_view ToText(Profile::DeadDisarm value);

}  // namespace recount

#endif  // RECOUNT_MODEL_PROFILE_H_
