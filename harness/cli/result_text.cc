#include "harness/cli/result_text.h"

#include <cstdint>
#include <utility>

#include "harness/trace.h"
#include "model/check.h"
#include "nlohmann/json.hpp"

namespace recount {

using nlohmann::json;

namespace {

json Encode(const Difference& difference) {
  return {difference.field, difference.expected, difference.actual};
}
Difference DecodeDifference(const json& text) {
  return {text.at(0).get<std::string>(), text.at(1).get<std::string>(),
          text.at(2).get<std::string>()};
}

}  // namespace

std::string EncodeResult(const RunResult& result) {
  json text = {{"verdict", static_cast<int>(result.verdict)},
               {"unknown_reason", result.unknown_reason},
               {"operations", result.operations},
               {"refused", result.refused},
               {"known", result.known == nullptr ? "" : std::string(result.known->name)}};
  if (result.divergence) {
    const Divergence& divergence = *result.divergence;
    text["divergence"] = {
        {"op_index", divergence.op_index}, {"at_begin", divergence.at_begin},
        {"peers", divergence.peers},       {"difference", Encode(divergence.difference)},
        {"also", json::array()},           {"broken", divergence.broken_invariants}};
    for (const Difference& also : divergence.also) {
      text["divergence"]["also"].push_back(Encode(also));
    }
  }
  // A name in a message is the subject's, so it may be any bytes.
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<RunResult> DecodeResult(const std::string& text) {
  const json read = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!read.is_object() || !read.contains("verdict")) {
    return absl::DataLossError("the child's answer was cut short");
  }
  RunResult result;
  result.verdict = static_cast<Verdict>(read["verdict"].get<int>());
  result.unknown_reason = read["unknown_reason"].get<std::string>();
  result.operations = read["operations"].get<std::uint64_t>();
  result.refused = read["refused"].get<std::uint64_t>();
  const std::string known = read["known"].get<std::string>();
  result.known = FindKnownDefect(known);
  if (result.known == nullptr) result.known = FindDeclaredDifference(known);
  if (!read.contains("divergence")) return result;
  const json& said = read["divergence"];
  Divergence divergence;
  divergence.op_index = said["op_index"].get<std::size_t>();
  divergence.at_begin = said["at_begin"].get<bool>();
  divergence.peers = said["peers"].get<bool>();
  divergence.difference = DecodeDifference(said["difference"]);
  for (const json& also : said["also"]) divergence.also.push_back(DecodeDifference(also));
  divergence.broken_invariants = said["broken"].get<std::vector<std::string>>();
  result.divergence = std::move(divergence);
  return result;
}

std::string DifferenceText(const Program& program, const RunResult& result) {
  RECOUNT_CHECK(result.divergence.has_value());
  if (result.divergence->peers) return DivergenceLine(program, *result.divergence);
  const Difference& difference = result.divergence->difference;
  return PlaceText(program, *result.divergence) + ": " + difference.field + " is " +
         difference.actual + ", expected " + difference.expected;
}

}  // namespace recount
