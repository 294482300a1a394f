#!/usr/bin/env bash
# impl/linux/build.sh TREE OUT [CFLAGS...]: the kernel's ftrace code, from a configured TREE, with our
# glue and stubs, as the one object OUT/kernel.o. Only the functions of kernel.h are visible in it,
# and a symbol that nobody has traps with its name when it is reached. CC: gcc, or a clang.
set -euo pipefail
here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)
tree=$(readlink -f -- "$1")
out=$2
shift 2
extra=("$@")
mkdir -p "$out/obj"
out=$(readlink -f -- "$out")
cc=(${CC:-gcc})
if command -v ccache >/dev/null; then cc=(ccache "${cc[@]}"); fi

# Pieces of a file that cannot be linked whole: "NAME(" at the start of a definition, to "^}".
cut_functions() {
  local file=$1
  shift
  local name
  for name in "$@"; do
    awk -v name="$name" '!on && $0 ~ "^[a-z].*[ *]" name "\\(" && !/;$/ { on = 1 }
      on { print } on && /^}/ { exit }' "$file"
  done
}
cut_functions "$tree/kernel/trace/trace.c" trace_parser_get_init trace_parser_put trace_get_user \
  tracing_lseek >"$out/trace_cut.h"

arch=$tree/arch/x86
# The decoder's tables, as arch/x86/lib/Makefile makes them.
awk -f "$arch/tools/gen-insn-attr-x86.awk" "$arch/lib/x86-opcode-map.txt" >"$out/inat-tables.c"
include=(-nostdinc -isystem "$("${cc[@]}" -print-file-name=include)" -I"$here/shim" -I"$here" -I"$out"
  -I"$tree" -I"$arch/include" -I"$arch/include/generated" -I"$tree/include"
  -I"$arch/include/uapi" -I"$arch/include/generated/uapi" -I"$tree/include/uapi"
  -I"$tree/include/generated/uapi" -I"$tree/kernel/trace" -I"$tree/kernel" -I"$tree/kernel/livepatch"
  -include "$tree/include/linux/compiler-version.h" -include "$tree/include/linux/kconfig.h")
# The stack of a callback is aligned to 8 only: the trampolines are the kernel's, so each function
# aligns it for itself.
common=("-fmacro-prefix-map=$tree/=" -D__KERNEL__ -DCC_USING_FENTRY -m64 -fno-PIE -mcmodel=small -fcf-protection=none -g)
flags=(-include "$tree/include/linux/compiler_types.h" -std=gnu11 -O2 -fshort-wchar
  -fno-strict-aliasing -fno-common -funsigned-char -fwrapv -fno-delete-null-pointer-checks
  -fno-stack-protector -ffunction-sections -fdata-sections -w)
case $("${cc[@]}" --version) in
  *clang*)
    flags+=(-mstackrealign -fsanitize-coverage-ignorelist="$here/uncounted.txt")
    # ccache does not look into it by itself.
    export CCACHE_EXTRAFILES=$here/uncounted.txt
    ;;
  *) flags+=(-mincoming-stack-boundary=3 -mpreferred-stack-boundary=4) ;;
esac

compile() {
  local source=$1 object=$2 name
  name=$(basename "${source%.*}")
  name=${name//-/_}
  case $source in
    *.S) "${cc[@]}" "${include[@]}" "${common[@]}" -D__ASSEMBLY__ -c "$source" -o "$object" ;;
    *) "${cc[@]}" "${include[@]}" "${common[@]}" "${flags[@]}" "${extra[@]}" \
      -DKBUILD_MODNAME="\"$name\"" -DKBUILD_BASENAME="\"$name\"" -DKBUILD_MODFILE="\"$name\"" \
      -D__KBUILD_MODNAME="kmod_$name" -c "$source" -o "$object" ;;
  esac
}

# Two at a time.
objects=()
pids=()
build_one() {
  local object=$out/obj/$2
  objects+=("$object")
  compile "$1" "$object" &
  pids+=($!)
  if [ ${#pids[@]} -ge 2 ]; then
    wait "${pids[0]}"
    pids=("${pids[@]:1}")
  fi
}
for source in "$here"/*.c; do build_one "$source" "$(basename "${source%.c}").o"; done
while IFS= read -r source; do
  object=${source//\//_}
  [ -f "$tree/$source" ] && build_one "$tree/$source" "${object%.*}.o"
done < <(grep -v '^#' "$here/sources.txt")
for pid in "${pids[@]}"; do wait "$pid"; done

# Trampolines are copies of this file's code: what is relative to its place in them, beside what
# ftrace rewrites, would go astray (text.c, text_poke_apply_relocation).
stray=$(objdump -dr "$out/obj/arch_x86_kernel_ftrace_64.o" |
  awk '/^[0-9a-f]+ <.*>:$/ { name = $2 } / R_X86_64_/ { print name, $NF }' |
  grep -E '^<ftrace_(regs_)?(caller|call)' | grep -vE ' (function_trace_op|ftrace_stub)-0x' || true)
[ -z "$stray" ] || { echo "relative code in a trampoline: $stray" >&2; exit 1; }

ours='rk_'
keep=$(nm --defined-only "${objects[@]}" | awk -v p="^$ours" 'NF == 3 && $2 ~ /[TBDR]/ && $3 ~ p { print $3 }' | sort -u)
roots=()
for symbol in $keep; do roots+=(-u "$symbol"); done
# Our definitions stand first, and win over the kernel's. Of clang's instrumentation each function and
# each variable makes a section group: the group tells the collector what belongs together, and must
# then be dissolved, as a group's member would not follow the linker script.
ld -r -z muldefs -z noexecstack --gc-sections --force-group-allocation "${roots[@]}" \
  -T "$here/kernel.lds" -o "$out/all.o" "${objects[@]}"

# A counter that a reset put back would count one program only.
lost=$(objdump -t "$out/all.o" | awk '$NF ~ /^__gcov[0-9]/ && !/ rk_counters\t/ { print $NF }')
[ -z "$lost" ] || { echo "counters among the kernel's data: $lost" >&2; exit 1; }

# What is still missing, less what a process has, becomes a trap. Where sections begin and end is for
# the final link to say; what is referred to weakly may be missing.
process='^(rk_|host_|__(start|stop)_(rk_|__sancov_|asan_globals)|__asan_|__ubsan_|__gcov|__sanitizer|mem(cpy|move|set|cmp)$|_GLOBAL_OFFSET_TABLE_)'
nm -u "$out/all.o" | awk '$1 != "w" { print $2 }' | grep -vE "$process" | sort -u >"$out/traps.txt" || true
{
  printf '.text\n'
  while IFS= read -r symbol; do
    printf '.globl %s\n%s: leaq 1f(%%rip), %%rdi; andq $-16, %%rsp; call host_die; 1: .asciz "nobody stubbed %s"\n' \
      "$symbol" "$symbol" "$symbol"
  done <"$out/traps.txt"
  printf '.section .note.GNU-stack,"",@progbits\n'
} >"$out/traps.S"
gcc -c "$out/traps.S" -o "$out/obj/zz_traps.o"
ld -r -z noexecstack -T "$here/kernel.lds" -o "$out/linked.o" "$out/all.o" "$out/obj/zz_traps.o"
keeps=()
for symbol in $keep; do keeps+=(--keep-global-symbol="$symbol"); done
objcopy "${keeps[@]}" --remove-section=.discard.addressable --remove-section=.modinfo "$out/linked.o" "$out/kernel.o"
