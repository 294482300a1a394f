// The kernel's files say what its records are: after every operation of every program of the corpus
// set_ftrace_filter, enabled_functions and the others are read through the kernel's own seq_file,
// and held against the View, which is read from the records and hashes directly. Neither knows the
// other, so a wrong accessor shows here, and so does a wrong line of a file.
//
// ci/linux-coverage runs this too: the code that prints belongs to ftrace.c.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/program_file.h"
#include "impl/linux/kernel.h"
#include "impl/linux/linux_subject.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr std::string_view kNoName = "__ftrace_invalid_address___";
constexpr int kNoDevice = -19;
constexpr int kNoEntry = -2;

struct FileText {
  int rc = 0;  // of open()
  std::vector<std::string> lines;
};

std::string ReadToEnd(std::size_t piece) {
  std::string text;
  std::string buffer(piece, '\0');
  for (;;) {
    const long got = rk_read_file(buffer.data(), buffer.size());
    EXPECT_GE(got, 0);
    if (got <= 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(got));
  }
}

// Read three ways: at one go, again from the start, and again in pieces shorter than a line. The
// iterator loses its place between two reads and has to find it again.
FileText Read(rk_file file, int ops) {
  FileText result;
  result.rc = rk_open_file(file, ops);
  if (result.rc != 0) return result;
  const std::string text = ReadToEnd(1 << 16);
  rk_rewind_file();
  EXPECT_EQ(ReadToEnd(1 << 16), text);
  // Each piece is looked for from the front.
  if (text.size() < 2000) {
    rk_rewind_file();
    EXPECT_EQ(ReadToEnd(7), text);
  }
  rk_close_file();
  EXPECT_TRUE(text.empty() || text.ends_with('\n'));
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.lines.push_back(line);
  return result;
}

std::string NameOf(const World& world, const RecordView& record) {
  const Function& function = world.function(record.function);
  if (function.module == kCore) return function.name;
  return absl::StrCat(function.name, " [", world.module(function.module).name, "]");
}

// A record without a function of its own, or whose module has no symbols yet, is DISABLED; its line
// says so.
bool Names(const World& world, const RecordView& record, std::string_view line) {
  if ((record.flags & kDisabled) != 0 && line.starts_with(kNoName)) return true;
  return line == NameOf(world, record);
}

// The records for which `is_in`, each its line, from `*at` on.
template <typename IsIn, typename Fits>
void ExpectLines(const View& view, const std::vector<std::string>& lines, const IsIn& is_in,
                 const Fits& fits, std::size_t* at) {
  for (const RecordView& record : view.records) {
    if (!is_in(record)) continue;
    ASSERT_LT(*at, lines.size());
    ASSERT_TRUE(fits(record, lines[*at])) << lines[*at];
    ++*at;
  }
}

void ExpectFilterFile(const World& world, const View& view, const HashView& hash,
                      const std::vector<CachedFilter>& cached, std::string_view when_empty,
                      const std::vector<std::string>& lines) {
  std::size_t at = 0;
  if (hash.empty()) {
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines[at++], when_empty);
  } else {
    const std::set<Address> ips(hash.ips.begin(), hash.ips.end());
    ExpectLines(
        view, lines, [&ips](const RecordView& record) { return ips.count(record.ip) != 0; },
        [&world](const RecordView& record, std::string_view line) {
          return Names(world, record, line);
        },
        &at);
    if (::testing::Test::HasFatalFailure()) return;
  }
  for (const CachedFilter& item : cached) {
    ASSERT_LT(at, lines.size());
    EXPECT_EQ(lines[at++],
              std::string(item.function.text()) + ":mod:" + std::string(item.module.text()));
  }
  EXPECT_EQ(at, lines.size()) << lines[at < lines.size() ? at : 0];
}

// "core_read (2) R I  ...	tramp: ...": the letters behind I differ between versions.
bool IsEnabledLine(const World& world, const RecordView& record, std::string_view line) {
  const std::string begin = absl::StrCat(NameOf(world, record), " (", record.count, ")",
                                         (record.flags & kRegs) != 0 ? " R" : "  ",
                                         (record.flags & kIpModify) != 0 ? " I" : "  ");
  const bool trampoline = line.find("\ttramp: ") != std::string_view::npos;
  return line.starts_with(begin) && trampoline == ((record.flags & kTrampEn) != 0);
}

