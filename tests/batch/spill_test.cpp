// Batches come back from an image and from a spill file as they were; a spill file has no name and gives its space back.
#include "catch.hpp"
#include "core/batch/spill.hpp"
#include "core/plugin/host.hpp"
#include "tools.hpp"

#include <dirent.h>
#include <pipe/runtime.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <random>

using namespace tools;

namespace {

// Everything that a reader can tell of a batch, field texts of numbers included.
std::string told(const pipes::batch_ref& b) {
  std::string s = pipes::is_json(b.get()) ? "json\n" : "plain\n";
  for (const std::string& n : names(b)) {
    s += n + ":";
    const pipe_column& c = pipes::column(b.get(), pipes::field(n));
    for (std::uint64_t i = 0; i < c.count; ++i) {
      s += value(c, i) + ",";
      if (c.slices && c.slices[i].data) s.append("'").append(pipes::view(c.slices[i])).append("'");
    }
    s += '\n';
  }
  return s + written(b);
}

void comes_back(const pipes::batch_ref& b) {
  const auto copy = saved(b);  // first, so that nothing is known yet that somebody asked for
  CHECK(told(copy) == told(b));
  CHECK(pipes::begins(copy.get()) == pipes::begins(b.get()));
  CHECK(pipes::note(copy.get()) == pipes::note(b.get()));
  CHECK(told(saved(copy)) == told(b));
}

// Lines with commas in them, and their parts as fields: the texts lie in the records. "-": that record has no such field.
pipes::batch_ref split(std::string_view text, const strings& fields) {
  const auto from = pipes::from_text(text);
  std::uint64_t n = 0;
  const pipe_slice* r = pipes::records(from.get(), n);
  pipes::output out;
  std::vector<pipe_column> columns;
  std::vector<pipe_change> changes;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    columns.push_back(make_column(out, std::vector<cell>(n, word(""))));
    bool any = false, all = true;
    for (std::uint64_t i = 0; i < n; ++i) {
      const char *begin = r[i].data, *const end = begin + r[i].size;
      for (std::size_t k = 0; k < f; ++k) begin = std::find(begin, end, ',') + 1;
      const_cast<pipe_slice*>(columns[f].slices)[i] = {begin, static_cast<std::uint32_t>(std::find(begin, end, ',') - begin), 0};
      const bool there = pipes::view(columns[f].slices[i]) != "-";
      const_cast<std::uint8_t*>(columns[f].tags)[i] = there ? PIPE_WORD : PIPE_MISSING;
      any = any || there;
      all = all && there;
    }
    columns[f].all = all ? PIPE_WORD : any ? PIPE_MIXED : PIPE_MISSING;
  }
  for (std::size_t f = 0; f < fields.size(); ++f) changes.push_back({PIPE_ATTACH, 0, pipes::field(fields[f]), nullptr, &columns[f]});
  const pipe_part part{sizeof(pipe_part), 0, from.get(), nullptr, nullptr, changes.data(), n, changes.size(), 0};
  out.emit(0, part);
  return out.take_port(0);
}

// A folder of the test's own as TMPDIR.
class own_folder {
 public:
  own_folder() {
    char name[] = "/tmp/pipe-spill-test-XXXXXX";
    REQUIRE(::mkdtemp(name));
    name_ = name;
    if (const char* was = std::getenv("TMPDIR")) before_ = was;
    ::setenv("TMPDIR", name, 1);
  }
  ~own_folder() {
    if (before_.empty()) ::unsetenv("TMPDIR");
    else ::setenv("TMPDIR", before_.c_str(), 1);
    ::rmdir(name_.c_str());
  }
  int files() const {
    int n = 0;
    DIR* d = ::opendir(name_.c_str());
    while (const dirent* e = ::readdir(d))
      if (e->d_name[0] != '.') ++n;
    ::closedir(d);
    return n;
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_, before_;
};

}  // namespace

