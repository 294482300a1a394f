// One operation in text form: the `op` of the grammar in text.h.
#ifndef RECOUNT_MODEL_OP_PARSER_H_
#define RECOUNT_MODEL_OP_PARSER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "model/lex.h"
#include "model/op.h"
#include "model/world.h"

namespace recount::internal {

// " (did you mean X?)"; nothing when there is no X.
std::string MeantText(std::string_view nearest);

// One operation's words. The first error sticks; what is parsed after it is not looked at.
class OpParser {
 public:
  OpParser(const World& world, std::size_t line, std::span<const Word> words,
           std::size_t end_column)
      : world_(world), line_(line), words_(words), end_column_(end_column) {}

  Op Parse();
  const absl::Status& error() const { return error_; }

 private:
  // The next word; an error that says `what` is missing when there is none.
  Word Take(std::string_view what) {
    if (next_ < words_.size()) return words_[next_++];
    Fail(end_column_, std::string(what) + " is missing");
    return {"", end_column_};
  }
  // True, and the word is used up, when the next one is `keyword`.
  bool TakeKeyword(std::string_view keyword) {
    if (next_ == words_.size() || words_[next_].text != keyword) return false;
    ++next_;
    return true;
  }
  bool more() const { return next_ < words_.size(); }
  void Fail(std::size_t column, std::string_view what) {
    if (error_.ok()) error_ = ErrorAt(line_, column, what);
  }

  ModuleId TakeModule();
  SlotId TakeSlot();
  OpsId TakeOps();
  Place TakePlace(bool with_offset);
  Errno ErrnoAt(std::string_view name, std::size_t column);
  std::optional<StageFailure> TakeStageFailure();
  std::optional<Errno> TakeFailure();

  Op ParseSetFilter(Which which);
  Op ParseSetFilterIp(Which which);
  Op ParseSetOps();
  Op ParseFault();

  bool TakeSwitch();

  // op_parser_chain.cc
  NotifierId TakeNotifier();
  Chain TakeChain(bool module_too);
  Event TakeEvent();
  PatchId TakePatch();
  Op ParseAddNotifier();
  Op ParseSetScript();
  Op ParseNotify(bool reverse);
  Op ParseNotifyRobust();
  Op ParseSetPatch();
  KprobeId TakeKprobe();
  Op ParseAddKprobe();

  const World& world_;
  std::size_t line_;
  std::span<const Word> words_;
  std::size_t end_column_;
  std::size_t next_ = 0;
  absl::Status error_;
};

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_OP_PARSER_H_
