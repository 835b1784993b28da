// pipe/plugin.hpp: write a stage for `pipe` in C++. Header-only, C++17, nothing to link; the C ABI below it is pipe/plugin.h.
//
// A stage is a struct that derives from map_stage, fold_stage or run_stage, has its options as members (a default is written
// once, as the member's initialiser), a static spec() that names them, and the functions of its shape:
//   map_stage   void map(record, output&)  or  void map(batch&, output&)       one instance per worker
//   fold_stage  void add(batch&); void merge(Self&& other); void finish(output&)   the instance is its state
//   run_stage   void run(input&, output&), run(input&) for a sink, run(output&) for a source; select_set waits for several edges
// Optional in map and fold: void cut(batch* in, output&), the sequential part in front of the parallel one (plugin.h: cut).
// Optional in all: void check(checker&) at check time, void open() and void close() on each worker (map: close(output&) to emit).
// An exception fails the record with its message (map, add) or the stage (run). Let pipes::cancelled and pipes::reader_gone
// pass. Across a call that may park hold no thread-local, errno or std::mutex. PIPE_STAGE(type) ends a stage's file,
// PIPE_PLUGIN("name", "version", "licence") stands once per shared object.
#ifndef PIPE_PLUGIN_HPP
#define PIPE_PLUGIN_HPP
#ifdef PIPE_RUNTIME_HPP
#error "pipe/plugin.hpp and pipe/runtime.hpp are for different sides of the ABI: a plugin sees plugin.hpp alone"
#endif
#if __cplusplus < 201703L || !defined(__cpp_exceptions)
#error "pipe/plugin.hpp needs C++17 and exceptions (no -fno-exceptions); pipe/plugin.h does without"
#endif
#include <pipe/plugin/options.hpp>