TEST_CASE("a batch comes back from its image as it was") {
  no_leaks leaks;
  {
    comes_back(pipes::from_text(""));
    comes_back(pipes::from_text("\n"));
    comes_back(pipes::from_text("a\n\nb c"));  // no last line end
    const auto lines = pipes::from_text("one\ntwo\nthree\nfour");
    comes_back(pipes::slice(lines.get(), 1, 2));
    comes_back(pipes::slice(lines.get(), 2, 2));
    const std::vector<std::uint32_t> turned{3, 0, 2};
    comes_back(pipes::select(lines.get(), turned.data(), turned.size()));
    comes_back(pipes::concat({lines, lines}));
    comes_back(changed(lines, {attach("w", {word("on"), gone(), word(""), null()}), attach("n", {number(1, "1.0e0"), number(-2), real(2.5), truth(true)}),
                               attach("s", {string("x\ny"), raw("{\"a\": 1}"), string(""), gone()})}));
    comes_back(changed(lines, {set("n", {number(1), number(2, "0002"), gone(), null()}), drop("nothing")}));
    comes_back(changed(changed(lines, {attach("a", {word("1"), word("2"), word("3"), word("4")})}), {renamed("a", "b")}, {0, {2, 1}, {}, 0}));
    shape own;
    own.flags = PIPE_PART_OWN_BYTES;
    own.records = {"with\nan end", std::string("nul\0", 4)};
    comes_back(changed(pipes::from_text("x\ny\n"), {}, own));
    shape fresh;
    fresh.flags = PIPE_PART_UNRENDERED;
    fresh.rows = {0, 0};
    comes_back(changed({}, {set("k", {word("a"), word("b")}), set("count", {number(3), number(4)})}, fresh));
    const auto objects = json("{\"a\": 1.50, \"b\":{\"c\":[1]}}\n{\"b\":\"\\u0041\", \"a\":null}\n");
    comes_back(objects);
    comes_back(changed(objects, {set("a", {number(7), gone()}), drop("b")}));
    comes_back(changed(objects, {attach("seen", {truth(true), truth(false)})}));
    const auto asked = changed(objects, {});
    column(asked, "b.c");  // a column that somebody asked for goes along
    comes_back(asked);
  }
  CHECK(leaks.clean());
}

TEST_CASE("notes travel with a batch, or alone") {
  no_leaks leaks;
  {
    pipes::memory::text_buffer image;
    pipes::save(pipes::from_text("a\nb\n").get(), "some notes", image);
    auto back = pipes::restore(image.release());
    CHECK(back.notes == "some notes");
    CHECK(lines(back.batch) == strings{"a", "b"});
    pipes::save(nullptr, std::string(100000, 'x'), image);
    back = pipes::restore(image.release());
    CHECK(back.notes == std::string(100000, 'x'));
    CHECK(pipes::count(back.batch.get()) == 0);
  }
  CHECK(leaks.clean());
}

TEST_CASE("rows gathered from several batches keep bytes, fields and order") {
  no_leaks leaks;
  {
    const auto a = changed(pipes::from_text("a0\na1\n"), {attach("x", {word("a0"), number(1, "1.0")}), attach("y", {word("far"), gone()})});
    const auto b = changed(pipes::from_text("b0\nb1\nb2"), {attach("x", {number(5), string("far away"), truth(true)})});
    const auto c = pipes::from_text("c0\nc1\n");
    const auto all = gathered({a, b, c}, {1, 0, 2, 1, 0}, {2, 1, 0, 1, 0});
    CHECK(lines(all) == strings{"b2", "a1", "c0", "b1", "a0"});
    CHECK(column(all, "x") == strings{"t", "i:1", "-", "s:far away", "w:a0"});
    CHECK(column(all, "y") == strings{"-", "-", "-", "-", "w:far"});
    CHECK(pipes::view(pipes::column(all.get(), pipes::field("x")).slices[1]) == "1.0");
    CHECK(written(gathered({b}, {0, 0}, {0, 2})) == "b0\nb2");
    const auto j = json("{\"k\":1}\n{\"k\":2,\"l\":3}\n");
    const auto k = changed(j, {set("k", {number(8), number(9)})});
    CHECK(written(gathered({j, k}, {1, 0, 1}, {1, 1, 0})) == "{\"k\":9,\"l\":3}\n{\"k\":2,\"l\":3}\n{\"k\":8}\n");
    CHECK(pipes::is_json(gathered({j, k}, {1}, {0}).get()));
    CHECK(written(gathered({j, c}, {1, 0}, {1, 1})) == "c1\n{\"k\":2,\"l\":3}\n");
  }
  CHECK(leaks.clean());
}

