# The report of ci/linux-coverage. Input: the table of reasons (impl/linux/coverage.txt), then rows, in
# the order of file, kind and number:
#   FILE <tab> function <tab> FIRST LINE <tab> LAST LINE <tab> NAME
#   FILE <tab> line <tab> NUMBER <tab> COUNT
# Variables: tree (where the files are), lines (1: show uncovered lines of covered functions too),
# least (in percent; 0: none), what `least` is of.
# Exit: 0, or 1 when `of` has less than `least`.

function percent(part, whole) { return whole ? 100 * part / whole : 0 }
function plural(count, word) { return count " " word (count == 1 ? "" : "s") }

# The reason for `name` in `file`: an index into reason[], 0 when the table has none.
function reason_of(file, name,   i, pattern) {
  for (i = 1; i <= patterns; i++) {
    pattern = pattern_text[i]
    if (pattern_file[i] != file) continue
    if (pattern == name) return pattern_reason[i]
    if (pattern ~ /\*$/ && index(name, substr(pattern, 1, length(pattern) - 1)) == 1)
      return pattern_reason[i]
  }
  return 0
}

# --- the table ---
FNR == NR {
  sub(/#.*/, "")
  if (NF == 0) next
  if ($1 == "file") {
    table_file = $2
    is_listed[table_file] = 1
    next
  }
  if ($0 ~ /^ *(out of scope|not reached): /) {
    sub(/^ */, "")
    reason[++reasons] = $0
    reason_file[reasons] = table_file
    next
  }
  for (i = 1; i <= NF; i++) {
    pattern_text[++patterns] = $i
    pattern_file[patterns] = table_file
    pattern_reason[patterns] = reasons
  }
  next
}

# --- the rows ---
FNR == 1 { FS = "\t"; $0 = $0 }
$1 != file {
  file = $1
  files[++file_count] = file
  first_function[file] = functions + 1
  last_function[file] = functions
  current = functions + 1
}
$2 == "function" {
  functions++
  begin[functions] = $3 + 0
  end[functions] = $4 + 0
  name[functions] = $5
  last_function[file] = functions
}
$2 == "line" {
  total[file]++
  if ($4 + 0 > 0) covered[file]++
  while (current < last_function[file] && begin[current + 1] <= $3 + 0) current++
  # What is inlined everywhere is no function.
  if (current > last_function[file] || $3 + 0 < begin[current] || $3 + 0 > end[current]) next
  function_total[current]++
  if ($4 + 0 > 0) {
    function_covered[current]++
  } else {
    missing[current] = missing[current] " " $3
  }
}

END {
  print "  lines  covered"
  for (f = 1; f <= file_count; f++) {
    file = files[f]
    printf "%7d %8d  %5.1f %%  %s\n", total[file], covered[file],
      percent(covered[file], total[file]), file
  }
  for (f = 1; f <= file_count; f++)
    if (is_listed[files[f]]) report(files[f])
  if (least == 0) exit 0
  have = percent(covered[of], total[of])
  if (have >= least) exit 0
  printf "\n%s: %.1f %% are covered, %s %% are asked for\n", of, have, least
  exit 1
}

function report(file,   i, r, scope, count, said, text) {
  for (r = 0; r <= reasons; r++) reason_functions[r] = reason_lines[r] = 0
  scope = total[file]
  count = 0
  for (i = first_function[file]; i <= last_function[file]; i++) {
    if (function_covered[i] + 0 > 0 || function_total[i] + 0 == 0) continue
    r = reason_of(file, name[i])
    why[i] = r
    count++
    reason_functions[r]++
    reason_lines[r] += function_total[i]
    if (reason[r] ~ /^out of scope/) scope -= function_total[i]
  }
  printf "\n%s: %d of %d lines, %.1f %%; without the functions that are out of scope %.1f %%\n",
    file, covered[file], total[file], percent(covered[file], total[file]),
    percent(covered[file], scope)
  printf "%d of %d functions are not covered\n", count, last_function[file] - first_function[file] + 1
  reason[0] = "not reached: nobody has said why"
  for (r = 1; r <= reasons + 1; r++) print_reason(file, r % (reasons + 1))
  if (lines) print_missing(file)
}

function print_reason(file, r,   i) {
  if (reason_functions[r] == 0) return
  printf "  %s (%s, %s)\n", reason[r], plural(reason_functions[r], "function"),
    plural(reason_lines[r], "line")
  for (i = first_function[file]; i <= last_function[file]; i++) {
    if ((i in why) && why[i] == r) printf "    %4d  %s\n", function_total[i], name[i]
  }
}

function print_missing(file,   i, n, count, number, source, text) {
  n = 0
  while ((getline text < (tree "/" file)) > 0) source[++n] = text
  close(tree "/" file)
  print "  lines of covered functions that are not"
  for (i = first_function[file]; i <= last_function[file]; i++) {
    if (function_covered[i] + 0 == 0 || missing[i] == "") continue
    printf "    %s: %d of %s\n", name[i], function_total[i] - function_covered[i],
      plural(function_total[i], "line")
    count = split(missing[i], number, " ")
    for (n = 1; n <= count; n++) printf "    %6d  %s\n", number[n], source[number[n]]
  }
}
