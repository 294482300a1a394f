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
  void Reset(WorldPtr world, const Profile& profile) override {
    Profile rules = rules_;
    rules.start = profile.start;
    subject_->Reset(std::move(world), rules);
  }
  Outcome Apply(const Op& op) override { return subject_->Apply(op); }
  void Observe(View* view) override { subject_->Observe(view); }

 private:
  std::unique_ptr<Subject> subject_;
  Profile rules_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_UNDER_RULES_H_