#include <algorithm>
#include <system_error>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace pipes {
inline namespace v1_0 {

// What every stage can ask of its host. `context` is set by the entry points.
class stage_base {
 public:
  // The stage's id as the user knows it; this worker's number, 0 <= n < workers; bytes that this worker may hold.
  std::string_view stage_id() const { return detail::view(detail::host().stage_id(context_)); }
  std::uint32_t worker() const { return detail::host().worker(context_); }
  std::uint32_t workers() const { return detail::host().workers(context_); }
  std::uint64_t memory() const { return detail::host().memory(context_); }
  std::uint64_t batch_limit() const { return detail::host().batch_limit(context_); }  // bytes that a batch made here should hold
  void log(std::uint32_t level, std::string_view message) const { detail::host().log(context_, level, detail::text(message)); }
  void count(std::string_view counter, std::int64_t amount = 1) const { detail::host().count(context_, detail::text(counter), amount); }

  // One object for all instances of the stage in a run, made by the first that asks. It does its own locking.
  template <class T>
  T& shared() const {
    return *static_cast<T*>(detail::host().shared(
        context_, []() -> void* { return new T; }, [](void* p) { delete static_cast<T*>(p); }));
  }

  // Fields that later stages can ask for; nullopt: any.
  std::optional<std::vector<field>> demanded() const {
    const pipe_field* const* names = nullptr;
    std::uint64_t n = 0;
    if (!detail::host().demanded(context_, &names, &n)) return std::nullopt;
    return std::vector<field>(names, names + n);
  }

  // For a stage that makes_any(): its records have these fields, in this order, though none may come. Call it again when there are more.
  void announce(const std::vector<field>& names) const {
    std::vector<const pipe_field*> handles;
    for (field f : names) handles.push_back(f.handle());
    detail::host().announce_fields(context_, handles.data(), handles.size());
  }
  // Once the input has ended: the fields that records coming here would have, in order; nullopt: not known.
  std::optional<std::vector<field>> input_fields() const {
    const pipe_field* const* names = nullptr;
    std::uint64_t n = 0;
    if (!detail::host().input_fields(context_, &names, &n)) return std::nullopt;
    return std::vector<field>(names, names + n);
  }

  // -- these park; they throw pipes::cancelled when the run stops
  void sleep(duration d) const { detail::check(detail::park(detail::host().sleep, context_, static_cast<std::int64_t>(d.count())), "sleep failed"); }
  // Sleeps while the stage holds records, the next of which will have gone in `needed`. False: the run drains and may not take that long;
  // the stage should give_up() what it holds, and end.
  bool hold_back(duration d, duration needed) const {
    return detail::check(detail::park(detail::host().hold_back, context_, static_cast<std::int64_t>(d.count()), static_cast<std::int64_t>(needed.count())), "sleep failed") != PIPE_CLOSED;
  }
  // So many records that the stage holds are lost, and so is what comes behind them; the host tells the user. Does not park.
  void give_up(std::uint64_t records) const { detail::host().give_up(context_, records); }
  void yield() const { detail::check(detail::park(detail::host().yield, context_), "yield failed"); }
  // Runs f on a thread of a pool while this fiber is parked; what f throws is rethrown here.
  template <class F>
  void blocking(F f) const {
    struct call {
      F* f;
      std::exception_ptr error;
      static void entry(void* p) {
        call* c = static_cast<call*>(p);
        try {
          (*c->f)();
        } catch (...) {
          c->error = std::current_exception();
        }
      }
    } c{&f, nullptr};
    pipe_status s = detail::park(detail::host().blocking, context_, &call::entry, static_cast<void*>(&c));
    if (c.error) std::rethrow_exception(c.error);
    detail::check(s, "blocking call failed");
  }
  // A fiber of the stage's own, joined before the stage ends; what f throws fails the stage.
  template <class F>
  void go(F f) const {
    struct fiber {
      F f;
      pipe_context* context;
      static void entry(void* p) {
        std::unique_ptr<fiber> self(static_cast<fiber*>(p));
        try {
          self->f();
        } catch (const cancelled&) {
        } catch (const reader_gone&) {
        } catch (const std::exception& e) {
          detail::host().fail(self->context, detail::text(e.what()));
        } catch (...) {
          detail::host().fail(self->context, detail::text("unknown exception"));
        }
      }
    };
    std::unique_ptr<fiber> p(new fiber{std::move(f), context_});
    detail::check(detail::park(detail::host().go, context_, &fiber::entry, static_cast<void*>(p.get())), "no fiber could be started");
    p.release();
  }
  // Ends the fibers that go() started for this worker: their parking calls throw pipes::cancelled.
  void cancel_fibers() const { detail::host().cancel_fibers(context_); }
  // The run has failed or is being stopped: what the stage was given is not all there is.
  bool incomplete() const { return detail::host().incomplete(context_) != 0; }
  // Whether a stage of the pipeline reads the regular file with these numbers of stat(): then do not write into it. Any thread.
  bool file_is_read(std::uint64_t device, std::uint64_t inode) const { return detail::host().file_is_read(context_, device, inode) != 0; }
  // Waits until the descriptor can be read (PIPE_FD_READ) or written; false: the deadline passed.
  bool wait_fd(int fd, std::uint32_t events, std::int64_t deadline = INT64_MAX) const {
    return detail::check(detail::park(detail::host().wait_fd, context_, static_cast<std::int32_t>(fd), events, deadline), "waiting for a descriptor failed") == PIPE_OK;
  }
  // At least one byte, 0 at the end. Throws std::system_error.
  std::size_t read(int fd, char* to, std::size_t size) const {
    std::int64_t got = 0;
    pipe_status s = detail::park(detail::host().read, context_, static_cast<std::int32_t>(fd), to, static_cast<std::uint64_t>(size), &got);
    if (s == PIPE_ERROR) throw_errno(got);
    detail::check(s, "read failed");
    return static_cast<std::size_t>(got);
  }
  // Writes all. Throws reader_gone on EPIPE, std::system_error otherwise.
  void write(int fd, const pipe_text* parts, std::size_t count) const {
    std::int64_t written = 0;
    pipe_status s = detail::park(detail::host().write, context_, static_cast<std::int32_t>(fd), parts, static_cast<std::uint64_t>(count), &written);
    if (s == PIPE_ERROR) throw_errno(written);
    if (detail::check(s, "write failed") == PIPE_CLOSED) throw reader_gone{};
  }
  void write(int fd, std::string_view bytes) const {
    pipe_text t = detail::text(bytes);
    write(fd, &t, 1);
  }
  // The batch as it is to be written, newlines included.
  void write(int fd, const batch& b) const {
    std::int64_t written = 0;
    const pipe_status s = detail::park(detail::host().write_batch, context_, static_cast<std::int32_t>(fd), b.raw(), &written);
    if (s == PIPE_ERROR) throw_errno(written);
    if (detail::check(s, "write failed") == PIPE_CLOSED) throw reader_gone{};
  }

  pipe_context* context() const { return context_; }
  void bind_context(pipe_context* c) { context_ = c; }

 private:
  [[noreturn]] static void throw_errno(std::int64_t negative) { throw std::system_error(static_cast<int>(-negative), std::generic_category()); }
  pipe_context* context_ = nullptr;
};

struct map_stage : stage_base {
  static constexpr std::uint32_t shape = PIPE_SHAPE_MAP;
};
struct fold_stage : stage_base {
  static constexpr std::uint32_t shape = PIPE_SHAPE_FOLD;
};
struct run_stage : stage_base {
  static constexpr std::uint32_t shape = PIPE_SHAPE_RUN;
};

// What a receive brought: a batch, or nothing because the input is closed, the deadline passed, or the edge's timeout ticked.
class received {
 public:
  received(batch b, pipe_status s) : batch_(std::move(b)), status_(s) {}
  explicit operator bool() const { return static_cast<bool>(batch_); }
  batch& operator*() { return batch_; }
  batch* operator->() { return &batch_; }
  bool closed() const { return status_ == PIPE_CLOSED; }
  bool tick() const { return status_ == PIPE_TICK; }
  bool timeout() const { return status_ == PIPE_TIMEOUT; }

 private:
  batch batch_;
  pipe_status status_;
};

// The inputs of a run stage. All receives park; they throw pipes::cancelled when the run stops.
class input {
 public:
  explicit input(pipe_context* context) : context_(context) {}
  // Any edge of the stage's input, by priority, fair among equals.
  received recv() { return recv_until(INT64_MAX); }
  received recv_until(std::int64_t deadline) {
    pipe_batch* b = nullptr;
    pipe_status s = detail::park(detail::host().recv_until, context_, all, deadline, &b);
    return received(b ? batch::adopt(b) : batch(), detail::check(s, "receive failed"));
  }
  // One edge alone, 0 <= edge < edges(): merge, zip, join.
  received recv_from(std::uint32_t edge, std::int64_t deadline = INT64_MAX) {
    pipe_batch* b = nullptr;
    pipe_status s = detail::park(detail::host().recv_until, context_, edge, deadline, &b);
    return received(b ? batch::adopt(b) : batch(), detail::check(s, "receive failed"));
  }
  std::uint32_t edges() const { return detail::host().inputs(context_); }

  // for (auto& b : in): until the input is closed; ticks are passed over.
  class iterator {
   public:
    explicit iterator(input* in) : in_(in) { next(); }
    batch& operator*() { return current_; }
    iterator& operator++() {
      next();
      return *this;
    }
    bool operator!=(const iterator& o) const { return in_ != o.in_; }
    iterator() = default;

   private:
    void next() {
      current_ = batch();
      for (;;) {
        received r = in_->recv();
        if (r) {
          current_ = std::move(*r);
          return;
        }
        if (r.closed()) {
          in_ = nullptr;
          return;
        }
      }
    }
    input* in_ = nullptr;
    batch current_;
  };
  iterator begin() { return iterator(this); }
  iterator end() { return iterator(); }
  static constexpr std::uint32_t all = 0xffffffffu;

 private:
  pipe_context* context_;
};

// What a select chose: the index of its case, and what a receive brought, as input::recv_from does. timeout(): it chose none.
class selected : public received {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  selected(std::size_t index, batch b, pipe_status s) : received(std::move(b), s), index_(index) {}
  std::size_t index() const { return index_; }

 private:
  std::size_t index_;
};

// Go's select for a run stage: waits for the first of several receives and sends, any number of times. A send is used up when it has been
// chosen; a receive stays until remove(), and is ready for ever once its input is closed. For one fiber.
class select_set {
 public:
  explicit select_set(const stage_base& stage) : context_(stage.context()) {}
  // From one edge, 0 <= edge < input::edges(). The index of the case, as send().
  std::size_t recv(std::uint32_t edge) { return add(PIPE_CASE_RECV, edge, batch()); }
  // The batch (output::take makes one of what was emitted) to a port that has one reader.
  std::size_t send(batch b, std::uint32_t port = 0) { return add(PIPE_CASE_SEND, port, std::move(b)); }
  // Takes case i out for good; the indices of the others stay.
  void remove(std::size_t i) { entries_.at(i) = entry{}; }
  // Waits for one, fair among the ready. deadline, by pipes::now(): selected::none if none is ready by then; in the past: never waits.
  // Parks; throws pipes::cancelled when the run stops, and reader_gone if a chosen send has no reader any more.
  selected wait(std::int64_t deadline = INT64_MAX) {
    std::vector<pipe_case> cases;
    std::vector<std::size_t> index;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].what.kind == 0) continue;
      cases.push_back(entries_[i].what);
      index.push_back(i);
    }
    std::uint64_t which = 0;
    const pipe_status s = detail::park(detail::host().select, context_, cases.data(), static_cast<std::uint64_t>(cases.size()), deadline, &which);
    if (detail::check(s, "select failed") == PIPE_TIMEOUT) return selected(selected::none, batch(), PIPE_TIMEOUT);
    const pipe_case& chosen = cases[which];
    const std::size_t i = index[which];
    if (chosen.kind == PIPE_CASE_RECV) return selected(i, chosen.batch ? batch::adopt(chosen.batch) : batch(), chosen.status);
    if (chosen.status == PIPE_OK) entries_[i].sent.release();   // the host's now
    remove(i);
    if (chosen.status == PIPE_CLOSED) throw reader_gone{};
    return selected(i, batch(), PIPE_OK);
  }

 private:
  struct entry {
    pipe_case what{};                  // kind 0: removed
    batch sent;                        // holds what `what` sends
  };
  std::size_t add(std::uint32_t kind, std::uint32_t port, batch b) {
    entries_.push_back({{kind, port, b.raw(), 0, 0}, std::move(b)});
    return entries_.size() - 1;
  }
  pipe_context* context_;
  std::vector<entry> entries_;
};

