// What two differ in, in words: how compare*.cc collect it. Not for others.
#ifndef RECOUNT_HARNESS_COMPARE_SAID_H_
#define RECOUNT_HARNESS_COMPARE_SAID_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/compare.h"

namespace recount::internal {

std::string Text(bool value);
std::string Text(std::uint64_t value);
std::string Text(OpsId id);
std::string Text(std::int32_t value);
std::string Text(std::span<const OpsId> list);
std::string Text(User user);
std::string Text(const std::vector<CachedFilter>& list);

// Collects the first differences; the later ones are not looked at.
class Collected {
 public:
  explicit Collected(std::size_t most) : most_(most) {}
  bool full() const { return differences_.size() >= most_; }
  std::vector<Difference> Take() { return std::move(differences_); }

  void Say(std::string field, std::string expected, std::string actual) {
    if (!full()) differences_.push_back({std::move(field), std::move(expected), std::move(actual)});
  }
  template <typename T>
  void Compare(std::string_view base, std::string_view member, const T& expected, const T& actual) {
    if (expected == actual) return;
    Say(absl::StrCat(absl::string_view(base.data(), base.size()),
                     absl::string_view(member.data(), member.size())),
        Text(expected), Text(actual));
  }

 private:
  std::size_t most_;
  std::vector<Difference> differences_;
};

// The names of what two Views of `world` show.
class Names {
 public:
  Names(const World& world, const View& expected, const View& actual)
      : world_(world), expected_(expected), actual_(actual) {}

  // "#7" when the World has none such.
  std::string FunctionName(FunctionId function) const;
  std::string ImageName(ModuleId id) const;
  // The function whose record is there in either View; the number when there is none.
  std::string IpText(Address ip) const;
  // All of a short list; of a long one its size and the first address that only one side has.
  std::string IpsText(const std::vector<Address>& ips, const std::vector<Address>& others) const;

 private:
  const World& world_;
  const View& expected_;
  const View& actual_;
};

void CompareNotifiers(const NotifiersView& expected, const NotifiersView& actual,
                      Collected* differences);
void CompareLivepatch(const Names& names, const LivepatchView& expected,
                      const LivepatchView& actual, Collected* differences);
void CompareKprobes(const Names& names, const KprobesView& expected, const KprobesView& actual,
                    Collected* differences);

}  // namespace recount::internal

#endif  // RECOUNT_HARNESS_COMPARE_SAID_H_
