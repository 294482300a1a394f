# The report of ci/fast-coverage. Input: the table of reasons (impl/fast/coverage.txt), then what
# `gcov --stdout` prints of the object files.
# Variables: root (a path that ends in /), all (1: every line, not only those of errors).
# Exit: 0, or without `all` 1 when a line that the table does not list is not reached, or it lists one
# that is, or that is not there; 2 when nothing was counted.

# --- the table: reasons, and below each the lines it holds for, as FILE: TEXT ---
FILENAME == ARGV[1] {
  sub(/^#.*/, "")
  if (/^not reached: /) reason = substr($0, 14)
  else if (NF > 0) {
    sub(/^ +/, "")
    why[$0] = reason
    listing[++listings] = $0
  }
  next
}

# --- gcov: "COUNT: NUMBER: TEXT". The count has a * where a part of the line was never run, and is
# ##### (in code that only an exception reaches, =====) where none of it was ---
{
  count = $0
  sub(/:.*/, "", count)
  gsub(/ /, "", count)
  rest = substr($0, index($0, ":") + 1)
  number = rest + 0
  text = substr(rest, index(rest, ":") + 1)
}
number == 0 && text ~ /^Source:/ {
  file = substr(text, 8)
  gsub(/^(\.\.\/)+/, "", file)
  if (index(file, root) == 1) file = substr(file, length(root) + 1)
  wanted = file ~ /^impl\/fast\// && file !~ /_test\.|_bench\./
  next
}
!wanted || number == 0 || count !~ /^[0-9#=*]+$/ { next }
!all && !OfAnError(text) { next }
{
  gsub(/^ +| +$/, "", text)
  key = sprintf("%s\t%06d", file, number)
  whole = count ~ /^[0-9]+$/
  # Of a line in several objects, or of a template's instances, the best counts.
  if (!(key in reached)) keys[++lines] = key
  if (whole || !(key in reached)) reached[key] = whole
  said[key] = file ": " text
  where[key] = file ":" number ": " text
}

# An errno, one that is handed on, or ftrace's death, which is how patching code fails.
function OfAnError(text) {
  return text ~ /Errno::k([A-NP-Z]|O[^k])/ || text ~ /(return|=) error;/ || text ~ /\.Die\(\)/
}

END {
  if (lines == 0) {
    print "fast-coverage: gcov has no line of impl/fast" >"/dev/stderr"
    exit 2
  }
  for (i = 1; i <= lines; i++) {
    key = keys[i]
    if (reached[key]) {
      hits++
      # The same text may stand in the file twice: listed is listed for the one that is missed.
      if (said[key] in why) is_reached[said[key]] = 1
    } else if (said[key] in why) {
      listed++
      where_listed[said[key]] = where_listed[said[key]] "\n    " where[key]
    } else {
      missing[++misses] = where[key]
    }
  }
  printf "%d lines of impl/fast %s: %d reached, %d listed with a reason, %d neither\n", lines,
    all ? "in all" : "are of an error", hits, listed, misses
  if (misses) print "not reached, or not every part of the line:"
  sort = "LC_ALL=C sort -t: -k1,1 -k2,2n"
  for (i = 1; i <= misses; i++) print "  " missing[i] | sort
  close(sort)
  for (i = 1; i <= listings; i++) {
    text = listing[i]
    if (text in where_listed) {
      if (why[text] != reason) print "listed: " why[text]
      reason = why[text]
      print substr(where_listed[text], 2)
    } else {
      stale[++stales] = "listed, and " (text in is_reached ? "reached" : "not there") ": " text
    }
  }
  for (i = 1; i <= stales; i++) print stale[i]
  exit !all && (misses || stales)
}
