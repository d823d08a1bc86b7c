// The table of programs: what a command may do to its exit, its streams, and what it inherits.

/** Scripts for bash, by what they show; EXEC stands where the wrapper goes. */
export const PROGRAMS: Record<string, string> = {
  success: 'EXEC true',
  failure: 'EXEC false',
  'both streams': 'EXEC sh -c "echo out; echo err >&2; echo out again"',
  'no final newline': 'EXEC sh -c "printf one; printf two >&2; exit 7"',
  'no output but a newline': 'EXEC echo',
  'bytes that are no UTF-8': `EXEC bash -c "printf '\\xff\\xfe\\x00\\x01\\n\\xc3'; exit 3"`,
  'a line of 5 MB': `EXEC sh -c 'head -c 5000000 /dev/zero | tr "\\0" x; echo'`,
  'twenty thousand lines': 'EXEC sh -c "seq 1 20000; seq 1 20000 >&2"',
  '30 MB of bytes': 'EXEC sh -c "seq 1 4000000 | gzip -1n | head -c 30000000"',
  'arguments as they are': `EXEC printf '%s|' 'a b' '' '*' '$HOME' --help`,
  'ten thousand arguments': "EXEC sh -c 'echo $#' x $(seq 10000)",
  'an environment of 1 MB':
    'export B=$(head -c 100000 /dev/zero | tr "\\0" x); for i in 1 2 3 4 5 6 7 8 9; do export B$i=$B; done; EXEC env | grep ^B | wc',
  'died of TERM': "EXEC sh -c 'echo before; kill -TERM $$'",
  'exit code of a signal, by a shell': `EXEC sh -c 'sh -c "kill -9 \\$\\$"; exit $?'`,
  'a core dump is the command’s own':
    "ulimit -c unlimited; { EXEC bash -c 'kill -SEGV $$'; echo $?; } 2>/dev/null; ls | grep -c core",

  'stdin: a pipe': 'printf "given\\nto it" | EXEC cat',
  'stdin: more than a pipe holds': 'head -c 3000000 /dev/zero | EXEC cat | wc -c',
  'stdin: closed early': `yes | EXEC head -2; echo $\{PIPESTATUS[*]}`,
  'stdin: never read': `yes | EXEC true; echo $\{PIPESTATUS[*]}`,
  'stdin: a file, whose next reader goes on behind it':
    'printf 0123456789abcdefghij >f; (EXEC head -c 10; echo; cat) <f',
  'stdin: a file, put back by who read too much': 'seq 5 >f; (EXEC sed -n 1q; cat) <f',
  'stdin: closed': 'EXEC cat <&-',
  'stdin: /dev/null': 'EXEC cat </dev/null; EXEC readlink /proc/self/fd/0 0<>/dev/null',
  'stdin: a FIFO': 'mkfifo p; (echo through >p &); EXEC cat <p',

  'stdout: closed': "EXEC sh -c 'echo hi'>&-; echo $?",
  'stderr: closed': "EXEC sh -c 'echo hi >&2' 2>&-; echo $?",
  'all three closed': "EXEC sh -c 'echo hi' <&- >&- 2>&-; echo $?",
  'closed by the command': "EXEC sh -c 'exec >&-; sleep 0.1; echo err >&2; exit 3'; echo $?",
  'stdout and stderr are one file':
    "EXEC sh -c 'for i in $(seq 300); do echo o$i; echo e$i >&2; done' >f 2>&1; cat f",
  'stdout and stderr are one pipe':
    "EXEC sh -c 'for i in $(seq 300); do echo o$i; echo e$i >&2; done' 2>&1 | cat",
  'stdout: appended': 'echo first >f; EXEC echo second >>f; cat f',
  'stdout: in the middle of a file': '(echo aaa; EXEC echo second; echo bbb) >f; cat f',
  'stdout: a FIFO': 'mkfifo p; EXEC seq 10 >p & cat p; wait',
  'stdout: full': 'EXEC seq 10 >/dev/full 2>/dev/null; echo $?',
  'stdout: can be opened again':
    'EXEC sh -c "echo one >/dev/stdout; echo two >/dev/stderr" 2>&1 | cat',
  'a reader that goes away': `EXEC yes | head -1; echo $\{PIPESTATUS[0]}`,
  'a slow reader': "EXEC sh -c 'head -c 3000000 /dev/zero; echo end' | (sleep 0.2; wc -c)",

  umask: 'umask 027; EXEC sh -c umask',
  'working folder': 'cd /usr/share; EXEC sh -c "pwd; readlink /proc/self/cwd"',
  niceness: 'nice -n 5 EXEC nice',
  'scheduling policy': 'chrt -b 0 EXEC sh -c "chrt -p \\$\\$" | sed "s/pid [0-9]*//"',
  processors: 'taskset 1 EXEC grep Cpus_allowed: /proc/self/status',
  limits: 'ulimit -c 0 -t 100 -f 1000000 -s 4096; EXEC sh -c "ulimit -a"',
  'soft and hard limit of open files': 'ulimit -Sn 100; EXEC sh -c "ulimit -Sn; ulimit -Hn"; :',
  'a score for the OOM killer':
    'echo 500 >/proc/self/oom_score_adj; EXEC cat /proc/self/oom_score_adj',
  'signals, capabilities, seccomp, groups':
    "EXEC grep -E '^(Sig[BIC]|Shd|Cap|NoNew|Seccomp|Groups|Uid|Gid)' /proc/self/status",
  'no new privileges': 'setpriv --no-new-privs EXEC grep NoNewPrivs /proc/self/status',
  'ignored signals':
    "trap '' HUP INT QUIT ALRM TTIN TTOU USR1 URG IO; EXEC grep SigIgn /proc/self/status",
  'SIGCHLD ignored': "trap '' CHLD; EXEC sh -c 'echo hi; exit 4'; echo $?",
  'an unknown user': 'cd /; env -u HOME setpriv --reuid 54321 --regid 54321 --clear-groups EXEC id',
  cgroups: 'EXEC cat /proc/self/cgroup',
  'open descriptors': 'EXEC sh -c "ls /proc/self/fd"',
  'descriptors beyond the three':
    'EXEC sh -c "ls /proc/self/fd; cat <&7" 7</etc/hostname 12</dev/null',
  'process substitution': 'EXEC diff <(echo a) <(echo a) && echo same',
  'a lock': 'exec 9>lock; flock 9; EXEC sh -c "flock -n 9 && echo held"',
  'arguments in /proc': "EXEC sh -c \"tr '\\0' '|' </proc/self/cmdline\"",
  'variables that are no names': "env 'a.b=c d' EXEC env | grep -F a.b=",
  'words and variables that are no UTF-8':
    "export L=$'caf\\xe9\\n'; EXEC bash -c 'printf \"%s|\" \"$L\" \"$@\"' name $'na\\xefve\\n\\n' '%s\"$x' ''",
  'what it leaves of descriptors’ flags':
    'F() { for i in 0 1 2; do grep flags /proc/$BASHPID/fdinfo/$i; done; }; F; EXEC true; EXEC cat; F',

  'a script without #!': 'printf \'echo "$1 of a script"\' >s; chmod +x s; EXEC ./s word',
  'found in the working folder': 'cp /bin/echo ./e; PATH=:$PATH; EXEC e found',
  'not found': 'EXEC no-such-command 2>/dev/null; echo $?',
  'not executable': 'touch f; EXEC ./f 2>/dev/null; echo $?; EXEC /tmp 2>/dev/null; echo $?',
  'no name': "EXEC '' 2>/dev/null; echo $?",
  'an empty PATH': 'PATH=; EXEC /bin/echo ok',

  'under xargs -P': 'seq 8 | xargs -P4 -n1 EXEC echo | sort',
  'under make -j':
    'printf \'all: a b c\\na b c:\\n\\t@EXEC sh -c "echo $@"\\n\' >M; make -sj3 -f M 2>&1 | sort',
  'around make -j, with its job server':
    "printf 'all:\\n\\t@EXEC $(MAKE) -sf N\\n' >M; printf 'all: a b c\\na b c:\\n\\t@echo $@\\n' >N; make -sj3 -f M 2>&1 | sort",
  'under timeout': 'timeout -s INT 0.3 EXEC sleep 60; echo $?',
  'under timeout -k':
    'timeout -k 0.3 0.3 EXEC sh -c \'trap "" TERM; sleep 1\' 2>/dev/null; echo $?',
  'under nohup': "nohup EXEC sh -c 'kill -HUP $$; echo survived' 2>/dev/null",
  'under setsid': "setsid -w EXEC sh -c 'exit 9'; echo $?",
  'under env -i': 'env -i PATH="$PATH" OTEL_SDK_DISABLED=true EXEC sh -c \'echo "[$HOME]"\'',
  'itself under itself': 'EXEC EXEC sh -c "echo twice; exit 42"; echo $?',
  'itself under itself, and a signal': "EXEC EXEC sh -c 'kill -TERM $$' 2>/dev/null; echo $?",
  'in the background': 'EXEC sh -c "exit 4" & wait $!; echo $?',
  'in a command substitution': 'x=$(EXEC sh -c "echo in; exit 4"); echo "$x $?"',
  'what is left behind holds the pipe':
    "x=$(EXEC sh -c '(sleep 1.5; echo late) & echo now' 2>/dev/null); echo $x",
  'what is left behind in silence': "EXEC sh -c 'sleep 2 >/dev/null 2>&1 &'; echo $?",

  'few open files': 'ulimit -n 20; EXEC echo few; :',
  'little stack': 'ulimit -s 256; EXEC echo ok',
  'a limit of memory': 'ulimit -v 4000000; EXEC echo ok',
  'LANG=C': "export LC_ALL=C; EXEC printf 'é\\xff\\n'",
  'nonsense in NODE_OPTIONS': "export NODE_OPTIONS=--nonsense; EXEC sh -c 'echo $NODE_OPTIONS'",
}

/** What a program needs that is not on every machine. */
export const NEEDS: Record<string, string> = {
  'scheduling policy': 'chrt',
  processors: 'taskset',
  'no new privileges': 'setpriv',
  'an unknown user': 'setpriv',
  'a lock': 'flock',
  'under make -j': 'make',
  'around make -j, with its job server': 'make',
}