namespace detail {

template <class S, class = void>
struct has_check : std::false_type {};
template <class S>
struct has_check<S, std::void_t<decltype(std::declval<S&>().check(std::declval<checker&>()))>> : std::true_type {};
template <class S, class = void>
struct has_open : std::false_type {};
template <class S>
struct has_open<S, std::void_t<decltype(std::declval<S&>().open())>> : std::true_type {};
template <class S, class = void>
struct has_close : std::false_type {};
template <class S>
struct has_close<S, std::void_t<decltype(std::declval<S&>().close())>> : std::true_type {};
template <class S, class = void>
struct has_close_output : std::false_type {};
template <class S>
struct has_close_output<S, std::void_t<decltype(std::declval<S&>().close(std::declval<output&>()))>> : std::true_type {};
template <class S, class = void>
struct has_cut : std::false_type {};
template <class S>
struct has_cut<S, std::void_t<decltype(std::declval<S&>().cut(static_cast<batch*>(nullptr), std::declval<output&>()))>> : std::true_type {};
template <class S, class = void>
struct maps_batches : std::false_type {};
template <class S>
struct maps_batches<S, std::void_t<decltype(std::declval<S&>().map(std::declval<batch&>(), std::declval<output&>()))>> : std::true_type {};
template <class S, class = void>
struct runs_both : std::false_type {};
template <class S>
struct runs_both<S, std::void_t<decltype(std::declval<S&>().run(std::declval<input&>(), std::declval<output&>()))>> : std::true_type {};
template <class S, class = void>
struct runs_input : std::false_type {};
template <class S>
struct runs_input<S, std::void_t<decltype(std::declval<S&>().run(std::declval<input&>()))>> : std::true_type {};
template <class S, class = void>
struct adds_with_output : std::false_type {};
template <class S>
struct adds_with_output<S, std::void_t<decltype(std::declval<S&>().add(std::declval<batch&>(), std::declval<output&>()))>> : std::true_type {};

// Runs f at an entry point: nothing leaves it but a status.
template <class F>
pipe_status guarded(pipe_context* context, F f) noexcept {
  try {
    f();
    return PIPE_OK;
  } catch (const cancelled&) {
    return PIPE_CANCELLED;
  } catch (const reader_gone&) {
    return PIPE_CLOSED;
  } catch (const std::bad_alloc&) {
    host().fail(context, text("out of memory"));
  } catch (const std::exception& e) {
    host().fail(context, text(e.what()));
  } catch (...) {
    host().fail(context, text("unknown exception"));
  }
  return PIPE_ERROR;
}

// The entry points of one stage type.
template <class S>
struct entry {
  static S& self(void* p) { return *static_cast<S*>(p); }

