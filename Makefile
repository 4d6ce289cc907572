# demo and test do everything on a fresh Debian 12 with Swift, as root or with sudo.
PREFIX ?= /usr/local
PACKAGES = libsqlite3-dev liblz4-dev libssl-dev libpcre2-dev libyaml-dev strace
PLUGINS = taro-plugin-exec taro-plugin-mail
SUDO := $(shell [ $$(id -u) = 0 ] || echo sudo)
STATIC = -c release --scratch-path .build-static -Xswiftc -static-executable
SOURCES = Package.swift schema Sources Tests Benchmarks

.PHONY: demo test build lint bench install packages

demo: build
	./docs/demo.sh .build-static/release/taro
test: packages lint
	swift build --build-tests
	swift test --skip-build --disable-xctest
build: packages
	for product in taro $(PLUGINS); do swift build $(STATIC) --product $$product || exit; done
lint:
	swift format lint --strict --recursive $(SOURCES)
bench: build
	./Benchmarks/run.sh
install: build
	install -D .build-static/release/taro $(DESTDIR)$(PREFIX)/bin/taro
	install -D -t $(DESTDIR)$(PREFIX)/lib/taro/plugins $(PLUGINS:%=.build-static/release/%)
packages:
	@dpkg -s $(PACKAGES) >/dev/null 2>&1 || ($(SUDO) apt-get update -q && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy $(PACKAGES))
