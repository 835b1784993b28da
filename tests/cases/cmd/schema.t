# what a run takes as text, number, size, duration, an editor with the schema takes too: whatever a scalar looks like, a variable, a quoted number
$ pipe schema | tr -d '\n' > s.json; stage='definitions.stage.anyOf[1].properties'; for p in properties.name definitions.text definitions.boolean definitions.whole 'definitions.action.anyOf[1]' $stage.share $stage.grain $stage'["text.grep"].anyOf[1]' $stage'["text.grep"].anyOf[0].properties.invert' $stage'["flow.delay"].anyOf[1]' $stage.head.anyOf[1]; do pipe run -e "json.parse | json.get: $p" s.json; done
> {"$ref": "#/definitions/text"}
> {"type": ["string", "number", "boolean"]}
> {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}, {"$ref": "#/definitions/variable"}]}
> {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^-?[0-9]+$|\\$\\{"}]}
> {"$ref": "#/definitions/variable"}
> {"$ref": "#/definitions/text"}
> {"anyOf": [{"enum": ["batch"]}, {"$ref": "#/definitions/whole"}]}
> {"$ref":"#/definitions/text"}
> {"$ref":"#/definitions/boolean","description":"Keep the records that do not match instead."}
> {"$ref":"#/definitions/duration"}
> {"anyOf":[{"type":"integer","minimum":0},{"type":"string","pattern":"^-?[0-9]+$"},{"$ref":"#/definitions/variable"}]}
# a size or duration that no run takes is refused
$ pipe schema | tr -d '\n' | pipe run -e 'json.parse | map: {size: definitions.size.anyOf[1].pattern, time: definitions.duration.anyOf[1].pattern} | text.format: "{size} {time}"' > patterns; read -r size time < patterns; printf '%s\n' 64KiB 1MB 1.5GiB 12 '${m}' 64M lots '5 MB' | grep -E "$size"; printf '%s\n' 250ms 5s 1m30s 0 '${t}' 5 5sec | grep -E "$time"
> 64KiB
> 1MB
> 1.5GiB
> 12
> ${m}
> 250ms
> 5s
> 1m30s
> 0
> ${t}
