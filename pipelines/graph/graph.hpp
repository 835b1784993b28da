// graph.hpp: the checked graph, a plain value. Whoever runs, draws or explains a pipeline reads this alone and needs to know neither YAML nor `-e`.
//
// What holds in a graph that load_config() returned:
//   G1  stages are in the order of the file (an inserted io.stdin first, an inserted io.stdout last); all indices below are valid; ids are unique.
//   G2  every edge leads from an output (or the dead-letter output) of a stage to an input of a stage, over exactly one channel.
//   G3  a channel has one writing output; it has several reading edges only if its readers share it (`share: NAME`). An output with several channels
//       is a broadcast: each channel gets every batch.
//   G4  every output of every stage has at least one channel; every stage with an input has at least one edge that comes in.
//   G5  without the back edges the graph has no cycle. No fold lies on a cycle.
//   G6  options hold one entry for each option that the file sets (from == origin::given), in the order of the stage's declaration, with values of
//       the declared type, within range; expressions, patterns, fields and formats in them have compiled once. Beside them those with a default.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipes::pipelines {

using nanos = std::chrono::nanoseconds;

inline constexpr std::uint32_t none = 0xffffffff;      // "no such index"
inline constexpr std::uint32_t dead_letters = 0xfffffffe;  // edge::from_port of an edge that carries dead letters

// 1-based; line 0: not from the text (inserted, or a default).
struct place {
  std::uint32_t line = 0, column = 0;
  bool known() const { return line != 0; }
};

enum class option_type : std::uint8_t { boolean, integer, real, text, duration, size, choice, pattern, field, expression, format };
enum class container : std::uint8_t { scalar, list, map };

// Where a setting comes from; `check --explain` prints it.
enum class origin : std::uint8_t { built_in, stage_default, defaults_key, given };

// One option value. kind says which member counts. `text` holds text, pattern, field, expression, format (variables put in) and a choice, whose index
// is in `integer`; `integer` holds integers, durations (nanoseconds) and sizes (bytes). Lists and maps have `items`, maps `keys` beside them, in the
// order of the file; a list option given as one scalar is a list of one.
struct value {
  enum class kind_t : std::uint8_t { null, boolean, integer, real, text, list, map };
  kind_t kind = kind_t::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<value> items;
  std::vector<std::string> keys;
  place where;
  bool descending = false;  // a sort key written with a leading '-'; text is the field without it
  bool unknown = false;     // depends on an argument that `check` does not have
};

struct option {
  std::string name;
  option_type type = option_type::text;  // of the element, for lists and maps
  pipelines::container container = container::scalar;
  value val;
  origin from = origin::stage_default;
};

enum class shape : std::uint8_t { map, fold, run };
enum class on_full : std::uint8_t { block, drop_newest, drop_oldest, fail };
enum class on_timeout : std::uint8_t { fail, close, tick };
enum class error_action : std::uint8_t { fail, skip, dead_letter };

// on_error: retry `times` times with growing pauses from `backoff` on, then act. `to` is the stage that reads the dead letters.
struct error_policy {
  std::uint32_t times = 0;
  nanos backoff{0};
  error_action then = error_action::fail;
  std::uint32_t to = none;
  origin from = origin::built_in;
};

// A batch is emitted when it holds that many bytes or, if set, that many records.
struct batch_limit {
  std::uint64_t bytes = 256 * 1024;
  std::uint64_t records = 0;  // 0: no limit
  origin from = origin::built_in;
};

// What a pool's workers take at a time: whole batches, or that many records.
struct grain {
  std::uint64_t records = 0;  // 0: the batch as it came
  origin from = origin::built_in;
};

struct output_port {
  std::string name;                     // "out", or as declared: a route's PORT
  std::vector<std::uint32_t> channels;  // several: a broadcast. Never empty
};

struct input_port {
  std::string name;
  std::vector<std::uint32_t> edges;  // in the order of `from`; several: a fan-in
};

// What a stage does to fields. Names are top-level names or paths as written.
struct field_effect {
  std::vector<std::string> reads;   // fields that it asks for itself
  bool reads_all = false;
  bool reads_bytes = true;          // looks at the record's bytes (a sink, text.grep); false: at fields alone (where)
  bool own_bytes = false;           // writes new bytes, out of fields that it reads (text.format): those that came do not matter
  std::vector<std::string> makes;   // by setting them: records change
  std::vector<std::string> attaches;  // beside the record's bytes, which stay what is written
  bool makes_any = false;           // makes whatever is demanded: json.parse
  std::vector<std::string> drops;
  std::vector<std::pair<std::string, std::string>> renames;  // old name and new one, which stand among drops and makes as well
  std::vector<std::string> keeps;   // with keeps_only: all that is left of what came
  bool keeps_only = false;
  bool new_records = false;         // what it emits carries no field and no byte of what came (folds)
  bool changes = false;             // sets fields: records become their rendering, which wants all their fields, unless
                                    // they are JSON that is changed in place
  bool json_in_place = false;       // json.parse: from here on records are JSON texts
};

