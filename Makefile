# demo and test do everything on a fresh Debian 12 with Swift, as root or with sudo.
SHELL = /bin/bash
.SHELLFLAGS = -o pipefail -c
PREFIX ?= /usr/local
PACKAGES = libsqlite3-dev liblz4-dev libssl-dev libpcre2-dev libyaml-dev curl
# What only the tests need; UNPACKED is what they start themselves, and Debian would start, too (Tests/unpacked.sh).
TEST_PACKAGES = mandoc strace python3-venv openssl chromium chromium-driver asciinema openssh-client
UNPACKED = nginx openssh-server+libwrap0+libnsl2+libtirpc3
PLUGINS = taro-plugin-exec taro-plugin-mail taro-plugin-webhook
# Built and installed with taro; make install SERVER= CLIENT= does without.
SERVER = taros
CLIENT = taroc
SUDO := $(shell [ $$(id -u) = 0 ] || echo sudo)
STATIC = -c release --scratch-path .build-static -Xswiftc -static-executable
SOURCES = Package.swift schema Sources Tests Benchmarks

# What is installed, and where.
TARO ?= .build-static/release/taro
SHARE = $(DESTDIR)$(PREFIX)/share
# Of a program, $(1): its completions, and its pages of the manual.
BASH_COMPLETION = $(SHARE)/bash-completion/completions/$(1)
ZSH_COMPLETION = $(SHARE)/zsh/site-functions/_$(1)
FISH_COMPLETION = $(SHARE)/fish/vendor_completions.d/$(1).fish
# Debian's fish does not look below /usr/local unless XDG_DATA_DIRS says so, and below /etc always.
FISH_OF_HOST = $(if $(filter /usr/local,$(PREFIX)),$(DESTDIR)/etc/fish/completions/$(1).fish)
COMPLETIONS = $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION) $(FISH_OF_HOST)
MANUAL = $(SHARE)/man/man1/$(1).1 $(SHARE)/man/man1/$(1)-*.1 $(SHARE)/man/man5/$(CONFIGURATION_$(1)).yaml.5 \
  $(PAGES_$(1):%=$(SHARE)/man/%)
CONFIGURATION_taro = taro
CONFIGURATION_taros = taros
CONFIGURATION_taroc = hosts
# Made from docs, which are installed beside them.
PAGES_taro = man5/taro-format.5 man5/taro-json.5 man7/taro-plugins.7
DOCUMENTATION = $(SHARE)/doc/taro
# What it tells about itself.
define install-texts
	install -d $(dir $(COMPLETIONS))
	$(2) --generate-completion-script bash > $(BASH_COMPLETION)
	$(2) --generate-completion-script zsh > $(ZSH_COMPLETION)
	$(2) --generate-completion-script fish > $(FISH_COMPLETION)
	$(if $(FISH_OF_HOST),cp $(FISH_COMPLETION) $(FISH_OF_HOST))
	chmod 644 $(COMPLETIONS)
	install -d $(SHARE)/man
	$(2) --generate-manual $(SHARE)/man $(if $(PAGES_$(1)),docs)
	chmod 644 $(MANUAL)
	gzip -9nf $(MANUAL)
endef
# The units of $(1) for the host and for users, which name the place where it is installed.
define install-units
	for unit in $(foreach unit,$(1),system/$(unit) user/$(unit)); do \
	  install -D -m 644 packaging/systemd/$$unit $(UNITS)/$$unit && \
	  sed -i 's|^ExecStart=/usr/local/|ExecStart=$(PREFIX)/|' $(UNITS)/$$unit || exit; done
endef
TARO_UNITS = taro-tell.service taro-tell.timer
SERVER_UNITS = taros.service taros.socket
# Where users without a home directory keep their ledgers: everybody makes one directory there, nobody lists them.
USERS = $(DESTDIR)/var/lib/taro-users
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd
PLUGIN_DIRECTORY = $(DESTDIR)$(PREFIX)/lib/taro/plugins

# What runs for long, by its tests' names. TARO_FAULTS_ROUNDS asks for fewer storms.
FAULTS = StormTests QueueTraceTests DamageTests FaultTests PowerCutTests Hostile
# Each for so many seconds.
FUZZ_TARGETS = chunk config json pattern time
FUZZ_SECONDS = 60
FUZZ = .build-fuzz
# What tests the modules; a sanitizer slows the black-box tests of the programs beyond their deadlines. Leaks are not
# looked for: that ends with a failure under strace, which some of them use.
SANITIZED = Linux SQLite Matching Ledger Settings Spawn Projections Runner

define install-packages
	@dpkg -s $(1) >/dev/null 2>&1 || ($(SUDO) apt-get update -q && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy $(1))
endef

.PHONY: demo serve test faults fuzz sanitize build build-server lint bench install install-built install-server-built \
  build-client install-client-built uninstall packages build-packages

demo: build
	./docs/demo.sh .build-static/release/taro
# The demo's ledger over HTTP, on PORT, until Ctrl-C.
PORT ?= 8000
serve: build build-server
	./docs/serve.sh .build-static/release/taro .build-static/release/taros $(PORT)
