// plugins/flow/where.cpp: keep the records for which an expression is true.
#include <pipe/plugin.hpp>
namespace {
struct where : pipes::map_stage {
  pipes::expression condition;
  static auto spec() {
    return pipes::stage<where>("where", "Keep the records for which an expression is true.")
        .doc("What is null counts as false: a comparison with a field that a record lacks keeps it out. `pipe functions` explains "
             "expressions.")
        .main_option("condition", &where::condition, "The expression.").required().condition()
        .example("json.parse | where: status >= 500 and host != 'test'", R"({"status":503,"host":"a"})" "\n" R"({"status":200,"host":"a"})", R"({"status":503,"host":"a"})");
  }
  void check(pipes::checker& c) { c.ignores_bytes(); }
  void map(pipes::batch& in, pipes::output& out) {
    condition.rows(in, rows_);
    if (rows_.size() == in.size())
      out.pass(in);
    else
      out.pass(in, rows_);
  }

 private:
  std::vector<std::uint32_t> rows_;  // scratch
};
PIPE_STAGE(where)
}
