#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/known/undo.h"

namespace recount {
namespace {

using internal::CachedOf;
using internal::HashOf;
using internal::SetHash;

bool HasAddress(const HashView& hash, Address ip) {
  return std::binary_search(hash.ips.begin(), hash.ips.end(), ip);
}

// A token as a filter takes it (SEMANTICS 5).
struct Token {
  bool remove = false;
  std::string_view function;
  bool has_module = false;
  std::string_view module;
};
Token Parse(std::string_view text, bool tracer) {
  Token token;
  if (tracer) {
    constexpr std::string_view kModule = ":mod:";
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.substr(colon).starts_with(kModule)) {
      token.has_module = true;
      token.module = text.substr(colon + kModule.size());
    }
    text = text.substr(0, colon);
  }
  token.remove = text.starts_with('!');
  if (token.remove) text.remove_prefix(1);
  token.function = text;
  return token;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What parsing leaves of a module part: it puts an end where a final `*` stood. Without one, all.
std::string_view CutModule(std::string_view module) {
  const std::size_t begin = module.starts_with('!') ? 1 : 0;
  const std::string_view body = module.substr(begin);
  if (body.size() < 2 || IsDigit(body[0]) || body.back() != '*') return module;
  for (std::size_t i = 0; i + 1 < body.size(); ++i) {
    const bool wild = std::string_view("[?\\").find(body[i]) != std::string_view::npos;
    if (wild || (body[i] == '*' && i > 0)) return module;
  }
  return module.substr(0, module.size() - 1);
}

// The class that begins at pattern[0] = '[': behind its end, 0 when it has none.
struct Class {
  std::size_t end = 0;
  bool inverted = false;
  bool member = false;  // `c` is one
};
Class ReadClass(std::string_view pattern, unsigned char c) {
  Class read;
  std::size_t i = 1;
  read.inverted = i < pattern.size() && pattern[i] == '!';
  if (read.inverted) ++i;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) {
      read.end = i + 1;
      return read;
    }
    const auto low = static_cast<unsigned char>(pattern[i]);
    auto high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = static_cast<unsigned char>(pattern[i + 2]);
      i += 2;
    }
    ++i;
    read.member = read.member || (low <= c && c <= high);
  }
  return read;
}

// Whether a glob comes to an inverted class with nothing left of the name.
bool PassesTheEnd(std::string_view pattern, std::string_view name) {
  while (!pattern.empty()) {
    char c = pattern[0];
    if (c == '*') {
      pattern.remove_prefix(1);
      for (std::size_t i = 0; i <= name.size(); ++i) {
        if (PassesTheEnd(pattern, name.substr(i))) return true;
      }
      return false;
    }
    if (c == '[') {
      const Class read =
          ReadClass(pattern, name.empty() ? '\0' : static_cast<unsigned char>(name[0]));
      if (read.end != 0) {
        if (name.empty()) return read.inverted;
        if (read.member == read.inverted) return false;
        pattern.remove_prefix(read.end);
        name.remove_prefix(1);
        continue;
      }
    } else if (c == '\\' && pattern.size() > 1) {
      pattern.remove_prefix(1);
      c = pattern[0];
    } else if (c == '?') {
      c = name.empty() ? '\0' : name[0];
    }
    if (name.empty() || name[0] != c) return false;
    pattern.remove_prefix(1);
    name.remove_prefix(1);
  }
  return false;
}

// The number in front, as C writes it; it wraps.
std::uint64_t NumberInFront(std::string_view text) {
  const auto digit = [](char c) {
    if (IsDigit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
  };
  int base = 10;
  if (text.starts_with('0')) {
    base = 8;
    if (text.size() > 2 && (text[1] | 0x20) == 'x' && digit(text[2]) < 16) {
      base = 16;
      text.remove_prefix(2);
    }
  }
  std::uint64_t number = 0;
  for (const char c : text) {
    if (digit(c) >= base) break;
    number = number * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit(c));
  }
  return number;
}

