/* pipe/plugin.h: the C ABI between the host and a stage plugin.
 *
 * A plugin is a shared object that exports one symbol, pipe_plugin_v1. The host calls it once with its table of functions
 * and gets a descriptor back: the plugin's name and its stages. Everything else goes through these structs and tables.
 *
 * Rules that hold for every line below
 *   R1  It only grows. Structs begin with their size as the maker compiled it; tables get new entries at their end; elements
 *       of arrays are frozen (new data = a new array).
 *   R2  Fixed-width integers, pointers and function pointers alone cross. Structs have no hidden padding; the asserts at the
 *       end turn wrong compiler flags into compile errors.
 *   R3  Memory is freed by the side that made it. A text or array given as an argument is borrowed for the call, unless a line says
 *       otherwise.
 *   R4  No exception crosses, in either direction. Functions that can fail return a status.
 *   R5  "parks": the call may suspend the calling fiber and resume it on another thread. Across such a call hold no
 *       thread-local, no errno, no std::mutex.
 *   R6  Entry points (pipe_stage) are called by the host on fibers, one call at a time for an instance.
 *   R7  Contexts, batches, outputs and handles of compiled things are those that the host gave, for as long as it says that they
 *       live; NULL may be given only where a line says so. Anything else is undefined: nothing is checked on the way of records.
 *   R8  destroy cannot fail: what can fail belongs in close. An exception there ends the process.
 */
#ifndef PIPE_PLUGIN_H
#define PIPE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIPE_ABI_VERSION 1u

/* ---- status ------------------------------------------------------------------------------------------------------ */
typedef int32_t pipe_status;
#define PIPE_OK 0
#define PIPE_CLOSED 1    /* recv: no more input; send: nobody reads any more, stop (that is success) */
#define PIPE_TIMEOUT 2   /* the deadline passed */
#define PIPE_CANCELLED 3 /* the run is being stopped: unwind and return this */
#define PIPE_ERROR 4     /* failed; a message was left with host->fail(). If a host function returns it, the stage has failed: it may tidy up, but
                            the run ends with exit code 1 even if the stage goes on and returns PIPE_OK */
#define PIPE_TICK 5      /* recv: the timeout of an edge with on_timeout: tick has passed; flush what is held back and receive again */
#define PIPE_AGAIN 6     /* record_failed: try the record once more */

/* ---- texts, records, columns ------------------------------------------------------------------------------------- */
typedef struct pipe_text { /* borrowed bytes, not terminated */
  const char* data;
  uint64_t size;
} pipe_text;

#define PIPE_SLICE_NEWLINE 1u /* data[size] may be read and is the '\n' that ends the record: neighbours write as one run */
#define PIPE_SLICE_UNENDED 2u /* the source ended behind this record without a line end: it is written without one where it is the last one written */
typedef struct pipe_slice { /* one record, or one value's text; a record excludes its '\n' and keeps its '\r' */
  const char* data;
  uint32_t size;
  uint32_t flags;
} pipe_slice;

/* What a value is. In a column, tags[i] says how values[i] and slices[i] are to be read. */
#define PIPE_MISSING 0u /* the record has no such field */
#define PIPE_NULL 1u
#define PIPE_BOOL 2u  /* values: 0 or 1 */
#define PIPE_INT 3u   /* values: int64_t */
#define PIPE_FLOAT 4u /* values: the bits of a double */
#define PIPE_STRING 5u /* slices: text that is never a number (a JSON string, unescaped; a computed text) */
#define PIPE_WORD 6u  /* slices: a text field (csv, regex, split); one written as a JSON number counts as a number */
#define PIPE_JSON 7u  /* slices: a JSON object or array as it was read */
#define PIPE_MIXED 255u

/* A field's values in a batch, one a record. For INT and FLOAT, slices[i] (where slices is not NULL and its data is not
 * NULL) is the number as it was read, so that it prints back unchanged. */
typedef struct pipe_column {
  uint32_t struct_size;
  uint32_t all; /* the tag that all values share, or PIPE_MIXED */
  uint64_t count;
  const uint8_t* tags;      /* never NULL unless count is 0 */
  const uint64_t* values;   /* NULL when no value is BOOL, INT or FLOAT */
  const pipe_slice* slices; /* NULL when no value has a text */
} pipe_column;

typedef struct pipe_batch pipe_batch;   /* records that travel together; counted; immutable once sent */
typedef struct pipe_field pipe_field;   /* an interned field name; lives as long as the process */
typedef struct pipe_file pipe_file;     /* an open file whose ranges are read by the workers */
typedef struct pipe_pattern pipe_pattern; /* a compiled regular expression or fixed text */
typedef struct pipe_expr pipe_expr;     /* a compiled expression */
typedef struct pipe_format pipe_format; /* a compiled template: '{ip} {status}' */
typedef struct pipe_context pipe_context; /* a worker of a stage: its ports, its log, its counters */
typedef struct pipe_spill pipe_spill;   /* batches set aside on disk, in a file without a name: gone with the process, however it ends */
typedef struct pipe_checker pipe_checker; /* where check() reports faults and declares fields and ports */

