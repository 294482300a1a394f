// nlohmann-json is used without its exceptions: parsing is asked to report failure by value, and no
// value is read before its type was tested. What is wrong is collected as a text that names the key
// from the outside in ("steps[3].recs.tgA.tgA_f0").
#include "harness/conform/recording.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "harness/atomic_file.h"
#include "harness/conform/completeness.h"
#include "harness/conform/guest_op.h"
#include "model/lex.h"
#include "model/strings.h"
#include "nlohmann/json.hpp"

namespace recount {
namespace {

using Json = nlohmann::ordered_json;
using internal::Cat;
using internal::Quote;

absl::Status Wrong(const std::string& where, std::string_view what) {
  return absl::InvalidArgumentError(Cat({where, ": ", what}));
}

// The value of a key that must be there, or nullptr.
const Json* Find(const Json& object, const char* key) {
  auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

absl::Status ReadString(const Json& object, const char* key, const std::string& where,
                        std::string* out) {
  const Json* value = Find(object, key);
  if (value == nullptr || !value->is_string()) {
    return Wrong(where + key, "a string is expected");
  }
  *out = value->get_ref<const std::string&>();
  return absl::OkStatus();
}

template <typename Int>
absl::Status ReadInt(const Json& value, const std::string& where, Int* out) {
  // Not is_number_integer() alone: an unsigned value past the range would wrap.
  if (value.is_number_unsigned()) {
    const auto wide = value.get<std::uint64_t>();
    if (wide <= static_cast<std::uint64_t>(std::numeric_limits<Int>::max())) {
      *out = static_cast<Int>(wide);
      return absl::OkStatus();
    }
  } else if (value.is_number_integer()) {
    const auto wide = value.get<std::int64_t>();
    if (std::numeric_limits<Int>::is_signed &&
        wide >= static_cast<std::int64_t>(std::numeric_limits<Int>::min())) {
      *out = static_cast<Int>(wide);
      return absl::OkStatus();
    }
  }
  return Wrong(where, "an integer in range is expected");
}

absl::Status ReadIndexKey(const std::string& key, const std::string& where, std::uint32_t* out) {
  if (!absl::SimpleAtoi(key, out)) return Wrong(where, "the key is not a number");
  return absl::OkStatus();
}

absl::Status ReadStrings(const Json& value, const std::string& where,
                         std::vector<std::string>* out) {
  if (!value.is_array()) return Wrong(where, "a list of strings is expected");
  for (const Json& item : value) {
    if (!item.is_string()) return Wrong(where, "a list of strings is expected");
    out->push_back(item.get_ref<const std::string&>());
  }
  return absl::OkStatus();
}

// Why `line` is no call of a notifier; empty when it is one.
std::string LogFault(std::string_view line) {
  const std::vector<std::string> words =
      absl::StrSplit(absl::string_view(line.data(), line.size()), ' ');
  const auto is_number = [](std::string_view word) {
    return internal::ParseNumber(word, 0, 0xffffffff).has_value();
  };
  if (words[0].size() > 1 && is_number(words[0].substr(1))) {
    if (words[0][0] == 'm' && words.size() == 3 && IsModuleState(words[1])) return "";
    if (words[0][0] == 'c' && words.size() == 2 && is_number(words[1])) return "";
  }
  return Cat({Quote(line), " is no call of a notifier like \"m0 COMING tgA\" or \"c0 1\""});
}

absl::Status ReadLog(const Json& value, const std::string& where, std::vector<std::string>* out) {
  if (absl::Status s = ReadStrings(value, where, out); !s.ok()) return s;
  for (const std::string& line : *out) {
    if (const std::string fault = LogFault(line); !fault.empty()) return Wrong(where, fault);
  }
  return absl::OkStatus();
}

// Flags as corpus/kernel/README.md lists them: empty, or what is wrong.
std::string FlagsFault(std::string_view flags) {
  constexpr std::string_view kLetters = "ERrTtIDXxOM";
  if (flags.empty()) return "no flags; \"-\" says that there are none";
  if (flags == "-") return "";
  for (const char flag : flags) {
    if (kLetters.find(flag) == kLetters.npos) {
      return Cat({"unknown flag ", Quote(std::string_view(&flag, 1)), ", there are ", kLetters});
    }
  }
  return "";
}

absl::Status ReadRecs(const Json& value, const std::string& where,
                      std::vector<RecordedImage>* out) {
  if (!value.is_object()) return Wrong(where, "an object is expected");
  for (const auto& [module, records] : value.items()) {
    RecordedImage image{module, {}};
    if (!records.is_object()) return Wrong(where + "." + module, "an object is expected");
    for (const auto& [function, pair] : records.items()) {
      const std::string place = where + "." + module + "." + function;
      if (!pair.is_array() || pair.size() != 2 || !pair[1].is_string()) {
        return Wrong(place, "[count, flags] is expected");
      }
      RecordedRecord record;
      record.function = function;
      if (absl::Status s = ReadInt(pair[0], place, &record.count); !s.ok()) return s;
      record.flags = pair[1].get_ref<const std::string&>();
      if (const std::string fault = FlagsFault(record.flags); !fault.empty()) {
        return Wrong(place, fault);
      }
      image.records.push_back(std::move(record));
    }
    out->push_back(std::move(image));
  }
  return absl::OkStatus();
}

absl::Status ReadMods(const Json& value, const std::string& where,
                      std::vector<std::pair<std::string, std::uint64_t>>* out) {
  if (!value.is_object()) return Wrong(where, "an object is expected");
  for (const auto& [module, address] : value.items()) {
    std::uint64_t base = 0;
    if (!address.is_string() ||
        !absl::SimpleHexAtoi(address.get_ref<const std::string&>(), &base)) {
      return Wrong(where + "." + module, "an address like \"0xffffffffc0000000\" is expected");
    }
    out->emplace_back(module, base);
  }
  return absl::OkStatus();
}

absl::Status ReadHash(const Json& object, const char* key, const std::string& where,
                      RecordedHash* out) {
  const Json* value = Find(object, key);
  if (value == nullptr) return Wrong(where + key, "is missing");
  if (value->is_null()) return absl::OkStatus();
  if (value->is_object()) {
    out->elided = true;
    return absl::OkStatus();
  }
  return ReadStrings(*value, where + key, &out->entries);
}

absl::Status ReadOps(const Json& value, const std::string& where, std::vector<RecordedOps>* out) {
  if (!value.is_object()) return Wrong(where, "an object is expected");
  for (const auto& [key, shown] : value.items()) {
    RecordedOps ops;
    const std::string place = where + "." + key + ".";
    if (!shown.is_object()) return Wrong(where + "." + key, "an object is expected");
    if (absl::Status s = ReadIndexKey(key, where, &ops.index); !s.ok()) return s;
    const Json* registered = Find(shown, "reg");
    if (registered == nullptr || !registered->is_number_integer()) {
      return Wrong(place + "reg", "0 or 1 is expected");
    }
    ops.registered = *registered != 0;
    if (absl::Status s = ReadHash(shown, "filter", place, &ops.filter); !s.ok()) return s;
    if (absl::Status s = ReadHash(shown, "notrace", place, &ops.notrace); !s.ok()) return s;
    out->push_back(std::move(ops));
  }
  return absl::OkStatus();
}

absl::Status ReadHits(const Json& value, const std::string& where,
                      std::vector<std::pair<std::uint32_t, std::uint64_t>>* out) {
  if (!value.is_object()) return Wrong(where, "an object is expected");
  for (const auto& [key, number] : value.items()) {
    std::uint32_t index = 0;
    std::uint64_t count = 0;
    if (absl::Status s = ReadIndexKey(key, where, &index); !s.ok()) return s;
    if (absl::Status s = ReadInt(number, where + "." + key, &count); !s.ok()) return s;
    out->emplace_back(index, count);
  }
  return absl::OkStatus();
}

absl::Status ReadKprobes(const Json& value, const std::string& where, RecordedStep* step) {
  if (!value.is_object()) return Wrong(where, "an object is expected");
  for (const auto& [key, flags] : value.items()) {
    std::uint32_t index = 0;
    if (absl::Status s = ReadIndexKey(key, where, &index); !s.ok()) return s;
    auto& shown = step->kprobes.emplace_back(index, std::nullopt).second;
    if (flags.is_null()) continue;
    const std::string place = where + "." + key;
    if (!flags.is_string()) return Wrong(place, "flags or null are expected");
    shown = flags.get<std::string>();
    for (const absl::string_view flag : absl::StrSplit(*shown, ',', absl::SkipEmpty())) {
      if (flag != "GONE" && flag != "DISABLED" && flag != "OPT" && flag != "FTRACE") {
        return Wrong(place, Cat({"unknown flag ", Quote({flag.data(), flag.size()})}));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ReadEnabled(const Json& value, const std::string& where, RecordedStep* step) {
  if (value.is_null()) return absl::OkStatus();
  if (!value.is_object()) return Wrong(where, "an object or null is expected");
  auto& enabled = step->enabled.emplace();
  for (const auto& [function, count] : value.items()) {
    std::uint32_t number = 0;
    if (absl::Status s = ReadInt(count, where + "." + function, &number); !s.ok()) return s;
    enabled.emplace_back(function, number);
  }
  return absl::OkStatus();
}

// Anything but false, null and 0 says that it happened: the agent writes true or the lines it saw.
bool Truthy(const Json* value) {
  return value != nullptr && !value->is_null() && *value != false && *value != 0;
}

absl::Status ReadStep(const Json& json, const std::string& number, RecordedStep* step) {
  const std::string where = Cat({"steps[", number, "]"});
  if (!json.is_object()) return Wrong(where, "an object is expected");
  const std::string in = where + ".";
  if (absl::Status s = ReadString(json, "op", in, &step->op); !s.ok()) return s;
  if (const std::string fault = GuestOpFault(step->op); !fault.empty()) {
    return Wrong(Cat({"step ", number, ": ", Quote(step->op)}), fault);
  }
  step->warned = Truthy(Find(json, "warn"));
  step->crashed = Truthy(Find(json, "crash"));
  if (const Json* kmsg = Find(json, "kmsg"); kmsg != nullptr) {
    if (absl::Status s = ReadStrings(*kmsg, in + "kmsg", &step->kmsg); !s.ok()) return s;
  }
  const Json* rc = Find(json, "rc");
  const Json* recs = Find(json, "recs");
  const Json* mods = Find(json, "mods");
  // A kernel that went down in this step could not be asked for its state any more.
  if (step->crashed && (rc == nullptr || recs == nullptr || mods == nullptr)) {
    step->has_state = false;
    return absl::OkStatus();
  }
  if (rc == nullptr) return Wrong(in + "rc", "is missing");
  if (absl::Status s = ReadInt(*rc, in + "rc", &step->rc); !s.ok()) return s;
  if (recs == nullptr) return Wrong(in + "recs", "is missing");
  if (absl::Status s = ReadRecs(*recs, in + "recs", &step->recs); !s.ok()) return s;
  if (mods == nullptr) return Wrong(in + "mods", "is missing");
  if (absl::Status s = ReadMods(*mods, in + "mods", &step->mods); !s.ok()) return s;
  if (const Json* ops = Find(json, "ops"); ops != nullptr) {
    step->shows_ops = true;
    if (absl::Status s = ReadOps(*ops, in + "ops", &step->ops); !s.ok()) return s;
  }
  if (const Json* kprobes = Find(json, "kp"); kprobes != nullptr) {
    step->shows_kprobes = true;
    if (absl::Status s = ReadKprobes(*kprobes, in + "kp", step); !s.ok()) return s;
  }
  if (const Json* enabled = Find(json, "ef"); enabled != nullptr) {
    if (absl::Status s = ReadEnabled(*enabled, in + "ef", step); !s.ok()) return s;
  }
  if (const Json* hits = Find(json, "hits"); hits != nullptr) {
    step->shows_hits = true;
    if (absl::Status s = ReadHits(*hits, in + "hits", &step->hits); !s.ok()) return s;
  }
  if (const Json* returned = Find(json, "ret"); returned != nullptr) {
    if (absl::Status s = ReadInt(*returned, in + "ret", &step->returned.emplace()); !s.ok()) {
      return s;
    }
  }
  if (const Json* log = Find(json, "log"); log != nullptr) {
    if (absl::Status s = ReadLog(*log, in + "log", &step->log.emplace()); !s.ok()) return s;
  }
  if (Find(json, "out") != nullptr) {
    if (absl::Status s = ReadString(json, "out", in, &step->out.emplace()); !s.ok()) return s;
    if (step->out->ends_with('\n')) step->out->pop_back();
  }
  if (const Json* lines = Find(json, "set_ftrace_filter"); lines != nullptr) {
    if (absl::Status s =
            ReadStrings(*lines, in + "set_ftrace_filter", &step->filter_lines.emplace());
        !s.ok()) {
      return s;
    }
  }
  if (const Json* lines = Find(json, "set_ftrace_notrace"); lines != nullptr) {
    if (absl::Status s =
            ReadStrings(*lines, in + "set_ftrace_notrace", &step->notrace_lines.emplace());
        !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadSequence(const Json& json, Sequence* sequence) {
  if (!json.is_object()) return absl::InvalidArgumentError("not a JSON object");
  if (absl::Status s = ReadString(json, "id", "", &sequence->id); !s.ok()) return s;
  if (absl::Status s = ReadString(json, "desc", "", &sequence->description); !s.ok()) return s;
  if (absl::Status s = ReadString(json, "kernel", "", &sequence->kernel); !s.ok()) return s;
  const Json* clean = Find(json, "clean_start");
  if (clean == nullptr || !clean->is_boolean() || !clean->get<bool>()) {
    return Wrong("clean_start", "true is expected: a replay begins with an idle ftrace");
  }
  const Json* steps = Find(json, "steps");
  if (steps == nullptr || !steps->is_array()) return Wrong("steps", "a list is expected");
  for (const Json& step : *steps) {
    const std::string number = std::to_string(sequence->steps.size());
    if (absl::Status s = ReadStep(step, number, &sequence->steps.emplace_back()); !s.ok()) return s;
  }
  return CheckComplete(*sequence);
}

}  // namespace

std::optional<std::uint64_t> RecordedStep::BaseOf(std::string_view module) const {
  for (const auto& [name, base] : mods) {
    if (name == module) return base;
  }
  return std::nullopt;
}

bool IsOfSeries(std::string_view kernel, std::string_view series) {
  if (!kernel.starts_with(series)) return false;
  kernel.remove_prefix(series.size());
  return kernel.empty() || kernel[0] == '.' || kernel[0] == '-';
}

absl::StatusOr<Recording> ParseRecording(std::string_view text, std::string_view path) {
  Recording recording;
  recording.path = std::string(path);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string where = Cat({recording.path, ":", std::to_string(number)});
    const Json json = Json::parse(line, /*cb=*/nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) return Wrong(where, "not JSON, or cut short");
    Sequence& sequence = recording.sequences.emplace_back();
    sequence.line = number;
    if (absl::Status s = ReadSequence(json, &sequence); !s.ok()) {
      return Wrong(where, std::string(s.message()));
    }
    if (recording.sequences.size() == 1) {
      recording.kernel = sequence.kernel;
    } else if (sequence.kernel != recording.kernel) {
      return Wrong(where, Cat({"kernel ", Quote(sequence.kernel), " in a recording of ",
                               Quote(recording.kernel)}));
    }
  }
  if (recording.sequences.empty()) return Wrong(recording.path + ":1", "holds no sequence");
  return recording;
}

absl::StatusOr<Recording> ReadRecording(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadInput(path);
  if (!text.ok()) return text.status();
  return ParseRecording(*text, InputName(path));
}

}  // namespace recount
