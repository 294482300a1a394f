#include "model/reference/reference.h"

#include <memory>
#include <utility>

#include "model/reference/state.h"
#include "model/reference/step.h"

namespace recount {
namespace {

class Reference final : public Subject {
 public:
  std::string_view name() const override { return "reference"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    state_ = reference::InitialState(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override { return reference::Step(state_, op); }
  void Observe(View* view) override { reference::Observe(state_, view); }

 private:
  reference::State state_;
};

}  // namespace

std::unique_ptr<Subject> MakeReference() { return std::make_unique<Reference>(); }

}  // namespace recount
