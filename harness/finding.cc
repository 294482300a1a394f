#include "harness/finding.h"

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "harness/atomic_file.h"
#include "harness/trace.h"
#include "harness/world_finder.h"
#include "model/invariants.h"
#include "model/strings.h"
#include "model/text.h"

namespace recount {
namespace {

// FNV-1a: fixed for ever, unlike the hashes of the libraries.
std::uint32_t TextHash(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

// Characters that neither a shell nor a file system gives a meaning.
bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./+:@%=,").find(c) != std::string_view::npos;
}

std::string ShellQuoted(const std::string& word) {
  bool plain = !word.empty();
  for (const char c : word) plain = plain && IsPlain(c);
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The operations alone: what names a finding must not change with its notes.
std::string BareText(Program program) {
  program.notes.clear();
  program.margin.clear();
  program.margin_lines.clear();
  return PrintProgram(program);
}

// "small", or for a world from a file the name of that file without folder and ending.
std::string WorldStem(const World& world) {
  return std::filesystem::path(world.name()).stem().string();
}

// Sees to it that a file in `folder` holds `world`; returns its name there.
absl::StatusOr<std::string> PlaceWorld(const World& world, const std::filesystem::path& folder) {
  const std::string text = PrintWorld(world);
  std::string file = WorldStem(world) + ".world";
  if (std::filesystem::exists(folder / file)) {
    const absl::StatusOr<WorldPtr> there = WorldsRelativeTo(folder.string())("./" + file);
    if (there.ok() && PrintWorld(**there) == text) return file;
    file = absl::StrCat(WorldStem(world), absl::StrFormat("-%08x", TextHash(text)), ".world");
  }
  if (absl::Status written = WriteFile((folder / file).string(), text); !written.ok()) {
    return written;
  }
  return file;
}

std::string InvariantSentence(std::string_view id) {
  for (const Invariant& invariant : Invariants()) {
    if (invariant.id == id) return std::string(invariant.sentence);
  }
  return "";
}

// "fast", or "linux-3.2 and linux-6.1".
std::string SidesText(const Provenance& provenance) {
  if (provenance.left.empty()) return provenance.subject;
  return absl::StrCat(provenance.left, " and ", provenance.subject);
}

// The lines that say what was run.
std::string SidesLines(const Provenance& provenance) {
  if (provenance.left.empty()) return absl::StrCat("  subject   ", provenance.subject, "\n");
  return absl::StrCat("  left      ", provenance.left, "\n  right     ", provenance.subject, "\n");
}

std::string WhyLine(const Finding& finding) {
  const std::string subject = SidesText(finding.provenance);
  if (finding.verdict == Verdict::kUnknown) {
    return absl::StrCat("why: ", subject, ": unknown: ", finding.unknown_reason);
  }
  return absl::StrCat("why: ", subject, finding.divergence.peers ? " differ at " : " differs at ",
                      DivergenceLine(finding.program, finding.divergence));
}

std::string ProvenanceLine(const Provenance& provenance) {
  std::string line = absl::StrCat("found: ", provenance.found);
  if (provenance.tries > 0) {
    absl::StrAppend(&line, "; ", internal::Counted(provenance.from_ops, "operation"), " before ",
                    internal::Counted(provenance.tries, "try", "tries"), " of the shrinker");
    if (!provenance.finished) absl::StrAppend(&line, " (stopped early: shrink it again)");
  }
  return line;
}

}  // namespace

Program AnnotatedProgram(const Finding& finding) {
  Program program = finding.program;
  program.notes = {WhyLine(finding), ProvenanceLine(finding.provenance)};
  program.margin.clear();
  program.margin_lines.clear();
  return program;
}

std::string FindingFileName(const Finding& finding) {
  const Provenance& provenance = finding.provenance;
  std::string subject = provenance.left.empty()
                            ? provenance.subject
                            : absl::StrCat(provenance.left, "-", provenance.subject);
  for (char& c : subject) {
    if (!IsPlain(c) || c == ':' || c == '/') c = '-';
  }
  const std::string_view kind = finding.verdict == Verdict::kUnknown ? "unknown-" : "";
  return absl::StrCat(std::string(kind), subject, "-",
                      absl::StrFormat("%08x", TextHash(BareText(finding.program))), ".prog");
}

absl::Status WriteFindingAs(const Finding& finding, const std::string& path) {
  Program program = AnnotatedProgram(finding);
  if (NamesWorldFile(program.world->name())) {
    // The program must run where it lies, so its world comes along.
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const absl::StatusOr<std::string> file = PlaceWorld(*program.world, folder);
    if (!file.ok()) return file.status();
    absl::StatusOr<WorldPtr> renamed = RenameWorld(*program.world, "./" + *file);
    if (!renamed.ok()) return renamed.status();
    program.world = *std::move(renamed);
  }
  return WriteFile(path, PrintProgram(program));
}

absl::StatusOr<std::string> WriteFinding(const Finding& finding, const std::string& folder) {
  if (absl::Status made = MakeFolder(folder); !made.ok()) return made;
  const std::string path = (std::filesystem::path(folder) / FindingFileName(finding)).string();
  if (absl::Status written = WriteFindingAs(finding, path); !written.ok()) return written;
  return path;
}

std::string FindingText(const Finding& finding, const std::string& path) {
  const Divergence& divergence = finding.divergence;
  const bool peers = divergence.peers;
  std::string text = BareText(finding.program);
  if (finding.verdict == Verdict::kUnknown) {
    absl::StrAppend(&text, "\nunknown: ", finding.unknown_reason, "\n");
    absl::StrAppend(&text, SidesLines(finding.provenance));
  } else {
    absl::StrAppend(&text, "\ndiffers at ", PlaceText(finding.program, divergence), "\n");
    absl::StrAppend(&text, SidesLines(finding.provenance));
    absl::StrAppend(&text, "  field     ", divergence.difference.field, "\n");
    absl::StrAppend(&text, peers ? "  on left   " : "  expected  ", divergence.difference.expected,
                    "\n");
    absl::StrAppend(&text, peers ? "  on right  " : "  actual    ", divergence.difference.actual,
                    "\n");
    for (const Difference& also : divergence.also) {
      absl::StrAppend(&text, "  also      ", also.field, peers ? ": left " : ": expected ",
                      also.expected, peers ? ", right " : ", actual ", also.actual, "\n");
    }
    for (const std::string& warning : divergence.warnings) {
      absl::StrAppend(&text, "  warning   ", warning, "\n");
    }
    for (const std::string& id : divergence.broken_invariants) {
      absl::StrAppend(&text, "  broken    ", id, ": ", InvariantSentence(id), "\n");
    }
  }
  absl::StrAppend(&text, ProvenanceLine(finding.provenance), "\n");
  for (const std::string& other : finding.provenance.others) {
    absl::StrAppend(&text, "also met while shrinking: ", other, "\n");
  }
  if (path.empty()) return text;
  absl::StrAppend(&text, "replay: ", ReplayCommand(path, finding.provenance), "\n");
  return text;
}

std::string ReplayCommand(const std::string& path, const Provenance& provenance) {
  // A path that begins with a dash would be taken for an option.
  const std::string file = path.starts_with("-") ? "./" + path : path;
  const std::string subject = ShellQuoted(provenance.subject);
  if (provenance.left.empty()) {
    return absl::StrCat("ci/recount run ", ShellQuoted(file), " --subject ", subject);
  }
  return absl::StrCat("ci/recount equiv ", ShellQuoted(file), " --left ",
                      ShellQuoted(provenance.left), " --right ", subject);
}

}  // namespace recount