  static pipe_status destroyless_check(void* p, pipe_checker* c) {
    return guarded(self(p).context(), [&] {  // that of create()
      checker face(c);
      if constexpr (has_check<S>::value) self(p).check(face);
    });
  }
  static_assert(std::is_nothrow_destructible<S>::value, "a stage's destructor throws nothing: what can fail belongs into close()");
  static void destroy(void* p) noexcept { delete static_cast<S*>(p); }
  static pipe_status open(void* p, pipe_context* c) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      if constexpr (has_open<S>::value) self(p).open();
    });
  }
  static pipe_status close(void* p, pipe_context* c, pipe_output* raw) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      if constexpr (has_close_output<S>::value) {
        output out(raw, c);
        self(p).close(out);
        out.settle();
      } else if constexpr (has_close<S>::value) {
        self(p).close();
      }
      (void)raw;
    });
  }
  static pipe_status map(void* p, pipe_context* c, pipe_batch* in, pipe_output* raw) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      output out(raw, c);
      batch b = batch::share(in);
      if constexpr (maps_batches<S>::value) {
        self(p).map(b, out);
      } else {
        auto records = b.records();
        std::vector<std::size_t> before;
        for (std::size_t i = 0; i < records.size(); ++i) {
          out.remember(before);
          try {
            self(p).map(records[i], out);
          } catch (const std::exception& e) {
            out.rewind(before);
            out.fail(i, e.what());
          }
        }
      }
      out.settle();
    });
  }
  static pipe_status add(void* p, pipe_context* c, pipe_batch* in, pipe_output* errors) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      batch b = batch::share(in);
      output out(errors, c);
      if constexpr (adds_with_output<S>::value) {
        self(p).add(b, out);
      } else {
        self(p).add(b);
      }
    });
  }
  static pipe_status merge(void* p, pipe_context* c, void* other) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      self(p).merge(std::move(self(other)));
    });
  }
  static pipe_status finish(void* p, pipe_context* c, pipe_output* raw) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      output out(raw, c);
      self(p).finish(out);
      out.settle();
    });
  }
  static pipe_status cut(void* p, pipe_context* c, pipe_batch* in, pipe_output* raw) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      output out(raw, c);
      batch b;
      if (in) b = batch::share(in);
      self(p).cut(in ? &b : nullptr, out);
      out.settle();
    });
  }
  static pipe_status run(void* p, pipe_context* c) {
    return guarded(c, [&] {
      self(p).bind_context(c);
      if constexpr (runs_input<S>::value) {
        input in(c);
        self(p).run(in);
      } else {
        own_output out(c);
        if constexpr (runs_both<S>::value) {
          input in(c);
          self(p).run(in, out);
        } else {
          self(p).run(out);
        }
        out.flush();
      }
    });
  }
};

