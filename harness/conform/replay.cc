#include "harness/conform/replay.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/conform/answers.h"
#include "harness/conform/complaints.h"
#include "harness/conform/deviations.h"
#include "harness/conform/guest_notifiers.h"
#include "harness/conform/kprobe_state.h"
#include "harness/conform/state.h"
#include "harness/conform/translate.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

// Two texts of which the report is one line: of long ones what both begin with is left out, and
// what is too long then is cut.
std::pair<std::string, std::string> Shortened(const std::string& a, const std::string& b) {
  constexpr std::size_t kLong = 120;
  if (a.size() <= kLong && b.size() <= kLong) return {a, b};
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  // Back to the beginning of a word.
  const std::size_t common = static_cast<std::size_t>(differ - a.begin());
  const std::size_t space = common == 0 ? std::string::npos : a.rfind(' ', common - 1);
  const std::size_t from = space == std::string::npos ? 0 : space + 1;
  const auto shorten = [from](const std::string& text) {
    std::string rest = Cat({from > 0 ? "... " : "", std::string_view(text).substr(from, kLong)});
    if (text.size() - from > kLong) rest += "...";
    return rest;
  };
  return {shorten(a), shorten(b)};
}

class Replayer {
 public:
  Replayer(const Universe& universe, const Profile& profile, const Sequence& sequence,
           Subject* subject)
      : universe_(universe),
        profile_(profile),
        sequence_(sequence),
        subject_(subject),
        names_(universe) {}

  SequenceReport Run() {
    report_.id = sequence_.id;
    report_.steps = sequence_.steps.size();
    Steps();
    report_.left_out[static_cast<std::size_t>(LeftOut::kStepsBehind)] =
        report_.steps - report_.compared;
    return std::move(report_);
  }

 private:
  void Steps() {
    subject_->Reset(universe_.world(), profile_);
    const Translation translation = Translate(universe_, sequence_);
    notifiers_ = translation.notifiers;
    for (const Op& op : translation.prelude) subject_->Apply(op);
    subject_->Observe(&after_);
    for (std::size_t i = 0; i < translation.steps.size(); ++i) {
      if (!Step(i, sequence_.steps[i], translation.steps[i])) return;
      ++report_.compared;
    }
    if (translation.out_of_scope) {
      report_.result = ConformResult::kOutOfScope;
      report_.line =
          Cat({"out of scope from step ", std::to_string(report_.compared), ": ",
               *translation.out_of_scope, " (",
               translation.why.empty() ? "the language has no word for it" : translation.why,
               "; agrees before", Remarks(), ")"});
    } else {
      report_.result = ConformResult::kAgrees;
      report_.line = Cat({"agrees (", internal::Counted(report_.compared, "step"), Remarks(), ")"});
    }
  }

  // False when the comparison ends here; the report is complete then.
  bool Step(std::size_t index, const RecordedStep& step, const StepPlan& plan) {
    std::swap(before_, after_);
    std::vector<Mismatch> found;
    const std::string warnings = Execute(step, plan, &found);
    subject_->Observe(&after_);
    names_.Learn(after_);
    if (plan.kind == StepPlan::Kind::kWait && !step.crashed) CompareWait(step, plan, &found);
    const RecordedStep* previous = index == 0 ? nullptr : &sequence_.steps[index - 1];
    const StepContext context{universe_, previous, step, plan, before_, after_};
    if (IsKernel(*subject_) && !step.crashed) {
      CompareWarnings(RecordedWarnings(step), warnings, &found);
    } else if (LeavesKernelUnsound(step)) {
      found.push_back({Aspect::kComplaint, step.crashed ? "crash" : "warn",
                       step.kmsg.empty() ? "yes" : step.kmsg.front(), "none"});
    }
    if (!step.crashed) {
      std::vector<Mismatch> state =
          CompareState(universe_, names_, step, after_, &report_.left_out);
      CompareKprobes(names_, step, after_, EndbrSize(sequence_.kernel), &state, &report_.left_out);
      std::move(state.begin(), state.end(), std::back_inserter(found));
    }
    for (const std::string_view name : plan.deviations) Count(name);
    if (plan.kind == StepPlan::Kind::kNoChange) ++idle_steps_;

    const Deviation* defect = nullptr;
    std::vector<std::string_view> met;  // in this step, each once
    for (const Mismatch& mismatch : found) {
      const Deviation* deviation = Explain(context, mismatch);
      if (deviation == nullptr) {
        report_.result = ConformResult::kDiffers;
        const auto [kernel, model] = Shortened(mismatch.kernel, mismatch.model);
        report_.line = Cat({"differs at step ", std::to_string(index), " (", step.op,
                            "): ", mismatch.field, " kernel=", kernel, " model=", model});
        return false;
      }
      if (deviation->kind == DeviationKind::kDefect && defect == nullptr) defect = deviation;
      if (std::find(met.begin(), met.end(), deviation->name) == met.end()) {
        met.push_back(deviation->name);
      }
    }
    for (const std::string_view name : met) Count(name);
    if (defect == nullptr) return true;
    report_.result = ConformResult::kDeviates;
    report_.line = Cat({index == 0 ? "" : "agrees up to step ",
                        index == 0 ? "" : std::to_string(index - 1) + ", then ", "deviation ",
                        defect->name, " (", step.op, Remarks(defect->name), ")"});
    return false;
  }