/* An arena and the parts emitted so far. The visible members are the arena's free space: take memory from cursor upwards
 * (aligned to 8), or ask output_refill for more. Memory from here lives as long as any batch made from this output. */
#define PIPE_OUTPUT_OWN 1u /* output_new made it: flush and take are for such */
typedef struct pipe_output {
  uint32_t struct_size;
  uint32_t flags;
  char* cursor;
  char* end;
} pipe_output;

/* What happens to one field of the emitted records. Frozen. */
#define PIPE_ATTACH 1u /* the record has this field beside its bytes, which stay what is written (parse stages). A later change that makes a
                        * rendering takes it in; in a JSON object only if the change names it */
#define PIPE_SET 2u    /* the field gets this column, and from now on the record's bytes are a rendering. Where the column is missing the record
                        * no longer has the field. Set it for every record that has it, changed or not */
#define PIPE_DROP 3u   /* the field is removed (column unused) */
#define PIPE_RENAME 4u /* field is called `to` from now on */
#define PIPE_KEEP 5u   /* all PIPE_KEEP entries of a part together name the only fields that stay */
#define PIPE_CHANGE_OTHERS 1u /* PIPE_SET: leaves JSON records alone in which the field has that very value: what is attached stays attached */
typedef struct pipe_change {
  uint32_t kind;
  uint32_t flags;
  const pipe_field* field;
  const pipe_field* to;
  const pipe_column* column; /* count = the part's count; its arrays lie in the output's arena or in `from`; the struct itself is copied */
} pipe_change;

/* Records to emit. */
#define PIPE_PART_JSON 1u      /* each record's bytes are one JSON object, checked by the caller */
#define PIPE_PART_OWN_BYTES 2u /* `records` are new bytes, written as they are: fields of `from` can still be read, but no rendering is due */
#define PIPE_PART_UNRENDERED 4u /* the records have fields but no bytes: a sink renders them (folds, generators) */
#define PIPE_PART_FRESH 8u      /* `from` and `rows` only say what the records came of (errors, origin): no field is inherited */
#define PIPE_PART_VARIED 16u    /* which fields a record has is its own matter, as with JSON objects, not one of all records of the batch */
#define PIPE_PART_UNCOUNTED 32u   /* in cut(): lines of the stage's own, such as a header, which do not count where messages number records */
#define PIPE_PART_BEGINS 64u      /* of a source: the first record is the first of a file, as PIPE_BLOCK_BEGINS says of a block */
typedef struct pipe_part {
  uint32_t struct_size;
  uint32_t flags;
  pipe_batch* from;          /* fields and, where records is NULL, bytes come from here; NULL: from nowhere */
  const uint32_t* rows;      /* record i is made of row rows[i] of from, ascending for a filter, in any order for a sort; NULL: row i; copied */
  const pipe_slice* records; /* new bytes, or NULL. Bytes and array lie in the arena or in from's memory */
  const pipe_change* changes;
  uint64_t count;
  uint64_t change_count;
  uint64_t note; /* a number that a stage's cut() leaves for its map() or add() (batch_note); of what is derived only slices inherit it */
} pipe_part;

/* ---- options ----------------------------------------------------------------------------------------------------- */
#define PIPE_OPT_BOOL 1u
#define PIPE_OPT_INT 2u
#define PIPE_OPT_FLOAT 3u
#define PIPE_OPT_TEXT 4u
#define PIPE_OPT_DURATION 5u   /* bits: nanoseconds */
#define PIPE_OPT_SIZE 6u       /* bits: bytes */
#define PIPE_OPT_CHOICE 7u     /* bits: index into choices; text: the choice */
#define PIPE_OPT_PATTERN 8u    /* handle: pipe_pattern */
#define PIPE_OPT_FIELD 9u      /* handle: pipe_field; in a sort key a leading '-' sets PIPE_VALUE_DESCENDING */
#define PIPE_OPT_EXPRESSION 10u /* handle: pipe_expr */
#define PIPE_OPT_FORMAT 11u    /* handle: pipe_format */

#define PIPE_OPT_ONE 0u
#define PIPE_OPT_LIST 1u /* a scalar stands for a list of one */
#define PIPE_OPT_MAP 2u  /* ordered: key -> value */

#define PIPE_OPTION_REQUIRED 1u
#define PIPE_OPTION_MAIN 2u    /* takes the scalar or list that stands in place of the options */
#define PIPE_OPTION_MIN 4u
#define PIPE_OPTION_MAX 8u
#define PIPE_OPTION_REST 16u   /* a map option that takes every key of the stage's options that is no option (route, map) */
#define PIPE_OPTION_SORT_KEY 32u /* PIPE_OPT_FIELD: a leading '-' descends */
#define PIPE_OPTION_FIXED_BY 64u /* PIPE_OPT_PATTERN: fixed text when the bool option `fixed` is true */
#define PIPE_OPTION_CONDITION 128u /* PIPE_OPT_EXPRESSION: only whether it is true matters; a value that cannot be true or false is a fault */
#define PIPE_OPTION_KEY_FIELDS 256u /* PIPE_OPT_MAP: its keys name fields of the input */
#define PIPE_OPTION_REPLACEMENT 512u /* PIPE_OPT_TEXT: $ and \ are syntax in it, unless the bool option `fixed` is true. So where a config's variable
                                        is part of the text, both are doubled in its value, which thus stays text */
