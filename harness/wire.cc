// Each field of outcome.h and view.h has its place here, once to write and once to read;
// wire_test.cc changes one field at a time.
#include "harness/wire.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <vector>

namespace recount {
namespace {

template <typename... Field>
void Put(std::string* bytes, const Field&... fields) {
  static_assert((std::is_trivially_copyable_v<Field> && ...));
  std::array<char, (sizeof(Field) + ... + 0)> packed;
  char* at = packed.data();
  ((std::memcpy(at, &fields, sizeof fields), at += sizeof fields), ...);
  bytes->append(packed.data(), packed.size());
}

void PutSize(std::string* bytes, std::size_t size) { Put(bytes, static_cast<std::uint32_t>(size)); }

template <typename... Field>
bool Take(std::string_view* bytes, Field*... fields) {
  constexpr std::size_t kSize = (sizeof(Field) + ... + 0);
  if (bytes->size() < kSize) return false;
  const char* at = bytes->data();
  ((std::memcpy(fields, at, sizeof *fields), at += sizeof *fields), ...);
  bytes->remove_prefix(kSize);
  return true;
}

bool TakeBool(std::string_view* bytes, bool* value) {
  std::uint8_t byte = 0;
  if (!Take(bytes, &byte) || byte > 1) return false;
  *value = byte == 1;
  return true;
}

template <typename Enum>
bool TakeEnum(std::string_view* bytes, Enum last, Enum* value) {
  std::underlying_type_t<Enum> number = 0;
  if (!Take(bytes, &number) || number > static_cast<std::underlying_type_t<Enum>>(last)) {
    return false;
  }
  *value = Enum{number};
  return true;
}

// Sizes a list whose items take at least `least` bytes each.
template <typename Item>
bool TakeSize(std::string_view* bytes, std::size_t least, std::vector<Item>* list) {
  std::uint32_t size = 0;
  if (!Take(bytes, &size) || size > bytes->size() / least) return false;
  list->resize(size);
  return true;
}

// Plain values, one after the other.
template <typename Item>
void PutPlain(std::string* bytes, const std::vector<Item>& list) {
  static_assert(std::has_unique_object_representations_v<Item>);
  PutSize(bytes, list.size());
  bytes->append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(Item));
}

template <typename Item>
bool TakePlain(std::string_view* bytes, std::vector<Item>* list) {
  if (!TakeSize(bytes, sizeof(Item), list)) return false;
  if (!list->empty()) std::memcpy(list->data(), bytes->data(), list->size() * sizeof(Item));
  bytes->remove_prefix(list->size() * sizeof(Item));
  return true;
}

bool TakeRecord(std::string_view* bytes, RecordView* record) {
  return Take(bytes, &record->ip, &record->function, &record->count, &record->flags) &&
         TakeEnum(bytes, SiteKind::kTrampoline, &record->site.kind) &&
         Take(bytes, &record->site.owner);
}
constexpr std::size_t kRecordSize = 8 + 4 + 4 + 1 + 1 + 1;

void PutHash(std::string* bytes, const HashView& hash) {
  PutPlain(bytes, hash.ips);
  Put(bytes, hash.cleared, hash.mod);
}

bool TakeHash(std::string_view* bytes, HashView* hash) {
  return TakePlain(bytes, &hash->ips) && Take(bytes, &hash->cleared) && TakeBool(bytes, &hash->mod);
}

// A pattern that is kept may be any text, so it goes as it lies in memory.
void PutCached(std::string* bytes, const std::vector<CachedFilter>& list) {
  static_assert(std::has_unique_object_representations_v<Pattern>);
  PutSize(bytes, list.size());
  for (const CachedFilter& item : list) Put(bytes, item.function, item.module);
}

bool TakeCached(std::string_view* bytes, std::vector<CachedFilter>* list) {
  if (!TakeSize(bytes, 2 * sizeof(Pattern), list)) return false;
  for (CachedFilter& item : *list) {
    if (!Take(bytes, &item.function, &item.module)) return false;
    if (item.function.text().size() > Pattern::kMaxSize) return false;
    if (item.module.text().size() > Pattern::kMaxSize) return false;
  }
  return true;
}

void PutOps(std::string* bytes, const OpsView& ops) {
  Put(bytes, ops.user, ops.save_regs, ops.ipmodify, ops.permanent, ops.registered, ops.pair);
  PutHash(bytes, ops.filter);
  PutHash(bytes, ops.notrace);
  PutCached(bytes, ops.cached_filter);
  PutCached(bytes, ops.cached_notrace);
}

bool TakeOps(std::string_view* bytes, OpsView* ops) {
  return TakeEnum(bytes, User::kTracer, &ops->user) && TakeBool(bytes, &ops->save_regs) &&
         TakeBool(bytes, &ops->ipmodify) && TakeBool(bytes, &ops->permanent) &&
         TakeBool(bytes, &ops->registered) && Take(bytes, &ops->pair) &&
         TakeHash(bytes, &ops->filter) && TakeHash(bytes, &ops->notrace) &&
         TakeCached(bytes, &ops->cached_filter) && TakeCached(bytes, &ops->cached_notrace);
}

}  // namespace

