#include "harness/compare_said.h"

#include "absl/strings/str_join.h"

namespace recount::internal {

std::string Text(bool value) { return value ? "1" : "0"; }
std::string Text(std::uint64_t value) { return absl::StrCat(value); }
std::string Text(OpsId id) { return OpsText(id); }
std::string Text(std::int32_t value) { return absl::StrCat(value); }
std::string Text(std::span<const OpsId> list) {
  if (list.empty()) return "nobody";
  return absl::StrJoin(list, " ",
                       [](std::string* out, OpsId id) { absl::StrAppend(out, Text(id)); });
}
std::string Text(User user) { return user == User::kTracer ? "tracer" : "kernel"; }
std::string Text(const std::vector<CachedFilter>& list) {
  if (list.empty()) return "nothing";
  return absl::StrJoin(list, " ", [](std::string* out, const CachedFilter& item) {
    const std::string_view function = item.function.text();
    const std::string_view module = item.module.text();
    absl::StrAppend(out, absl::string_view(function.data(), function.size()),
                    ":mod:", absl::string_view(module.data(), module.size()));
  });
}

std::string Names::FunctionName(FunctionId function) const {
  return Index(function) < world_.functions().size() ? world_.FunctionText(function)
                                                     : absl::StrCat("#", Index(function));
}

std::string Names::ImageName(ModuleId id) const {
  if (id != kCore && Index(id) >= world_.modules().size()) return absl::StrCat("#", Index(id));
  return std::string(world_.ImageName(id));
}

std::string Names::IpsText(const std::vector<Address>& ips,
                           const std::vector<Address>& others) const {
  constexpr std::size_t kShort = 8;
  if (ips.empty()) return "no address";
  const auto name = [this](std::string* out, Address ip) { absl::StrAppend(out, IpText(ip)); };
  if (ips.size() <= kShort && others.size() <= kShort) return absl::StrJoin(ips, " ", name);
  std::size_t i = 0;
  while (i < ips.size() && i < others.size() && ips[i] == others[i]) ++i;
  return absl::StrCat(ips.size(), " addresses, from number ", i, ": ",
                      i < ips.size() ? IpText(ips[i]) : "nothing");
}

std::string Names::IpText(Address ip) const {
  for (const View* view : {&expected_, &actual_}) {
    for (const RecordView& record : view->records) {
      if (record.ip == ip && Index(record.function) < world_.functions().size()) {
        return world_.FunctionText(record.function);
      }
    }
  }
  return absl::StrCat("0x", absl::Hex(ip));
}

}  // namespace recount::internal
