// A Subject held to rules of its own, whatever the Program says.
#ifndef RECOUNT_HARNESS_UNDER_RULES_H_
#define RECOUNT_HARNESS_UNDER_RULES_H_

#include <memory>
#include <string_view>
#include <utility>

#include "model/subject.h"

namespace recount {

class UnderRules final : public Subject {
 public:
  UnderRules(std::unique_ptr<Subject> subject, const Profile& rules)
      : subject_(std::move(subject)), rules_(rules) {}

  std::string_view name() const override { return subject_->name(); }
  Limits limits() const override { return subject_->limits(); }
  bool Follows(const Profile& profile) const override {
    return subject_->Follows(RulesAt(profile.start));
  }
  bool IsHeldTo(const Profile& profile) const override {
    return subject_->IsHeldTo(RulesAt(profile.start));
  }
  void Reset(WorldPtr world, const Profile& profile) override {
    subject_->Reset(std::move(world), RulesAt(profile.start));
  }
  Outcome Apply(const Op& op) override { return subject_->Apply(op); }
  void Observe(View* view) override { subject_->Observe(view); }

 private:
  Profile RulesAt(Profile::Start start) const {
    Profile rules = rules_;
    rules.start = start;
    return rules;
  }

  std::unique_ptr<Subject> subject_;
  Profile rules_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_UNDER_RULES_H_
