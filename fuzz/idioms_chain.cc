// Stories of notifiers and livepatches.
#include "fuzz/idiom_teller.h"

namespace recount::internal {

std::vector<NotifierId> IdiomTeller::Assemble(Chain chain) {
  std::vector<NotifierId> notifiers = {static_cast<NotifierId>(Pick(kNotifierCount))};
  for (std::uint32_t more = 1 + Pick(2); more > 0; --more) {
    notifiers.push_back(Different(notifiers.back(), kNotifierCount, chooser_));
  }
  for (const NotifierId notifier : notifiers) {
    Say(AddNotifier{.notifier = notifier,
                    .chain = chain,
                    .priority = Sometimes() ? 0 : static_cast<std::int32_t>(Pick(2))});
  }
  return notifiers;
}

Answer IdiomTeller::Refusal() {
  switch (Pick(3)) {
    case 0:
      return kNotifyBad;
    case 1:
      return kNotifyStop;
    default:
      return AnswerOf(AllErrnos()[Pick(AllErrnos().size())]);
  }
}

void IdiomTeller::NotifiedLoad() {
  const std::vector<NotifierId> notifiers = Assemble(Chain::kModule);
  const NotifierId keeper = notifiers.front();
  Say(SetScript{keeper, Event::kComing, kNotifyOk, Act::kAlloc, {}});
  Say(SetScript{keeper, Event::kGoing, kNotifyOk, Act::kFree, {}});
  const bool refused = Sometimes();
  const Event event = Pick(4) == 0 ? Event::kUnformed : Event::kComing;
  if (refused) Say(SetScript{notifiers.back(), event, Refusal(), Act::kNone, {}});
  Aside();
  if (Sometimes()) {
    LoadAt(cast_.module, cast_.slot);
  } else {
    Say(Load{cast_.module, cast_.slot, StageFailure{Stage::kInit, Errno::kOk}});
  }
  if (refused) {
    Say(SetScript{notifiers.back(), event, kNotifyDone, Act::kNone, {}});
    LoadAt(cast_.module, cast_.slot);
  }
  if (chooser_->Chance(1, 3)) Say(RemoveNotifier{notifiers[Pick(notifiers.size())]});
  Say(Unload{cast_.module});
}

void IdiomTeller::RobustCall() {
  const Chain chain = Sometimes() ? Chain::kRaw : Chain::kBlocking;
  const std::vector<NotifierId> notifiers = Assemble(chain);
  const NotifierId middle = notifiers[notifiers.size() / 2];
  Say(SetScript{middle, Event::kComing, Refusal(), Act::kNone, {}});
  if (chain == Chain::kRaw && Sometimes()) {
    Say(SetScript{notifiers[Pick(notifiers.size())], Sometimes() ? Event::kComing : Event::kGoing,
                  kNotifyOk, Act::kUnregister, notifiers[Pick(notifiers.size())]});
  }
  Aside();
  Say(NotifyRobust{.chain = chain});
  Say(Notify{.chain = chain, .event = Event::kGoing, .reverse = Sometimes()});
}

void IdiomTeller::Patch(PatchId patch, bool replace) {
  SetPatch set{.patch = patch, .replace = replace, .functions = {cast_.function}};
  const FunctionId more = static_cast<FunctionId>(Pick(world_.functions().size()));
  if (Sometimes() && more != cast_.function) set.functions[set.count++] = more;
  Say(set);
}

void IdiomTeller::Livepatch() {
  const bool there = chooser_->Chance(1, 4);
  if (there) LoadAt(cast_.module, cast_.slot);
  Patch(cast_.patch, false);
  Say(EnablePatch{cast_.patch});
  Aside();
  if (!there) LoadAt(cast_.module, cast_.slot);
  Say(Hit{cast_.function});
  Say(Unload{cast_.module});
  LoadAt(cast_.module, Sometimes() ? cast_.slot : cast_.elsewhere);
  if (Sometimes()) Say(DisablePatch{cast_.patch});
}

void IdiomTeller::PatchStack() {
  LoadAt(cast_.module, cast_.slot);
  Patch(cast_.patch, false);
  Patch(cast_.patch2, chooser_->Chance(1, 3));
  Say(EnablePatch{cast_.patch});
  Say(EnablePatch{cast_.patch2});
  Say(Hit{cast_.function});
  Aside();
  Say(DisablePatch{Sometimes() ? cast_.patch : cast_.patch2});
  Say(Hit{cast_.function});
  if (Sometimes()) Say(Unload{cast_.module});
}

}  // namespace recount::internal
