// What a chain is told of a module, by either load path (SEMANTICS 11 and 13).
#include <algorithm>
#include <utility>
#include <variant>

#include "harness/known/declared_step.h"

namespace recount {
namespace {

using Log = std::vector<NotifierCall>;

class LoaderLogs {
 public:
  LoaderLogs(const LoaderStep& step, const Notifiers& chain, DeclaredFindings* found);
  void Explain();

 private:
  struct Side {
    const Profile& rules;
    const Outcome& own;
    const Outcome& other;
    Log log;         // as it has to be
    Notifiers down;  // who is to hear GOING, if it is told at the end
    bool kprobes;    // have heard it
    std::size_t going() const { return ToldIn(log, Event::kGoing).size(); }
    bool more() const { return ToldIn(own.log, Event::kGoing).size() > going(); }
  };

  // Sets what one ahead of livepatch parts the sides by.
  void SetAhead();
  // By chain COMING ends with one ahead of livepatch.
  bool StoppedAhead() const { return coming_.stopped() && coming_.told.size() <= first_.size(); }
  bool AnswersFit() const;
  // Whether an event came to be told is for both to agree on, unless they go their own ways.
  bool Told(const Side& side, Event event) const;
  void Add(const Notifiers& told, Event event, Side* side) const {
    AddCalls(told, event, step_.module, &side->log);
    if (event == Event::kGoing && IsIn(kKprobesEntry, told)) side->kprobes = true;
  }
  static bool IsIn(NotifierId notifier, const Notifiers& told) {
    return std::find(told.begin(), told.end(), notifier) != told.end();
  }
  // How many there are whom one can see hearing it.
  std::size_t Seen(const Notifiers& told) const {
    return told.size() - (IsIn(kKprobesEntry, told) && !step_.probed ? 1 : 0);
  }
  void RollBack(const Teller::Call& call, Side* side);
  // Up to COMING, and what is rolled back of it.
  void WriteHead(Side* side);
  void WriteFormation(Side* side);
  void WriteTail(bool more, Side* side);