// The descriptors of this shared object, collected while it is loaded.
struct registry {
  std::vector<std::unique_ptr<pipe_stage>> stages;
  std::vector<const pipe_stage* (*)()> makers;
  static registry& get() {
    static registry r;
    return r;
  }
};

template <class T>
class lasting {  // texts and arrays of the descriptor live to the process's end
 public:
  static T* keep(std::vector<T> v) {
    static std::vector<std::unique_ptr<std::vector<T>>> all;
    all.push_back(std::make_unique<std::vector<T>>(std::move(v)));
    return all.back()->data();
  }
};
// A descriptor has hundreds of short ones, made whenever the plugin is loaded: one after the other in a few pieces.
inline pipe_text lasting_text(std::string_view s) {
  constexpr std::size_t piece_size = 4096;
  static std::vector<std::unique_ptr<char[]>> pieces;
  static char* free = nullptr;
  static std::size_t left = 0;
  if (s.size() > left) {
    left = s.size() > piece_size ? s.size() : piece_size;
    pieces.push_back(std::make_unique<char[]>(left));
    free = pieces.back().get();
  }
  char* const begin = free;
  if (!s.empty()) std::memcpy(begin, s.data(), s.size());
  free += s.size();
  left -= s.size();
  return {begin ? begin : "", s.size()};
}

}  // namespace detail

