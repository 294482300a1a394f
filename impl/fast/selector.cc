#include "impl/fast/selector.h"

#include <algorithm>
#include <span>

#include "impl/fast/matcher.h"

namespace recount::fast {
namespace {

// The module part of a token: `:mod:` and what follows.
class ModulePart {
 public:
  ModulePart(std::string_view text, BugSet bugs)
      : exclude_(text.starts_with('!')), matcher_(text.substr(exclude_ ? 1 : 0), bugs) {}

  bool Allows(const World& world, ModuleId owner) const {
    // No text: functions of any module, with `!` of none.
    const bool hit =
        owner != kCore && (matcher_.text().empty() && matcher_.shape() == Matcher::Shape::kFull
                               ? true
                               : matcher_.Matches(world.module(owner).name));
    return hit != exclude_;
  }

 private:
  bool exclude_;
  Matcher matcher_;
};

class Selection {
 public:
  Selection(const Machine& m, std::string_view function, std::optional<std::string_view> module,
            std::vector<Cell>* cells)
      : m_(m), matcher_(function, m.bugs), cells_(cells) {
    if (module) part_.emplace(*module, m.bugs);
    // With a module part an empty function text matches all.
    everything_ = matcher_.everything() || (module && function.empty());
    // The token is only "*", so the part behind it is not looked at.
    if (m.bugs.has(Bug::kModFilterRegression) && matcher_.everything()) part_.reset();
  }

  void Run() {
    switch (matcher_.shape()) {
      case Matcher::Shape::kIndex:
        return Nth(matcher_.index());
      case Matcher::Shape::kFull:
        if (everything_) return Walk();
        return Named(m_.names.Exact(matcher_.text()));
      case Matcher::Shape::kFront:
        // What this bug matches besides is no run of the sorted names.
        if (m_.bugs.has(Bug::kGlobFrontOvercompare)) return Walk();
        return Named(m_.names.Prefix(matcher_.text()));
      default:
        return Walk();
    }
  }

 private:
  bool Allowed(ModuleId owner) const { return !part_ || part_->Allows(*m_.world, owner); }

  // The n-th record of the list, DISABLED ones too, whatever the module part says.
  void Nth(std::uint64_t n) {
    if (n == 0) return;
    --n;
    for (const Group& group : m_.records.groups()) {
      if (n < group.used) return cells_->push_back(m_.records.cells()[group.first + n]);
      n -= group.used;
    }
  }

  // Those of `functions` that have a record now.
  void Named(std::span<const FunctionId> functions) {
    for (const FunctionId id : functions) {
      Cell cell;
      if (!m_.CellOf(id, &cell) || !Allowed(m_.world->function(id).module)) continue;
      const RecordId record = m_.index.Find(cell);
      if (record == kNoRecord || (m_.records.flags()[record] & kDisabled) != 0) continue;
      cells_->push_back(cell);
    }
    std::sort(cells_->begin(), cells_->end());
  }

  // Every record of every group whose owner the module part allows.
  void Walk() {
    const std::span<const Function> functions = m_.world->functions();
    const std::uint8_t* const flags = m_.records.flags();
    bool sorted = true;
    for (const Group& group : m_.records.groups()) {
      if (group.used == 0 || !Allowed(group.owner)) continue;
      const Cell* const cells = m_.records.cells();
      sorted = sorted && (cells_->empty() || cells_->back() < cells[group.first]);
      for (RecordId record = group.first; record != group.end(); ++record) {
        if ((flags[record] & kDisabled) != 0) continue;  // weak ones are always DISABLED
        const Cell cell = cells[record];
        if (everything_ ||
            matcher_.Matches(functions[group.first_function + (cell - group.base)].name)) {
          cells_->push_back(cell);
        }
      }
    }
    // Modules are listed as they were loaded, not as they lie.
    if (!sorted) std::sort(cells_->begin(), cells_->end());
  }

  const Machine& m_;
  Matcher matcher_;
  std::optional<ModulePart> part_;
  bool everything_ = false;
  std::vector<Cell>* cells_;
};

}  // namespace

void Select(const Machine& m, std::string_view function, std::optional<std::string_view> module,
            std::vector<Cell>* cells) {
  cells->clear();
  if (m.dead()) return;
  Selection(m, function, module, cells).Run();
}

}  // namespace recount::fast
