// plugins/flow/zip.cpp: the first records of all inputs become one, then the second ones, and so on.
#include <pipe/plugin.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "lib/escapes.hpp"
namespace {
struct zip : pipes::run_stage {
  std::string separator = "\\t";
  bool longest = false;
  static auto spec() {
    return pipes::stage<zip>("zip", "Pair the records of several inputs.")
        .doc("The first record of each input together make one, then the second ones: their texts side by side in the order of the inputs in `from`, as paste does it, and the fields of all of them; where several "
             "records have a field of one name, that of the first one counts. The shortest input ends it. An input that runs ahead waits; a branch of a source of which another branch is behind is taken in all the same, on disk if it "
             "outgrows the stage's memory.")
        .option("separator", &zip::separator, "What stands between the texts; \\t is a tab.")
        .option("longest", &zip::longest, "Go on until the longest input ends; the others then give empty text.")
        .example("flow.zip", "a\nb", "a\nb");
  }
  void check(pipes::checker& c) { c.reads_in_turn(); }
  void run(pipes::input& in, pipes::output& out) {
    separator_ = shared::unescaped(separator);
    const auto wanted = demanded();
    std::vector<source> sources(in.edges());
    for (;;) {
      std::size_t n = SIZE_MAX;
      bool any = false;
      for (std::uint32_t i = 0; i < sources.size(); ++i) {
        source& s = sources[i];
        fill(in, i, s);
        if (!s.open && !longest) return;
        if (!s.open) continue;
        any = true;
        n = std::min(n, s.size - s.at);
      }
      if (!any) return;
      emit(sources, n, wanted, out);
      for (source& s : sources) s.at += s.open ? n : 0;
      out.flush();
    }
  }

 private:
  struct source {
    pipes::batch batch;
    std::size_t size = 0, at = 0;
    const pipe_slice* records = nullptr;
    bool varied = false;  // the records have fields of their own
    bool open = true;
  };
  struct shared_field {
    pipes::field name;
    std::vector<const source*> of;  // that have it, in order
  };