TEST_CASE("rows that are packed keep bytes, fields and order, also when they are gathered again") {
  no_leaks leaks;
  {
    const auto a = split("1,x,\n2,-,yy\n,zzz,-\n", {"a", "b", "c"});
    const auto b = split("9,long text\n8,-", {"c", "d"});  // other fields, and the last line end is missing
    const auto far = changed(a, {attach("e", {word("elsewhere"), gone(), word("")})});
    const strings texts{"2,-,yy", "8,-", ",zzz,-", "9,long text", "1,x,"};
    auto all = gathered({far, b}, {0, 1, 0, 1, 0}, {1, 1, 2, 0, 0});
    for (int again = 0; again < 3; ++again) {
      CHECK(lines(all) == texts);
      CHECK(names(all) == strings{"a", "b", "c", "d", "e"});  // an order in which those of each batch keep theirs
      CHECK(pipes::is_varied(all.get()));
      CHECK(column(all, "a") == strings{"w:2", "-", "w:", "-", "w:1"});
      CHECK(column(all, "b") == strings{"-", "-", "w:zzz", "-", "w:x"});
      CHECK(column(all, "c") == strings{"w:yy", "w:8", "-", "w:9", "w:"});
      CHECK(column(all, "d") == strings{"-", "-", "-", "w:long text", "-"});
      CHECK(column(all, "e") == strings{"-", "-", "w:", "-", "w:elsewhere"});
      CHECK(column(all, "f") == strings(5, "-"));
      comes_back(all);
      all = again ? saved(all) : gathered({all}, std::vector<std::uint32_t>(5, 0), all_rows(5));
    }
    // Fields that the rows taken do not have stay known: which rows come together says nothing about what a stage made.
    const auto few = gathered({all, b}, {0, 1}, {0, 0});
    CHECK(names(few) == strings{"a", "b", "c", "d", "e"});
    CHECK(column(few, "b") == strings{"-", "-"});
    CHECK(column(few, "c") == strings{"w:yy", "w:9"});
    CHECK_FALSE(pipes::is_varied(gathered({a, a}, {0, 1}, {0, 2}).get()));
    // The last record of a batch is written as it ended where it came from; before others it needs a line end.
    CHECK(written(gathered({b}, {0, 0}, {0, 1})) == "9,long text\n8,-");
    CHECK(written(saved(gathered({b}, {0, 0}, {1, 0}))) == "8,-\n9,long text\n");
    // Some rows of packed ones, their fields as paths, a change over them.
    CHECK(column(pipes::select(all.get(), std::vector<std::uint32_t>{4, 2}.data(), 2), "b") == strings{"w:x", "w:zzz"});
    CHECK(column(changed(all, {renamed("a", "z")}), "z") == column(all, "a"));
    CHECK(column(pipes::copy(all.get()), "e") == column(all, "e"));
    CHECK(lines(gathered({pipes::from_text("b\n\na\n")}, {0, 0, 0}, {2, 1, 0})) == strings{"a", "", "b"});
  }
  CHECK(leaks.clean());
}

TEST_CASE("records keep the list of fields that their maker gave them, whichever they are gathered with") {
  no_leaks leaks;
  {
    const auto listed = [](const pipes::batch_ref& b) {
      strings all;
      for (std::uint64_t i = 0; i < pipes::count(b.get()); ++i) {
        all.emplace_back();
        for (const pipe_field* f : pipes::record_fields(b.get(), i)) all.back() += f->name;
      }
      return all;
    };
    const auto a = changed(pipes::from_text("1\n5,x\n"), {attach("a", {word("1"), word("5")}), attach("b", {gone(), word("x")})});
    const auto c = changed(pipes::from_text("q,4\n"), {attach("a", {word("4")}), attach("b", {gone()}), attach("c", {word("q")})});
    const auto numbers = changed(pipes::from_text("7\n"), {attach("a", {number(7)})});
    shape varied;
    varied.flags = PIPE_PART_VARIED;
    CHECK(listed(changed(pipes::from_text("1\n2\n"), {attach("a", {word("1"), gone()}), attach("b", {word("1"), word("2")}), attach("a", {word("3"), word("4")})}, varied)) == strings{"ab", "ba"});
    for (const bool packs : {true, false}) {
      auto all = packs ? gathered({a, c}, {0, 1, 0}, {0, 0, 1}) : gathered({a, c, numbers}, {0, 1, 0, 2}, {0, 0, 1, 0});
      strings expected{"ab", "abc", "ab"};
      if (!packs) expected.push_back("a");
      CHECK(listed(all) == expected);
      CHECK(listed(saved(all)) == expected);
      CHECK(listed(pipes::copy(all.get())) == expected);
      CHECK(listed(gathered({saved(all)}, std::vector<std::uint32_t>(expected.size(), 0), all_rows(expected.size()))) == expected);
      const std::uint32_t some[] = {1, 0};
      CHECK(listed(pipes::select(all.get(), some, 2)) == strings{"abc", "ab"});
      CHECK(listed(gathered({pipes::select(all.get(), some, 2)}, {0, 0}, {1, 0})) == strings{"ab", "abc"});
      CHECK(listed(pipes::concat({c, all}))[1] == "ab");
      CHECK(listed(changed(all, {renamed("b", "z")}))[0] == "az");
      // What is printed of a packed row is what it has, also where layers above say something of a field.
      const auto marked = changed(pipes::select(all.get(), some, 2), {set("b", {word("n"), gone()}), set("m", {number(1), number(2)})});
      CHECK(lines(marked) == strings{"{\"a\":4,\"b\":\"n\",\"c\":\"q\",\"m\":1}", "{\"a\":1,\"m\":2}"});
    }
  }
  CHECK(leaks.clean());
}

