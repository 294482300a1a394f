#include "harness/conform/conform.h"

#include <algorithm>
#include <map>

#include "harness/conform/deviations.h"
#include "harness/conform/recording.h"
#include "harness/conform/replay.h"
#include "harness/conform/sequence_program.h"
#include "harness/conform/universe.h"
#include "model/check.h"
#include "model/strings.h"
#include "model/text.h"
#include "model/world.h"

namespace recount {
namespace {

using internal::Cat;

// "random.world" for ".../random.jsonl"; one word, as a world's name must be.
std::string WorldFileName(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  name = name.substr(0, name.rfind('.'));
  for (char& c : name) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '#') c = '_';
  }
  return name + ".world";
}

bool IsFileName(std::string_view id) {
  const bool characters = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  return characters && !id.empty() && id.front() != '.';
}

// The rules that a recorded kernel is known to obey; where one of `subjects` does not follow them,
// those of which all do.
absl::StatusOr<const NamedProfile*> ProfileOf(const Recording& recording,
                                              std::span<Subject* const> subjects) {
  if (!IsOfSeries(recording.kernel, "6.1") && !IsOfSeries(recording.kernel, "6.12")) {
    return absl::InvalidArgumentError(
        Cat({recording.path, ":", std::to_string(recording.sequences[0].line), ": kernel ",
             internal::Quote(recording.kernel),
             " is neither 6.1 nor 6.12: --profile says which rules to hold it against"}));
  }
  const NamedProfile* profile =
      FindProfile(IsOfSeries(recording.kernel, "6.12") ? "linux-6.12" : "linux-6.1");
  RECOUNT_CHECK(profile != nullptr);
  const bool followed = std::all_of(subjects.begin(), subjects.end(), [&](const Subject* subject) {
    return subject->Follows(profile->profile);
  });
  return followed ? profile : FindProfile("linux-6.1");
}

}  // namespace

absl::StatusOr<FileReport> ConformFile(const std::string& path, std::span<Subject* const> subjects,
                                       const NamedProfile* profile) {
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) return recording.status();
  if (profile == nullptr) {
    const absl::StatusOr<const NamedProfile*> known = ProfileOf(*recording, subjects);
    if (!known.ok()) return known.status();
    profile = *known;
  }
  absl::StatusOr<Universe> universe = Universe::Derive(*recording, WorldFileName(path));
  if (!universe.ok()) return universe.status();
  FileReport report;
  report.path = recording->path;
  report.kernel = recording->kernel;
  report.profile = std::string(profile->name);
  for (Subject* subject : subjects) {
    SubjectReport& of_subject = report.subjects.emplace_back();
    of_subject.subject = std::string(subject->name());
    for (const Sequence& sequence : recording->sequences) {
      of_subject.sequences.push_back(Replay(*universe, profile->profile, sequence, subject));
    }
  }
  return report;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> DerivedFiles(
    const std::string& path) {
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) return recording.status();
  const absl::StatusOr<const NamedProfile*> profile = ProfileOf(*recording, {});
  if (!profile.ok()) return profile.status();
  const std::string world_name = WorldFileName(path);
  absl::StatusOr<Universe> universe = Universe::Derive(*recording, world_name);
  if (!universe.ok()) return universe.status();
  std::vector<std::pair<std::string, std::string>> files;
  files.emplace_back(world_name, PrintWorld(*universe->world()));
  for (const Sequence& sequence : recording->sequences) {
    if (!IsFileName(sequence.id)) {
      return absl::InvalidArgumentError(Cat({path, ":", std::to_string(sequence.line), ": id ",
                                             internal::Quote(sequence.id), " is no file name"}));
    }
    files.emplace_back(sequence.id + ".prog",
                       PrintProgram(MakeProgram(*universe, **profile, sequence)));
  }
  return files;
}

ConformSummary Summarize(std::span<const FileReport> files) {
  ConformSummary summary;
  std::map<std::string, std::size_t> deviations;
  for (const FileReport& file : files) {
    for (const SubjectReport& subject : file.subjects) {
      for (const SequenceReport& sequence : subject.sequences) {
        ++summary.sequences;
        summary.steps += sequence.steps;
        summary.compared += sequence.compared;
        for (const auto& [name, count] : sequence.deviations) deviations[name] += count;
        for (std::size_t i = 0; i < kLeftOutCount; ++i) {
          summary.left_out[i] += sequence.left_out[i];
        }
        switch (sequence.result) {
          case ConformResult::kAgrees:
            ++summary.agree;
            break;
          case ConformResult::kDeviates:
            ++summary.deviate;
            break;
          case ConformResult::kOutOfScope:
            ++summary.out_of_scope;
            break;
          case ConformResult::kDiffers:
            ++summary.differ;
            break;
        }
      }
    }
  }
  summary.deviations.assign(deviations.begin(), deviations.end());
  return summary;
}

std::string ReportText(const FileReport& file) {
  std::string text = Cat({file.path, " (kernel ", file.kernel, ", rules of ", file.profile, ")\n"});
  if (file.subjects.empty()) return text;
  const std::vector<SequenceReport>& first = file.subjects[0].sequences;
  std::size_t width = 0;
  for (const SequenceReport& sequence : first) width = std::max(width, sequence.id.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool same = std::all_of(
        file.subjects.begin(), file.subjects.end(),
        [&](const SubjectReport& subject) { return subject.sequences[i].line == first[i].line; });
    const std::string padding(width - first[i].id.size() + 2, ' ');
    for (const SubjectReport& subject : file.subjects) {
      text += Cat({"  ", first[i].id, padding, same ? "" : subject.subject, same ? "" : ": ",
                   subject.sequences[i].line, "\n"});
      if (same) break;
    }
  }
  return text;
}

std::string SummaryText(const ConformSummary& summary) {
  std::string text =
      Cat({internal::Counted(summary.sequences, "replay"), ": ", std::to_string(summary.agree),
           " agree, ", std::to_string(summary.deviate), " agree up to a defect, ",
           std::to_string(summary.out_of_scope), " agree up to an operation out of scope, ",
           std::to_string(summary.differ), " differ; ", std::to_string(summary.compared), " of ",
           internal::Counted(summary.steps, "step"), " compared\n"});
  for (const auto& [name, count] : summary.deviations) {
    const Deviation* deviation = FindDeviation(name);
    text += Cat({"  ", name, " x", std::to_string(count)});
    if (deviation != nullptr) {
      text += Cat({" (", ToText(deviation->kind), "): ", deviation->kernel_does});
    }
    text += "\n";
  }
  for (std::size_t i = 0; i < kLeftOutCount; ++i) {
    if (summary.left_out[i] == 0) continue;
    const LeftOutText left_out = Describe(static_cast<LeftOut>(i));
    text += Cat({"  not compared: ", std::to_string(summary.left_out[i]), " ", left_out.what, " (",
                 left_out.why, ")\n"});
  }
  return text;
}

}  // namespace recount