#define PIPE_OPTION_ESCAPES 1024u /* PIPE_OPT_FORMAT: \n \t \r \\ in its text are a newline, a tab, a carriage return, a backslash */
typedef struct pipe_option { /* frozen */
  pipe_text name;
  pipe_text doc;          /* one sentence */
  pipe_text default_text; /* as a user would write it; empty: none */
  uint32_t type;
  uint32_t container;
  uint32_t flags;
  uint32_t choice_count;
  int64_t min;
  int64_t max;
  const pipe_text* choices;
} pipe_option;

#define PIPE_VALUE_SET 1u /* given by the user; else this is absent and the member keeps its default */
#define PIPE_VALUE_DESCENDING 2u
typedef struct pipe_value { /* frozen; one per option, in the descriptor's order */
  uint32_t type; /* PIPE_OPT_... */
  uint32_t flags;
  uint64_t bits;  /* bool, int (int64_t), float (bits of a double), duration, size, choice */
  pipe_text text; /* text; the source text of a pattern, field, expression, format */
  pipe_text key;  /* in a map's items */
  void* handle;   /* pattern, field, expression, format: lives as long as the instance */
  const struct pipe_value* items; /* of a list or map */
  uint64_t count;
} pipe_value;

/* ---- stages ------------------------------------------------------------------------------------------------------ */
#define PIPE_SHAPE_MAP 1u  /* map(): workers auto, ordered */
#define PIPE_SHAPE_FOLD 2u /* add(), merge(), finish(): workers auto, states merged */
#define PIPE_SHAPE_RUN 3u  /* run(): owns its channels; one worker unless the descriptor says more */

#define PIPE_STAGE_NO_INPUT 1u       /* a source */
#define PIPE_STAGE_NO_OUTPUT 2u      /* a sink */
#define PIPE_STAGE_DYNAMIC_PORTS 4u  /* outputs depend on options: check() declares them with declare_port */
#define PIPE_STAGE_MANY_WORKERS 8u   /* a run stage that may have several workers */
#define PIPE_STAGE_READS_STDIN 16u   /* at most one such stage in a graph */
#define PIPE_STAGE_WRITES_STDOUT 32u
#define PIPE_STAGE_STATEFUL 64u      /* a map whose instance carries state from batch to batch: one worker, never retried */
#define PIPE_STAGE_EACH_RECORD 128u  /* the engine hands over single records (grain 1): exec.each */
#define PIPE_STAGE_RECORD_ERRORS 256u /* a run stage that reports faults of single records with record_failed: else on_error can
                                        only be `fail`, since the host does not see which record a run stage is at */
#define PIPE_STAGE_GATHERS 512u      /* holds what comes until its input ends: has a share of the run's memory, as every fold has */
#define PIPE_STAGE_ANY_ORDER 1024u   /* the order in which records come means nothing to it, as to every fold. A run stage without
                                        output that says so keeps nothing, so `check` takes it for no sink that could hold up others */
#define PIPE_STAGE_IN_MEMORY 2048u   /* it fails when it outgrows its memory: nothing goes to disk. Without PIPE_STAGE_GATHERS it has no share of
                                        the run's memory: only a user's `memory` bounds it, and host->memory() is 0 without one */

typedef struct pipe_port { /* frozen */
  pipe_text name;
  pipe_text doc;
} pipe_port;

typedef struct pipe_example { /* frozen; run by the tests; shown by help and man */
  pipe_text config; /* as after `pipe run -e`; one that begins with `stages:` is a file */
  pipe_text input;  /* lines without the last newline */
  pipe_text output;
} pipe_example;

typedef struct pipe_stage {
  uint32_t struct_size;
  uint32_t shape;
  uint32_t flags;
  uint32_t reserved;
  pipe_text name; /* within the plugin */
  pipe_text summary; /* one sentence */
  pipe_text doc;     /* more, may be empty */
  const pipe_option* options;
  const pipe_port* outputs; /* named outputs beside the default one `out`; may be NULL */
  const pipe_example* examples;
  uint64_t option_count;
  uint64_t output_count;
  uint64_t example_count;
  const void* data; /* the plugin's own */

  /* Makes an instance from option_count values. Called at check time and once per worker. On PIPE_ERROR a message was left. */
  pipe_status (*create)(const struct pipe_stage* stage, pipe_context* context, const pipe_value* values, void** instance);
  void (*destroy)(void* instance);
  /* Reports faults and declares fields read and made, ports. Never parks, opens nothing. May be NULL. */
  pipe_status (*check)(void* instance, pipe_checker* checker);
  /* On each worker before its first and after its last batch; may park; may be NULL. */
  pipe_status (*open)(void* instance, pipe_context* context);
  pipe_status (*close)(void* instance, pipe_context* context, pipe_output* out);
  /* PIPE_SHAPE_MAP. `in` is borrowed for the call. May park. Record faults go through host->record_error. PIPE_ERROR: the
   * whole call failed; what it emitted is withdrawn and the host calls again record by record to find the culprit. */
  pipe_status (*map)(void* instance, pipe_context* context, pipe_batch* in, pipe_output* out);
  /* PIPE_SHAPE_FOLD. merge() moves other's state in; other is destroyed afterwards. finish() emits and resets. */
  pipe_status (*add)(void* instance, pipe_context* context, pipe_batch* in, pipe_output* errors);
  pipe_status (*merge)(void* instance, pipe_context* context, void* other);
  pipe_status (*finish)(void* instance, pipe_context* context, pipe_output* out);
  /* PIPE_SHAPE_RUN. Returns PIPE_OK or PIPE_CLOSED when done; its outputs close when its last worker returned. */
  pipe_status (*run)(void* instance, pipe_context* context);
  /* PIPE_SHAPE_MAP and FOLD, may be NULL: the sequential part in front of the parallel one. An instance made for this alone sees
   * every batch in the order of arrival (`in` NULL: the input has ended) and emits on port 0 what the workers are to get: csv.parse
   * cuts anew at record ends here. Never parks. */
  pipe_status (*cut)(void* instance, pipe_context* context, pipe_batch* in, pipe_output* out);
} pipe_stage;