// A file, by the numbers that stat() knows it by, whatever its names.
struct file_identity {
  std::uint64_t device = 0, inode = 0;
  auto operator<=>(const file_identity&) const = default;
};

struct stage {
  std::string id;       // unique: as given, else the type as written, "text.grep#2" for the second
  std::string type;     // canonical: "flow.where"
  std::string written;  // as the file has it: "where"
  place where;
  bool inserted = false;  // an end that the file does not name
  const void* descriptor = nullptr;  // the catalogue's own; the engine casts it back

  pipelines::shape shape = shape::run;
  std::vector<option> options;

  std::uint32_t workers = 0;  // 0: auto, one for each processor
  origin workers_from = origin::built_in;
  bool ordered = true;        // outputs in the order of the inputs
  origin ordered_from = origin::built_in;
  error_policy on_error;
  batch_limit batch;
  pipelines::grain grain;
  nanos every{0};             // 0: never; else a fold emits and resets in this rhythm
  std::string partition_by;      // field whose values are dealt to fixed workers; empty: none
  bool any_order = false;        // no order of its input means anything
  bool gathers = false;          // holds what comes until its input ends: has a part of the run's memory
  bool in_turn = false;          // waits for one of its inputs while others have something
  bool in_memory = false;        // and fails beyond it, where others go to disk
  std::uint64_t holds = 0;       // bytes of buffers that it has beside its batches
  std::uint64_t memory = 0;      // bytes that this stage may gather, all workers together; 0: it gathers nothing
  origin memory_from = origin::built_in;
  std::uint64_t stack = 256 * 1024;
  bool fuse = true;              // may run in its neighbour's fiber
  bool reads_dead_letters = false;
  bool in_cycle = false;
  bool reads_stdin = false, writes_stdout = false;
  std::vector<file_identity> reads_files;  // plain files that were there when it was checked

  std::vector<input_port> inputs;    // one, called "in"; empty: a source
  std::vector<output_port> outputs;  // empty: a sink
  std::vector<std::uint32_t> dead_letter_channels;  // where this stage's dead letters go (at most one)

  // Which fields the stages behind this one can ask for: what a parse stage has to make. all_fields: any.
  std::vector<std::string> demanded;
  bool all_fields_demanded = true;
  field_effect fields;
  bool fields_known = false;  // what `fields` says is all there is to say
};

// A way from an output to an input. What belongs to the reader stands here, what belongs to the queue in the channel.
struct edge {
  std::uint32_t from = none, from_port = 0;  // from_port: index into outputs, or dead_letters
  std::uint32_t to = none, to_port = 0;
  std::uint32_t channel = none;
  std::int32_t priority = 0;                 // higher ready edges are received first, equal ones uniformly
  nanos timeout{0};                       // 0: none. Fires once when a worker waited and nobody received for that long
  pipelines::on_timeout on_timeout = on_timeout::fail;
  bool back = false;                         // closes a cycle; unbounded, spills beyond `memory`
  bool on_cycle = false;                     // batches on it count as in flight
  place where;
};

struct channel {
  std::uint32_t from = none, from_port = 0;  // the writing output, as in edge
  std::vector<std::uint32_t> edges;          // readers; several compete for the batches
  std::string share;                         // NAME, if shared
  std::uint32_t capacity = 4;                // batches; 0: rendezvous. Without meaning if unbounded
  origin capacity_from = origin::built_in;
  bool unbounded = false;                    // of a back edge
  bool elastic = false;                      // takes more than `capacity` while its reader waits for another edge; spills beyond `memory`
  std::uint64_t memory = 0;                  // if unbounded or elastic: bytes that it holds before it spills
  pipelines::on_full on_full = on_full::block;
  nanos send_timeout{0};                  // 0: none
  std::string partition_by;                  // deals to the members of the share by key; empty: none
};

struct graph {
  std::string name;
  std::string source;       // what messages call the text: "access.yaml", "-e", "-"
  std::vector<stage> stages;
  std::vector<edge> edges;
  std::vector<channel> channels;
  std::uint64_t memory = 64 * 1024 * 1024;  // for what gathers in the run and has no `memory` of its own, shared out evenly
  origin memory_from = origin::built_in;
  bool reads_stdin = false;   // some stage reads descriptor 0
  bool writes_stdout = false;
};

std::string_view name_of(shape s);
std::string_view name_of(on_full v);
std::string_view name_of(on_timeout v);
std::string_view name_of(error_action v);
std::string_view name_of(origin v);
std::string_view name_of(option_type v);

// The option of that name, or null.
const option* find_option(const stage& s, std::string_view name);

}  // namespace pipes::pipelines
