// What parts promise: fresh fields, notes, where a file begins, memory that outlives its call, the ABI's table.
#include "catch.hpp"
#include "core/batch/host.hpp"
#include "tools.hpp"

using namespace tools;

TEST_CASE("a fresh part inherits bytes' memory and origin, but no field") {
  no_leaks leaks;
  {
    auto b = changed(pipes::from_text("a,b\nc,d\n"), {attach("x", {number(1), number(2)})});
    std::string_view text;
    REQUIRE(pipes::block(b.get(), text));
    pipes::output out;
    auto* slices = static_cast<pipe_slice*>(out.alloc(2 * sizeof(pipe_slice)));
    slices[0] = {text.data(), 1, 0};
    slices[1] = {text.data() + 4, 3, PIPE_SLICE_NEWLINE};
    pipe_part part{};
    part.struct_size = sizeof part;
    part.flags = PIPE_PART_OWN_BYTES | PIPE_PART_FRESH;
    part.from = b.get();
    part.records = slices;
    part.count = 2;
    part.note = 42;
    out.emit(0, part);
    auto made = out.take(b.get());
    b.reset();
    REQUIRE(made.size() == 1);
    CHECK(written(made[0].batch) == "a\nc,d\n");
    CHECK(names(made[0].batch).empty());
    CHECK(column(made[0].batch, "x") == strings{"-", "-"});
    CHECK_FALSE(pipes::has_fields(made[0].batch.get()));
    CHECK(pipes::note(made[0].batch.get()) == 42);
    // A stretch keeps the note, and says of what it is one.
    const pipes::batch_ref part_of = pipes::slice(made[0].batch.get(), 1, 1);
    std::uint64_t first = 7;
    CHECK(pipes::note(part_of.get()) == 42);
    CHECK(pipes::noted(part_of.get(), first) == made[0].batch.get());
    CHECK(first == 1);
    CHECK(pipes::noted(made[0].batch.get(), first) == made[0].batch.get());
    CHECK(first == 0);
    const std::uint32_t last = 1;
    CHECK(pipes::note(pipes::select(pipes::copy(made[0].batch.get()).get(), &last, 1).get()) == 0);
  }
  CHECK(leaks.clean());
}

TEST_CASE("new records may lie in a rendering of the batch that they come of") {
  no_leaks leaks;
  {
    auto b = changed(json("{\"a\":1}\n{\"a\":2}\n"), {set("a", {string("long enough to be seen"), string("y")})});
    std::uint64_t n = 0;
    const pipe_slice* r = pipes::records(b.get(), n);
    pipes::output out;
    auto* slices = static_cast<pipe_slice*>(out.alloc(sizeof(pipe_slice)));
    slices[0] = {r[0].data + 6, 22, 0};
    pipe_part part{};
    part.struct_size = sizeof part;
    part.flags = PIPE_PART_OWN_BYTES | PIPE_PART_FRESH;
    part.from = b.get();
    part.records = slices;
    part.count = 1;
    out.emit(0, part);
    auto made = out.take(b.get()).at(0).batch;
    b.reset();
    CHECK(written(made) == "long enough to be seen\n");
  }
  CHECK(leaks.clean());
}

TEST_CASE("the first record of a file is known as long as it is there") {
  pipes::output out;
  char* block = pipes::block_new(12);
  std::memcpy(block, "h1\nab\ncd\nef\n", 12);
  out.block(0, block, 0, 12, PIPE_BLOCK_BEGINS);
  auto b = out.take().at(0).batch;
  CHECK(pipes::begins(b.get()));
  CHECK(pipes::begins(pipes::slice(b.get(), 0, 2).get()));
  CHECK_FALSE(pipes::begins(pipes::slice(b.get(), 1, 2).get()));
  CHECK(pipes::begins(changed(b, {attach("x", {null(), null(), null(), null()})}).get()));
  CHECK(pipes::begins(pipes::concat({b, b}).get()));
  CHECK(pipes::begins(pipes::copy(b.get()).get()));
  auto* slices = static_cast<pipe_slice*>(out.alloc(sizeof(pipe_slice)));
  std::string_view text;
  pipes::block(b.get(), text);
  slices[0] = {text.data() + 3, 2, PIPE_SLICE_NEWLINE};
  pipe_part part{};
  part.struct_size = sizeof part;
  part.from = b.get();
  part.records = slices;
  part.count = 1;
  out.emit(0, part);
  auto found = out.take(b.get()).at(0).batch;
  CHECK(lines(found) == strings{"ab"});
  CHECK_FALSE(pipes::begins(found.get()));
}