TEST_CASE("JSON records keep the order in which fields were attached to them, wherever they go") {
  no_leaks leaks;
  {
    const auto whole = [](const pipes::batch_ref& b) {
      pipes::output room;
      const pipe_slice* r = pipes::render(b.get(), PIPE_RENDER_JSON, room);
      strings all;
      for (std::uint64_t i = 0; i < pipes::count(b.get()); ++i) all.emplace_back(pipes::view(r[i]));
      return all;
    };
    const auto below = changed(json("{\"k\":1}\n{\"k\":2}\n{\"k\":3}\n"), {attach("a", {word("x"), gone(), gone()})});
    const auto b = changed(below, {attach("z", {word("y"), word("y"), word("y")}), attach("a", {word("w"), word("w"), gone()})});
    const strings expected{"{\"k\":1,\"a\":\"w\",\"z\":\"y\"}", "{\"k\":2,\"z\":\"y\",\"a\":\"w\"}", "{\"k\":3,\"z\":\"y\"}"};
    CHECK(whole(b) == expected);
    CHECK(whole(saved(b)) == expected);
    CHECK(whole(saved(saved(b))) == expected);
    CHECK(whole(pipes::copy(b.get())) == expected);
    CHECK(whole(gathered({pipes::copy(b.get()), b}, {0, 1, 0}, {0, 1, 2})) == expected);
    CHECK(lines(changed(pipes::copy(b.get()), {drop("k")}, {})) == strings{"{}", "{}", "{}"});
    CHECK_FALSE(pipes::is_varied(saved(b).get()));
    // New bytes over the records: the fields stand in the same order where they are printed.
    shape texts;
    texts.flags = PIPE_PART_OWN_BYTES;
    texts.records = {"p", "q", "r"};
    const auto listed = [](const pipes::batch_ref& of) {
      strings all;
      for (std::uint64_t i = 0; i < pipes::count(of.get()); ++i) {
        all.emplace_back();
        for (const pipe_field* f : pipes::record_fields(of.get(), i)) all.back() += f->name;
      }
      return all;
    };
    CHECK(listed(changed(b, {}, texts)) == strings{"kaz", "kza", "kz"});
    CHECK(listed(changed(pipes::copy(b.get()), {}, texts)) == strings{"kaz", "kza", "kz"});
    CHECK(listed(saved(changed(saved(b), {}, texts))) == strings{"kaz", "kza", "kz"});
  }
  CHECK(leaks.clean());
}

