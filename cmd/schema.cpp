// schema.cpp: `pipe schema`: a JSON Schema of the configs, from the keys of the format and the stages' descriptors.
#include "cmd/arguments.hpp"
#include "cmd/catalog.hpp"
#include "cmd/text.hpp"

namespace pipes::cmd {
namespace {

std::string ref(std::string_view definition) { return "{\"$ref\":\"#/definitions/" + std::string(definition) + "\"}"; }

// Any scalar may be a variable instead.
std::string either(std::string_view schema) { return "{\"anyOf\":[" + std::string(schema) + ',' + ref("variable") + "]}"; }

std::string with_doc(std::string schema, std::string_view doc) {
  schema.pop_back();
  return schema + (schema.size() > 1 ? "," : "") + "\"description\":" + json_string(doc) + '}';
}

std::string of_scalar(const pipe_option& o) {
  switch (o.type) {
    case PIPE_OPT_BOOL: return ref("boolean");
    case PIPE_OPT_INT:
    case PIPE_OPT_FLOAT: {
      std::string number = std::string("{\"type\":\"") + (o.type == PIPE_OPT_INT ? "integer" : "number") + '"';
      if (o.flags & PIPE_OPTION_MIN) number += ",\"minimum\":" + std::to_string(o.min);
      if (o.flags & PIPE_OPTION_MAX) number += ",\"maximum\":" + std::to_string(o.max);
      return either(number + "},{\"type\":\"string\",\"pattern\":\"^-?[0-9]" + (o.type == PIPE_OPT_INT ? "+$" : "") + "\"}");
    }
    case PIPE_OPT_DURATION: return ref("duration");
    case PIPE_OPT_SIZE: return ref("size");
    case PIPE_OPT_CHOICE: {
      std::string list;
      for (std::uint32_t i = 0; i < o.choice_count; ++i) list += (i ? "," : "") + json_string(view(o.choices[i]));
      return either("{\"enum\":[" + list + "]}");
    }
    default: return ref("text");
  }
}

std::string of_option(const pipe_option& o) {
  const std::string scalar = of_scalar(o);
  if (o.container == PIPE_OPT_LIST) return "{\"anyOf\":[" + scalar + ",{\"type\":\"array\",\"items\":" + scalar + "}]}";
  if (o.container == PIPE_OPT_MAP) return "{\"type\":\"object\",\"additionalProperties\":" + scalar + "}";
  return scalar;
}

std::string of_options(const pipe_stage& s) {
  std::string properties, required, main, rest = "false";
  for (std::uint64_t i = 0; i < s.option_count; ++i) {
    const pipe_option& o = s.options[i];
    const std::string schema = of_option(o), name = json_string(view(o.name));
    properties += (properties.empty() ? "" : ",") + name + ':' + with_doc(schema, view(o.doc));
    if (o.flags & PIPE_OPTION_REQUIRED) required += (required.empty() ? "" : ",") + name;
    if (o.flags & PIPE_OPTION_MAIN) main = schema;
    if (o.flags & PIPE_OPTION_REST) rest = of_scalar(o), required.clear();
  }
  std::string object = "{\"type\":\"object\",\"properties\":{" + properties + "},\"additionalProperties\":" + rest;
  if (!required.empty()) object += ",\"required\":[" + required + ']';
  object += '}';
  return "{\"anyOf\":[" + object + (main.empty() ? "" : ',' + main) + ",{\"type\":\"null\"}]}";
}

constexpr std::string_view definitions = R"(
 "variable": {"type": "string", "pattern": "\\$\\{"},
 "text": {"type": ["string", "number", "boolean"]},
 "name": {"type": ["string", "boolean"]},
 "boolean": {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}, {"$ref": "#/definitions/variable"}]},
 "whole": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^-?[0-9]+$|\\$\\{"}]},
 "duration": {"anyOf": [{"enum": [0]}, {"type": "string", "pattern": "^(0|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+)$|\\$\\{"}]},
 "size": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?([kKMGT]?B|[KMGT]iB)?$|\\$\\{"}]},
 "action": {"anyOf": [{"enum": ["fail", "skip"]}, {"$ref": "#/definitions/variable"}, {"type": "object", "properties": {"to": {"$ref": "#/definitions/name"}}, "required": ["to"], "additionalProperties": false}]},
 "on_error": {"anyOf": [{"$ref": "#/definitions/action"}, {"type": "object", "required": ["retry"], "additionalProperties": false, "properties": {
   "retry": {"type": "object", "additionalProperties": false, "properties": {"times": {"$ref": "#/definitions/whole"}, "backoff": {"$ref": "#/definitions/duration"}}},
   "then": {"$ref": "#/definitions/action"}}}]},
 "batch": {"type": "object", "additionalProperties": false, "properties": {"records": {"$ref": "#/definitions/whole"}, "bytes": {"$ref": "#/definitions/size"}}},
 "workers": {"anyOf": [{"enum": ["auto"]}, {"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[1-9][0-9]*$|\\$\\{"}]},
 "edge": {"anyOf": [{"$ref": "#/definitions/name"}, {"type": "object", "additionalProperties": false, "properties": {
   "stage": {"$ref": "#/definitions/name"}, "capacity": {"$ref": "#/definitions/whole"}, "on_full": {"anyOf": [{"enum": ["block", "drop_newest", "drop_oldest", "fail"]}, {"$ref": "#/definitions/variable"}]},
   "timeout": {"$ref": "#/definitions/duration"}, "on_timeout": {"anyOf": [{"enum": ["fail", "close", "tick"]}, {"$ref": "#/definitions/variable"}]}, "send_timeout": {"$ref": "#/definitions/duration"},
   "priority": {"$ref": "#/definitions/whole"}, "back": {"$ref": "#/definitions/boolean"}}}]},
 "from": {"anyOf": [{"$ref": "#/definitions/edge"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/edge"}}]}
)";

constexpr std::string_view stage_keys = R"(
   "id": {"anyOf": [{"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"}, {"type": "boolean"}]}, "use": {"type": "string"}, "with": {}, "from": {"$ref": "#/definitions/from"},
   "workers": {"$ref": "#/definitions/workers"}, "ordered": {"$ref": "#/definitions/boolean"}, "on_error": {"$ref": "#/definitions/on_error"},
   "batch": {"$ref": "#/definitions/batch"}, "every": {"$ref": "#/definitions/duration"}, "share": {"$ref": "#/definitions/text"}, "partition_by": {"$ref": "#/definitions/text"},
   "memory": {"$ref": "#/definitions/size"}, "grain": {"anyOf": [{"enum": ["batch"]}, {"$ref": "#/definitions/whole"}]}, "stack": {"$ref": "#/definitions/size"}, "fuse": {"$ref": "#/definitions/boolean"})";

constexpr std::string_view head = R"({"$schema": "http://json-schema.org/draft-07/schema#", "title": "A pipeline of pipe", "type": "object",
"required": ["stages"], "additionalProperties": false,
"properties": {
 "name": {"$ref": "#/definitions/text"}, "vars": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}, "plugins": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
 "defaults": {"type": "object", "additionalProperties": false, "properties": {"capacity": {"$ref": "#/definitions/whole"},
   "batch": {"$ref": "#/definitions/batch"}, "on_error": {"$ref": "#/definitions/on_error"}, "workers": {"$ref": "#/definitions/workers"},
   "memory": {"$ref": "#/definitions/size"}}},
 "stages": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/stage"}}},
"definitions": {)";

constexpr std::string_view tests = R"({"$schema": "http://json-schema.org/draft-07/schema#", "title": "Tests of a pipeline of pipe", "type": "object",
"required": ["tests"], "additionalProperties": false,
"properties": {"tests": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false, "properties": {
 "name": {"$ref": "#/definitions/text"},
 "args": {"$ref": "#/definitions/texts", "description": "${1}, ${2} and so on"},
 "vars": {"type": "object", "additionalProperties": {"$ref": "#/definitions/text"}, "description": "as --var sets them"},
 "stdin": {"$ref": "#/definitions/content"},
 "files": {"$ref": "#/definitions/contents", "description": "what stands in the folder that the pipeline runs in"},
 "stdout": {"$ref": "#/definitions/content"},
 "stderr": {"$ref": "#/definitions/texts", "description": "each must occur"},
 "written": {"$ref": "#/definitions/contents", "description": "files that the pipeline must have written"},
 "exit": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 255}, {"type": "string", "pattern": "^[0-9]{1,3}$"}]}}}}},