typedef struct pipe_plugin {
  uint32_t struct_size;
  uint32_t abi; /* PIPE_ABI_VERSION */
  pipe_text name; /* the file's name without .so */
  pipe_text version;
  pipe_text licence;
  const pipe_stage* const* stages;
  uint64_t stage_count;
} pipe_plugin;

/* ---- the host's functions ---------------------------------------------------------------------------------------- */
#define PIPE_LOG_DEBUG 1u
#define PIPE_LOG_INFO 2u
#define PIPE_LOG_WARN 3u
#define PIPE_LOG_ERROR 4u

#define PIPE_FD_READ 1u
#define PIPE_FD_WRITE 2u

#define PIPE_CASE_RECV 1u
#define PIPE_CASE_SEND 2u
typedef struct pipe_case { /* frozen; one case of select */
  uint32_t kind;
  uint32_t port;
  pipe_batch* batch; /* send: given away if chosen; recv: set if chosen and status is PIPE_OK */
  pipe_status status; /* set if chosen: PIPE_OK, PIPE_CLOSED, PIPE_TICK */
  int32_t reserved;
} pipe_case;

/* A batch as it is to be written: runs of bytes, newlines included. */
typedef struct pipe_runs {
  uint32_t struct_size;
  uint32_t reserved;
  const pipe_text* runs;
  uint64_t count;
  uint64_t bytes; /* their sum */
} pipe_runs;

#define PIPE_FIND_NOT_EMPTY (UINT64_C(1) << 63) /* pattern_find: added to `room` */

#define PIPE_RENDER_NATIVE 0u /* the record's bytes as they would be written */
#define PIPE_RENDER_JSON 1u   /* one JSON object a record, with all its fields */

#define PIPE_BLOCK_NO_LAST_NEWLINE 1u /* the source ended without a newline behind the last record */
#define PIPE_BLOCK_BEGINS 2u /* the first record is the first of a file: csv.parse looks for a header there */

#define PIPE_RANGE_LAST 1u

#define PIPE_BATCH_JSON 1u   /* batch_flags: the records, before changes, are JSON objects */
#define PIPE_BATCH_BEGINS 2u /* the first record is the first of a file (PIPE_BLOCK_BEGINS) */
#define PIPE_BATCH_VARIED 4u /* not JSON: which fields a record has is its own matter (PIPE_PART_VARIED), or that of the batch that it came in */
#define PIPE_BATCH_UNRENDERED 8u /* not JSON: the records have only fields; their bytes are a rendering of these, made when something asks for it */
#define PIPE_BATCH_MIXED 16u /* some records are JSON objects, others are not: they came together where inputs join */

/* Where a spilled batch lies. */
typedef struct pipe_spilled { /* frozen */
  uint64_t offset;
  uint64_t size;
} pipe_spilled;

