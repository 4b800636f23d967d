# rollcall, for GNU make and BSD make. There is no configure step.
#
#   make                 the program, ./rollcall
#   make demo            see it work, against a simulated service
#   make test            every test that needs nothing but this tree and a C compiler
#   make install         the program and its manual below $(DESTDIR)$(PREFIX)
#
# CC, AR, CFLAGS, CPPFLAGS, LDFLAGS, LIBS, PREFIX and DESTDIR mean what they mean everywhere; Q= shows whole
# commands. PORT names the folder of ports/ to use, BUILD the folder for all that is made, PROG the program:
#
#   make CC=musl-gcc LDFLAGS='-static -s' BUILD=build/musl PROG=build/musl/rollcall
#   make CC=x86_64-w64-mingw32-gcc PORT=windows BUILD=build/w64
#
# There is no list of source files: each .c file in src/*/ and the port's folder is part of the program, each in
# tests/unit/ a suite of tests, each tests/fuzz/fuzz_*.c fuzzes a parser.

CC ?= cc
AR ?= ar
PREFIX ?= /usr/local
PORT = posix
BUILD = build
PROG = rollcall$(EXE)
RUN =
Q = @

# What the ports differ in.
EXE = $(EXE_$(PORT))
FAULT = $(FAULT_$(PORT))
LIBS = $(LIBS_$(PORT))
CPP = $(CPP_$(PORT))
CPP_posix = -D_POSIX_C_SOURCE=200112L -D_FILE_OFFSET_BITS=64
CPP_windows = -D_WIN32_WINNT=0x0600 -D__USE_MINGW_ANSI_STDIO=1
LIBS_posix = -lm
LIBS_windows = -lws2_32 -lcrypt32 -ladvapi32 -lpsapi -lshell32
EXE_windows = .exe
FAULT_posix = $(BUILD)/rollcall_fault $(BUILD)/test_fault
FAULT_TEST = $(FAULT_TEST_$(PORT))
FAULT_TEST_posix = '$(RUN) $(BUILD)/test_fault $(BUILD)/rollcall_fault $(BUILD)/tmp/fault'

# Vendored packages are compiled as released; their options are here.
BEARSSL = -Ivendor/bearssl/inc -Ivendor/bearssl/src
PCRE2 = -DPCRE2_CODE_UNIT_WIDTH=8 -DPCRE2_STATIC -DSUPPORT_UNICODE -DHEAP_LIMIT=8192 -DMATCH_LIMIT=1000000 \
	-DMATCH_LIMIT_DEPTH=100000 -DPARENS_NEST_LIMIT=250 -DMAX_NAME_SIZE=32 -DMAX_NAME_COUNT=10000 \
	-DLINK_SIZE=2 -DNEWLINE_DEFAULT=2 -I$(BUILD)/include -Ivendor/pcre2/src
SQLITE = -DSQLITE_THREADSAFE=0 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_TEMP_STORE=1 -DSQLITE_MAX_MMAP_SIZE=0 \
	-DSQLITE_DQS=0 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=1 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_UNTESTABLE \
	-DSQLITE_USE_URI=0 -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_COMPLETE -DSQLITE_OMIT_DECLTYPE \
	-DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_GET_TABLE -DSQLITE_OMIT_INCRBLOB \
	-DSQLITE_OMIT_JSON -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_LOCALTIME -DSQLITE_OMIT_PROGRESS_CALLBACK \
	-DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_TRACE -DSQLITE_OMIT_UTF16

# The user's flags come last, so that they win; what the code cannot do without is not in them.
OPT = -O2
WARN = -Wall -Wextra -pedantic
OURS = -std=c99 $(WARN) $(CPP) -Isrc -Itests -I$(BUILD)/include -Ivendor/bearssl/inc -Ivendor/jsmn -Ivendor/sqlite \
	-DPCRE2_CODE_UNIT_WIDTH=8 -DPCRE2_STATIC