// A token matched more than it should: what the hash has, or lacks, beyond what was to be expected
// are functions that `explained` knows.
bool UndoMatched(const DivergingStep& step, const SetFilter& op, bool remove, View* shown,
                 Outcome* actual, const std::function<bool(Address)>& explained) {
  const bool any =
      std::any_of(step.before.records.begin(), step.before.records.end(),
                  [&explained](const RecordView& record) { return explained(record.ip); });
  if (!any) return false;
  const OpsView& old = step.before.ops[Index(op.ops)];
  const OpsView& wanted = step.after.ops[Index(op.ops)];
  OpsView& got = shown->ops[Index(op.ops)];
  // What was refused changed nothing; here it begins with what a copy begins with.
  const bool refused = step.expected.rc == Rc(Errno::kInval) && old.user == User::kKernel;
  if (refused && HashOf(got, op.which) == HashOf(old, op.which)) {
    // It was found, and is refused for what should not have been asked.
    const bool memory = actual->rc == Rc(Errno::kNoMem) &&
                        step.armed[static_cast<std::size_t>(FaultPoint::kHashMove)] != 0;
    const bool owned = actual->rc == Rc(Errno::kBusy) && old.ipmodify && old.registered &&
                       op.which == Which::kFilter;
    if (!memory && !owned && actual->rc != 0) return false;
    actual->rc = step.expected.rc;
    return true;
  }
  if (step.expected.rc == 0 && op.which == Which::kFilter && old.ipmodify && old.registered &&
      got.filter == old.filter && (wanted.filter != old.filter || actual->rc != 0)) {
    // One record too many is owned by another, or one record too few is left.
    const bool owned = std::any_of(
        step.before.records.begin(), step.before.records.end(), [&](const RecordView& record) {
          return (record.flags & kIpModify) != 0 && explained(record.ip) &&
                 !HasAddress(old.filter, record.ip);
        });
    const bool emptied = std::all_of(wanted.filter.ips.begin(), wanted.filter.ips.end(), explained);
    const int rc = Rc(remove ? Errno::kInval : Errno::kBusy);
    if ((remove ? emptied : owned) && actual->rc == (old.user == User::kTracer ? 0 : rc)) {
      actual->rc = 0;
      SetHash(shown, op.ops, op.which, wanted.filter);
      return true;
    }
    // Or it came to the same as there was.
  }
  HashView base = HashOf(refused ? old : wanted, op.which);
  if (refused && op.reset) base = {};
  std::vector<Address> extra;
  std::set_symmetric_difference(base.ips.begin(), base.ips.end(), HashOf(got, op.which).ips.begin(),
                                HashOf(got, op.which).ips.end(), std::back_inserter(extra));
  if (!std::all_of(extra.begin(), extra.end(), explained)) return false;
  if (HashOf(got, op.which).cleared != base.cleared) return false;
  if (step.expected.rc == Rc(Errno::kInval) && actual->rc == 0) actual->rc = step.expected.rc;
  // What was found is not kept for a module that is to come.
  std::vector<CachedFilter>& cached = CachedOf(got, op.which);
  const std::vector<CachedFilter>& kept = CachedOf(wanted, op.which);
  if (kept.size() == cached.size() + 1 &&
      std::equal(cached.begin(), cached.end(), kept.begin() + 1)) {
    cached = kept;
    ++shown->ledger.cached;
  }
  SetHash(shown, op.ops, op.which, HashOf(wanted, op.which));
  return true;
}

}  // namespace

// A filter that is kept has the module part as it was written.
bool UndoCachedModuleGlobCut(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto* op = std::get_if<SetFilter>(&step.op);
  if (op == nullptr || step.before.ops[Index(op->ops)].user != User::kTracer) return false;
  const Token token = Parse(op->pattern.text(), /*tracer=*/true);
  const std::string_view cut = CutModule(token.module);
  if (!token.has_module || cut == token.module) return false;
  std::vector<CachedFilter>& cached = CachedOf(shown->ops[Index(op->ops)], op->which);
  const OpsView& wanted = step.after.ops[Index(op->ops)];
  const std::vector<CachedFilter>& kept = CachedOf(wanted, op->which);
  if (token.remove) {
    // What is left is the name of what is kept, so that goes.
    std::vector<CachedFilter> left = kept;
    std::erase_if(left, [&](const CachedFilter& item) {
      return item.module.text() == cut &&
             (token.function == "*" || item.function.text() == token.function);
    });
    if (left.size() == kept.size() || cached != left || actual->rc != 0) return false;
    shown->ledger.cached += static_cast<std::uint32_t>(kept.size() - left.size());
    cached = kept;
    actual->rc = Rc(Errno::kInval);
  } else {
    if (kept.empty() || kept.front().module.text() != token.module) return false;
    if (actual->rc == 0) {
      if (cached.empty() || cached.front().module.text() != cut) return false;
      cached.front().module = kept.front().module;
      return true;
    }
    // What is left is the name of a module that is there: nothing is kept.
    const std::optional<ModuleId> module = step.world.FindModule(cut);
    if (actual->rc != Rc(Errno::kInval) || !module) return false;
    const ModuleState state = step.before.modules[Index(*module)].state;
    if (state != ModuleState::kComing && state != ModuleState::kLive) return false;
    cached.insert(cached.begin(), kept.front());
    ++shown->ledger.cached;
    actual->rc = 0;
  }
  if (op->which == Which::kNotrace) return true;
  // What is kept decides on the mark of the hash; without it, and empty, it may be refused.
  const OpsView& old = step.before.ops[Index(op->ops)];
  const bool memory = step.armed[static_cast<std::size_t>(FaultPoint::kHashMove)] != 0;
  const auto is_installed = [&](const HashView& hash, bool mod) {
    HashView next = op->reset ? HashView{} : old.filter;
    next.mod = mod;
    const bool refused = next.empty() ? old.ipmodify && old.registered : memory;
    return hash == next || (refused && hash == old.filter);
  };
  if (!is_installed(step.shown.ops[Index(op->ops)].filter,
                    !step.shown.ops[Index(op->ops)].cached_filter.empty()) ||
      !is_installed(wanted.filter, !wanted.cached_filter.empty())) {
    return false;
  }
  SetHash(shown, op->ops, op->which, HashView(wanted.filter));
  return true;
}

