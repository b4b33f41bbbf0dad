# The newcomer's two commands. Each installs what is missing, then does what its name says.
# Beyond these, cargo is the task runner (see CONTRIBUTING.md).

.PHONY: demo test check setup
CARGO = PATH="$$HOME/.cargo/bin:$$PATH" OMP_THREAD_LIMIT=1 cargo

demo: setup
	$(CARGO) build --release --quiet
	./target/release/vanban demo

test: setup
	$(CARGO) test --release

# What CI looks at beside the tests.
check: setup
	$(CARGO) fmt --check
	$(CARGO) clippy --release --all-targets -- -D warnings
	$(CARGO) clippy --release --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --release --no-deps --document-private-items

setup:
	@.ci/setup
