#include "impl/linux/notifiers.h"

#include <array>
#include <cstddef>

#include "impl/linux/address_space.h"
#include "impl/linux/host.h"
#include "impl/linux/kernel_notifier.h"
#include "model/check.h"

namespace recount {
namespace {

static_assert(kNotifierCount == RK_NOTIFIERS);

// By rk_chain: all but `tryfix`, which is no kernel's.
constexpr std::array kKernelChains = {Chain::kModule, Chain::kRaw, Chain::kBlocking, Chain::kAtomic,
                                      Chain::kSrcu};
static_assert(kKernelChains.size() == RK_CHAINS && kKernelChains.size() == kChainCount - 1);

rk_chain Number(Chain chain) {
  switch (chain) {
    case Chain::kModule:
      return RK_CHAIN_MODULE;
    case Chain::kRaw:
      return RK_CHAIN_RAW;
    case Chain::kBlocking:
      return RK_CHAIN_BLOCKING;
    case Chain::kAtomic:
      return RK_CHAIN_ATOMIC;
    case Chain::kSrcu:
      return RK_CHAIN_SRCU;
    case Chain::kTryFix:
      break;
  }
  return RK_CHAINS;
}
int Number(NotifierId id) { return static_cast<int>(Index(id)); }
unsigned long Number(Event event) { return static_cast<unsigned long>(event); }

}  // namespace

void Notifiers::Reset() {
  for (auto& scripts : scripts_) scripts.fill({});
  for (auto& held : held_) held.clear();
  bad_frees_ = 0;
  log_.clear();
  calling_raw_ = false;
  any_ = false;
}

int Notifiers::Add(const AddNotifier& op) {
  any_ = true;
  const rk_chain on = rk_notifier_chain(Number(op.notifier));
  RECOUNT_CHECK(Number(op.chain) != RK_CHAINS);
  if (on != RK_CHAINS && on != Number(op.chain)) return Rc(Errno::kBusy);
  return rk_notifier_add(Number(op.notifier), Number(op.chain), op.priority, op.unique ? 1 : 0);
}

int Notifiers::Remove(NotifierId notifier) { return rk_notifier_remove(Number(notifier)); }

void Notifiers::Set(const SetScript& op) {
  scripts_[Index(op.notifier)][static_cast<std::size_t>(op.event)] = {op.answer, op.act, op.other};
}

Answer Notifiers::Call(const Notify& op) {
  RECOUNT_CHECK(!op.reverse);
  const int limit = op.limit == Notify::kAll ? -1 : op.limit;
  calling_raw_ = op.chain == Chain::kRaw;
  const int answer = rk_notify(Number(op.chain), Number(op.event), limit);
  calling_raw_ = false;
  return static_cast<Answer>(answer);
}

Answer Notifiers::Call(const NotifyRobust& op) {
  // There is no function to call.
  if (IsOfRcu(op.chain)) return AnswerOf(Errno::kInval);
  calling_raw_ = op.chain == Chain::kRaw;
  const int answer = rk_notify_robust(Number(op.chain), Number(op.up), Number(op.down));
  calling_raw_ = false;
  return static_cast<Answer>(answer);
}

Answer Notifiers::Heard(NotifierId notifier, Event event, ModuleId module) {
  const Script& script = scripts_[Index(notifier)][static_cast<std::size_t>(event)];
  log_.push_back({.notifier = notifier, .event = event, .module = module});
  std::uint16_t& held = held_[Index(notifier)][module];
  switch (script.act) {
    case Act::kNone:
      break;
    case Act::kAlloc:
      if (!Stops(script.answer)) ++held;
      break;
    case Act::kFree:
      if (held > 0) {
        --held;
      } else {
        ++bad_frees_;
      }
      break;
    case Act::kUnregister:
      // The blocking chain is locked while it is called, and (S)RCU is waited for: there it would
      // wait for ever.
      if (calling_raw_ && rk_notifier_chain(Number(script.other)) == RK_CHAIN_RAW) {
        RECOUNT_CHECK(rk_notifier_remove(Number(script.other)) == 0);
      }
      break;
  }
  return script.answer;
}

void Notifiers::Observe(NotifiersView* view) const {
  *view = {};
  if (!any_) return;
  for (int chain = 0; chain < RK_CHAINS; ++chain) {
    unsigned char order[RK_NOTIFIERS];
    ChainView& out = view->chains[static_cast<std::size_t>(kKernelChains[chain])];
    out.count = static_cast<std::uint8_t>(rk_chain_order(static_cast<rk_chain>(chain), order));
    for (std::size_t i = 0; i < out.count; ++i) out.order[i] = NotifierId{order[i]};
  }
  for (std::size_t i = 0; i < kNotifierCount; ++i) {
    view->priority[i] = rk_notifier_priority(static_cast<int>(i));
    for (const auto& [module, held] : held_[i]) {
      view->held[i] = static_cast<std::uint16_t>(view->held[i] + held);
    }
  }
  view->bad_frees = bad_frees_;
}

}  // namespace recount

extern "C" int host_notified(int notifier, unsigned long event, int module) {
  using namespace recount;  // NOLINT: this is C's namespace
  RECOUNT_CHECK(event < kEventCount);
  const ModuleId heard_of = module < 0 ? kCore : static_cast<ModuleId>(module);
  return TheKernelHost().notifiers->Heard(NotifierId{static_cast<std::uint8_t>(notifier)},
                                          static_cast<Event>(event), heard_of);
}