TEST_CASE("a search that cuts the block itself keeps a missing last newline missing") {
  const auto b = pipes::from_text("ab\ncd");
  std::string_view text;
  REQUIRE(pipes::block(b.get(), text));
  pipes::output out;
  auto* slices = static_cast<pipe_slice*>(out.alloc(sizeof(pipe_slice)));
  slices[0] = {text.data() + 3, 2, 0};
  pipe_part part{};
  part.struct_size = sizeof part;
  part.from = b.get();
  part.records = slices;
  part.count = 1;
  out.emit(0, part);
  CHECK(written(out.take(b.get()).at(0).batch) == "cd");
}

TEST_CASE("memory of a call lives as long as what was made of it, and no longer") {
  no_leaks leaks;
  {
    std::vector<pipes::batch_ref> held;
    pipes::output out;
    for (int i = 0; i < 3000; ++i) {
      shape s;
      s.records = {"record " + std::to_string(i)};
      emit(out, 0, {}, 1, {attach("n", {number(i)})}, s);
      held.push_back(std::move(out.take().at(0).batch));
      if (i % 3 == 0) held[static_cast<std::size_t>(i / 2)].reset();
    }
    CHECK(pipes::memory::live().chunks - leaks.before.chunks < 20);  // small batches share chunks
    CHECK(lines(held[2999]) == strings{"record 2999"});
    CHECK(column(held[2500], "n") == strings{"i:2500"});
    // A large request gets what it asked for.
    char* big = static_cast<char*>(out.alloc(3 << 20));
    big[(3 << 20) - 1] = 'x';
    out.discard();
    CHECK(out.take().empty());
  }
  CHECK(leaks.clean());
}

TEST_CASE("chains of layers do not grow for ever") {
  no_leaks leaks;
  {
    auto b = json("{\"a\":0}\n{\"a\":1}\n");
    pipes::output out;
    for (int i = 0; i < 200; ++i) {
      emit(out, 0, b, 2, {set("a", {number(i), number(-i)}), attach("t", {number(i), null()})});
      b = std::move(out.take(b.get()).at(0).batch);
    }
    CHECK(written(b) == "{\"a\":199}\n{\"a\":-199}\n");
    CHECK(column(b, "t") == strings{"i:199", "n"});
    CHECK(pipes::memory::live().batches - leaks.before.batches < 64);
  }
  CHECK(leaks.clean());
}

TEST_CASE("dead letters carry what went wrong") {
  auto b = json("{\"a\":1}\n{\"a\":2}\n");
  auto dead = pipes::annotate(b.get(), {{pipes::field("error"), "no such thing"}, {pipes::field("attempts"), "3"}});
  CHECK(written(dead) == "{\"a\":1}\n{\"a\":2}\n");
  CHECK(column(dead, "error") == strings{"w:no such thing", "w:no such thing"});
  CHECK(names(dead) == strings{"a", "error", "attempts"});
  pipes::output out;
  const pipe_slice* r = pipes::render(dead.get(), PIPE_RENDER_JSON, out);
  CHECK(pipes::view(r[1]) == "{\"a\":2,\"error\":\"no such thing\",\"attempts\":3}");
}

TEST_CASE("the table's functions do what the C++ face does") {
  no_leaks leaks;
  {
    pipe_host host{};
    pipes::fill_batch_functions(host);
    pipe_output* out = host.output_new(nullptr);
    REQUIRE(out);
    REQUIRE(host.output_refill(out, 200000) == 1);
    CHECK(out->end - out->cursor >= 200000);
    CHECK(host.output_refill(out, ~std::uint64_t{0}) == 0);
    char* block = host.block_new(64);
    std::memcpy(block, "x\ny\n", 4);
    host.output_block(out, 3, block, 0, 4, 0);
    CHECK(host.output_take(out, 0) == nullptr);
    pipe_batch* b = host.output_take(out, 3);
    REQUIRE(b);
    pipe_text text{};
    CHECK(host.batch_block(b, &text) == 1);
    CHECK(pipes::view(text) == "x\ny\n");
    CHECK(host.batch_count(b) == 2);
    CHECK(host.batch_flags(b) == 0);
    CHECK(pipes::view(host.field_name(host.field(pipes::text("f.g")))) == "f.g");
    pipe_batch* two[] = {b, b};
    pipe_batch* both = host.batch_concat(two, 2);
    CHECK(host.batch_count(both) == 4);
    CHECK(host.batch_runs(both)->bytes == 8);
    host.batch_release(both);
    host.batch_retain(b);
    host.batch_release(b);
    host.batch_release(b);
    host.output_free(out);
    CHECK(host.block_new(~std::uint64_t{0}) == nullptr);
  }
  CHECK(leaks.clean());
}
