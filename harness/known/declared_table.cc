#include "harness/known/declared_table.h"

#include <iterator>

namespace recount {
namespace {

constexpr KnownDefect kDeclared[] = {
    {"unformed-announced", "load_path",
     "A chain announces UNFORMED before there are records; without it nobody hears of it.",
     nullptr},
    {"going-in-reverse", "rollback", "GOING is told in the order of COMING, or in its reverse.",
     nullptr},
    {"going-without-coming", "load_path",
     "A load that fails in `formation`: a chain tells GOING to all, who have not heard COMING.",
     nullptr},
    {"errno-tells-going", "load_path",
     "All have heard COMING, and the last answer is an errno without a stop: a chain tells GOING "
     "to all, the loader to nobody.",
     nullptr},
    {"going-not-stopped", "load_path",
     "An answer to GOING that stops: on a chain ftrace and livepatch are still to come, so it "
     "stops nothing.",
     nullptr},
    {"init-freed-at-live", "load_path",
     "A chain frees init text's records in stage `live`, the loader in `free_init`.", nullptr},
    {"records-go-first", "load_path, rollback",
     "GOING forward on a chain: ftrace has forgotten the records when livepatch lets go of them, "
     "and what that can fail at is not met.",
     nullptr},
    {"stop-takes-records", "load_path",
     "A stop without an errno is rolled back, and the load goes on: on a chain without records and "
     "livepatch.",
     nullptr},
    {"unformed-refused", "load_path",
     "An errno in the answer to UNFORMED fails the load; the loader asks nobody.", nullptr},
    {"ahead-of-livepatch", "load_path",
     "A notifier of the highest priority stands between ftrace and livepatch on a chain: it hears, "
     "and answers, before livepatch does.",
     nullptr},
};

}  // namespace

bool RecordsGoFirst(const Profile& rules) {
  return rules.load_path == Profile::LoadPath::kChain &&
         rules.rollback == Profile::Rollback::kForward;
}

std::span<const KnownDefect> DeclaredDifferences() { return kDeclared; }

const KnownDefect* FindDeclaredDifference(std::string_view name) {
  for (const KnownDefect& declared : kDeclared) {
    if (declared.name == name) return &declared;
  }
  return nullptr;
}

std::vector<const KnownDefect*> DeclaredBetween(const Profile& left, const Profile& right) {
  std::vector<const KnownDefect*> between;
  for (std::uint32_t id = 0; id < std::size(kDeclared); ++id) {
    const bool there = id == kGoingInReverse   ? left.rollback != right.rollback
                       : id == kRecordsGoFirst ? RecordsGoFirst(left) != RecordsGoFirst(right)
                                               : left.load_path != right.load_path;
    if (there) between.push_back(&kDeclared[id]);
  }
  return between;
}

}  // namespace recount
