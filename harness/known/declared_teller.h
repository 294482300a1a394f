// Who is told what, as SEMANTICS 10 and 11 say it, from the scripts of a Program and the order of a
// chain; and what the scripts have taken by then.
#ifndef RECOUNT_HARNESS_KNOWN_DECLARED_TELLER_H_
#define RECOUNT_HARNESS_KNOWN_DECLARED_TELLER_H_

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "model/notifier.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/view.h"

namespace recount {

using Notifiers = std::vector<NotifierId>;

// Kprobes' own entry of the loader's chain (SEMANTICS 11): it answers `done`, and is in no log.
inline constexpr NotifierId kKprobesEntry{kNotifierCount};
// On `chain`, first to be called first; kprobes' entry is one of them.
Notifiers NotifiersOn(const NotifiersView& shown, Chain chain);

class Teller {
 public:
  // What each notifier holds for each module (kCore: of a call for none); nothing is not listed.
  struct Storage {
    std::map<std::pair<NotifierId, ModuleId>, std::uint32_t> held;
    std::uint32_t bad_frees = 0;
    friend bool operator==(const Storage&, const Storage&) = default;
  };

  void Begin();
  void Note(const SetScript& op);

  const SetScript& script(NotifierId notifier, Event event) const {
    return scripts_[Index(notifier)][static_cast<std::size_t>(event)];
  }

  // A forward call of `chain`: who hears it, with the one that stops it, and the last answer.
  struct Call {
    Notifiers told;
    Answer answer = kNotifyDone;
    bool stopped() const { return Stops(answer); }
    // Those that a rollback is for.
    Notifiers before() const;
  };
  Call Up(const Notifiers& chain, Event event) const;
  // Of `down` (first to be called up first), who hears that it is over. `all`: no answer stops it.
  Notifiers Down(Notifiers down, Event event, Profile::Rollback direction, bool all) const;
  // Some script for one of these events takes a notifier off its chain.
  bool TakesOff(const Notifiers& chain, std::array<Event, 2> events) const;

  const Storage& storage() const { return storage_; }
  void Keep(Storage storage) { storage_ = std::move(storage); }
  // storage() behind the calls of `log`.
  Storage Behind(const std::vector<NotifierCall>& log) const;
  // Whether `shown` has it so.
  static bool Agrees(const Storage& storage, const NotifiersView& shown);

 private:
  // Nobody can script kprobes' entry, which is the last.
  std::array<std::array<SetScript, kEventCount>, kNotifierCount + 1> scripts_;
  Storage storage_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_DECLARED_TELLER_H_
