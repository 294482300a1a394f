#include "harness/known/declared_teller.h"

#include <algorithm>

namespace recount {

Notifiers NotifiersOn(const NotifiersView& shown, Chain chain) {
  const ChainView& on = shown.chains[static_cast<std::size_t>(chain)];
  Notifiers notifiers(on.order.begin(), on.order.begin() + on.count);
  if (chain == Chain::kModule) {
    // It has priority 0 and was there first.
    notifiers.insert(std::find_if(notifiers.begin(), notifiers.end(),
                                  [&shown](NotifierId notifier) {
                                    return shown.priority[Index(notifier)] <= 0;
                                  }),
                     kKprobesEntry);
  }
  return notifiers;
}

Notifiers Teller::Call::before() const {
  return Notifiers(told.begin(), told.end() - (stopped() ? 1 : 0));
}

void Teller::Begin() {
  scripts_ = {};
  storage_ = {};
}

void Teller::Note(const SetScript& op) {
  scripts_[Index(op.notifier)][static_cast<std::size_t>(op.event)] = op;
}

Teller::Call Teller::Up(const Notifiers& chain, Event event) const {
  Call call;
  for (const NotifierId notifier : chain) {
    call.told.push_back(notifier);
    call.answer = script(notifier, event).answer;
    if (call.stopped()) break;
  }
  return call;
}

Notifiers Teller::Down(Notifiers down, Event event, Profile::Rollback direction, bool all) const {
  if (direction == Profile::Rollback::kReverse) std::reverse(down.begin(), down.end());
  if (all) return down;
  const auto stopper = std::find_if(down.begin(), down.end(), [&](NotifierId notifier) {
    return Stops(script(notifier, event).answer);
  });
  if (stopper != down.end()) down.erase(stopper + 1, down.end());
  return down;
}

bool Teller::TakesOff(const Notifiers& chain, std::array<Event, 2> events) const {
  return std::any_of(chain.begin(), chain.end(), [&](NotifierId notifier) {
    return script(notifier, events[0]).act == Act::kUnregister ||
           script(notifier, events[1]).act == Act::kUnregister;
  });
}

Teller::Storage Teller::Behind(const std::vector<NotifierCall>& log) const {
  Storage storage = storage_;
  for (const NotifierCall& call : log) {
    const SetScript& does = script(call.notifier, call.event);
    const std::pair key(call.notifier, call.module);
    if (does.act == Act::kAlloc && !Stops(does.answer)) ++storage.held[key];
    if (does.act != Act::kFree) continue;
    const auto at = storage.held.find(key);
    if (at == storage.held.end()) {
      ++storage.bad_frees;
    } else if (--at->second == 0) {
      storage.held.erase(at);
    }
  }
  return storage;
}

bool Teller::Agrees(const Storage& storage, const NotifiersView& shown) {
  std::array<std::uint32_t, kNotifierCount> held{};
  for (const auto& [key, count] : storage.held) held[Index(key.first)] += count;
  return storage.bad_frees == shown.bad_frees &&
         std::equal(held.begin(), held.end(), shown.held.begin());
}

}  // namespace recount
