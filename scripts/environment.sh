# Sourced by ./demo and ./test, in the root of the checkout: makes .venv there, once.
#
#   make_environment run|dev    afterwards $bs_python is the interpreter of .venv, with everything in it
#
# Needs Python 3.11 or newer and, at the first run, a package index as pip is set up to reach it. Nothing is written
# outside the checkout (pip's own cache apart). A second run finds everything done and starts at once.

unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME # bytecode is compiled: without it every start takes three times as long
bs_root=$PWD
bs_python=$bs_root/.venv/bin/python

tell() { # English, Korean
    case "${LC_ALL:-${LC_MESSAGES:-${LANG:-C}}}" in
    ko*) printf '%s\n' "$2" >&2 ;;
    *) printf '%s\n' "$1" >&2 ;;
    esac
}

give_up() {
    tell "$1" "$2"
    exit 2
}

find_python() { # prints the first interpreter that is new enough
    for name in ${BLACKSTART_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

fingerprint() { # of the files and words given: whether a step must be done again
    words=$1
    shift
    { printf '%s\n' "$words" && cat "$@"; } | cksum
}

is_done() { [ "$(cat "$bs_root/.venv/done-$1" 2>/dev/null)" = "$2" ]; }

make_venv() {
    "$bs_python" -c 'import sys' 2>/dev/null && return 0
    tell "Making .venv with $1 ..." "$1 인터프리터로 .venv를 만드는 중..."
    rm -rf .venv
    if "$1" -c 'import ensurepip; ensurepip.version()' 2>/dev/null; then
        "$1" -m venv .venv
    elif "$1" -m pip --version >/dev/null 2>&1; then # Debian without python3-venv, but with pip
        "$1" -m venv --without-pip .venv
    else
        give_up "Python at $1 has neither ensurepip nor pip. On Debian or Ubuntu: apt install python3-venv. Then run this again." \
            "$1 파이썬에 ensurepip도 pip도 없습니다. 데비안이나 우분투라면 apt install python3-venv 를 실행한 뒤 다시 시도하세요."
    fi
}

pip_install() { # arguments of `pip install`; what pip says is shown only if it fails
    log=$bs_root/.venv/pip.log
    if "$bs_python" -m pip --version >/dev/null 2>&1; then
        set -- "$bs_python" -m pip install "$@"
    else
        set -- "$bs_base" -m pip --python "$bs_python" install "$@"
    fi
    "$@" --quiet --disable-pip-version-check --no-input >"$log" 2>&1 && return 0
    tail -n 20 "$log" >&2 || true
    give_up "The installation did not work (the last lines of pip stand above, all of them in .venv/pip.log). If this machine reaches its package index only through a mirror or a proxy, tell pip so (pip config set global.index-url ...) and run this again; what was loaded already is kept." \
        "설치하지 못했습니다. pip의 마지막 출력은 위에, 전체는 .venv/pip.log에 있습니다. 이 컴퓨터가 미러나 프록시로만 패키지 저장소에 닿는다면 pip에 알려 주고(pip config set global.index-url ...) 다시 실행하세요. 이미 받은 것은 그대로 남아 있습니다."
}

make_environment() {
    bs_base=$(find_python) || give_up "Blackstart needs Python 3.11 or newer, and none was found. On Debian 12 or later: apt install python3 python3-venv. Another interpreter: BLACKSTART_PYTHON=/path/to/python $0" \
        "Blackstart에는 파이썬 3.11 이상이 필요한데 찾지 못했습니다. 데비안 12 이상: apt install python3 python3-venv. 다른 인터프리터를 쓰려면: BLACKSTART_PYTHON=/path/to/python $0"
    make_venv "$bs_base"
    if [ "$1" = dev ]; then locks=requirements/dev.txt; else locks="requirements/run.txt requirements/build.txt"; fi
    # shellcheck disable=SC2086 # a list of files
    now=$(fingerprint "$bs_root $("$bs_python" --version)" pyproject.toml $locks)
    if ! is_done "$1" "$now"; then
        tell "Installing the locked packages (about 155 MB the first time, a minute or two) ..." \
            "잠금 파일에 적힌 패키지를 설치하는 중(처음에는 약 155 MB, 1~2분)..."
        # shellcheck disable=SC2046
        pip_install --require-hashes $(printf -- '-r %s ' $locks)
        pip_install --no-deps --no-build-isolation --editable .
        echo "$now" >.venv/"done-$1"
    fi
    "$bs_python" -m compileall -q src
    compile_engine
}

# Compiled code is kept beside its source, and made anew where that has changed: here, so that no question has to wait for it.
compile_engine() {
    now=$(fingerprint "$bs_root" src/blackstart/engines/*.py src/blackstart/curves/*.py requirements/run.txt)
    is_done engine "$now" && return 0
    tell "Compiling the engine (once, under a minute) ..." "엔진을 컴파일하는 중(한 번만, 1분 안쪽)..."
    "$bs_python" -m blackstart.commands.warm >/dev/null || exit 3
    echo "$now" >.venv/done-engine
}