// Builds a stage's descriptor; `pipe new plugin NAME` writes an example to start from.
template <class S>
class stage {
 public:
  stage(std::string_view name, std::string_view summary) {
    d_.struct_size = sizeof(pipe_stage);
    d_.shape = S::shape;
    d_.name = detail::lasting_text(name);
    d_.summary = detail::lasting_text(summary);
    d_.create = &create;
    d_.destroy = &detail::entry<S>::destroy;
    if constexpr (detail::has_check<S>::value) d_.check = &detail::entry<S>::destroyless_check;
    d_.open = &detail::entry<S>::open;
    if constexpr (detail::has_close<S>::value || detail::has_close_output<S>::value) d_.close = &detail::entry<S>::close;
    if constexpr (detail::has_cut<S>::value) d_.cut = &detail::entry<S>::cut;
    if constexpr (S::shape == PIPE_SHAPE_MAP) d_.map = &detail::entry<S>::map;
    if constexpr (S::shape == PIPE_SHAPE_FOLD) {
      d_.add = &detail::entry<S>::add;
      d_.merge = &detail::entry<S>::merge;
      d_.finish = &detail::entry<S>::finish;
    }
    if constexpr (S::shape == PIPE_SHAPE_RUN) {
      d_.run = &detail::entry<S>::run;
      if constexpr (detail::runs_input<S>::value) d_.flags |= PIPE_STAGE_NO_OUTPUT;
      if constexpr (!detail::runs_input<S>::value && !detail::runs_both<S>::value) d_.flags |= PIPE_STAGE_NO_INPUT;
    }
  }
  // More than the summary: what a user must know, in whole sentences.
  stage& doc(std::string_view text) {
    d_.doc = detail::lasting_text(text);
    return *this;
  }
  template <class T>
  stage& option(std::string_view name, T S::* member, std::string_view text) {
    pipe_option o{};
    o.name = detail::lasting_text(name);
    o.doc = detail::lasting_text(text);
    o.default_text = detail::lasting_text(detail::option_traits<T>::print((*defaults_).*member));
    o.type = detail::option_traits<T>::type;
    o.container = detail::option_traits<T>::container;
    detail::bound<T>(o);
    options_.push_back(o);
    binders_.push_back([member](S& s, const pipe_value& v, pipe_context* c) { detail::option_traits<T>::assign(s.*member, v, c); });
    return *this;
  }
  // The option that a scalar or list in place of the options sets.
  template <class T>
  stage& main_option(std::string_view name, T S::* member, std::string_view text) {
    option(name, member, text);
    return flag(PIPE_OPTION_MAIN);
  }
  // A map that takes every key which is no option's name: map, route.
  template <class T>
  stage& rest_option(std::string_view name, T S::* member, std::string_view text) {
    option(name, member, text);
    return flag(PIPE_OPTION_REST);
  }
  // -- these speak of the option named last
  stage& required() { return flag(PIPE_OPTION_REQUIRED); }
  stage& sort_key() { return flag(PIPE_OPTION_SORT_KEY); }
  stage& condition() { return flag(PIPE_OPTION_CONDITION); }  // an expression that must be able to be true
  stage& fixed_by() { return flag(PIPE_OPTION_FIXED_BY); }  // a pattern that is fixed text where the option `fixed` is true
  stage& replacement() { return flag(PIPE_OPTION_REPLACEMENT); }  // a text in which $ and \ are syntax, and doubled stand for themselves
  stage& key_fields() { return flag(PIPE_OPTION_KEY_FIELDS); }  // a map whose keys name fields of the input
  stage& escapes() { return flag(PIPE_OPTION_ESCAPES); }  // a template in whose text \n \t \r \\ are a newline, a tab, a carriage return, a backslash
  stage& at_least(std::int64_t least) {
    options_.back().min = least;
    return flag(PIPE_OPTION_MIN);
  }
  stage& at_most(std::int64_t most) {
    options_.back().max = most;
    return flag(PIPE_OPTION_MAX);
  }
  stage& choices(std::initializer_list<std::string_view> names) {
    std::vector<pipe_text> kept;
    for (auto n : names) kept.push_back(detail::lasting_text(n));
    options_.back().choice_count = static_cast<std::uint32_t>(kept.size());
    options_.back().choices = detail::lasting<pipe_text>::keep(std::move(kept));
    return *this;
  }
  // -- and these of the stage
  stage& output_port(std::string_view name, std::string_view text) {
    outputs_.push_back({detail::lasting_text(name), detail::lasting_text(text)});
    return *this;
  }
  stage& dynamic_ports() { return stage_flag(PIPE_STAGE_DYNAMIC_PORTS); }
  stage& many_workers() { return stage_flag(PIPE_STAGE_MANY_WORKERS); }
  stage& stateful() { return stage_flag(PIPE_STAGE_STATEFUL); }
  stage& any_order() { return stage_flag(PIPE_STAGE_ANY_ORDER); }  // the order in which records come means nothing to it
  stage& gathers() { return stage_flag(PIPE_STAGE_GATHERS); }  // holds what comes until its input ends; every fold does
  stage& in_memory() { return stage_flag(PIPE_STAGE_IN_MEMORY); }  // it fails beyond its memory(), which without gathers() is 0 unless the user sets it
  stage& each_record() { return stage_flag(PIPE_STAGE_EACH_RECORD); }
  stage& record_errors() { return stage_flag(PIPE_STAGE_RECORD_ERRORS); }  // a run stage that uses output::attempt
  stage& reads_stdin() { return stage_flag(PIPE_STAGE_READS_STDIN); }
  stage& writes_stdout() { return stage_flag(PIPE_STAGE_WRITES_STDOUT); }
  // Run by the tests, shown by help and man: a pipeline as after -e (or a file from `stages:` on), its input and its output.
  stage& example(std::string_view config, std::string_view in, std::string_view out) {
    examples_.push_back({detail::lasting_text(config), detail::lasting_text(in), detail::lasting_text(out)});
    return *this;
  }

