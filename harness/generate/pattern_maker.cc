#include "harness/generate/pattern_maker.h"

#include <algorithm>

#include "model/check.h"

namespace recount {
namespace {

void AddNumber(std::uint32_t value, Chooser* chooser, PatternBuffer* out) {
  // Decimal mostly; the other two notations of C now and then (SEMANTICS 5, INDEX).
  static constexpr char kDigits[] = "0123456789abcdef";
  std::uint32_t base = 10;
  if (chooser->Chance(1, 8)) {
    base = 16;
    out->Add("0x");
  } else if (chooser->Chance(1, 8)) {
    base = 8;
    out->Add('0');
  }
  std::array<char, 12> digits;
  std::size_t size = 0;
  do {
    digits[size++] = kDigits[value % base];
    value /= base;
  } while (value > 0);
  while (size > 0) out->Add(digits[--size]);
}

// A class that `c` is a member of, or nearly. Half of them sit on the corners of the rules
// (SEMANTICS 5): a ']' or a '-' that is a member, a range that is empty, a '\\' that is no escape.
void AddClass(char c, Chooser* chooser, PatternBuffer* out) {
  switch (chooser->Pick(8)) {
    case 0:
      out->Add('[');
      out->Add(c);
      break;
    case 1:
      out->Add("[a-z_");
      break;
    case 2:  // everything but a character that is not there
      out->Add("[!");
      out->Add(c == 'z' ? 'y' : 'z');
      break;
    case 3:
      out->Add("[]");
      out->Add(c);
      break;
    case 4:
      out->Add("[!]");
      out->Add(c == 'z' ? 'y' : 'z');
      break;
    case 5:
      out->Add('[');
      out->Add(c);
      out->Add('-');
      break;
    case 6:
      out->Add("[z-a\\");
      if (chooser->Chance(1, 2)) out->Add(c);
      break;
    default:
      out->Add('[');
      out->Add(c);
      out->Add('-');
      out->Add(c);
      break;
  }
  out->Add(']');
}

// Corners of the matcher: doubled stars, an escaped character, an escape of nothing, an open class,
// `^`.
void AddOddGlob(std::string_view name, std::size_t at, Chooser* chooser, PatternBuffer* out) {
  const std::string_view head = name.substr(0, at);
  const std::string_view tail = name.substr(at);
  switch (chooser->Pick(7)) {
    case 0:
      out->Add("**");
      break;
    case 1:
      out->Add(head);
      out->Add("**");
      break;
    case 2:  // tail is not empty: `at` is a place in the name
      out->Add(head);
      out->Add('\\');
      out->Add(tail);
      break;
    case 3:
      out->Add(head);
      out->Add('[');
      out->Add(tail);
      break;
    case 4:
      out->Add(head);
      out->Add("[^");
      out->Add(tail.substr(0, 1));
      out->Add("]*");
      break;
    case 5:
      out->Add('?');
      out->Add(name.substr(1));
      out->Add('\\');
      break;
    default:
      out->Add("*");
      out->Add(tail);
      out->Add("**");
      break;
  }
}

}  // namespace

Pattern PatternBuffer::Take() const {
  const std::string_view text(text_.data(), size_);
  if (text.empty() || text == "-" || text == "reset") return Pattern();
  return Pattern::Must(text);
}

void AddShaped(PatternShape shape, std::string_view name, std::uint32_t records, Chooser* chooser,
               PatternBuffer* out) {
  RECOUNT_CHECK(!name.empty());
  // Room for '!' in front and a module part behind.
  name = name.substr(0, std::min<std::size_t>(name.size(), Pattern::kMaxSize / 2));
  const auto length = static_cast<std::uint32_t>(name.size());
  const std::uint32_t at = shape == PatternShape::kFull ? 0 : chooser->Pick(length);
  switch (shape) {
    case PatternShape::kFull:
      out->Add(name);
      break;
    case PatternShape::kPrefix:
      out->Add(name.substr(0, at + 1));
      out->Add('*');
      break;
    case PatternShape::kSuffix:
      out->Add('*');
      out->Add(name.substr(at));
      break;
    case PatternShape::kInfix:
      out->Add('*');
      out->Add(name.substr(at, 1 + chooser->Pick(length - at)));
      out->Add('*');
      break;
    case PatternShape::kAll:
      out->Add('*');
      break;
    case PatternShape::kMiddleStar: {
      out->Add(name.substr(0, at + 1));
      out->Add('*');
      // From behind the prefix, so that the name still matches; nothing left makes it a prefix.
      const std::uint32_t rest = at + 1 + chooser->Pick(length - at);
      out->Add(name.substr(std::min(rest, length)));
      break;
    }
    case PatternShape::kQuestion:
      out->Add(name.substr(0, at));
      out->Add('?');
      out->Add(name.substr(at + 1));
      break;
    case PatternShape::kClass:
      out->Add(name.substr(0, at));
      AddClass(name[at], chooser, out);
      if (chooser->Chance(1, 4)) {
        out->Add('*');
      } else {
        out->Add(name.substr(at + 1));
      }
      break;
    case PatternShape::kOddGlob:
      AddOddGlob(name, at, chooser, out);
      break;
    case PatternShape::kIndex:
      AddNumber(1 + chooser->Pick(std::max<std::uint32_t>(1, records)), chooser, out);
      break;
  }
}

}  // namespace recount
