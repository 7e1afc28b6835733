# The short way in: `make run`, `make demo`, `make test`, `make bench`. Meson and Ninja do the building.

FOOTAGE ?=

.PHONY: build run demo test bench web format clean

build: build/.configured web
	@echo "vigil: building the program"
	@ninja -C build --quiet >build/ninja.log || { cat build/ninja.log; exit 1; }

build/.configured: meson.build meson_options.txt tools/packages.txt
	@tools/deps.sh build
	@tools/node.sh
	@echo "vigil: configuring"
	@[ -f build/build.ninja ] || meson setup build -Dtests=false >/dev/null
	@touch $@

# The dashboard; rebuilt when a source of it changed.
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null) docs/openapi.yaml
web: build/web/index.html

build/web/index.html: build/.configured web/node_modules/.installed $(WEB_SOURCES)
	@echo "vigil: building the dashboard"
	@cd web && npm run --silent build -- --logLevel warn

web/node_modules/.installed: web/package-lock.json | build/.configured
	@echo "vigil: fetching the dashboard's packages"
	@cd web && npm ci --silent --no-audit --no-fund
	@touch $@

run: build
	@exec build/vigil serve

demo: build
	@exec build/vigil serve --demo $(FOOTAGE)

test:
	@tools/deps.sh build test
	@tools/node.sh
	@tools/test.py

bench: build
	@tools/deps.sh test
	@bench/run

format:
	@git ls-files '*.[ch]' | xargs clang-format -i

clean:
	@rm -rf build build-*