  const pipe_stage* finish() {
    static stage kept = *this;  // one per S: the binders live here
    pipe_stage& d = kept.d_;
    d.option_count = kept.options_.size();
    d.options = kept.options_.data();
    d.output_count = kept.outputs_.size();
    d.outputs = kept.outputs_.data();
    d.example_count = kept.examples_.size();
    d.examples = kept.examples_.data();
    d.data = &kept;
    return &d;
  }

 private:
  stage& flag(std::uint32_t f) {
    options_.back().flags |= f;
    return *this;
  }
  stage& stage_flag(std::uint32_t f) {
    d_.flags |= f;
    return *this;
  }
  static pipe_status create(const pipe_stage* d, pipe_context* context, const pipe_value* values, void** instance) {
    return detail::guarded(context, [&] {
      auto made = std::make_unique<S>();
      made->bind_context(context);
      const stage& self = *static_cast<const stage*>(d->data);
      for (std::size_t i = 0; i < self.binders_.size(); ++i)
        if (values[i].flags & PIPE_VALUE_SET) self.binders_[i](*made, values[i], context);
      *instance = made.release();
    });
  }

  pipe_stage d_{};
  std::shared_ptr<S> defaults_ = std::make_shared<S>();  // S need not be copyable
  std::vector<pipe_option> options_;
  std::vector<pipe_port> outputs_;
  std::vector<pipe_example> examples_;
  std::vector<std::function<void(S&, const pipe_value&, pipe_context*)>> binders_;
};

