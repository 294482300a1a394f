#include "harness/conform/guest_op.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "model/lex.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;
using internal::Quote;
using Words = std::span<const std::string>;

// A number of the guest's: an ops, notifier, kprobe.
std::optional<std::uint32_t> ParseIndex(std::string_view word) {
  return internal::ParseNumber(word, 0, 0xffffffff);
}

bool IsBit(std::string_view word) { return word == "0" || word == "1"; }

// A C int, with or without sign.
bool IsInteger(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return internal::ParseNumber(word, 0, 0x7fffffff).has_value();
}

bool IsAddress(const std::string& word) {
  std::uint64_t address = 0;
  return word.size() > 2 && word.starts_with("0x") && absl::SimpleHexAtoi(word, &address);
}

// MOD:FN[+off]
bool IsPlace(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == 0 || colon == word.npos) return false;
  const std::size_t plus = word.find('+', colon);
  if (colon + 1 == std::min(plus, word.size())) return false;
  return plus == word.npos || IsInteger(word.substr(plus + 1));
}

bool OneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsNotifierAnswer(std::string_view word) {
  return OneOf(word, {"done", "ok", "stop", "bad", "stopmask"}) || IsInteger(word);
}

std::string Asked(std::string_view form) { return Cat({form, " is asked for"}); }

std::string CallFault(Words words) {
  if (words.size() == 3 && OneOf(words[2], {"-1", "0", "1", "2", "3", "4", "5"})) return "";
  return Asked("call MODULE N, N from -1 to 5,");
}

std::string EchoFault(Words words) {
  if (words.size() >= 4 && OneOf(words[words.size() - 2], {">", ">>"})) return "";
  return Asked("echo TEXT > FILE (or >>)");
}

std::string OpsFault(Words words) {
  if (words.size() < 3) return Asked("ops I and what is done with it");
  if (!ParseIndex(words[1])) return Cat({Quote(words[1]), " is not the number of an ops"});
  const std::string& verb = words[2];
  if (verb == "reg" || verb == "unreg") {
    return words.size() == 3 ? "" : Asked(Cat({"ops I ", verb}));
  }
  if (verb == "flags") return "";
  if (verb == "filter" || verb == "notrace") {
    return words.size() == 5 && IsBit(words[4]) ? ""
                                                : Asked(Cat({"ops I ", verb, " PATTERN RESET"}));
  }
  if (verb == "ip") {
    const bool good = words.size() == 6 && (IsAddress(words[3]) || IsPlace(words[3])) &&
                      IsBit(words[4]) && IsBit(words[5]);
    return good ? "" : Asked("ops I ip MODULE:FUNCTION[+N] (or an address) REMOVE RESET");
  }
  return Cat({Quote(verb), " is nothing that is done with an ops"});
}

std::string NotifierFault(Words words) {
  if (words.size() < 3) return Asked("nb I and what is done with it");
  if (!ParseIndex(words[1])) return Cat({Quote(words[1]), " is not the number of a notifier"});
  const std::string& verb = words[2];
  if (verb == "unreg" || verb == "clr") {
    return words.size() == 3 ? "" : Asked(Cat({"nb I ", verb}));
  }
  if (verb == "reg") {
    return words.size() == 4 && IsInteger(words[3]) ? "" : Asked("nb I reg PRIORITY");
  }
  if (verb == "ret") {
    const bool good = words.size() == 5 && IsModuleState(words[3]) && IsNotifierAnswer(words[4]);
    return good ? "" : Asked("nb I ret STATE VALUE");
  }
  return Cat({Quote(verb), " is nothing that is done with a notifier"});
}

