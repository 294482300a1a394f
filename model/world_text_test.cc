#include <string>

#include "gtest/gtest.h"
#include "model/world.h"

namespace recount {
namespace {

std::string Error(std::string_view text) {
  const absl::StatusOr<WorldPtr> world = ParseWorld(text, "t.world");
  return world.ok() ? "" : std::string(world.status().message());
}

TEST(WorldText, PrintsCanonicallyAndParsesBack) {
  const std::string text =
      "# two lines of one image, out of order\n"
      "slot 0 2\r\n"
      "core  a b:init\t# why\n"
      "module m x:weak\n"
      "core c\n"
      "module n\n"
      "module m y:null z:notrace";
  const absl::StatusOr<WorldPtr> world = ParseWorld(text, "t.world");
  ASSERT_TRUE(world.ok()) << world.status();
  EXPECT_EQ((*world)->name(), "t.world");
  EXPECT_EQ(PrintWorld(**world),
            "core a b:init c\n"
            "module m x:weak y:null z:notrace\n"
            "module n\n"
            "slot 0 2\n");
}

TEST(WorldText, OfEveryBuiltinWorldIsAFixpointOfAtMostAHundredColumns) {
  for (const std::string_view name : BuiltinWorldNames()) {
    const std::string text = PrintWorld(**BuiltinWorld(name));
    const absl::StatusOr<WorldPtr> world = ParseWorld(text, name);
    ASSERT_TRUE(world.ok()) << name << ": " << world.status();
    EXPECT_EQ(PrintWorld(**world), text) << name;
    EXPECT_EQ((*world)->definition().slots, (*BuiltinWorld(name))->definition().slots);
    std::size_t line = 0;
    std::size_t longest = 0;
    for (const char c : text) {
      line = c == '\n' ? 0 : line + 1;
      longest = std::max(longest, line);
    }
    EXPECT_LE(longest, 100u);
  }
}

TEST(WorldText, NamesThePlaceOfAnError) {
  EXPECT_EQ(Error("core a\nslots 1\n"), "2:1: expected 'core', 'module' or 'slot', not 'slots'");
  EXPECT_EQ(Error("core a\nslot\n"), "2:5: nothing behind 'slot'");
  EXPECT_EQ(Error("core a\nmodule # no name\n"), "2:7: nothing behind 'module'");
  EXPECT_EQ(Error("core a b:text\n"),
            "1:10: unknown kind 'text' (init, null, weak, notrace or nokprobe)");
  EXPECT_EQ(Error("core a b:\n"), "1:10: unknown kind '' (init, null, weak, notrace or nokprobe)");
  EXPECT_EQ(Error("core a\nslot 0 07\n"),
            "2:8: bad slot offset '07': a number of functions, 0 to 4294967295, is asked for");
  EXPECT_EQ(Error("core a\nslot 4294967296\n"),
            "2:6: bad slot offset '4294967296': a number of functions, 0 to 4294967295, is asked "
            "for");
  EXPECT_EQ(Error("core a a\nslot 0\n"), "1:8: function 'a' twice in the core");
  EXPECT_EQ(Error("core a\nslot 0\nmodule m f g\nmodule m h f\n"),
            "4:12: function 'f' twice in module m");
  EXPECT_EQ(Error("core a\nslot 0\nmodule m f:init g\nmodule m h:init\n"),
            "4:10: init text is not contiguous: 'h' lies behind a function that is not init text");
  EXPECT_EQ(Error("core a\nslot 0\nmodule m f\nmodule kernel f\n"),
            "4:8: 'kernel' names the core, not a module");
  EXPECT_EQ(Error("core a\nslot 0\nmodule 1m f\n"),
            "3:8: bad module name '1m': [A-Za-z_][A-Za-z0-9_.]* is asked for");
  EXPECT_EQ(Error("core a\nslot 0\nmodule m f:nokprobe\n"),
            "3:10: 'f' of a module cannot be nokprobe: only the core's functions can");
  EXPECT_EQ(Error("core a\n"), "1:1: no slot");
  EXPECT_EQ(Error(""), "1:1: no core function");
  EXPECT_EQ(Error(std::string_view("core a\0b\n", 9)), "1:7: control character 0x00");
}

TEST(WorldText, NamesTheFirstModuleAndTheFirstSlotTooMany) {
  std::string text = "core a\nslot 0\n";
  for (int i = 0; i < 65534; ++i) text += "module m" + std::to_string(i) + "\n";
  EXPECT_EQ(Error(text), "");
  // Another line of a module that is known is none too many.
  EXPECT_EQ(Error(text + "module m65533 f\n"), "");
  EXPECT_EQ(Error(text + "module one_too_many\nnonsense\n"), "65537:8: more than 65534 modules");

  std::string slots = "core a\nslot";
  for (int i = 0; i < 65534; ++i) slots += " 0";
  EXPECT_EQ(Error(slots + "\n"), "");
  EXPECT_EQ(Error(slots + "\nslot 0\nnonsense\n"), "3:6: more than 65534 slots");
}

}  // namespace
}  // namespace recount