namespace detail {
template <class S>
const pipe_stage* make_stage() {
  auto built = S::spec();
  return built.finish();
}
struct registrar {
  explicit registrar(const pipe_stage* (*maker)()) { registry::get().makers.push_back(maker); }
};
inline const pipe_plugin* make_plugin(const pipe_host* table, std::string_view name, std::string_view version, std::string_view licence) {
  static pipe_plugin plugin{};
  static std::vector<const pipe_stage*> stages;
  if (table->abi != PIPE_ABI_VERSION) return nullptr;
  host_table = whole_table(table);
  if (!host_table) {
    std::fprintf(stderr, "pipe: the plugin '%.*s' was built for a newer pipe than this: the host's table of functions has %u bytes, %zu are needed\n",
                 static_cast<int>(name.size()), name.data(), static_cast<unsigned>(table->struct_size), least_table);
    return nullptr;
  }
  if (stages.empty()) {
    for (auto maker : registry::get().makers) stages.push_back(maker());
    std::sort(stages.begin(), stages.end(), [](const pipe_stage* a, const pipe_stage* b) { return view(a->name) < view(b->name); });
  }
  plugin = {sizeof(pipe_plugin), PIPE_ABI_VERSION, text(name), text(version), text(licence), stages.data(), stages.size()};
  return &plugin;
}
inline const pipe_plugin* make_plugin_or_say(const pipe_host* table, std::string_view name, std::string_view version, std::string_view licence) noexcept {
  const char* why = "unknown exception";
  const auto say = [&] { std::fprintf(stderr, "pipe: the plugin '%.*s' could not describe its stages: %s\n", static_cast<int>(name.size()), name.data(), why); };
  try {
    return make_plugin(table, name, version, licence);
  } catch (const std::exception& e) {
    why = e.what();
    say();
  } catch (...) {
    say();
  }
  return nullptr;
}
}  // namespace detail

}  // namespace v1_0
}  // namespace pipes

#define PIPE_STAGE(type) [[maybe_unused]] const ::pipes::detail::registrar registered_##type{&::pipes::detail::make_stage<type>};
#define PIPE_PLUGIN(name, version, licence)                                                                             \
  extern "C" __attribute__((visibility("default"))) const pipe_plugin* pipe_plugin_v1(const pipe_host* host) {           \
    return ::pipes::detail::make_plugin_or_say(host, name, version, licence);                                            \
  }
#endif