  const LoaderStep& step_;
  const Notifiers& chain_;
  DeclaredFindings* found_;
  bool paths_;       // the sides differ in the load path
  Notifiers first_;  // ahead of livepatch
  Teller::Call unformed_, coming_;
  const Outcome& by_chain_;   // of a side that goes by chain, if there is one
  const Outcome& by_loader_;  // and of the other
  bool announced_;
  bool refused_;
  bool apart_;            // each side goes its own way
  bool must_go_ = false;  // GOING has to be told, whatever the logs say
  // Livepatch has nothing in the module and was made to refuse, and by chain those ahead of it have
  // heard COMING.
  bool klp_refused_ = false;
};

LoaderLogs::LoaderLogs(const LoaderStep& step, const Notifiers& chain, DeclaredFindings* found)
    : step_(step),
      chain_(chain),
      found_(found),
      paths_(step.left.load_path != step.right.load_path),
      unformed_(step.teller.Up(chain, Event::kUnformed)),
      coming_(step.teller.Up(chain, Event::kComing)),
      by_chain_(ByChain(step.left) ? step.step.left : step.step.right),
      by_loader_(ByChain(step.left) ? step.step.right : step.step.left) {
  const NotifiersView& shown = step.step.before.notifiers;
  for (const NotifierId notifier : chain) {
    if (notifier == kKprobesEntry) break;
    if (shown.priority[Index(notifier)] > kLivepatchPriority) first_.push_back(notifier);
  }
  announced_ = !ToldIn(by_chain_.log, Event::kUnformed).empty();
  refused_ = paths_ && announced_ && RcOf(unformed_.answer) != 0;
  apart_ = paths_ && announced_ && (refused_ || unformed_.stopped());
  if (paths_ && !first_.empty() && !step.patched) SetAhead();
}

void LoaderLogs::SetAhead() {
  const Op& op = step_.step.op;
  if (!MayRun(op, Stage::kComing, step_.step.before) ||
      ToldIn(by_chain_.log, Event::kComing).empty()) {
    return;
  }
  if (!ToldIn(by_loader_.log, Event::kComing).empty()) return;
  const auto* load = std::get_if<Load>(&op);
  const auto* one = std::get_if<LoadStep>(&op);
  const bool asked = load != nullptr ? load->failure && load->failure->stage == Stage::kComing
                                     : one->failure.has_value();
  klp_refused_ = by_loader_.rc != 0 && (asked || step_.stage_armed);
  if (klp_refused_ && StoppedAhead() && RcOf(coming_.answer) == 0) apart_ = true;
  if (klp_refused_) found_->Engage(kAheadOfLivepatch);
}

bool LoaderLogs::Told(const Side& side, Event event) const {
  return !ToldIn(side.own.log, event).empty() ||
         (!apart_ && !ToldIn(side.other.log, event).empty());
}

void LoaderLogs::RollBack(const Teller::Call& call, Side* side) {
  const bool all = ByChain(side->rules);
  Add(step_.teller.Down(call.before(), Event::kGoing, side->rules.rollback, all), Event::kGoing,
      side);
  if (paths_ && all) found_->Engage(kStopTakesRecords);
  found_->Engage(kGoingInReverse);
}

void LoaderLogs::WriteHead(Side* side) {
  const bool by_chain = ByChain(side->rules);
  side->down = chain_;
  if (by_chain && !ToldIn(side->own.log, Event::kUnformed).empty()) {
    Add(unformed_.told, Event::kUnformed, side);
    if (paths_) found_->Engage(kUnformedAnnounced);
    if (RcOf(unformed_.answer) != 0) {
      if (unformed_.stopped()) side->down = unformed_.before();
      return;
    }
    if (unformed_.stopped()) RollBack(unformed_, side);
  }
  const bool may_refuse = !paths_ || step_.patched;
  if (klp_refused_ && !by_chain) {
    side->down.clear();
  } else if (klp_refused_ && !StoppedAhead()) {
    Add(first_, Event::kComing, side);
    side->down = first_;
    must_go_ = true;
  } else if (may_refuse && by_chain && side->own.rc != 0 && !first_.empty() &&
             first_.size() < coming_.told.size() &&
             ToldIn(side->own.log, Event::kComing) == first_) {
    Add(first_, Event::kComing, side);  // then livepatch refused
    side->down = first_;
  } else if (Told(*side, Event::kComing)) {
    Add(coming_.told, Event::kComing, side);
    if (coming_.stopped() && RcOf(coming_.answer) == 0) {
      RollBack(coming_, side);
    } else if (coming_.stopped()) {
      side->down = coming_.before();
      if (klp_refused_) must_go_ = true;
    } else if (RcOf(coming_.answer) != 0) {
      if (!by_chain) side->down.clear();
      if (paths_) found_->Engage(kErrnoTellsGoing);
    }
  } else if (MayRun(step_.step.op, Stage::kFormation, step_.step.before)) {
    WriteFormation(side);
  }
}

// COMING was told to nobody.
void LoaderLogs::WriteFormation(Side* side) {
  const auto* load = std::get_if<Load>(&step_.step.op);
  const bool asked =
      load == nullptr || (load->failure && load->failure->stage == Stage::kFormation);
  // Else it is livepatch that refused.
  const bool may = asked || step_.stage_armed;
  if (!ByChain(side->rules) || !may) side->down.clear();
  if (paths_ && may) found_->Engage(kGoingWithoutComing);
  if (asked && side->own.rc != 0 && (load == nullptr || announced_)) must_go_ = true;
}

void LoaderLogs::WriteTail(bool more, Side* side) {
  if (more) {
    const Notifiers hear =
        step_.teller.Down(side->down, Event::kGoing, side->rules.rollback, ByChain(side->rules));
    if (paths_ && Seen(hear) < Seen(side->down)) found_->Engage(kGoingNotStopped);
    if (Seen(side->down) > 1) found_->Engage(kGoingInReverse);
    Add(hear, Event::kGoing, side);
  } else if (!apart_) {
    found_->engaged &= ~(1u << kErrnoTellsGoing | 1u << kGoingWithoutComing);
  }
  const bool whole = std::holds_alternative<Load>(step_.step.op);
  if (side->own.rc != 0 || (!whole && !Told(*side, Event::kLive))) return;
  Add(step_.teller.Up(chain_, Event::kLive).told, Event::kLive, side);
}

bool LoaderLogs::AnswersFit() const {
  if (refused_) return by_chain_.rc == RcOf(unformed_.answer);
  if (apart_) return true;
  Outcome answer = by_loader_;
  if (klp_refused_ && StoppedAhead()) answer.rc = RcOf(coming_.answer);
  return SameButLogs(answer, by_chain_);
}

void LoaderLogs::Explain() {
  const Outcome& on_left = step_.step.left;
  const Outcome& on_right = step_.step.right;
  Side left{step_.left, on_left, on_right, {}, {}, false};
  Side right{step_.right, on_right, on_left, {}, {}, false};
  WriteHead(&left);
  WriteHead(&right);
  const bool left_more = left.more();
  const bool right_more = right.more();
  WriteTail(must_go_ || left_more || (!apart_ && right_more), &left);
  WriteTail(must_go_ || right_more || (!apart_ && left_more), &right);
  if (step_.left.rollback == step_.right.rollback) found_->engaged &= ~(1u << kGoingInReverse);
  if (refused_) found_->Engage(kUnformedRefused);
  found_->part = refused_ || (klp_refused_ && StoppedAhead()) || found_->Has(kStopTakesRecords);
  found_->kprobes = step_.probed && left.kprobes != right.kprobes;

  if (AnswersFit() && left.log == on_left.log && right.log == on_right.log) {
    const bool apart = found_->part || found_->kprobes;
    if (on_left.log == on_right.log && !apart) found_->engaged = 0;
    return;
  }
  found_->kprobes = false;
  // Not so, where one ahead of livepatch has a say in whether it is asked, or hears that it
  // refuses; and whether it would is not known beforehand.
  found_->engaged = 0;
  found_->part = found_->explained = paths_ && step_.patched && !first_.empty() &&
                                     MayRun(step_.step.op, Stage::kComing, step_.step.before);
  if (found_->part) found_->Engage(kAheadOfLivepatch);
}

}  // namespace

void ExplainLoader(const LoaderStep& step, DeclaredFindings* found) {
  const Notifiers chain = NotifiersOn(step.step.before.notifiers, Chain::kModule);
  if (chain.size() > 1) return LoaderLogs(step, chain, found).Explain();
  // There are kprobes alone, and no log says what they were told.
  found->explained = step.step.left == step.step.right;
  const auto* load = std::get_if<Load>(&step.step.op);
  const bool may = load == nullptr || step.stage_armed ||
                   (load->failure && load->failure->stage == Stage::kFormation);
  if (step.probed && step.left.load_path != step.right.load_path && step.step.left.rc != 0 && may &&
      MayRun(step.step.op, Stage::kFormation, step.step.before)) {
    found->Engage(kGoingWithoutComing);
    found->kprobes = true;
  }
}

bool MayRun(const Op& op, Stage stage, const View& before) {
  if (std::holds_alternative<Load>(op)) return true;
  const auto* step = std::get_if<LoadStep>(&op);
  return step != nullptr && before.modules[Index(step->module)].next == stage;
}

Notifiers ToldIn(const std::vector<NotifierCall>& log, Event event) {
  Notifiers told;
  for (const NotifierCall& call : log) {
    if (call.event == event) told.push_back(call.notifier);
  }
  return told;
}

void AddCalls(const Notifiers& told, Event event, ModuleId module, std::vector<NotifierCall>* log) {
  for (const NotifierId notifier : told) {
    if (notifier != kKprobesEntry) log->push_back({notifier, event, module});
  }
}

bool SameButLogs(const Outcome& left, Outcome right) {
  right.log = left.log;
  return left == right;
}

}  // namespace recount