typedef struct pipe_host {
  uint32_t struct_size;
  uint32_t abi;

  /* -- messages. Any fiber; never park. */
  /* Leaves the message of a status PIPE_ERROR that the caller is about to return. */
  void (*fail)(pipe_context* context, pipe_text message);
  void (*log)(pipe_context* context, uint32_t level, pipe_text message);
  /* Adds to a counter of the stage that --stats shows. */
  void (*count)(pipe_context* context, pipe_text name, int64_t amount);
  /* The stage's id as the user knows it. Lives as long as the context. */
  pipe_text (*stage_id)(pipe_context* context);
  /* This worker's number, 0 <= n < workers. */
  uint32_t (*worker)(pipe_context* context);
  uint32_t (*workers)(pipe_context* context);
  /* How many bytes this worker may hold before it should spill or fail: what the stage may, divided by its workers. A stage that asks
   * says so by PIPE_STAGE_GATHERS, PIPE_STAGE_IN_MEMORY or checker->memory(): on others `pipe check` warns of a `memory`. */
  uint64_t (*memory)(pipe_context* context);
  /* What all instances of a stage in a run share: made by the first that asks, destroyed after the last instance. The object
   * must do its own locking; its make() never parks. */
  void* (*shared)(pipe_context* context, void* (*make)(void), void (*destroy)(void*));

  /* -- fields */
  const pipe_field* (*field)(pipe_text name); /* interned; never NULL */
  pipe_text (*field_name)(const pipe_field* field);
  /* Which fields later stages can ask of this stage's output, beside the record's bytes. Returns 1 and sets *fields, *count
   * (live as long as the context), or 0: any field may be asked for. */
  int32_t (*demanded)(pipe_context* context, const pipe_field* const** fields, uint64_t* count);

  /* -- batches: read. Thread-safe; never park. Results live as long as the batch is held. */
  void (*batch_retain)(pipe_batch* batch);
  void (*batch_release)(pipe_batch* batch);
  uint64_t (*batch_count)(pipe_batch* batch); /* records; counts line ends if the block is not cut yet */
  /* 1 and the bytes, if the records still lie side by side in one block, each but perhaps the last followed by '\n'; else 0. */
  int32_t (*batch_block)(pipe_batch* batch, pipe_text* bytes);
  /* The records, cut or rendered now if they were not. */
  const pipe_slice* (*batch_records)(pipe_batch* batch, uint64_t* count);
  /* The bytes as they are to be written, last newline included unless the source had none. */
  const pipe_runs* (*batch_runs)(pipe_batch* batch);
  /* The field's column; one of PIPE_MISSING if no record has it. Never NULL. */
  const pipe_column* (*batch_column)(pipe_batch* batch, const pipe_field* field);
  /* The fields of the records in the order made. Of JSON records: those that some record has, in order of appearance. Of others:
   * also those that a stage made but no record here has a value for. */
  const pipe_field* const* (*batch_fields)(pipe_batch* batch, uint64_t* count);
  uint64_t (*batch_note)(pipe_batch* batch); /* the part's note, 0 if none */
  /* Renders rows [0, count) into `out`'s arena; returns count slices there. */
  const pipe_slice* (*batch_render)(pipe_batch* batch, uint32_t how, pipe_output* out);

  /* -- outputs. Of the calling worker; never park. */
  /* At least `size` more bytes between cursor and end; 0 if memory ran out. */
  int32_t (*output_refill)(pipe_output* out, uint64_t size);
  void (*output_emit)(pipe_output* out, uint32_t port, const pipe_part* part);
  /* Hands the rows on with their fields; rows NULL: the whole batch. Copies small selections so that they pin no block. */
  void (*output_pass)(pipe_output* out, uint32_t port, pipe_batch* batch, const uint32_t* rows, uint64_t count);
  /* Emits a block that block_new made, uncut: `size` bytes from `offset`, ending at a record end. Takes the block over. */
  void (*output_block)(pipe_output* out, uint32_t port, char* block, uint64_t offset, uint64_t size, uint32_t flags);
  /* map and add: record `row` of the current input failed: what came of it is withdrawn; on_error decides. In an output of a
   * run stage it fails the stage: there record_failed is meant. */
  void (*record_error)(pipe_output* out, uint32_t row, pipe_text message);
  /* For run stages: an output of their own, and its parts for one port as one batch (NULL if none; the caller's to send). */
  pipe_output* (*output_new)(pipe_context* context);
  void (*output_free)(pipe_output* out);
  pipe_batch* (*output_take)(pipe_output* out, uint32_t port);
  /* A pooled block of at least `size` bytes (16 readable ones behind it); block_free for one that was not emitted. */
  char* (*block_new)(uint64_t size);
  void (*block_free)(char* block);

  /* -- patterns, expressions, formats (handles of options; of this instance alone). Never park. */
  /* The rows that match; rows has room for batch_count entries. */
  pipe_status (*pattern_rows)(pipe_pattern* pattern, pipe_context* context, pipe_batch* batch, uint32_t invert, uint32_t* rows, uint64_t* count);
  /* text.grep whole: searches the block, cuts only around what it finds, passes the records on. */
  pipe_status (*pattern_pass)(pipe_pattern* pattern, pipe_context* context, pipe_batch* batch, uint32_t invert, pipe_output* out, uint32_t port);
  /* Searches one text from `start`; fills up to `room` pairs of offsets (group 0 first; UINT64_MAX: unset). PIPE_CLOSED: no match.
   * With PIPE_FIND_NOT_EMPTY in `room` an empty match at `start` is none (older hosts report it). */
  pipe_status (*pattern_find)(pipe_pattern* pattern, pipe_context* context, pipe_text text, uint64_t start, uint64_t* offsets, uint64_t room, uint64_t* filled);
  uint32_t (*pattern_groups)(pipe_pattern* pattern);              /* highest group number */
  pipe_text (*pattern_group_name)(pipe_pattern* pattern, uint32_t group); /* empty: unnamed */
  /* Captures `group_count` groups of every matching row in one go. rows: room for batch_count; columns[g] are filled with WORD
   * columns of *count values in out's arena. */
  pipe_status (*pattern_capture)(pipe_pattern* pattern, pipe_context* context, pipe_batch* batch, const uint32_t* groups, uint64_t group_count,
                                 pipe_output* out, uint32_t* rows, uint64_t* count, pipe_column* columns);
  /* The rows for which the expression is true. */
  pipe_status (*expr_rows)(pipe_expr* expr, pipe_context* context, pipe_batch* batch, uint32_t* rows, uint64_t* count);
  /* Its value per row; arrays in out's arena or in the batch. */
  pipe_status (*expr_column)(pipe_expr* expr, pipe_context* context, pipe_batch* batch, pipe_output* out, pipe_column* column);
  /* One text per row in out's arena. */
  const pipe_slice* (*format_render)(pipe_format* format, pipe_context* context, pipe_batch* batch, pipe_output* out);

  /* -- channels: run stages, on any fiber of the stage. All park. */
  pipe_status (*recv)(pipe_context* context, uint32_t port, pipe_batch** batch);
  /* deadline: as now(); INT64_MAX: none. */
  pipe_status (*recv_until)(pipe_context* context, uint32_t port, int64_t deadline, pipe_batch** batch);
  pipe_status (*send)(pipe_context* context, uint32_t port, pipe_batch* batch); /* takes the batch over, whatever it returns */
  /* Waits for one of the cases, fair among the ready; *chosen is its index. deadline <= now: never waits. PIPE_TIMEOUT: none. */
  pipe_status (*select)(pipe_context* context, pipe_case* cases, uint64_t count, int64_t deadline, uint64_t* chosen);
  uint32_t (*inputs)(pipe_context* context);  /* edges that come in, one port each, for merge, zip, join */

  /* -- fibers, time, I/O. All but now() park. PIPE_CANCELLED when the run stops; for a source also when it is to drain. */
  pipe_status (*go)(pipe_context* context, void (*entry)(void*), void* argument); /* joined before the stage's end */
  pipe_status (*sleep)(pipe_context* context, int64_t nanoseconds);
  pipe_status (*yield)(pipe_context* context);
  int64_t (*now)(void);                                        /* steady nanoseconds; virtual under --seed */
  pipe_status (*blocking)(pipe_context* context, void (*entry)(void*), void* argument); /* on a thread of a pool; waits for it */
  pipe_status (*wait_fd)(pipe_context* context, int32_t fd, uint32_t events, int64_t deadline);
  /* Reads what is there, at least one byte; *got = 0 at the end. Never changes the descriptor's flags. Regular files too.
   * PIPE_ERROR: *got is -errno. */
  pipe_status (*read)(pipe_context* context, int32_t fd, char* to, uint64_t size, int64_t* got);
  /* Writes all. PIPE_CLOSED: the reader is gone (EPIPE). PIPE_ERROR: *written is -errno. */
  pipe_status (*write)(pipe_context* context, int32_t fd, const pipe_text* parts, uint64_t count, int64_t* written);

  /* -- more on batches. Thread-safe; never park. */
  uint32_t (*batch_flags)(pipe_batch* batch); /* PIPE_BATCH_... */
  /* All records of the batches, one behind the other, as one batch with their fields; nothing is copied. The caller's. A part
   * may name its rows in any order: a sort emits through it. */
  pipe_batch* (*batch_concat)(pipe_batch* const* batches, uint64_t count);

  /* -- files read by the workers, not by their source. Never park. */
  /* An open regular file that ranges share. Takes fd over; `name` stands in messages as it is. file_free gives up the caller's share. */
  pipe_file* (*file_new)(int32_t fd, pipe_text name);
  void (*file_free)(pipe_file* file);
  /* Emits the records (lines) that begin in [offset, offset + size), whole: whoever works on them reads them. Ranges must lie side
   * by side; PIPE_RANGE_LAST goes on to the end of the file. A longer record than max_record fails the stage that reads it. */
  void (*output_range)(pipe_output* out, uint32_t port, pipe_file* file, uint64_t offset, uint64_t size, uint64_t max_record, uint32_t flags);

  /* -- more on the run. Any fiber of the stage; never park. */
  /* 1 if the run has failed or is being stopped: what this stage has been given is not all there is. */
  int32_t (*incomplete)(pipe_context* context);
  /* Cancels the fibers that this worker started with go: their parking calls return PIPE_CANCELLED. */
  void (*cancel_fibers)(pipe_context* context);

  /* -- gathering more than memory holds. */
  /* Memory that the batch keeps alive, blocks that it shares with others included: what a stage that holds it should count.
   * Thread-safe; never parks. */
  uint64_t (*batch_bytes)(pipe_batch* batch);
  /* Record i of the result is row rows[i] of batches[of[i]]. Bytes and known fields are copied: the result stands alone. The
   * caller's. Thread-safe; never parks. */
  pipe_batch* (*batch_gather)(pipe_batch* const* batches, uint64_t batch_count, const uint32_t* of, const uint32_t* rows, uint64_t count);
  /* NULL if memory ran out. The file is made by the first put, in $TMPDIR, else /var/tmp, else /tmp. */
  pipe_spill* (*spill_new)(pipe_context* context);
  void (*spill_free)(pipe_spill* spill);
  /* Sets records and their fields aside, with bytes of the stage's own; batch NULL: those bytes alone. Any fiber; parks.
   * PIPE_ERROR: a message with the folder and the cause was left. */
  pipe_status (*spill_put)(pipe_spill* spill, pipe_context* context, pipe_batch* batch, pipe_text notes, pipe_spilled* place);
  /* Reads back, once for each place; its space on disk is given back. The batch is the caller's, the notes live as long as it.
   * Any fiber; parks. */
  pipe_status (*spill_take)(pipe_spill* spill, pipe_context* context, pipe_spilled place, pipe_batch** batch, pipe_text* notes);
  void (*spill_drop)(pipe_spill* spill, pipe_spilled place); /* instead of spill_take; never parks */
  /* Sends what was emitted so far; in finish(), and in a map's close(). Parks while the readers are behind. PIPE_CLOSED: nobody
   * reads any more, stop. */
  pipe_status (*output_flush)(pipe_context* context, pipe_output* out);

  /* -- faults of single records in a run stage (PIPE_STAGE_RECORD_ERRORS). Any fiber of the stage. Parks. */
  /* Record `row` of `batch` failed, for the attempt-th time (from 1). on_error decides: PIPE_AGAIN: try once more (the pause has
   * passed); PIPE_OK: it is given up, by being skipped or as a dead letter: go on behind it; PIPE_ERROR: the stage fails, return
   * that. What the stage has sent of the record stays sent. batch NULL: a record of no input, which a source could not read: it
   * is skipped or fails the stage. */
  pipe_status (*record_failed)(pipe_context* context, pipe_batch* batch, uint32_t row, uint32_t attempt, pipe_text message);
  /* 1 if on_error lets a failed record be skipped. Never parks. */
  int32_t (*skips_records)(pipe_context* context);
  /* The batch that cut() left the note with, of which this one is a stretch that begins at record *first (retries, grain): itself
   * and 0 where it is whole. Borrowed, lives as long as the batch. Thread-safe; never parks. */
  pipe_batch* (*batch_noted)(pipe_batch* batch, uint64_t* first);
  /* What is emitted from here on was read from the file of that name, which messages about its records then give; empty: from
   * none. Of the calling worker; never parks. */
  void (*output_source)(pipe_output* out, pipe_text name);
  /* How many bytes a batch that the stage makes should hold at most (`batch: {bytes: …}`). */
  uint64_t (*batch_limit)(pipe_context* context);
  /* Writes the batch as batch_runs gives it, as write() would. Where the bytes are those of a file, a pipe may get the file's pages
   * in place of a copy. Parks. */
  pipe_status (*write_batch)(pipe_context* context, int32_t fd, pipe_batch* batch, int64_t* written);

  /* -- files of the run. Any fiber or thread; never parks. */
  /* 1 if some stage of the pipeline reads the regular file with these numbers, st_dev and st_ino of stat(): it is standard input, or a
   * check named it by reads_file. To write into it would destroy what is yet to be read, or feed the pipeline for ever. */
  int32_t (*file_is_read)(pipe_context* context, uint64_t device, uint64_t inode);

  /* -- holding records back */
  /* Sleeps, for a stage that holds records back: in `needed` nanoseconds it will have let go of the next one. PIPE_CLOSED: the run drains
   * and may not take that long: tell how many records are given up (give_up), and end. Any fiber; parks. */
  pipe_status (*hold_back)(pipe_context* context, int64_t nanoseconds, int64_t needed);

  /* -- fields that are known though no record comes. Any fiber; never park. */
  /* For a stage whose check() says makes_any: its records have these fields, in this order. To be called again when there are more. */
  void (*announce_fields)(pipe_context* context, const pipe_field* const* fields, uint64_t count);
  /* To be called once the input has ended: which fields records that come to this stage would have, in order. 1, *fields (which live as
   * long as the context) and *count; 0: that is not known. */
  int32_t (*input_fields)(pipe_context* context, const pipe_field* const** fields, uint64_t* count);

  /* -- holding records back, the end */
  /* After PIPE_CLOSED from hold_back: so many records that the stage holds are lost. When run() has returned the host receives what comes
   * behind them, counts it, too, and tells how many records were dropped in all. Any fiber; never parks. */
  void (*give_up)(pipe_context* context, uint64_t records);

  /* -- which fields a record was given. Never parks. */
  /* The record's fields, in order: those that its maker listed for it (csv.parse: the columns of its file, and of the files before it), as
   * later stages have changed that list; if which fields it has is its own matter (JSON, PIPE_PART_VARIED), those that it has. The result
   * does not depend on which records share its batch. In out's arena. */
  const pipe_field* const* (*record_fields)(pipe_batch* batch, uint64_t row, pipe_output* out, uint64_t* count);
  /* 1 if the record's bytes are just a rendering of its fields, one JSON object (on a terminal a table is shown instead). 0: they are the
   * record's own, or those of a JSON text, changed or not. */
  int32_t (*record_rendered)(pipe_batch* batch, uint64_t row);
  /* As batch_column, of the field of just this name: where a record has no field a.b, a path of that name into its field a leads nowhere. For
   * who goes through batch_fields or record_fields, which list names and no paths. */
  const pipe_column* (*own_column)(pipe_batch* batch, const pipe_field* field);
} pipe_host;