void AppendOutcome(const Outcome& outcome, std::string* bytes) {
  Put(bytes, outcome.fate, outcome.rc, outcome.called_count, outcome.called, outcome.located);
}

bool TakeOutcome(std::string_view* bytes, Outcome* outcome) {
  return TakeEnum(bytes, Fate::kHung, &outcome->fate) &&
         Take(bytes, &outcome->rc, &outcome->called_count, &outcome->called, &outcome->located) &&
         outcome->called_count <= kOpsCount;
}

void AppendView(const View& view, std::string* bytes) {
  PutSize(bytes, view.records.size());
  for (const RecordView& record : view.records) {
    Put(bytes, record.ip, record.function, record.count, record.flags, record.site.kind,
        record.site.owner);
  }
  PutSize(bytes, view.groups.size());
  for (const GroupView& group : view.groups) Put(bytes, group.owner, group.order, group.used);
  for (const OpsView& ops : view.ops) PutOps(bytes, ops);
  PutPlain(bytes, view.order);
  PutSize(bytes, view.modules.size());
  for (const ModuleView& module : view.modules) Put(bytes, module.state, module.slot, module.next);
  Put(bytes, view.globals.dead, view.globals.enabled, view.globals.core_init_freed);
  const Ledger& ledger = view.ledger;
  Put(bytes, ledger.records, ledger.groups, ledger.pages, ledger.hash_entries, ledger.cached);
}

bool TakeView(std::string_view* bytes, View* view) {
  if (!TakeSize(bytes, kRecordSize, &view->records)) return false;
  for (RecordView& record : view->records) {
    if (!TakeRecord(bytes, &record)) return false;
  }
  if (!TakeSize(bytes, 1, &view->groups)) return false;
  for (GroupView& group : view->groups) {
    if (!Take(bytes, &group.owner, &group.order, &group.used)) return false;
  }
  for (OpsView& ops : view->ops) {
    if (!TakeOps(bytes, &ops)) return false;
  }
  if (!TakePlain(bytes, &view->order)) return false;
  if (!TakeSize(bytes, 1, &view->modules)) return false;
  for (ModuleView& module : view->modules) {
    if (!TakeEnum(bytes, ModuleState::kLive, &module.state) || !Take(bytes, &module.slot) ||
        !TakeEnum(bytes, Stage{kStageCount - 1}, &module.next)) {
      return false;
    }
  }
  Ledger& ledger = view->ledger;
  return TakeBool(bytes, &view->globals.dead) && TakeBool(bytes, &view->globals.enabled) &&
         TakeBool(bytes, &view->globals.core_init_freed) &&
         Take(bytes, &ledger.records, &ledger.groups, &ledger.pages, &ledger.hash_entries,
              &ledger.cached);
}

std::uint64_t Digest(std::string_view bytes) {
  constexpr std::uint64_t kOdd = 0x9fb21c651e98df25u;
  std::uint64_t hash = bytes.size() * kOdd;
  const auto fold = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 29;
  };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    fold(word);
  }
  std::uint64_t last = 0;
  std::memcpy(&last, bytes.data(), bytes.size());
  fold(last);
  fold(0);
  return hash;
}

}  // namespace recount