TEST_CASE("records keep the order in which they got their fields, wherever they go") {
  no_leaks leaks;
  {
    const auto both = changed(pipes::from_text("1\n"), {attach("a", {word("1")}), attach("z", {word("x")})});
    const auto one = changed(pipes::from_text("2\n3\n"), {attach("z", {word("y"), word("w")})});
    const auto b = changed(pipes::concat({both, one}), {set("a", {number(7), number(8), gone()})});  // to the second one it is new
    const strings expected{"{\"a\":7,\"z\":\"x\"}", "{\"z\":\"y\",\"a\":8}", "{\"z\":\"w\"}"};
    CHECK(lines(saved(b)) == expected);
    CHECK(lines(pipes::copy(b.get())) == expected);
    CHECK(lines(gathered({b}, {0, 0, 0}, {0, 1, 2})) == expected);
    CHECK(lines(gathered({b, both}, {0, 1, 0}, {1, 0, 0})) == strings{expected[1], "1", expected[0]});
    auto again = gathered({saved(b)}, {0, 0}, {1, 0});
    for (int i = 0; i < 2; ++i) {
      CHECK(lines(changed(again, {set("m", {number(1), number(2)})})) == strings{"{\"z\":\"y\",\"a\":8,\"m\":1}", "{\"a\":7,\"z\":\"x\",\"m\":2}"});
      again = saved(gathered({again, both}, {0, 0}, {0, 1}));
    }
    CHECK(lines(b) == expected);
  }
  CHECK(leaks.clean());
}

TEST_CASE("rows too long to be packed, and packed ones beside others, are gathered all the same") {
  no_leaks leaks;
  {
    const auto a = split("1,x\n2,y\n", {"a", "b"});
    const auto packed = gathered({a}, {0, 0}, {1, 0});
    const std::string text(70000, 't');
    const auto large = split(text + ",z\n" + std::string(65519, 'u') + ",w\n", {"a", "b"});
    const auto numbers = changed(pipes::from_text("n\n"), {attach("b", {number(7)})});
    const auto json_too = json("{\"b\":5}\n");
    const auto all = gathered({packed, large, numbers, json_too}, {1, 0, 2, 0, 3, 1}, {0, 1, 0, 0, 0, 1});
    CHECK(lines(all) == strings{text + ",z", "1,x", "n", "2,y", "{\"b\":5}", std::string(65519, 'u') + ",w"});
    CHECK(column(all, "b") == strings{"w:z", "w:x", "i:7", "w:y", "i:5", "w:w"});
    comes_back(all);
    const auto far = changed(pipes::from_text("f\n"), {attach("b", {word(text)})});
    CHECK(column(gathered({packed, far}, {1, 0}, {0, 0}), "b") == strings{"w:" + text, "w:y"});
  }
  CHECK(leaks.clean());
}

TEST_CASE("a spill file has no name, and gives the space of what is taken back") {
  own_folder folder;
  no_leaks leaks;
  pipes::run([&] {
    pipes::spill_file file;
    CHECK(file.on_disk() == 0);
    std::vector<pipes::spill_place> places;
    std::mt19937 random(3);
    for (int i = 0; i < 50; ++i) places.push_back(file.put(pipes::from_text(std::string(random() % 20000, static_cast<char>('a' + i % 26)).append("\n")).get(), std::to_string(i)));
    CHECK(folder.files() == 0);
    const std::uint64_t all = file.on_disk();
    CHECK(all > 100000);
    std::vector<int> order(50);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    for (int i : order) {
      if (i % 5 == 0) {
        file.drop(places[static_cast<std::size_t>(i)]);
        continue;
      }
      const auto back = file.take(places[static_cast<std::size_t>(i)]);
      CHECK(back.notes == std::to_string(i));
      const auto text = lines(back.batch);
      REQUIRE(text.size() == 1);
      CHECK(text[0].find_first_not_of(static_cast<char>('a' + i % 26)) == std::string::npos);
    }
    CHECK(file.on_disk() == 0);
  });
  CHECK(leaks.clean());
}

TEST_CASE("space goes back in large stretches, whatever the order in which places are taken") {
  own_folder folder;
  pipes::run([&] {
    pipes::spill_file file;
    std::vector<pipes::spill_place> places;
    const auto text = pipes::from_text(std::string(1 << 20, 'x'));
    for (int i = 0; i < 64; ++i) places.push_back(file.put(text.get()));
    const auto blocks = [&] {  // that the file system holds for the file
      std::uint64_t most = 0;
      for (int fd = 3; fd < 64; ++fd) {
        struct stat about {};
        char target[4096];
        const ssize_t n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target);
        if (n > 0 && std::string(target, static_cast<std::size_t>(n)).find(folder.name()) == 0 && ::fstat(fd, &about) == 0)
          most = static_cast<std::uint64_t>(about.st_blocks) * 512;
      }
      return most;
    };
    CHECK(blocks() >= 64u << 20);
    std::mt19937 random(9);
    std::shuffle(places.begin(), places.end(), random);
    for (const auto& p : places) {
      if (random() % 2) file.drop(p);
      else CHECK(pipes::count(file.take(p).batch.get()) == 1);
    }
    CHECK(file.on_disk() == 0);
    CHECK(blocks() < 33u << 20);  // what is left are stretches below 16 MiB
  });
}

