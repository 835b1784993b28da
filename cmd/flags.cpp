// flags.cpp: the tables of verbs, flags and exit codes.
#include "cmd/flags.hpp"

namespace pipes::cmd {
namespace {

const flag inline_pipeline{"e", value_kind::text, "PIPELINE", "Take the pipeline from the command line: stages separated by ' | '"};
const flag variable{"var", value_kind::setting, "NAME=VALUE", "Set a variable; it wins over the environment and the config's vars", {}, {}, true};
const flag plugin_path{"plugin-path", value_kind::folder, "FOLDER", "Look for plugins here too, before PIPE_PLUGIN_PATH and the installed ones", {}, {}, true};
const flag log_level{"log-level", value_kind::choice, "LEVEL", "Least severe messages to log", "warning", {"debug", "info", "warning", "error", "off"}};
const flag log_format{"log-format", value_kind::choice, "FORMAT", "Form of the log on stderr", "text", {"text", "json"}};

std::vector<verb> make_verbs() {
  return {
      {"run",
       {"[OPTION...] FILE|- [ARG...]", "[OPTION...] -e 'STAGE | STAGE...' [FILE...]"},
       "Run a pipeline.",
       "Checks the config, starts its stages and ends when the last of them has ended. Nothing is started and nothing written if the config has a fault. "
       "Options stand before FILE; what follows it are the config's arguments, ${1}, ${2} and so on. With -e, files are read as the input of the first stage.\n\n"
       "SIGINT and SIGTERM stop the sources and write what is under way; a second one ends the run at once.",
       {inline_pipeline,
        variable,
        {"threads", value_kind::integer, "N", "Threads that run stages; by default one for each CPU that the process may use"},
        {"seed", value_kind::integer, "N", "Deterministic: one thread, every scheduling choice drawn from N, virtual time; the same N repeats the run"},
        {"timeout", value_kind::duration, "DURATION", "Stop as on SIGTERM after this time, and exit with 5"},
        {"drain-timeout", value_kind::duration, "DURATION", "How long a stopped run may take to write what is under way", "10s"},
        {"stall", value_kind::duration, "DURATION", "Report who waits for whom when nothing has moved for this long"},
        {"stats", value_kind::none, {}, "End with a table: what each stage read and wrote, and what it waited for"},
        {"progress", value_kind::none, {}, "Show rate and share done; the default where stderr is a terminal and stdout is none"},
        {"no-progress", value_kind::none, {}, "Show no progress"},
        plugin_path,
        log_level,
        log_format},
       operand::config,
       0,
       SIZE_MAX,
       true,
       run},
      {"check",
       {"[OPTION...] FILE...", "[OPTION...] -e 'STAGE | STAGE...'"},
       "Check pipelines without running them.",
       "Prints every fault of every FILE with its place, and exits with 2 if there is one.",
       {{"explain", value_kind::none, {}, "Print each graph as it will run: shapes, workers, capacities, where each default comes from"},
        inline_pipeline,
        variable,
        plugin_path},
       operand::configs,
       0,
       SIZE_MAX,
       false,
       check},
      {"graph",
       {"[OPTION...] FILE", "[OPTION...] -e 'STAGE | STAGE...'"},
       "Draw a pipeline.",
       "Prints the stages and the channels between them, as text or as a picture.",
       {{"format", value_kind::choice, "FORMAT", "Form of the drawing; svg needs the program dot of Graphviz", "text", {"text", "dot", "mermaid", "svg"}},
        inline_pipeline,
        variable,
        plugin_path},
       operand::config,
       0,
       1,
       false,
       graph},
      {"test",
       {"[OPTION...] FILE..."},
       "Run the tests of pipelines.",
       "The tests of NAME.yaml stand beside it in NAME.test.yaml: a map with the list `tests`, each with some of the keys name, args, vars, stdin, files, stdout, stderr, "
       "written and exit. A test runs the config in a fresh folder that holds `files` (a map of paths and contents), with `args` and `vars`, and gives it `stdin`. It "
       "compares stdout, the files named in `written`, and the exit code (0); each text of `stderr` must occur there. A content is a text, whose last line needs no newline, "
       "or {file: PATH}, relative to NAME.test.yaml.\n\n"
       "Every test runs with --seed, so that time is virtual: a pipeline that waits for hours is tested at once, and the same way each time.",
       {{"seed", value_kind::integer, "N", "What the runs' scheduling choices are drawn from", "1"},
        {"timeout", value_kind::duration, "DURATION", "How long one test may take, by the clock on the wall", "60s"},
        plugin_path},
       operand::configs,
       1,
       SIZE_MAX,
       false,
       test},
      {"stages",
       {"[OPTION...] [TYPE]"},
       "List the stages, or explain one.",
       "Without TYPE, a line for every stage that can be used. With one, its options with their types and defaults, its ports, and an example.",
       {{"format", value_kind::choice, "FORMAT", "Form of the list: cases are the examples in the form of the tests", "text", {"text", "json", "names", "cases"}},
        plugin_path},
       operand::stage_type,
       0,
       1,
       false,
       stages},
      {"functions",
       {"[NAME]"},
       "Explain expressions: operators and functions.",
       "The language of where, map, route and other options that take an expression. With NAME, one function and an example.",
       {},
       operand::function,
       0,
       1,
       false,
       functions},
      {"new",
       {"plugin NAME", "config NAME"},
       "Start a plugin or a config.",
       "`new plugin NAME` makes a folder with a stage to change, its build file and a test. `new config NAME` makes NAME.yaml, a pipeline that runs as it is.",
       {},
       operand::thing,
       2,
       2,
       false,
       make_new},
      {"schema",
       {""},
       "Print a JSON Schema of the configs, for editors.",
       "Holds every key and every option of every stage, with its doc.",
       {{"of", value_kind::choice, "WHAT", "Which files: configs, or the tests beside them", "configs", {"configs", "tests"}}, plugin_path},
       operand::none,
       0,
       0,
       false,
       schema},
      {"completion",
       {"bash|zsh|fish"},
       "Print a completion script for a shell.",
       "For bash: `pipe completion bash > ~/.local/share/bash-completion/completions/pipe`. For fish: `pipe completion fish > ~/.config/fish/completions/pipe.fish`. "
       "For zsh: `pipe completion zsh > FOLDER/_pipe`, where FOLDER is one of $fpath.",
       {},
       operand::shell,
       1,
       1,
       false,
       completion},
      {"man",
       {"TEMPLATE"},
       "Print the man page.",
       "Fills the parts of TEMPLATE that come from the code: verbs, options, exit codes, stages.",
       {plugin_path},
       operand::file,
       1,
       1,
       false,
       man,
       true},
  };
}

}  // namespace

const std::vector<verb>& verbs() {
  static const std::vector<verb> table = make_verbs();
  return table;
}

const verb* find_verb(std::string_view name) {
  for (const verb& v : verbs())
    if (v.name == name) return &v;
  return nullptr;
}

const std::vector<exit_code>& exit_codes() {
  static const std::vector<exit_code> table = {
      {0, "Done. A reader that left early, such as head, counts as done"},
      {1, "A stage failed"},
      {2, "The command line or the config is wrong; nothing was started"},
      {3, "A plugin could not be loaded"},
      {4, "Deadlock: every stage waited for another"},
      {5, "The time of --timeout was over"},
      {130, "Stopped by SIGINT, after what was under way had been written (143: by SIGTERM)"},
  };
  return table;
}

const std::vector<example>& examples() {
  static const std::vector<example> table = {
      {R"(pipe run -e 'text.access_log | where: status >= 500' access.log)", "Lines of a log with a status of 500 and above"},
      {R"(pipe run -e 'json.parse | where: rtt > 0.1 | top: {by: query}' < dns.ndjson)", "The ten most frequent names among slow answers"},
      {"pipe check --explain pipeline.yaml", "What will run, and where each setting comes from"},
      {"pipe stages text.grep", "What one stage does, its options and an example"},
  };
  return table;
}

std::string dashed(const flag& f) { return (f.name.size() == 1 ? "-" : "--") + std::string(f.name); }

std::string usage_of(const flag& f) { return f.kind == value_kind::none ? dashed(f) : dashed(f) + ' ' + std::string(f.value); }

}  // namespace pipes::cmd
