#include "harness/conform/state.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_join.h"
#include "harness/conform/guest_op.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

// The recorder keeps that many lines of a tracefs file.
constexpr std::size_t kRecordedLines = 60;

class Comparison {
 public:
  Comparison(const Universe& universe, const AddressNames& names, const RecordedStep& step,
             const View& view, LeftOutCounts* left_out)
      : world_(*universe.world()),
        universe_(universe),
        names_(names),
        step_(step),
        view_(view),
        left_out_(left_out) {}

  std::vector<Mismatch> Run() {
    CompareModules();
    CompareRecords();
    // A record that differs is in the list, too: it speaks for itself.
    const bool same = std::none_of(found_.begin(), found_.end(), [](const Mismatch& mismatch) {
      return mismatch.aspect == Aspect::kRecordSet || mismatch.aspect == Aspect::kCount ||
             mismatch.aspect == Aspect::kEnabled;
    });
    if (same) CompareEnabled();
    for (const RecordedOps& ops : step_.ops) CompareOps(ops);
    const OpsView& tracer = view_.ops[Index(kGlobalTracer)];
    if (step_.filter_lines) {
      CompareLines("set_ftrace_filter", *step_.filter_lines,
                   Lines(tracer.filter, tracer.cached_filter, "#### all functions enabled ####"));
    }
    if (step_.notrace_lines) {
      CompareLines("set_ftrace_notrace", *step_.notrace_lines,
                   Lines(tracer.notrace, tracer.cached_notrace, "#### no functions disabled ####"));
    }
    if (step_.op == kReadSysctl && step_.out) {
      Add(Aspect::kSysctl, "ftrace_enabled", *step_.out, view_.globals.enabled ? "1" : "0");
    } else if (step_.op.starts_with("read ") && step_.op != kReadKprobes) {
      Count(LeftOut::kOtherRead, left_out_);
    }
    return std::move(found_);
  }

 private:
  void Add(Aspect aspect, std::string field, std::string kernel, std::string model,
           FunctionId function = kNoFunction, const RecordedRecord* record = nullptr) {
    if (kernel == model) return;
    found_.push_back(
        {aspect, std::move(field), std::move(kernel), std::move(model), function, record});
  }

  std::string ModelPlace(const ModuleView& module) const {
    switch (module.state) {
      case ModuleState::kAbsent:
        return "absent";
      case ModuleState::kLive:
        return Cat({"live @", std::to_string(Index(module.slot))});
      case ModuleState::kUnformed:
      case ModuleState::kComing:
        break;
    }
    return "loading";
  }

  void CompareModules() {
    for (std::size_t i = 0; i < world_.modules().size(); ++i) {
      const std::string& name = world_.modules()[i].name;
      const std::optional<std::uint64_t> base = step_.BaseOf(name);
      const std::string kernel =
          base ? Cat({"live @", std::to_string(Index(universe_.SlotOf(*base)))}) : "absent";
      Add(Aspect::kModules, Cat({"mods.", name}), kernel, ModelPlace(view_.modules[i]));
    }
  }

  void CompareRecords() {
    std::map<FunctionId, const RecordedRecord*> recorded;
    for (const RecordedImage& image : step_.recs) {
      const std::optional<ModuleId> module = world_.FindModule(image.module);
      for (const RecordedRecord& record : image.records) {
        std::optional<FunctionId> function;
        if (module) function = universe_.FindFunction(*module, record.function);
        if (!function) {
          Add(Aspect::kRecordSet, Cat({"recs.", image.module, ".", record.function}), "a record",
              "unknown function", kNoFunction, &record);
        } else if (world_.function(*function).kind != FunctionKind::kInit) {
          recorded[*function] = &record;
        } else {
          Count(LeftOut::kInitRecord, left_out_);
        }
      }
    }
    for (const RecordView& record : view_.records) {
      const Function& function = world_.function(record.function);
      // Of the core only the totals were recorded.
      if (function.module == kCore || function.kind == FunctionKind::kInit) continue;
      const std::string field =
          Cat({"recs.", world_.ImageName(function.module), ".", function.name});
      const auto it = recorded.find(record.function);
      if (it == recorded.end()) {
        Add(Aspect::kRecordSet, field, "no record", "a record", record.function);
        continue;
      }
      CompareRecord(field, *it->second, record);
      recorded.erase(it);
    }
    for (const auto& [function, record] : recorded) {
      Add(Aspect::kRecordSet,
          Cat({"recs.", world_.ImageName(world_.function(function).module), ".", record->function}),
          "a record", "no record", function, record);
    }
  }

  // What a reader of enabled_functions sees: of the modules, every site that is patched.
  void CompareEnabled() {
    if (!step_.enabled) return Count(LeftOut::kEnabledNotRead, left_out_);
    std::vector<std::string> kernel, model;
    for (const auto& [function, count] : *step_.enabled) {
      const std::size_t colon = function.find(':');
      const std::optional<ModuleId> module = world_.FindModule(function.substr(0, colon));
      if (module && colon != std::string::npos) {
        const auto id = universe_.FindFunction(*module, function.substr(colon + 1));
        if (id && world_.function(*id).kind == FunctionKind::kInit) continue;
      }
      kernel.push_back(Cat({function, " ", std::to_string(count)}));
    }
    for (const RecordView& record : view_.records) {
      const Function& function = world_.function(record.function);
      if (function.module == kCore || function.kind == FunctionKind::kInit) continue;
      if ((record.flags & kEnabled) == 0) continue;
      model.push_back(Cat({world_.ImageName(function.module), ":", function.name, " ",
                           std::to_string(record.count)}));
    }
    std::sort(kernel.begin(), kernel.end());
    std::sort(model.begin(), model.end());
    Add(Aspect::kLines, "enabled_functions", absl::StrJoin(kernel, " | "),
        absl::StrJoin(model, " | "));
  }