TEST_CASE("fibers may spill into one file at once") {
  own_folder folder;
  std::atomic<int> wrong{0};  // assertions are for one thread at a time
  pipes::run([&] {
    pipes::spill_file file;
    pipes::wait_group all;
    for (int f = 0; f < 16; ++f)
      all.go([&file, &wrong, f] {
        std::vector<pipes::spill_place> places;
        for (int i = 0; i < 20; ++i) places.push_back(file.put(pipes::from_text(std::to_string(f * 100 + i) + "\n").get()));
        for (int i = 0; i < 20; ++i)
          if (lines(file.take(places[static_cast<std::size_t>(i)]).batch) != strings{std::to_string(f * 100 + i)}) ++wrong;
      });
    all.wait();
    CHECK(file.on_disk() == 0);
  });
  CHECK(wrong == 0);
}

TEST_CASE("what cannot be written says where and why") {
  const auto failing = [](const auto& f) {
    std::string message;
    pipes::run([&] {
      try {
        f();
      } catch (const std::runtime_error& e) {
        message = e.what();
      }
    });
    return message;
  };
  SECTION("a folder that is not there") {
    ::setenv("TMPDIR", "/nowhere/at/all", 1);
    CHECK(failing([] {
            pipes::spill_file file;
            file.put(pipes::from_text("a\n").get());
          }) == "opening a file to spill to in '/nowhere/at/all' failed: No such file or directory");
    ::unsetenv("TMPDIR");
  }
  SECTION("no room: the limit of a file's size, which does not end the process") {
    own_folder folder;
    struct rlimit before {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = before;
    small.rlim_cur = 64 * 1024;
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string message = failing([] {
      pipes::spill_file file;
      for (int i = 0; i < 10; ++i) file.put(pipes::from_text(std::string(20000, 'x')).get());
    });
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(message.find("spilling to '" + folder.name() + "' failed: File too large (TMPDIR ") == 0);
  }
}

TEST_CASE("a stage that was cancelled writes nothing more and reads nothing back") {
  struct stoppable : pipe_context {
    bool stopped = false;
    pipe_status yield() override { return stopped ? PIPE_CANCELLED : PIPE_OK; }
  } context;
  pipes::run([&] {
    const pipe_host& host = pipes::host_table();
    pipe_spill* const file = host.spill_new(&context);
    const auto batch = pipes::from_text("a\n");
    pipe_spilled place{};
    CHECK(host.spill_put(file, &context, batch.get(), {}, &place) == PIPE_OK);
    context.stopped = true;
    pipe_spilled none{};
    CHECK(host.spill_put(file, &context, batch.get(), {}, &none) == PIPE_CANCELLED);
    pipe_batch* back = nullptr;
    pipe_text notes{};
    CHECK(host.spill_take(file, &context, place, &back, &notes) == PIPE_CANCELLED);
    CHECK(back == nullptr);
    host.spill_free(file);
  });
}

TEST_CASE("small batches lie side by side on disk, and what stands beside one that was dropped stays") {
  no_leaks leaks;
  pipes::run([] {
    pipes::spill_file file;
    std::vector<pipes::spill_place> places;
    const auto text = [](int i) { return "record " + std::to_string(i) + "\n"; };
    constexpr int many = 200;
    for (int i = 0; i < many; ++i) places.push_back(file.put(pipes::from_text(text(i)).get()));
    CHECK(file.on_disk() < many * 512);
    const std::string large(20 << 20, 'x');
    const auto stretch = file.put(pipes::from_text(large + "\n").get());
    const auto behind = file.put(pipes::from_text(text(many)).get());
    for (int i = 1; i < many; i += 2) file.drop(places[static_cast<std::size_t>(i)]);
    file.drop(stretch);  // goes back at once, but for the pages that others have a part of
    for (int i = 0; i < many; i += 2) CHECK(written(file.take(places[static_cast<std::size_t>(i)]).batch) == text(i));
    CHECK(written(file.take(behind).batch) == text(many));
    CHECK(file.on_disk() == 0);
  });
  CHECK(leaks.clean());
}