std::string ChainFault(Words words) {
  if (words.size() < 3 || !OneOf(words[1], {"raw", "blk", "atomic"})) {
    return Asked("ch raw|blk|atomic and what is done with it");
  }
  const std::string& verb = words[2];
  const auto numbers = [&words](std::size_t count) {
    return words.size() == 3 + count &&
           std::all_of(words.begin() + 3, words.end(),
                       [](const auto& word) { return ParseIndex(word).has_value(); });
  };
  const auto asked = [&words, &verb](std::string_view operands) {
    return Asked(Cat({"ch ", words[1], " ", verb, " ", operands}));
  };
  if (verb == "reg" || verb == "regu") {
    const bool good = words.size() == 5 && ParseIndex(words[3]) && IsInteger(words[4]);
    return good ? "" : asked("I PRIORITY");
  }
  if (verb == "unreg" || verb == "clr") return numbers(1) ? "" : asked("I");
  if (verb == "ret") {
    const bool good = words.size() == 6 && ParseIndex(words[3]) && ParseIndex(words[4]) &&
                      IsNotifierAnswer(words[5]);
    return good ? "" : asked("I NUMBER VALUE");
  }
  if (verb == "call") return numbers(1) ? "" : asked("NUMBER");
  if (verb == "robust") return numbers(2) ? "" : asked("UP DOWN");
  return Cat({Quote(verb), " is nothing that is done with a chain"});
}

std::string KprobeFault(Words words) {
  if (words.size() < 3) return Asked("kp I and what is done with it");
  if (!ParseIndex(words[1])) return Cat({Quote(words[1]), " is not the number of a kprobe"});
  const std::string& verb = words[2];
  if (verb == "reg") {
    const bool good = words.size() >= 4 &&
                      std::all_of(words.begin() + 4, words.end(),
                                  [](const auto& word) { return OneOf(word, {"post", "dis"}); });
    return good ? "" : Asked("kp I reg SYMBOL [post] [dis]");
  }
  if (!OneOf(verb, {"unreg", "dis", "en", "rereg"})) {
    return Cat({Quote(verb), " is nothing that is done with a kprobe"});
  }
  return words.size() == 3 ? "" : Asked(Cat({"kp I ", verb}));
}

std::vector<std::string> WordsOf(std::string_view op) {
  return absl::StrSplit(absl::string_view(op.data(), op.size()), ' ', absl::SkipEmpty());
}

}  // namespace

std::string GuestOpFault(std::string_view op) {
  const std::vector<std::string> words = WordsOf(op);
  if (words.empty()) return "no operation";
  const std::string& verb = words[0];
  if (verb == "insmod") return words.size() >= 2 ? "" : Asked("insmod MODULE [PARAM=VALUE...]");
  if (verb == "rmmod") return words.size() == 2 ? "" : Asked("rmmod MODULE");
  if (verb == "read") return words.size() == 2 ? "" : Asked("read FILE");
  if (verb == "klpwait") return words.size() == 2 ? "" : Asked("klpwait MODULE");
  if (verb == "mkdir" || verb == "rmdir") {
    return words.size() == 2 ? "" : Asked(Cat({verb, " FOLDER"}));
  }
  if (verb == "call") return CallFault(words);
  if (verb == "echo") return EchoFault(words);
  if (verb == "ops") return OpsFault(words);
  if (verb == "nb") return NotifierFault(words);
  if (verb == "ch") return ChainFault(words);
  if (verb == "kp") return KprobeFault(words);
  return "";
}

bool IsModuleState(std::string_view word) {
  return OneOf(word, {"UNFORMED", "COMING", "LIVE", "GOING"});
}

std::optional<std::uint32_t> GuestOpsIndex(std::string_view op) {
  const std::vector<std::string> words = WordsOf(op);
  if (words.size() < 3 || words[0] != "ops") return std::nullopt;
  return ParseIndex(words[1]);
}

std::optional<std::uint32_t> GuestKprobeIndex(std::string_view op) {
  const std::vector<std::string> words = WordsOf(op);
  if (words.size() < 3 || words[0] != "kp") return std::nullopt;
  return ParseIndex(words[1]);
}

bool IsGuestNotifierOp(std::string_view op) {
  const std::vector<std::string> words = WordsOf(op);
  return !words.empty() && OneOf(words[0], {"nb", "ch"});
}

bool IsGuestChainCall(std::string_view op) {
  const std::vector<std::string> words = WordsOf(op);
  return words.size() >= 3 && words[0] == "ch" && OneOf(words[2], {"call", "robust"});
}

}  // namespace recount