CC_OURS = $(CC) $(OURS) $(CPPFLAGS) $(OPT) $(CFLAGS) -MD -c
# The program that gets no memory (tests/fault): quick to compile rather than to run.
FAULT_NAMES = -Dmalloc=fault_malloc -Dcalloc=fault_calloc -Drealloc=fault_realloc -Dfree=fault_free
CC_FAULT = $(CC) $(OURS) $(FAULT_NAMES) $(CPPFLAGS) $(CFLAGS) -MD -c
CC_BEARSSL = $(CC) -w $(BEARSSL) $(CPPFLAGS) $(OPT) $(CFLAGS) -c
CC_PCRE2 = $(CC) -w $(PCRE2) $(CPPFLAGS) $(OPT) $(CFLAGS) -c
CC_FAULT_PCRE2 = $(CC_PCRE2) $(FAULT_NAMES)
CC_SQLITE = $(CC) -w $(SQLITE) $(CPPFLAGS) $(OPT) $(CFLAGS) -c
LINK = $(CC) $(OPT) $(CFLAGS) $(LDFLAGS)
LIBRARIES = $(BUILD)/librollcall.a $(BUILD)/libvendor.a
TEST_LIBRARIES = $(BUILD)/libtest.a $(LIBRARIES)

# First write the rules for the objects into $(BUILD)/rules.mk, then run make again, which then includes them.
AGAIN = GNUMAKEFLAGS=--no-print-directory

all: rules
	@$(AGAIN) $(MAKE) $(PROG)

# Changed inputs for each parser; which of the places where something is broken off are tried, 1 being all.
TEST_ROUNDS = 2000
TEST_STEP = 1

test: rules
	@$(AGAIN) $(MAKE) $(PROG) $(BUILD)/test_unit$(EXE) $(BUILD)/test_child$(EXE) $(BUILD)/fuzz$(EXE) \
		$(FAULT) $(BUILD)/test_golden$(EXE) $(BUILD)/test_ldap$(EXE) $(BUILD)/test_web$(EXE) $(BUILD)/test_e2e$(EXE) \
		$(BUILD)/test_cli$(EXE) $(BUILD)/test_limits$(EXE) $(BUILD)/test_bounded$(EXE)
	@rm -rf $(BUILD)/tmp && mkdir $(BUILD)/tmp
	@sh tests/sum.sh '$(RUN) $(BUILD)/test_unit$(EXE)' '$(RUN) $(BUILD)/fuzz$(EXE) -r $(TEST_ROUNDS)' \
		'$(RUN) $(BUILD)/test_golden$(EXE) --program $(PROG) --step $(TEST_STEP)' \
		'$(RUN) $(BUILD)/test_ldap$(EXE) $(PROG) $(BUILD)/tmp/ldap $(TEST_STEP)' \
		'$(RUN) $(BUILD)/test_web$(EXE) $(PROG) $(BUILD)/test_child$(EXE) $(BUILD)/tmp/web' \
		'$(RUN) $(BUILD)/test_e2e$(EXE) $(PROG) $(BUILD)/tmp/e2e' \
		'$(RUN) $(BUILD)/test_cli$(EXE) $(PROG) $(BUILD)/tmp/cli' \
		'$(RUN) $(BUILD)/test_limits$(EXE) $(PROG) $(BUILD)/tmp/limits' \
		'$(RUN) $(BUILD)/test_bounded$(EXE) $(PROG) $(BUILD)/test_child$(EXE) $(BUILD)/tmp/bounded' $(FAULT_TEST)

# An invented company in a simulated directory, a simulated account: the whole way, to look at or to play with.
demo: rules
	@$(AGAIN) $(MAKE) $(PROG) $(BUILD)/demo$(EXE)
	@$(RUN) $(BUILD)/demo$(EXE) $(PROG) $(BUILD)/play

sandbox: rules
	@$(AGAIN) $(MAKE) $(PROG) $(BUILD)/demo$(EXE)
	@$(RUN) $(BUILD)/demo$(EXE) $(PROG) $(BUILD)/play --stay

# Longer than 'make test' does: as many rounds for each parser, beginning with this seed.
ROUNDS = 500000
SEED = 2
fuzz: rules
	@$(AGAIN) $(MAKE) $(BUILD)/fuzz$(EXE)
	$(RUN) $(BUILD)/fuzz$(EXE) -r $(ROUNDS) -s $(SEED)

# With engines that see which way the code goes: clang's libFuzzer, and AFL++. FUZZ='json http' says which parsers
# (default: all), FUZZ_SECONDS for how long each. What they find is in build/libfuzzer/found, build/afl/found.
FUZZ =
FUZZ_SECONDS = 60
FUZZ_CFLAGS = -g -O0 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
libfuzzer:
	@$(AGAIN) $(MAKE) BUILD=build/libfuzzer CC=clang CPPFLAGS='-DBR_LE_UNALIGNED=0 -DBR_BE_UNALIGNED=0' \
		CFLAGS='$(FUZZ_CFLAGS)' engine_libraries
	@sh tests/fuzz/engine.sh libfuzzer build/libfuzzer $(FUZZ_SECONDS) $(FUZZ)

