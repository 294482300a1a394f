// How wire.cc writes and reads one value: numbers as they lie in memory, lists behind their size.
// Whatever is read may have been written by a process that was out of its mind.
#ifndef RECOUNT_HARNESS_WIRE_FIELDS_H_
#define RECOUNT_HARNESS_WIRE_FIELDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace recount::wire {

template <typename... Field>
void Put(std::string* bytes, const Field&... fields) {
  static_assert((std::is_trivially_copyable_v<Field> && ...));
  std::array<char, (sizeof(Field) + ... + 0)> packed;
  char* at = packed.data();
  ((std::memcpy(at, &fields, sizeof fields), at += sizeof fields), ...);
  bytes->append(packed.data(), packed.size());
}

inline void PutSize(std::string* bytes, std::size_t size) {
  Put(bytes, static_cast<std::uint32_t>(size));
}

template <typename... Field>
bool Take(std::string_view* bytes, Field*... fields) {
  constexpr std::size_t kSize = (sizeof(Field) + ... + 0);
  if (bytes->size() < kSize) return false;
  const char* at = bytes->data();
  ((std::memcpy(fields, at, sizeof *fields), at += sizeof *fields), ...);
  bytes->remove_prefix(kSize);
  return true;
}

inline bool TakeBool(std::string_view* bytes, bool* value) {
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

}  // namespace recount::wire

#endif  // RECOUNT_HARNESS_WIRE_FIELDS_H_
