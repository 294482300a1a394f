// Small helpers for messages. (absl::StrCat of the Debian package takes no std::string_view.)
#ifndef RECOUNT_MODEL_STRINGS_H_
#define RECOUNT_MODEL_STRINGS_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace recount::internal {

std::string Cat(std::initializer_list<std::string_view> parts);
// 'text', escaped where it would not print and cut when it is long.
std::string Quote(std::string_view text);
// "1 step", "2 steps"; `plural` where an "s" does not make it.
std::string Counted(std::uint64_t count, std::string_view noun, std::string_view plural = "");
// The candidate that `text` was probably meant to be; empty when none is near.
std::string_view Nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_STRINGS_H_
