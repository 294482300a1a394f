#include "model/profile.h"

#include <array>

namespace recount {
namespace {

constexpr std::array kProfiles = {
    NamedProfile{"linux-3.2", "reload as fixed in 2013 (3.2.54 to 4.13), flags change before code",
                 Profile{Profile::Reload::kRecounted, Profile::PatchFailure::kFlagsFirst}},
    NamedProfile{"linux-6.1",
                 "a tracer's entries are cleared on unload, all code is verified first",
                 Profile{Profile::Reload::kCleared, Profile::PatchFailure::kVerifyFirst}},
    NamedProfile{"rfc-notifier",
                 "ftrace and livepatch are notifiers of the module chain, which goes in reverse",
                 Profile{Profile::Reload::kCleared, Profile::PatchFailure::kVerifyFirst,
                         Profile::LoadPath::kChain, Profile::Rollback::kReverse}},
    NamedProfile{"early-kprobe",
                 "kprobes before ftrace is up; what cannot be patched is repaired and tried again",
                 Profile{Profile::Reload::kRecounted, Profile::PatchFailure::kRepairable,
                         Profile::LoadPath::kDirect, Profile::Rollback::kForward,
                         Profile::EarlyKprobes::kOn, Profile::Optprobes::kOn}},
    NamedProfile{"linux-6.1-optprobes",
                 "linux-6.1, and a worker puts jumps in the place of breakpoints",
                 Profile{Profile::Reload::kCleared, Profile::PatchFailure::kVerifyFirst,
                         Profile::LoadPath::kDirect, Profile::Rollback::kForward,
                         Profile::EarlyKprobes::kOff, Profile::Optprobes::kOn}},
    NamedProfile{
        "linux-6.12", "linux-6.1, and kprobes do not ask a dead ftrace to disarm one",
        Profile{Profile::Reload::kCleared, Profile::PatchFailure::kVerifyFirst,
                Profile::LoadPath::kDirect, Profile::Rollback::kForward,
                Profile::EarlyKprobes::kOff, Profile::Optprobes::kOff, Profile::DeadDisarm::kDone}},
    NamedProfile{
        "linux-6.12-optprobes", "linux-6.12, and a worker puts jumps in the place of breakpoints",
        Profile{Profile::Reload::kCleared, Profile::PatchFailure::kVerifyFirst,
                Profile::LoadPath::kDirect, Profile::Rollback::kForward,
                Profile::EarlyKprobes::kOff, Profile::Optprobes::kOn, Profile::DeadDisarm::kDone}},
};

}  // namespace

std::span<const NamedProfile> Profiles() { return kProfiles; }

const NamedProfile* FindProfile(std::string_view name) {
  for (const NamedProfile& profile : kProfiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

std::string_view ToText(Profile::Reload value) {
  return value == Profile::Reload::kRecounted ? "recounted" : "cleared";
}

std::string_view ToText(Profile::PatchFailure value) {
  switch (value) {
    case Profile::PatchFailure::kFlagsFirst:
      return "flags-first";
    case Profile::PatchFailure::kVerifyFirst:
      return "verify-first";
    case Profile::PatchFailure::kRepairable:
      return "repairable";
  }
  return "?";
}

std::string_view ToText(Profile::LoadPath value) {
  return value == Profile::LoadPath::kDirect ? "direct" : "chain";
}

std::string_view ToText(Profile::Rollback value) {
  return value == Profile::Rollback::kForward ? "forward" : "reverse";
}

std::string_view ToText(Profile::EarlyKprobes value) {
  return value == Profile::EarlyKprobes::kOff ? "off" : "on";
}

std::string_view ToText(Profile::Optprobes value) {
  return value == Profile::Optprobes::kOff ? "off" : "on";
}

std::string_view ToText(Profile::DeadDisarm value) {
  return value == Profile::DeadDisarm::kRefused ? "refused" : "done";
}

}  // namespace recount
