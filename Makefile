# The one door. `make` lists what there is. Everything runs on the Node that package-lock.json pins.

.DEFAULT_GOAL := help
.PHONY: help install run check test property shuffle mutation coverage sim faults failover crash bench golden backtest replay trace format hooks browser static web proto fuzz soak
NODE := node_modules/.bin/node
OPENSQT := bin/opensqt
installed := node_modules/.installed
console := web/dist/index.html
# half of a process's start is compiling: what was compiled once is kept
export NODE_COMPILE_CACHE ?= $(CURDIR)/node_modules/.cache/compile

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(installed) ## Install what the lockfile pins (other targets do it by themselves)

$(installed): package-lock.json package.json
	@tools/install.sh

web: $(console) ## Build the browser console (run and test do it by themselves)

$(console): $(installed) src/live/messages.ts $(shell find web -type f -not -path 'web/dist/*')
	@$(NODE) node_modules/vite/bin/vite.js build --config web/vite.config.ts --logLevel warn

run: $(installed) $(console) ## Trade on the simulated exchange; prints the console's address; DATA=capture.gz SPEED=10 for recorded data, EXCHANGE=emulator for the real wire
	@$(OPENSQT) up $(if $(EXCHANGE),--exchange $(EXCHANGE)) $(if $(DATA),--data $(DATA)) $(if $(SPEED),--speed $(SPEED)) $(ARGS)

check: $(installed) ## Format, lint, types, dead code, style and unit tests: under a minute
	@$(NODE) tools/check.ts --unit

static: $(installed)
	@$(NODE) tools/check.ts

test: $(installed) $(console) static browser ## Everything CI runs: the checks, then every test
	@$(NODE) tools/trace.ts --quiet
	@$(NODE) tools/test.ts all

property: $(installed) ## Property tests alone; RUNS=20000 for a long hunt (default 200)
	@OPENSQT_PROPERTY_RUNS=$(or $(RUNS),$(OPENSQT_PROPERTY_RUNS),200) $(NODE) tools/test.ts property

shuffle: $(installed) ## Hunt tests that depend on their order: unit to contract TIMES times (50), each in another order; SEED=n is the first one's, TIMES=1 plays it alone
	@for n in $$(seq $(or $(SEED),1) $$(( $(or $(SEED),1) + $(or $(TIMES),50) - 1 ))); do \
	echo "shuffled; replay: make shuffle SEED=$$n TIMES=1"; \
	$(NODE) tools/test.ts unit property contract --shuffle $$n || exit 1; done

mutation: $(installed) ## Change the code and see whether a test notices: AREA=risk, FILES="src/risk/exposure.ts"; scores are a ratchet in test/mutation
	@test -d test/mutation/node_modules || npm ci --prefix test/mutation --no-audit --no-fund --loglevel=error
	@$(NODE) test/mutation/run.ts $(if $(AREA),--area $(AREA)) $(if $(FILES),--files "$(FILES)")

coverage: $(installed) ## Which branches the tests take, per folder of src: PURE=1 for the pure layers alone, AREA=risk for one; a ratchet in test/coverage.json
	@$(NODE) test/coverage/run.ts $(if $(PURE),--pure) $(if $(AREA),--area $(AREA))

sim: $(installed) ## Simulate faults: SEED=n replays one run, SEEDS=n runs that many fresh ones and prints coverage, REPLAY=file runs the decisions of a shrunk failure; ARGS="--from n --keep --shrink --quiet"
	@$(NODE) test/simulation/run.ts $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(REPLAY),--replay $(REPLAY)) $(ARGS)

faults: $(installed) ## Every fault of the emulator while the grid trades through ccxt, as a table; FAULT=name for one, SEED=n, MARKET=spot; SEEDS=20 plays each in manual time against the naive client and our port
	@$(if $(SEEDS),OPENSQT_FAULT_SEEDS=$(SEEDS) $(NODE) --test test/emulator/faults-naive.test.ts test/emulator/faults-port.test.ts,$(if $(FAULT),FAULT="$(FAULT)" )$(if $(SEED),SEED=$(SEED) )$(if $(MARKET),MARKET=$(MARKET) )$(NODE) test/faults/run.ts)

failover: $(installed) ## Two hosts on one database, one killed or put to sleep, leases of 15 s; a database killed under opensqt up
	@OPENSQT_FAILOVER=full $(NODE) --test test/system/failover.test.ts

crash: $(installed) ## Kill real processes at every point, as a table; ALL=1 with every victim and what makes it worse, KILLS=n more at random on each stage, STORE=sqlite or postgres, SEED=n repeats a run's dice
	@OPENSQT_CRASH_ALL=1 $(if $(SEED),OPENSQT_CRASH_SEED=$(SEED)) $(NODE) --test test/crash/*.test.ts
	@wrong=0; $(if $(KILLS),$(NODE) test/crash/kills.ts --kills $(KILLS) $(if $(SEED),--seed $(SEED)) || wrong=1;) \
	$(NODE) test/crash/run.ts $(if $(ALL),--all) $(if $(KILLS),--kills $(KILLS)) $(if $(STORE),--store $(STORE)) $(if $(SEED),--seed $(SEED)) $(ARGS) || wrong=1; exit $$wrong

bench: $(installed) ## Speed as ratios to floors measured in the same run
	@$(NODE) bench/run.ts $(ARGS)

fuzz: $(installed) ## Rubbish for every decoder: SECONDS=60 or HOURS=8; FUZZ=name for one of them, SEED=n tells one message again
	@$(NODE) test/fuzz/run.ts $(if $(FUZZ),--target $(FUZZ)) $(if $(SEED),--seed $(SEED)) --seconds $(if $(HOURS),$$(( $(HOURS) * 3600 )),$(or $(SECONDS),60))

soak: $(installed) ## 24 simulated hours at 10 times the recorded rate: HOURS_VIRTUAL=, MINUTES=, RATE= change it; HOURS=24 by the wall clock; WRITE=1 puts it into docs/
	@$(NODE) test/soak/run.ts $(if $(HOURS),--wall $(HOURS)) $(if $(HOURS_VIRTUAL),--hours-virtual $(HOURS_VIRTUAL)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RATE),--rate $(RATE)) $(if $(WRITE),--write)

golden: $(installed) ## Decisions on recorded input against reviewed files; UPDATE=1 rewrites them
	@$(if $(UPDATE),OPENSQT_GOLDEN_UPDATE=1 )$(NODE) tools/test.ts golden

backtest: $(installed) ## Run a stored scenario against its golden report: SCENARIO=name (a folder of test/golden/)
	@$(NODE) tools/scenario.ts $(SCENARIO)

replay: $(installed) ## Replay a journal and compare every effect: JOURNAL=path
	@$(OPENSQT) replay $(if $(JOURNAL),$(JOURNAL),$(error JOURNAL=path is missing)) $(ARGS)

trace: $(installed) ## Requirement -> tests; fails on a requirement without one
	@$(NODE) tools/trace.ts

proto: $(installed) ## Write what comes from proto/: src/rpc/generated and docs/api; RELEASE=1 sets what must not break
	@$(NODE) tools/proto.ts $(if $(RELEASE),--release)

format: $(installed) ## Format and fix what can be fixed
	@node_modules/.bin/biome check --write .

hooks: $(installed) ## Install the commit hook: the checks of CI on what is staged, under 5 s
	@ln -sf ../../tools/pre-commit.sh "$$(git rev-parse --git-path hooks)/pre-commit"
	@echo "hooks: pre-commit installed"

browser:
	@tools/ensure-browser.sh