class FilesTest : public ::testing::Test {
 protected:
  void ExpectFiles(const World& world, const View& view);
  void Play(const Program& program, const std::string& file);

  const std::unique_ptr<Subject> subject_ = MakeLinux();
};

void FilesTest::ExpectFiles(const World& world, const View& view) {
  const bool dead = view.globals.dead;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const OpsView& ops = view.ops[i];
    if (ops.user != User::kTracer) continue;
    const int number = static_cast<int>(i);
    const FileText filter = Read(RK_SET_FTRACE_FILTER, number);
    const FileText notrace = Read(RK_SET_FTRACE_NOTRACE, number);
    EXPECT_EQ(filter.rc, dead ? kNoDevice : 0);
    EXPECT_EQ(notrace.rc, dead ? kNoDevice : 0);
    if (dead) continue;
    ExpectFilterFile(world, view, ops.filter, ops.cached_filter, "#### all functions enabled ####",
                     filter.lines);
    ExpectFilterFile(world, view, ops.notrace, ops.cached_notrace,
                     "#### no functions disabled ####", notrace.lines);
  }

  const FileText available = Read(RK_AVAILABLE_FILTER_FUNCTIONS, 0);
  EXPECT_EQ(available.rc, dead ? kNoDevice : 0);
  const FileText enabled = Read(RK_ENABLED_FUNCTIONS, 0);
  EXPECT_EQ(enabled.rc, 0);
  if (dead) {
    EXPECT_TRUE(enabled.lines.empty());
    return;
  }
  std::size_t at = 0;
  ExpectLines(
      view, available.lines, [](const RecordView&) { return true; },
      [&world](const RecordView& record, std::string_view line) {
        return Names(world, record, line);
      },
      &at);
  EXPECT_EQ(at, available.lines.size());
  at = 0;
  ExpectLines(
      view, enabled.lines, [](const RecordView& record) { return (record.flags & kEnabled) != 0; },
      [&world](const RecordView& record, std::string_view line) {
        return IsEnabledLine(world, record, line);
      },
      &at);
  EXPECT_EQ(at, enabled.lines.size());

  const FileText addresses = Read(RK_AVAILABLE_FILTER_FUNCTIONS_ADDRS, 0);
  const FileText touched = Read(RK_TOUCHED_FUNCTIONS, 0);
  EXPECT_EQ(addresses.rc, touched.rc);
  if (touched.rc == kNoEntry) return;
  ASSERT_EQ(addresses.lines.size(), available.lines.size());
  for (std::size_t i = 0; i < addresses.lines.size(); ++i) {
    EXPECT_TRUE(addresses.lines[i].ends_with(" " + available.lines[i]));
  }
  // What is traced has been touched.
  const std::set<std::string> lines(touched.lines.begin(), touched.lines.end());
  for (const std::string& line : enabled.lines) EXPECT_EQ(lines.count(line), 1u) << line;
}

void FilesTest::Play(const Program& program, const std::string& file) {
  subject_->Reset(program.world, FindProfile("linux-6.1")->profile);
  View view;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    // What follows a crash is not defined.
    if (subject_->Apply(program.ops[i]).fate != Fate::kReturned) return;
    subject_->Observe(&view);
    ExpectFiles(*program.world, view);
    View after;
    subject_->Observe(&after);
    EXPECT_TRUE(view == after) << "reading changes nothing";
    ASSERT_FALSE(HasFailure()) << file << ", after operation " << i + 1 << ", "
                               << PrintOp(*program.world, program.ops[i]);
  }
}

TEST_F(FilesTest, SayWhatTheRecordsAreAfterEveryOperationOfTheCorpus) {
  const absl::StatusOr<std::vector<std::string>> files =
      ListProgramFiles(RECOUNT_SOURCE_DIR "/corpus");
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_GT(files->size(), 100u);
  for (const std::string& file : *files) {
    const absl::StatusOr<Program> program = ReadProgramFile(file);
    ASSERT_TRUE(program.ok()) << program.status();
    Play(*program, file);
    ASSERT_FALSE(HasFailure());
  }
}

}  // namespace
}  // namespace recount