  static void fill(pipes::input& in, std::uint32_t edge, source& s) {
    while (s.open && s.at == s.size) {
      s.batch = {};
      pipes::received r = in.recv_from(edge);
      if (r.closed()) s.open = false;
      if (!r) continue;
      s.batch = std::move(*r);
      const auto records = s.batch.records();
      s.size = records.size();
      s.records = records.slices();
      s.at = 0;
      const auto flags = pipes::detail::host().batch_flags;
      s.varied = flags && (flags(s.batch.raw()) & (PIPE_BATCH_VARIED | PIPE_BATCH_JSON | PIPE_BATCH_MIXED));
    }
  }
  void emit(const std::vector<source>& sources, std::size_t n, const std::optional<std::vector<pipes::field>>& wanted, pipes::output& out) {
    std::size_t bytes = n * ((sources.size() - 1) * separator_.size() + 1);
    for (const source& s : sources)
      for (std::size_t i = 0; s.open && i < n; ++i) bytes += s.records[s.at + i].size;
    char* o = out.alloc(bytes);
    pipe_slice* records = out.alloc_array<pipe_slice>(n);
    for (std::size_t i = 0; i < n; ++i) {
      char* const begin = o;
      for (const source& s : sources) {
        if (&s != &sources.front()) o = put(o, separator_.data(), separator_.size());
        if (s.open) o = put(o, s.records[s.at + i].data, s.records[s.at + i].size);
      }
      if (o - begin > static_cast<std::ptrdiff_t>(UINT32_MAX)) throw std::runtime_error("a record would have more than 4 GiB");
      records[i] = {begin, static_cast<std::uint32_t>(o - begin), PIPE_SLICE_NEWLINE};
      *o++ = '\n';
    }
    // The first open input lends its fields as they are, the others' are copied: what is emitted refers to one batch.
    const source* first = nullptr;
    std::vector<shared_field> fields;
    bool varied = false;
    for (const source& s : sources) {
      if (!s.open) continue;
      if (!first) first = &s;
      varied = varied || s.varied;
      for (pipes::field f : s.batch.fields()) {
        const auto there = std::find_if(fields.begin(), fields.end(), [&](const shared_field& known) { return known.name == f; });
        if (there != fields.end()) there->of.push_back(&s);
        else if (&s == first || !wanted || std::find(wanted->begin(), wanted->end(), f) != wanted->end()) fields.push_back({f, {&s}});
      }
    }
    fields.erase(std::remove_if(fields.begin(), fields.end(), [&](const shared_field& f) { return f.of.front() == first && (f.of.size() == 1 || has_all(*first, f.name, n)); }), fields.end());
    rows_.resize(n);
    std::iota(rows_.begin(), rows_.end(), static_cast<std::uint32_t>(first->at));
    // What the others add stands in the order in which their records have it, of which a batch's list knows nothing: records of which none
    // contradicts it are a part.
    const bool differ = fields.size() > 1 && std::any_of(sources.begin(), sources.end(), [&](const source& s) { return s.open && &s != first && s.varied; });
    std::vector<shared_field> next;
    for (std::size_t begin = 0; begin < n;) {
      std::vector<shared_field> these = begin ? std::move(next) : fields.size() < 2 ? fields : in_order(fields, sources, first, begin, out);
      std::size_t end = differ ? begin + 1 : n;
      for (; end < n; ++end)
        if (next = in_order(fields, sources, first, end, out); within(these, next)) these = std::move(next);
        else if (!within(next, these)) break;
      add(these, begin, end, out);
      pipe_part part{};
      part.flags = PIPE_PART_OWN_BYTES | (varied ? PIPE_PART_VARIED : 0u);
      part.from = first->batch.raw();
      part.rows = rows_.data() + begin;
      part.records = records + begin;
      part.count = end - begin;
      part.changes = changes_.data();
      part.change_count = changes_.size();
      out.emit_part(part);
      begin = end;
    }
  }
  // Of all the fields, those that record i of the others has.
  static std::vector<shared_field> in_order(const std::vector<shared_field>& all, const std::vector<source>& sources, const source* first, std::size_t i, pipes::output& out) {
    std::vector<shared_field> found;
    const auto in = [](const std::vector<shared_field>& list, pipes::field f) { return std::find_if(list.begin(), list.end(), [&](const shared_field& known) { return known.name == f; }); };
    for (const source& s : sources) {
      if (!s.open || &s == first) continue;
      for (pipes::field f : s.varied ? s.batch.fields_of(s.at + i, out.raw()) : s.batch.fields())
        if (const auto at = in(all, f); at != all.end() && in(found, f) == found.end()) found.push_back(*at);
    }
    return found;
  }
  // In the same order, perhaps among others.
  static bool within(const std::vector<shared_field>& some, const std::vector<shared_field>& all) {
    auto at = some.begin();
    for (const shared_field& f : all) at += at != some.end() && at->name == f.name;
    return at == some.end();
  }
  void add(const std::vector<shared_field>& fields, std::size_t begin, std::size_t end, pipes::output& out) {
    columns_.clear();
    changes_.clear();
    columns_.reserve(fields.size());
    for (const shared_field& f : fields) {
      columns_.push_back(copied(f, begin, end, out));
      changes_.push_back({PIPE_ATTACH, 0, f.name.handle(), nullptr, &columns_.back()});
    }
  }
  static char* put(char* o, const char* data, std::size_t size) {
    if (size) std::memcpy(o, data, size);
    return o + size;
  }
  static bool has_all(const source& s, pipes::field f, std::size_t n) {
    const pipe_column& c = s.batch.own_column(f).raw();
    return c.all == PIPE_MIXED ? std::memchr(c.tags + s.at, PIPE_MISSING, n) == nullptr : c.all != PIPE_MISSING;
  }
  // Of each record, the value in the first of the inputs in which it has one.
  static pipe_column copied(const shared_field& f, std::size_t begin, std::size_t end, pipes::output& out) {
    std::vector<pipes::column> from;
    for (const source* s : f.of) from.push_back(s->batch.own_column(f.name));
    pipes::column_writer w(out, end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      std::size_t k = 0;
      while (k + 1 < from.size() && from[k].missing(f.of[k]->at + i)) ++k;
      const std::size_t row = f.of[k]->at + i;
      w.value(i - begin, from[k], row);
      if (from[k].tag(row) > PIPE_NULL && from[k].has_text(row)) w.text(i - begin, out.copy(from[k].text(row)), from[k].tag(row));
    }
    return w.done();
  }

  std::string separator_;
  std::vector<pipe_column> columns_;  // scratch
  std::vector<pipe_change> changes_;
  std::vector<std::uint32_t> rows_;
};
PIPE_STAGE(zip)
}
