// plugins/agg/distinct.cpp: pass the first record of each key.
//
// While the keys fit into memory a record with a new key passes at once. When they do not, the tables go to disk as keys that
// have been seen, and one starts anew; from then on a record whose key the table does not know is a candidate: it gets a number and
// waits on disk, its key remembers the number. When the input has ended, the tables are merged: a key's least number tells its
// first record (0: it has passed already). Then the candidates are read in their order, and those whose numbers were found pass.
#include "agg/seen_keys.hpp"
#include "lib/spilled_records.hpp"
namespace {
struct distinct : pipes::map_stage {
  std::vector<pipes::field> by;
  seen::keys short_keys;    // empty from the first spill on
  shared::byte_table keys;  // an entry's value: the candidate's number from 1, or 0
  shared::key_codec codec;
  shared::spilled_keys spilled;
  shared::record_stream waiting;
  std::vector<shared::record_stream::block> blocks;
  std::uint64_t candidates = 0;
  std::uint32_t joined = 0;  // entries that join() has met
  std::vector<std::uint32_t> rows;

  static auto spec() {
    return pipes::stage<distinct>("distinct", "Pass only the first record of each key.")
        .doc("Records pass as they come, in their order, as long as the keys seen fit into the stage's memory. Beyond that records with "
             "new keys wait on disk until the input ends; the output is the same. Two values are one key if they print as the same "
             "text and are of one kind: null (or missing), boolean, number, text, other JSON.")
        .main_option("by", &distinct::by, "Fields whose values together are the key; none: the whole record.")
        .stateful()
        .gathers()
        .example("agg.distinct", "a\nb\na", "a\nb")
        .example("json.parse | agg.distinct: user", "{\"user\":1,\"n\":1}\n{\"user\":2,\"n\":2}\n{\"user\":1,\"n\":3}", "{\"user\":1,\"n\":1}\n{\"user\":2,\"n\":2}");
  }
  void check(pipes::checker& c) {
    if (!by.empty()) c.ignores_bytes();
    shared::check_keys(c, by);
  }
  void map(pipes::batch& in, pipes::output& out) {
    rows.clear();
    if (!spilled.any()) {
      look_up(in);
      if (rows.size() == in.size()) out.pass(in);
      else out.pass(in, rows);
    } else {
      const std::uint32_t first = keys.size();
      look_up_in_table(in);
      for (std::uint32_t at = first; at < keys.size(); ++at) keys[at].value = ++candidates;
      if (!rows.empty()) wait(rows.size() == in.size() ? in : pipes::batch::gather({in}, std::vector<std::uint32_t>(rows.size(), 0), rows));
    }
    if (bytes() > memory() / 2 || keys.bytes_held() + short_keys.bytes_soon() > memory()) {
      short_keys.spill(spilled, context(), memory());
      spilled.spill(*this, context(), memory());
    }
  }
  void close(pipes::output& out) {
    if (!spilled.any()) return;
    waiting.flush(context(), [&](const auto& b) { blocks.push_back(b); });
    shared::number_set found(candidates, context(), memory());
    spilled.merge(*this, context(), memory(), [&] {
      for (const auto& e : keys.entries())
        if (e.value) found.add(e.value - 1);
    });
    std::uint64_t number = 0;
    for (const auto& b : blocks) {
      const pipes::batch some = waiting.take(context(), b);
      rows.clear();
      for (std::uint32_t i = 0; i < b.count; ++i)
        if (found.has(number++)) rows.push_back(i);
      if (rows.size() == b.count) out.pass(some);
      else out.pass(some, rows);
      out.send_on();
    }
    blocks.clear();
  }

  // What spilled_keys asks for.
  std::size_t width() const { return by.empty() ? 1 : by.size(); }
  void save(std::uint32_t, std::string&) const {}
  void join(std::uint32_t at, std::uint64_t value, const char*, std::size_t) {
    if (at >= joined) {
      joined = at + 1;
      keys[at].value = value;
    } else {
      keys[at].value = std::min(keys[at].value, value);
    }
  }
  void forget() {
    keys.clear();
    joined = 0;
  }
  void rewind() {
    keys.rewind();
    joined = 0;
  }
  std::size_t bytes() const { return keys.bytes_held() + short_keys.bytes_held(); }

 private:
  using key = shared::byte_table::lookup;

  // Puts into `rows` those that bring a key first.
  void look_up(const pipes::batch& in) {
    if (by.size() > 1) return look_up_in_table(in);
    const auto records = in.records();
    const pipe_slice* texts = records.slices();
    std::uint16_t kind = 0;
    if (!by.empty()) {
      codec.columns(in, by);
      texts = codec.texts();
      kind = shared::key_text;
    }
    if (texts) return short_keys.add_all(in.size(), [&](std::size_t i) { return key{texts[i].data, texts[i].size, kind}; }, keys, rows);
    char room[shared::number_room];
    for (std::size_t i = 0; i < in.size(); ++i)
      if (short_keys.add(codec.only(i, room), keys)) rows.push_back(static_cast<std::uint32_t>(i));
  }
  // The same with all keys in the table.
  void look_up_in_table(const pipes::batch& in) {
    std::uint32_t known = keys.size();
    const auto note = [&](std::size_t i, std::uint32_t at) {
      if (at != known) return;  // a new entry is the last one; it is new only to the first row that brings it
      ++known;
      rows.push_back(static_cast<std::uint32_t>(i));
    };
    if (by.empty()) {
      const auto records = in.records();
      keys.find_or_add_all(records.size(), [&](std::size_t i) { return key{records.slices()[i].data, records.slices()[i].size, 0}; }, note);
    } else {
      codec.columns(in, by);
      codec.each(keys, in.size(), note);
    }
  }
  void wait(const pipes::batch& fresh) {
    waiting.append(fresh, context(), shared::spill_block(memory()), [&](const auto& b) { blocks.push_back(b); });
  }
};
PIPE_STAGE(distinct)
}
