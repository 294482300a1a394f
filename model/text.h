// The text form of a Program (`.prog`). The text is the truth; bytes are for fuzzers.
//
//   program   = { comment } header { line }
//   header    = "world" NAME EOL  "profile" NAME EOL
//               [ "from" "boot" EOL ]                     ; comments and blank lines in between
//   line      = [ op [ "->" expected ] ] [ comment ] EOL
//   comment   = "#" rest of the line                        ; at the start or after white space
//   op        = "load" MODULE SLOT [ "fail=" STAGE [ ":" ERRNO ] ]
//             | "load_begin" MODULE SLOT [ fail ]
//             | "load_step" MODULE [ fail ]
//             | "unload" MODULE
//             | "free_init"
//             | ( "filter" | "notrace" ) OPS [ "reset" ] ( PATTERN | "-" )
//             | ( "filter_ip" | "notrace_ip" ) OPS [ "remove" ] [ "reset" ] PLACE { PLACE }  ; 1..4
//             | "share" OPS OPS
//             | "ops" OPS ( "kernel" | "tracer" ) [ "save_regs" ] [ "ipmodify" ] [ "permanent" ]
//             | "register" OPS | "unregister" OPS
//             | "ftrace_enabled" ( "0" | "1" )
//             | "hit" FUNCTION | "locate" PLACE
//             | "fault" POINT NTH [ ERRNO ]    ; NTH 1..9999; ERRNO for "stage", "klp_callback"
//             | "notifier" NOTIFIER CHAIN PRIORITY [ "unique" ] | "unnotifier" NOTIFIER
//             | "script" NOTIFIER EVENT ANSWER [ "alloc" | "free" | "unregister" NOTIFIER ]
//             | ( "notify" | "notify_reverse" ) CHAIN EVENT [ LIMIT ]          ; LIMIT 0..99
//             | "notify_robust" CHAIN EVENT EVENT                              ; up, down
//             | "patch" PATCH [ "replace" ] FUNCTION { FUNCTION }              ; 1..4, none twice
//             | "enable" PATCH | "disable" PATCH
//             | "kprobe" KPROBE PLACE [ "post" ] [ "disabled" ] | "unkprobe" KPROBE
//             | "enable_kprobe" KPROBE | "disable_kprobe" KPROBE
//             | "kprobes_armed" ( "0" | "1" )
//             | "boot"
//             | "optimize"
//   fail      = "fail" [ "=" ERRNO ]
//   PLACE     = FUNCTION [ "+" 1..15 ]
//   FUNCTION  = name, or module:name where several images have the name (vmlinux: the core)
//   SLOT      = "@" number      OPS = "o0" .. "o7"      ERRNO = "EINVAL", ...
//   NOTIFIER  = "n0" .. "n7"    PATCH = "p0" .. "p3"    KPROBE = "k0" .. "k3"
//   PRIORITY = a C int in decimal
//   CHAIN     = "raw" | "blocking" | "atomic" | "srcu"
//             | "module" | "tryfix"                             ; for "notifier" only
//   EVENT     = "live" | "coming" | "going" | "unformed" | "fix"
//   ANSWER    = "done" | "ok" | "stop" | "bad" | "-" ERRNO | "0x" hex, up to ffff
//   expected  = what outcome.h prints for such an op, to the end of the line or a comment
//
// The names "reset", "remove", "-" cannot be patterns or functions.
#ifndef RECOUNT_MODEL_TEXT_H_
#define RECOUNT_MODEL_TEXT_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/program.h"

namespace recount {

// Finds the world a header names. The default knows the built-in worlds; the harness adds files.
using WorldFinder = std::function<absl::StatusOr<WorldPtr>(std::string_view name)>;
absl::StatusOr<WorldPtr> FindBuiltinWorld(std::string_view name);

// Strict. Errors: InvalidArgument "LINE:COLUMN: what", both from 1, the column of the offending
// token. NUL and other control characters are errors, CRLF line ends are accepted.
absl::StatusOr<Program> ParseProgram(std::string_view text,
                                     const WorldFinder& find_world = FindBuiltinWorld);

// Canonical: notes, header, one operation a line, margins aligned, final newline.
// PrintProgram(ParseProgram(x)) is a fixpoint, and parses to an equal Program.
std::string PrintProgram(const Program& program);
// One line, without newline.
std::string PrintOp(const World& world, const Op& op);

}  // namespace recount

#endif  // RECOUNT_MODEL_TEXT_H_