afl:
	@$(AGAIN) AFL_QUIET=1 AFL_LLVM_DENYLIST="$$PWD/tests/fuzz/afl.skip" $(MAKE) BUILD=build/afl CC=afl-clang-fast OPT=-O1 CFLAGS=-g engine_libraries
	@AFL_QUIET=1 sh tests/fuzz/engine.sh afl build/afl $(FUZZ_SECONDS) $(FUZZ)

engine_libraries: rules
	@$(AGAIN) $(MAKE) $(LIBRARIES)

# Against real servers, which are installed and started as needed (Debian; Samba as root).
peers: rules
	@$(AGAIN) $(MAKE) $(PROG) $(BUILD)/timecamp_sim$(EXE) $(BUILD)/net_probe$(EXE)
	@sh tests/sum.sh 'tests/peers/run_net.sh $(BUILD)/net_probe$(EXE)' 'tests/peers/run_tls.sh $(BUILD)/net_probe$(EXE)' \
		'tests/peers/run_faults.sh $(BUILD)/net_probe$(EXE)' 'tests/peers/run_ldap.sh $(PROG)' \
		'tests/peers/run_company.sh $(PROG) $(BUILD)'

# Time and peak memory of the steps, with so many people; PARTS='prepare json fetch sync' says which steps.
PEOPLE = 100000
bench: rules
	@$(AGAIN) $(MAKE) $(PROG) $(BUILD)/bench$(EXE) $(BUILD)/timecamp_sim$(EXE) $(BUILD)/test_web$(EXE) $(BUILD)/test_child$(EXE) \
		$(BUILD)/test_bounded$(EXE)
	@sh tests/bench/bench.sh $(BUILD) $(PROG) $(PEOPLE)

rules:
	@sh ports/rules.sh $(BUILD) $(PORT) "$(CC_OURS) $(BEARSSL) $(PCRE2) $(SQLITE)"

# The same for other compilers and machines, emulated; TARGETS=all: all of docs/portability.md, or some by name.
TARGETS =
portability:
	@sh tests/portability.sh $(TARGETS)

# How much of the code the tests run, by gcc and gcov.
coverage:
	@$(AGAIN) $(MAKE) BUILD=build/coverage PROG=build/coverage/rollcall CC=gcc OPT=-O0 CFLAGS=--coverage test
	@sh tests/coverage.sh build/coverage

# What the code is held to beyond what compilers check.
lint:
	@CC="$(CC)" sh tests/lint.sh

# The page of all settings, from their tables.
docs: all
	./$(PROG) settings --markdown >docs/settings.md

install: all
	mkdir -p $(DESTDIR)$(PREFIX)/bin
	cp $(PROG) $(DESTDIR)$(PREFIX)/bin/rollcall$(EXE)
	chmod 755 $(DESTDIR)$(PREFIX)/bin/rollcall$(EXE)
	mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1
	cp docs/rollcall.1 $(DESTDIR)$(PREFIX)/share/man/man1/rollcall.1
	chmod 644 $(DESTDIR)$(PREFIX)/share/man/man1/rollcall.1

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/rollcall$(EXE) $(DESTDIR)$(PREFIX)/share/man/man1/rollcall.1

# A source archive: the same tree gives the same bytes.
dist:
	@sh ports/dist.sh

# Its parts list, for whoever keeps an inventory.
sbom:
	@sh ports/sbom.sh

clean:
	rm -rf build $(BUILD) $(PROG)

.SUFFIXES:
.PHONY: all test peers demo sandbox fuzz libfuzzer afl engine_libraries bench docs lint install uninstall dist sbom coverage portability rules clean

-include $(BUILD)/rules.mk

$(PROG): $(BUILD)/libvendor.a $(BUILD)/librollcall.a $(MAIN)
	@echo link $@
	$(Q)$(LINK) -o $@ $(MAIN) $(LIBRARIES) $(LIBS)

$(BUILD)/librollcall.a: $(OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(OBJS)

$(BUILD)/libvendor.a: $(VENDOR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(VENDOR)

$(BUILD)/libtest.a: $(TESTLIB)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(TESTLIB)
