#include "harness/conform/kprobe_state.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "harness/conform/guest_op.h"
#include "model/strings.h"
#include "model/world.h"

namespace recount {
namespace {

using internal::Cat;

// An address that belongs to nobody now. The kernel prints it as it is; where a base was recorded
// it could be told which, but the list is compared with the flags of the probes beside it.
constexpr std::string_view kNowhere = "nowhere";

const KprobeEntryView* EntryOf(const View& view, std::size_t kprobe) {
  for (std::size_t i = 0; i < view.kprobes.entry_count; ++i) {
    const KprobeEntryView& entry = view.kprobes.entries[i];
    for (std::size_t k = 0; k < entry.count; ++k) {
      if (Index(entry.probes[k]) == kprobe) return &entry;
    }
  }
  return nullptr;
}

// As the recorder writes them.
std::string FlagsOf(const View& view, std::size_t kprobe) {
  const KprobeView& probe = view.kprobes.probes[kprobe];
  const KprobeEntryView* const entry = EntryOf(view, kprobe);
  std::vector<std::string> flags;
  if (probe.gone) flags.emplace_back("GONE");
  if (probe.disabled) flags.emplace_back("DISABLED");
  if (entry != nullptr && entry->on_ftrace) flags.emplace_back("FTRACE");
  return absl::StrJoin(flags, ",");
}

std::string WithoutOpt(const std::string& flags, LeftOutCounts* left_out) {
  std::vector<std::string> words = absl::StrSplit(flags, ',', absl::SkipEmpty());
  if (const auto opt = std::find(words.begin(), words.end(), "OPT"); opt != words.end()) {
    words.erase(opt);
    Count(LeftOut::kOptimized, left_out);
  }
  return absl::StrJoin(words, ",");
}

// "tgA_f0+0x0 tgA [FTRACE]" of "ffffffffc022d030  k  tgA_f0+0x0  tgA [FTRACE]".
std::string ListedLine(const std::string& line, int endbr) {
  std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (words.size() < 3) return line;
  words.erase(words.begin(), words.begin() + 2);
  if (words[0].starts_with("0x")) {
    words[0] = std::string(kNowhere);
  } else if (const std::size_t plus = words[0].find("+0x"); plus != std::string::npos) {
    std::uint64_t offset = 0;
    if (absl::SimpleHexAtoi(words[0].substr(plus + 1), &offset) &&
        offset >= static_cast<std::uint64_t>(endbr)) {
      offset -= static_cast<std::uint64_t>(endbr);
      words[0] = Cat({words[0].substr(0, plus), "+", std::to_string(offset)});
    }
  }
  return absl::StrJoin(words, " ");
}

std::string ModelLine(const AddressNames& names, const View& view, const KprobeEntryView& entry,
                      const KprobeView& probe) {
  const Address offset = entry.address % World::kFunctionStride;
  const std::string name = names.Name(view, entry.address - offset);
  std::string line;
  if (const std::size_t colon = name.find(':'); colon == std::string::npos) {
    line = Cat({name, "+", std::to_string(offset)});  // of the core
  } else if (name.starts_with("stale ")) {
    line = std::string(kNowhere);
  } else {
    line = Cat({name.substr(colon + 1), "+", std::to_string(offset), " ", name.substr(0, colon)});
  }
  std::string flags;
  if (probe.gone) flags += "[GONE]";
  if (probe.disabled && !probe.gone) flags += "[DISABLED]";
  if (entry.on_ftrace) flags += "[FTRACE]";
  return flags.empty() ? line : Cat({line, " ", flags});
}

// The kernel's order is that of a hash.
std::string Sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, " | ");
}

}  // namespace

void CompareKprobes(const AddressNames& names, const RecordedStep& step, const View& view,
                    int endbr, std::vector<Mismatch>* found, LeftOutCounts* left_out) {
  const auto compare = [found](std::string field, std::string kernel, std::string model) {
    if (kernel == model) return;
    found->push_back({Aspect::kKprobe, std::move(field), std::move(kernel), std::move(model)});
  };
  for (const auto& [index, flags] : step.kprobes) {
    // What is not registered keeps what it had.
    if (index >= kKprobeCount || !view.kprobes.probes[index].registered) continue;
    compare(Cat({"kp.", std::to_string(index)}),
            flags ? WithoutOpt(*flags, left_out) : "never registered", FlagsOf(view, index));
  }
  if (step.op != kReadKprobes || !step.out) return;
  std::vector<std::string> kernel;
  for (const absl::string_view line : absl::StrSplit(*step.out, '\n', absl::SkipEmpty())) {
    kernel.push_back(ListedLine(std::string(line), endbr));
  }
  std::vector<std::string> model;
  for (std::size_t i = 0; i < view.kprobes.entry_count; ++i) {
    const KprobeEntryView& entry = view.kprobes.entries[i];
    for (std::size_t k = 0; k < entry.count; ++k) {
      const KprobeView& probe = view.kprobes.probes[Index(entry.probes[k])];
      model.push_back(ModelLine(names, view, entry, probe));
    }
  }
  compare("kprobes/list", Sorted(std::move(kernel)), Sorted(std::move(model)));
}

}  // namespace recount