/* What check() may say. All names are borrowed for the call. */
typedef struct pipe_checker_functions {
  uint32_t struct_size;
  uint32_t reserved;
  /* A fault in option `name` at byte `offset` of its text (UINT64_MAX: the option as a whole). */
  void (*fault)(pipe_checker* checker, pipe_text option, uint64_t offset, pipe_text message);
  void (*warn)(pipe_checker* checker, pipe_text option, uint64_t offset, pipe_text message);
  void (*reads)(pipe_checker* checker, const pipe_field* field);
  void (*reads_all)(pipe_checker* checker);
  void (*makes)(pipe_checker* checker, const pipe_field* field);
  void (*makes_any)(pipe_checker* checker); /* a parse stage: attaches whatever is demanded; see sets_any */
  void (*drops)(pipe_checker* checker, const pipe_field* field);
  void (*keeps)(pipe_checker* checker, const pipe_field* field); /* only the fields so named stay */
  void (*new_records)(pipe_checker* checker);                    /* outputs carry no field of the inputs */
  void (*declare_port)(pipe_checker* checker, pipe_text name);

  /* A fault in item `item` of a list or map option. */
  void (*fault_at)(pipe_checker* checker, pipe_text option, uint64_t item, uint64_t offset, pipe_text message);
  void (*warn_at)(pipe_checker* checker, pipe_text option, uint64_t item, uint64_t offset, pipe_text message);
  /* With these options it reads standard input, writes standard output. The flags say so for all options. */
  void (*uses_stdin)(pipe_checker* checker);
  void (*uses_stdout)(pipe_checker* checker);
  /* As makes(), and the record's bytes stay what is written (PIPE_ATTACH). A field that is only named with makes() is taken to
   * change the record. */
  void (*attaches)(pipe_checker* checker, const pipe_field* field);
  void (*ignores_bytes)(pipe_checker* checker); /* looks at fields alone, never at a record's bytes */
  void (*own_bytes)(pipe_checker* checker);     /* gives records new bytes, made of the fields that it reads */
  void (*makes_json)(pipe_checker* checker);    /* the records that it emits are JSON texts, which changes rewrite in place */
  /* PIPE_STAGE_RECORD_ERRORS: with these options no single record can fail after all. */
  void (*no_record_errors)(pipe_checker* checker);
  void (*reads_in_turn)(pipe_checker* checker); /* waits for one of its inputs while others have something: zip */
  void (*gathers_nothing)(pipe_checker* checker); /* PIPE_STAGE_GATHERS: with these options it needs no share of the memory */
  /* All its workers together keep up to so many bytes of buffers beside the batches, however much comes: check --explain counts them. */
  void (*holds)(pipe_checker* checker, uint64_t bytes);
  /* It reads the file of that name, if there is one, at any time of the run: no stage of the pipeline shall write into it (file_is_read).
   * Standard input need not be named. */
  void (*reads_file)(pipe_checker* checker, pipe_text path);
  void (*renames)(pipe_checker* checker, const pipe_field* field, const pipe_field* to); /* as drops(field) and makes(to), but in field's place */
  void (*sets_any)(pipe_checker* checker); /* sets fields that it cannot name: as makes_any(), but records become a rendering */
  uint64_t (*memory)(pipe_checker* checker); /* what its `memory` says, for all workers together; 0: none was given */
  void (*fault_at_key)(pipe_checker* checker, pipe_text option, uint64_t item, pipe_text message); /* of a map: its key `item` is wrong, not the value */
} pipe_checker_functions;
struct pipe_checker {
  const pipe_checker_functions* functions;
};