  // Applies the plan and compares what was answered. What a kernel complained of meanwhile.
  std::string Execute(const RecordedStep& step, const StepPlan& plan,
                      std::vector<Mismatch>* found) {
    Answers answers;
    for (const Op& op : plan.ops) {
      const Outcome outcome = subject_->Apply(op);
      if (outcome.fate != Fate::kReturned) {
        found->push_back({Aspect::kRc, "outcome", step.crashed ? "crashed" : RcText(step.rc),
                          OutcomeText(*universe_.world(), op, outcome)});
        return WarningsText(answers.warnings);
      }
      answers.Add(op, outcome, before_);
    }
    if (!step.crashed) {
      CompareAnswers(*universe_.world(), notifiers_, step, plan, answers, before_, found,
                     &report_.left_out);
    }
    return WarningsText(answers.warnings);
  }

  // A transition is over at once here (SEMANTICS 12).
  void CompareWait(const RecordedStep& step, const StepPlan& plan,
                   std::vector<Mismatch>* found) const {
    const PatchView& patch = after_.livepatch.patches[Index(plan.patch)];
    const int rc = patch.enabled ? 0 : Rc(Errno::kNoEnt);
    if (step.rc != rc) found->push_back({Aspect::kRc, "rc", RcText(step.rc), RcText(rc)});
  }

  static void CompareWarnings(const std::string& kernel, const std::string& subject,
                              std::vector<Mismatch>* found) {
    if (kernel == subject || (kernel == "somewhere" && subject != "none")) return;
    found->push_back({Aspect::kComplaint, "warn", kernel, subject});
  }

  void Count(std::string_view name) {
    for (auto& [known, count] : report_.deviations) {
      if (known == name) {
        ++count;
        return;
      }
    }
    report_.deviations.emplace_back(std::string(name), 1);
  }

  // What a reader should know beside the result, each with "; " in front: how many steps the
  // language has no operation for (their state was compared all the same), and the deviations met.
  std::string Remarks(std::string_view except = "") const {
    std::string text;
    if (idle_steps_ > 0) {
      text += Cat({"; ", std::to_string(idle_steps_), " that leave ftrace alone"});
    }
    for (const auto& [name, count] : report_.deviations) {
      if (name != except) text += Cat({"; ", name, " x", std::to_string(count)});
    }
    return text;
  }

  const Universe& universe_;
  const Profile& profile_;
  const Sequence& sequence_;
  Subject* subject_;
  AddressNames names_;
  GuestNotifierTable notifiers_{};
  View before_;
  View after_;
  std::size_t idle_steps_ = 0;  // reads, refused kprobes
  SequenceReport report_;
};

}  // namespace

SequenceReport Replay(const Universe& universe, const Profile& profile, const Sequence& sequence,
                      Subject* subject) {
  return Replayer(universe, profile, sequence, subject).Run();
}

}  // namespace recount
