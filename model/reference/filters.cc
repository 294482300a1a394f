#include "model/reference/filters.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "model/check.h"
#include "model/reference/cached_filters.h"
#include "model/reference/faults.h"
#include "model/reference/match.h"
#include "model/reference/patching.h"
#include "model/reference/records.h"

namespace recount::reference {
namespace {

void Insert(HashView* hash, Address ip) {
  const auto at = std::lower_bound(hash->ips.begin(), hash->ips.end(), ip);
  if (at == hash->ips.end() || *at != ip) hash->ips.insert(at, ip);
}

void Erase(HashView* hash, Address ip) {
  const auto at = std::lower_bound(hash->ips.begin(), hash->ips.end(), ip);
  if (at != hash->ips.end() && *at == ip) hash->ips.erase(at);
}

// The many-at-once forms: one merge, so that "*" costs no more in a large world than it must.
void InsertAll(HashView* hash, const std::vector<Address>& ips) {
  std::vector<Address> all;
  all.reserve(hash->ips.size() + ips.size());
  std::set_union(hash->ips.begin(), hash->ips.end(), ips.begin(), ips.end(),
                 std::back_inserter(all));
  hash->ips = std::move(all);
}

void EraseAll(HashView* hash, const std::vector<Address>& ips) {
  std::erase_if(hash->ips,
                [&](Address ip) { return std::binary_search(ips.begin(), ips.end(), ip); });
}

// Whether a record of `image` is one the module part means.
bool ModulePartAllows(const World& world, const Token& part, ModuleId image) {
  const bool in_module = image != kCore;
  if (part.text.empty()) return in_module != part.negated;
  const bool hit = in_module && MatchesName(part, world.module(image).name);
  return hit != part.negated;
}

// Whether some ops that is registered uses the pair.
bool PairIsRegistered(const State& state, std::uint8_t pair) {
  return std::any_of(state.registered.begin(), state.registered.end(),
                     [&](OpsId id) { return state[id].pair == pair; });
}

// A registered IPMODIFY ops may not come to a record that another owns.
bool MeetsAnotherOwner(const State& state, OpsId ops, const HashView& before,
                       const HashView& after) {
  for (const Record& record : state.records) {
    if (record.disabled || !Contains(after, record.ip) || Contains(before, record.ip)) continue;
    const std::optional<OpsId> owner = Owner(state, record);
    if (owner && *owner != ops) return true;
  }
  return false;
}

// ftrace_set_filter(), ftrace_set_notrace().
Errno SetByKernelUser(State& state, const SetFilter& op) {
  if (state.globals.dead) return Errno::kNoDev;
  if (Fails(state, FaultPoint::kHashCopy)) return Errno::kNoMem;
  HashView copy;
  if (!op.reset) copy = state.PairOf(op.ops).of(op.which);
  if (!op.pattern.null() &&
      !EditByPattern(state, op.pattern.text(), /*module=*/std::nullopt, &copy)) {
    return Errno::kInval;
  }
  return Install(state, op.ops, op.which, std::move(copy));
}

}  // namespace

bool EditByPattern(const State& state, std::string_view function,
                   std::optional<std::string_view> module, HashView* hash) {
  // Matching takes part in nothing after death (S 2.7).
  if (state.globals.dead) return false;
  const World& world = *state.world;
  const Token token = ParseToken(function);

  if (token.shape == Token::Shape::kIndex) {
    const std::optional<std::uint64_t> index = ParseIndex(token.text);
    if (!index || *index < 1 || *index > state.records.size()) return false;
    const Address ip = state.records[*index - 1].ip;
    token.negated ? Erase(hash, ip) : Insert(hash, ip);
    return true;
  }

  std::optional<Token> module_part;
  if (module) module_part = ParseToken(*module);
  const bool any_name = module_part && token.text.empty();
  std::vector<Address> matched;
  for (const Record& record : state.records) {
    const Function& subject = world.function(record.function);
    if (record.disabled || subject.kind == FunctionKind::kWeak) continue;
    if (module_part && !ModulePartAllows(world, *module_part, subject.module)) continue;
    if (any_name || MatchesName(token, subject.name)) matched.push_back(record.ip);
  }
  if (matched.empty()) return false;
  std::sort(matched.begin(), matched.end());
  token.negated ? EraseAll(hash, matched) : InsertAll(hash, matched);
  return true;
}

Errno Install(State& state, OpsId ops, Which which, HashView next) {
  const bool ipmodify = state[ops].ipmodify;
  if (which == Which::kNotrace && ipmodify) return Errno::kInval;
  if (!next.empty() && Fails(state, FaultPoint::kHashMove)) return Errno::kNoMem;
  HashView& current = state.PairOf(ops).of(which);
  if (which == Which::kFilter && ipmodify && state[ops].registered) {
    if (next.empty()) return Errno::kInval;
    if (MeetsAnotherOwner(state, ops, current, next)) return Errno::kBusy;
  }
  current = std::move(next);
  if (state.globals.enabled && PairIsRegistered(state, state[ops].pair)) PatchPass(state);
  return Errno::kOk;
}

void ClearEntries(State& state, const std::vector<Address>& gone) {
  if (state.profile.reload != Profile::Reload::kCleared || gone.empty()) return;
  for (std::uint8_t pair = 0; pair < state.pairs.size(); ++pair) {
    const bool of_a_tracer = std::any_of(state.ops.begin(), state.ops.end(), [=](const Ops& ops) {
      return ops.pair == pair && ops.user == User::kTracer;
    });
    if (!of_a_tracer) continue;
    for (const Which which : {Which::kFilter, Which::kNotrace}) {
      HashView& hash = state.pairs[pair].of(which);
      const std::size_t before = hash.ips.size();
      EraseAll(&hash, gone);
      hash.cleared += static_cast<std::uint32_t>(before - hash.ips.size());
    }
  }
}

bool PairIsShared(const State& state, OpsId ops) {
  return std::count_if(state.ops.begin(), state.ops.end(),
                       [&](const Ops& other) { return other.pair == state[ops].pair; }) > 1;
}

void UseFreshPair(State& state, OpsId ops) {
  // Its own pair, emptied, will do when nobody else has it.
  if (PairIsShared(state, ops)) {
    const auto in_use = [&](std::uint8_t pair) {
      return std::any_of(state.ops.begin(), state.ops.end(),
                         [=](const Ops& other) { return other.pair == pair; });
    };
    std::uint8_t free = 0;
    while (in_use(free)) ++free;
    RECOUNT_CHECK(free < state.pairs.size());
    state[ops].pair = free;
  }
  state.PairOf(ops) = {};
}

Outcome Apply(State& state, const SetFilter& op) {
  return Outcome::Error(state[op.ops].user == User::kTracer ? SetByTracer(state, op)
                                                            : SetByKernelUser(state, op));
}

Errno SetFilterAddress(State& state, OpsId ops, Address address, bool remove) {
  if (state.globals.dead) return Errno::kNoDev;
  if (Fails(state, FaultPoint::kHashCopy)) return Errno::kNoMem;
  const Record* record = RecordCovering(state, address);
  if (record == nullptr) return Errno::kInval;
  HashView copy = state.PairOf(ops).filter;
  if (remove && !Contains(copy, record->ip)) return Errno::kNoEnt;
  remove ? Erase(&copy, record->ip) : Insert(&copy, record->ip);
  return Install(state, ops, Which::kFilter, std::move(copy));
}

Outcome Apply(State& state, const SetFilterIp& op) {
  for (std::size_t i = 0; i < op.count; ++i) {
    if (!AddressOf(state, op.places[i].function)) return Outcome::Error(Errno::kSrch);
  }
  if (state.globals.dead) return Outcome::Error(Errno::kNoDev);
  if (Fails(state, FaultPoint::kHashCopy)) return Outcome::Error(Errno::kNoMem);
  HashView copy;
  if (!op.reset) copy = state.PairOf(op.ops).of(op.which);
  for (std::size_t i = 0; i < op.count; ++i) {
    const Place& place = op.places[i];
    const Record* record = RecordCovering(state, *AddressOf(state, place.function) + place.offset);
    if (record == nullptr) return Outcome::Error(Errno::kInval);
    if (op.remove && !Contains(copy, record->ip)) return Outcome::Error(Errno::kNoEnt);
    op.remove ? Erase(&copy, record->ip) : Insert(&copy, record->ip);
  }
  return Outcome::Error(Install(state, op.ops, op.which, std::move(copy)));
}

Outcome Apply(State& state, const Share& op) {
  if (op.ops == op.with || state[op.ops].user == User::kTracer || state[op.ops].ipmodify ||
      state[op.with].ipmodify) {
    return Outcome::Error(Errno::kInval);
  }
  if (state[op.ops].registered) return Outcome::Error(Errno::kBusy);
  // Already the same pair: nothing to give up.
  if (state[op.ops].pair == state[op.with].pair) return Outcome::Ok();
  if (!PairIsShared(state, op.ops)) state.PairOf(op.ops) = {};
  state[op.ops].pair = state[op.with].pair;
  return Outcome::Ok();
}

}  // namespace recount::reference