// The list that the open dropped.
bool UndoFailedOpen(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto* op = std::get_if<SetFilter>(&step.op);
  if (op == nullptr || !op->reset || actual->rc != Rc(Errno::kNoMem)) return false;
  const OpsView& old = step.before.ops[Index(op->ops)];
  std::vector<CachedFilter>& cached = CachedOf(shown->ops[Index(op->ops)], op->which);
  const std::vector<CachedFilter>& dropped = CachedOf(old, op->which);
  if (old.user != User::kTracer || dropped.empty() || !cached.empty()) return false;
  cached = dropped;
  shown->ledger.cached += static_cast<std::uint32_t>(dropped.size());
  return true;
}

// The command goes to work with no module. What matches is edited as if no command stood there;
// what does not is looked for in the cached list, by a null name, or would be kept there.
bool UndoModWithoutModule(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto* op = std::get_if<SetFilter>(&step.op);
  if (op == nullptr || step.before.ops[Index(op->ops)].user != User::kTracer) return false;
  const std::string_view text = op->pattern.text();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(colon) != ":mod") return false;
  if (step.expected.rc != Rc(Errno::kInval)) return false;

  const bool remove = text.starts_with('!');
  const OpsView& old = step.before.ops[Index(op->ops)];
  if (actual->fate == Fate::kCrashed) {
    if (!remove || op->reset || CachedOf(old, op->which).empty()) return false;
  } else if (actual->rc == 0) {
    const HashView& was = op->reset ? HashView{} : HashOf(old, op->which);
    const HashView& got = HashOf(shown->ops[Index(op->ops)], op->which);
    const HashView& more = remove ? was : got;
    const HashView& less = remove ? got : was;
    if (!std::includes(more.ips.begin(), more.ips.end(), less.ips.begin(), less.ips.end())) {
      return false;
    }
    SetHash(shown, op->ops, op->which, HashOf(step.after.ops[Index(op->ops)], op->which));
  } else if (actual->rc != Rc(Errno::kNoMem) || remove) {
    return false;
  }
  *actual = step.expected;
  return true;
}

bool UndoGlobClassAtEnd(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto explained = [&step](std::string_view function, Address ip) {
    if (function.find("[!") == std::string_view::npos) return false;
    for (const RecordView& record : step.before.records) {
      if (record.ip != ip || record.function == kNoFunction) continue;
      if (PassesTheEnd(function, step.world.function(record.function).name)) return true;
    }
    return false;
  };
  const auto* op = std::get_if<SetFilter>(&step.op);
  if (op == nullptr) {
    return internal::UndoCachedMatches(step, shown, [&](std::string_view function, Address ip) {
      return explained(Parse(function, /*tracer=*/false).function, ip);
    });
  }
  const bool tracer = step.before.ops[Index(op->ops)].user == User::kTracer;
  const Token token = Parse(op->pattern.text(), tracer);
  return UndoMatched(step, *op, token.remove, shown, actual,
                     [&](Address ip) { return explained(token.function, ip); });
}

bool UndoIndexTrailing(const DivergingStep& step, View* shown, Outcome* actual) {
  const auto explained = [&step](std::string_view function, Address ip) {
    if (function.empty() || !IsDigit(function[0])) return false;
    const std::uint64_t number = NumberInFront(function);
    return number > 0 && number <= step.before.records.size() &&
           step.before.records[number - 1].ip == ip;
  };
  const auto* op = std::get_if<SetFilter>(&step.op);
  if (op == nullptr) {
    return internal::UndoCachedMatches(step, shown, [&](std::string_view function, Address ip) {
      return explained(Parse(function, /*tracer=*/false).function, ip);
    });
  }
  const bool tracer = step.before.ops[Index(op->ops)].user == User::kTracer;
  const Token token = Parse(op->pattern.text(), tracer);
  return UndoMatched(step, *op, token.remove, shown, actual,
                     [&](Address ip) { return explained(token.function, ip); });
}

}  // namespace recount