# All tests over a build without optimization, then those of the programs over what is shipped, the static ones.
test: packages lint
	$(foreach packages,$(UNPACKED),Tests/unpacked.sh $(subst +, ,$(packages)) > /dev/null &&) true
	"$$(Tests/rest/environment.sh)/bin/python" Tests/rest/description.py
	Tests/swift.sh build --build-tests
	Tests/run.sh test
	python3 Tests/page/run.py
	$(MAKE) build
	TARO_TEST_PROGRAMS=$(CURDIR)/.build-static/release Tests/run.sh shipped --filter '^TaroTests\.'
# Draws its numbers anew each time; make faults TARO_SEED=N has those of a run that said N.
faults: export TARO_SEED := $(or $(TARO_SEED),$(shell od -An -N6 -tu8 /dev/urandom | tr -d ' '))
faults: packages
	Tests/swift.sh build --build-tests
	@echo "TARO_SEED=$(TARO_SEED)"
	TARO_FAULTS=full Tests/run.sh faults $(FAULTS:%=--filter %)
# Begins with the corpus in Tests/Fuzz; what it finds on the way is kept in .build-fuzz, and a crash's input too.
fuzz: packages
	TARO_FUZZ=1 swift build -c release --scratch-path $(FUZZ) --product taro-fuzz \
	  -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing
	for target in $(FUZZ_TARGETS); do \
	  mkdir -p $(FUZZ)/corpus/$$target && \
	  FUZZ_TARGET=$$target $(FUZZ)/release/taro-fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=5 \
	    -artifact_prefix=$(FUZZ)/$$target- $(FUZZ)/corpus/$$target Tests/Fuzz/Corpus/$$target || exit; done
sanitize: packages
	for kind in thread address; do \
	  swift build --sanitize $$kind --scratch-path .build-$$kind --build-tests && \
	  ASAN_OPTIONS=detect_leaks=0 swift test --sanitize $$kind --scratch-path .build-$$kind --skip-build --disable-xctest \
	    $(SANITIZED:%=--filter '^%Tests\.') || exit; done
build: build-packages
	for product in taro $(PLUGINS); do swift build $(STATIC) --product $$product || exit; done
# Not part of build: TLS alone takes minutes, and taro needs none of it.
build-server: build-packages
	swift build $(STATIC) --product taros
# Nor this: one host of many needs it.
build-client: build-packages
	swift build $(STATIC) --product taroc
lint:
	swift format lint --strict --recursive $(SOURCES)
bench: build
	./Benchmarks/run.sh
install: build $(SERVER:%=build-server) $(CLIENT:%=build-client) install-built $(SERVER:%=install-server-built) \
  $(CLIENT:%=install-client-built)
# The program $(TARO), the plugins beside it, completions, manual, documentation and units, without building anything.
install-built:
	install -D $(TARO) $(DESTDIR)$(PREFIX)/bin/taro
	install -D -t $(PLUGIN_DIRECTORY) $(PLUGINS:%=$(dir $(TARO))%)
	$(call install-texts,taro,$(TARO))
	install -d $(DOCUMENTATION)/schema
	install -m 644 README.md docs/*.md $(DOCUMENTATION)
	install -m 644 schema/*.sql schema/*.jsonl schema/*.json $(DOCUMENTATION)/schema
	$(call install-units,$(TARO_UNITS))
	[ -z "$(DESTDIR)" ] && [ $$(id -u) != 0 ] || install -d -m 1733 $(USERS)
# The server beside $(TARO), completions and manual, and its units, which name the place where it is installed.
install-server-built:
	install -D -t $(DESTDIR)$(PREFIX)/bin $(dir $(TARO))taros
	$(call install-texts,taros,$(dir $(TARO))taros)
	$(call install-units,$(SERVER_UNITS))
# The client beside $(TARO), completions and manual.
install-client-built:
	install -D -t $(DESTDIR)$(PREFIX)/bin $(dir $(TARO))taroc
	$(call install-texts,taroc,$(dir $(TARO))taroc)
# What was recorded stays: /var/lib/taro, /var/lib/taro-users, and in each home .local/share/taro. It is said where there is any.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/taro $(DESTDIR)$(PREFIX)/bin/taros $(DESTDIR)$(PREFIX)/bin/taroc \
	  $(PLUGINS:%=$(PLUGIN_DIRECTORY)/%)
	rm -f $(foreach program,taro taros taroc,$(call COMPLETIONS,$(program)) \
	  $(addsuffix .gz,$(call MANUAL,$(program))))
	rm -f $(foreach unit,$(TARO_UNITS) $(SERVER_UNITS),$(UNITS)/system/$(unit) $(UNITS)/user/$(unit))
	rm -f $(DOCUMENTATION)/*.md $(DOCUMENTATION)/schema/*
	rmdir --ignore-fail-on-non-empty $(DOCUMENTATION)/schema $(DOCUMENTATION) 2>/dev/null || true
	rmdir --ignore-fail-on-non-empty $(USERS) 2>/dev/null || true
	@for kept in $(DESTDIR)/var/lib/taro $(USERS); do [ ! -e $$kept ] || echo "what was recorded stays in $$kept"; done
# All of them; build-packages are those without which nothing builds or runs.
packages: build-packages
	$(call install-packages,$(TEST_PACKAGES))
build-packages:
	$(call install-packages,$(PACKAGES))