  void CompareRecord(const std::string& field, const RecordedRecord& kernel,
                     const RecordView& model) {
    Add(Aspect::kCount, field + ".count", std::to_string(kernel.count), std::to_string(model.count),
        model.function, &kernel);
    const auto flag = [&](Aspect aspect, char letter, RecordFlag bit) {
      const std::string text(1, letter);
      Add(aspect, Cat({field, ".", text}), kernel.has(letter) ? "1" : "0",
          (model.flags & bit) != 0 ? "1" : "0", model.function, &kernel);
    };
    flag(Aspect::kEnabled, 'E', kEnabled);
    flag(Aspect::kIpModify, 'I', kIpModify);
    flag(Aspect::kDisabled, 'D', kDisabled);
    flag(Aspect::kRegs, 'R', kRegs);
    flag(Aspect::kRegs, 'r', kRegsEn);
    flag(Aspect::kTramp, 'T', kTramp);
    flag(Aspect::kTramp, 't', kTrampEn);
    flag(Aspect::kDirect, 'X', RecordFlag{});
    flag(Aspect::kDirect, 'x', RecordFlag{});
  }

  void CompareOps(const RecordedOps& recorded) {
    if (recorded.index >= kOpsCount) return;
    const OpsView& model = view_.ops[recorded.index];
    const std::string field = Cat({"ops.", std::to_string(recorded.index)});
    Add(Aspect::kRegistered, field + ".reg", recorded.registered ? "1" : "0",
        model.registered ? "1" : "0");
    CompareHash(field + ".filter", recorded.filter, model.filter);
    CompareHash(field + ".notrace", recorded.notrace, model.notrace);
  }

  void CompareHash(const std::string& field, const RecordedHash& recorded, const HashView& hash) {
    if (recorded.elided) return Count(LeftOut::kLongHash, left_out_);
    std::vector<std::string> kernel = recorded.entries;
    std::vector<std::string> model;
    for (const Address ip : hash.ips) model.push_back(names_.Name(view_, ip));
    model.insert(model.end(), hash.cleared, "0x0");
    std::sort(kernel.begin(), kernel.end());
    std::sort(model.begin(), model.end());
    Add(Aspect::kHash, field, Cat({"[", absl::StrJoin(kernel, " "), "]"}),
        Cat({"[", absl::StrJoin(model, " "), "]"}));
  }

  // What reading the tracefs file gives: the banner when the hash is empty, the records whose
  // address is in it, in list order, and what is kept for modules to come.
  std::vector<std::string> Lines(const HashView& hash, const std::vector<CachedFilter>& cached,
                                 std::string_view banner) const {
    std::vector<std::string> lines;
    if (hash.empty()) lines.emplace_back(banner);
    for (const RecordView& record : view_.records) {
      if (!std::binary_search(hash.ips.begin(), hash.ips.end(), record.ip)) continue;
      const Function& function = world_.function(record.function);
      lines.push_back(function.module == kCore
                          ? function.name
                          : Cat({function.name, " [", world_.ImageName(function.module), "]"}));
    }
    for (const CachedFilter& filter : cached) {
      lines.push_back(Cat({filter.function.text(), ":mod:", filter.module.text()}));
    }
    return lines;
  }

  void CompareLines(std::string_view field, const std::vector<std::string>& kernel,
                    std::vector<std::string> model) {
    if (kernel.size() == kRecordedLines && model.size() > kRecordedLines) {
      model.resize(kRecordedLines);
      Count(LeftOut::kLongFile, left_out_);
    }
    Add(Aspect::kLines, std::string(field), absl::StrJoin(kernel, " | "),
        absl::StrJoin(model, " | "));
  }

  const World& world_;
  const Universe& universe_;
  const AddressNames& names_;
  const RecordedStep& step_;
  const View& view_;
  LeftOutCounts* left_out_;
  std::vector<Mismatch> found_;
};

}  // namespace

void AddressNames::Learn(const View& view) {
  const World& world = *universe_.world();
  for (std::size_t i = 0; i < view.modules.size(); ++i) {
    if (view.modules[i].state == ModuleState::kAbsent) continue;
    const Module& module = world.modules()[i];
    const Address base = world.SlotAddress(view.modules[i].slot);
    for (std::uint32_t f = module.first; f < module.first + module.count; ++f) {
      last_[world.AddressOf(FunctionId{f}, base)] = FunctionId{f};
    }
  }
}

std::string AddressNames::Name(const View& view, Address address) const {
  const World& world = *universe_.world();
  const auto it = last_.find(address);
  if (it == last_.end()) {
    for (const RecordView& record : view.records) {
      if (record.ip == address) return world.function(record.function).name;
    }
    return "unknown";
  }
  const Function& function = world.function(it->second);
  const ModuleView& module = view.modules[Index(function.module)];
  const bool there = module.state != ModuleState::kAbsent &&
                     world.AddressOf(it->second, world.SlotAddress(module.slot)) == address;
  return Cat({there ? "" : "stale ", world.ImageName(function.module), ":", function.name});
}

std::vector<Mismatch> CompareState(const Universe& universe, const AddressNames& names,
                                   const RecordedStep& step, const View& view,
                                   LeftOutCounts* left_out) {
  return Comparison(universe, names, step, view, left_out).Run();
}

}  // namespace recount