"definitions": {
 "text": {"type": ["string", "number", "boolean"]},
 "texts": {"anyOf": [{"$ref": "#/definitions/text"}, {"type": "array", "items": {"$ref": "#/definitions/text"}}]},
 "content": {"anyOf": [{"$ref": "#/definitions/text"}, {"type": "null"}, {"type": "object", "required": ["file"], "additionalProperties": false, "properties": {"file": {"$ref": "#/definitions/text"}}}]},
 "contents": {"type": "object", "additionalProperties": {"$ref": "#/definitions/content"}}
}}
)";

}  // namespace

int schema(const arguments& a) {
  if (*a.text("of") == "tests") {
    print(tests);
    return 0;
  }
  std::string types, keys;
  for (const known_stage& s : all_stages(a)) {
    const std::string options = with_doc(of_options(*s.stage), view(s.stage->summary));
    types += (types.empty() ? "" : ",") + json_string(s.type);
    keys += ",\n   " + json_string(s.type) + ": " + options;
    if (s.short_name.empty()) continue;
    types += ',' + json_string(s.short_name);
    keys += ",\n   " + json_string(s.short_name) + ": " + options;
  }
  print(std::string(head) + std::string(definitions) + ",\n \"stage\": {\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": false,\n"
        "  \"patternProperties\": {\"^[a-z][a-z0-9_]*\\\\.[a-z][a-z0-9_]*$\": {}}, \"properties\": {" + std::string(stage_keys) + keys +
        "}}]},\n \"stage_type\": {\"enum\": [" + types + "]}\n}}\n");
  return 0;
}

}  // namespace pipes::cmd