/* The one symbol. Called once, on any thread; the host's table and the descriptor live to the process's end. */
const pipe_plugin* pipe_plugin_v1(const pipe_host* host);
typedef const pipe_plugin* (*pipe_plugin_entry)(const pipe_host* host);

struct pipe_alignment_ {
  char first;
  pipe_text text;
};
#ifdef __cplusplus
}
#define PIPE_ASSERT_(condition, text) static_assert(condition, text)
#else
#define PIPE_ASSERT_(condition, text) _Static_assert(condition, text)
#endif
PIPE_ASSERT_(sizeof(void*) == 8 && sizeof(void (*)(void)) == 8, "pipe: 64-bit pointers");
PIPE_ASSERT_(offsetof(struct pipe_alignment_, text) == 8, "pipe: wrong packing or alignment flags"); /* of structs without gaps sizes tell nothing */
PIPE_ASSERT_(sizeof(pipe_text) == 16 && sizeof(pipe_slice) == 16, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(sizeof(pipe_column) == 40 && offsetof(pipe_column, slices) == 32, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(sizeof(pipe_change) == 32 && sizeof(pipe_part) == 64, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(sizeof(pipe_option) == 88 && sizeof(pipe_value) == 72, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(sizeof(pipe_spilled) == 16, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(sizeof(pipe_case) == 24 && sizeof(pipe_runs) == 32, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(offsetof(pipe_stage, create) == 120 && sizeof(pipe_stage) == 208, "pipe: wrong packing or alignment flags");
PIPE_ASSERT_(offsetof(pipe_host, fail) == 8, "pipe: wrong packing or alignment flags");
#undef PIPE_ASSERT_

#endif
