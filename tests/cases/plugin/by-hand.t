# a descriptor that was made by hand and lacks something is refused by name, with exit 3; nothing is called that is not there
file hand.c
  #include <pipe/plugin.h>
  #define T(s) {s, sizeof(s) - 1}
  #define TEXT_(s) #s
  #define TEXT(s) TEXT_(s)
  static const pipe_host* host;
  static pipe_status create(const pipe_stage* s, pipe_context* c, const pipe_value* v, void** i) { *i = (void*)s; return MAKES; }
  static void destroy(void* i) {}
  static pipe_status map(void* i, pipe_context* c, pipe_batch* in, pipe_output* out) {
    if (MAPS == PIPE_OK) host->output_pass(out, 0, in, 0, host->batch_count(in));
    return MAPS;
  }
  static const pipe_option option = {T("kind"), T(""), T(""), TYPE, 0, 0, 0, 0, 0, 0};
  static const pipe_stage stage = {SIZE, SHAPE, 0, 0, T(TEXT(NAME)), T("Pass."), T(""), &option, 0, 0, 1, 0, 0, 0, create, destroy, 0, 0, 0, MAP};
  static const pipe_stage* const stages[] = {&stage, SECOND};
  static const pipe_plugin plugin = {sizeof plugin, ABI, T("hand"), T("1"), T("MIT"), stages, COUNT};
  const pipe_plugin* pipe_plugin_v1(const pipe_host* h) { host = h; return &plugin; }
file try
  all="-DMAKES=PIPE_OK -DMAPS=PIPE_OK -DTYPE=PIPE_OPT_BOOL -DSIZE=sizeof(pipe_stage) -DSHAPE=PIPE_SHAPE_MAP -DNAME=pass -DMAP=map -DSECOND=0 -DABI=PIPE_ABI_VERSION -DCOUNT=1"
  for change; do all=$(echo "$all" | sed "s/-D${change%%=*}=[^ ]*//") all="$all -D$change"; done
  cc -shared -fPIC -w -I examples/../core/include $all hand.c -o hand.so && { echo a | pipe run --plugin-path . -e hand.pass 2>&1; echo "exit $?"; } | sed -n '1p;$p'
$ sh try
> a
> exit 0
# a newer one has more
$ sh try SIZE=300
> a
> exit 0
$ sh try SHAPE=0; sh try SHAPE=9
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' has a shape 0, which this pipe does not know
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' has a shape 9, which this pipe does not know
> exit 3
$ sh try MAP=0; sh try SHAPE=PIPE_SHAPE_FOLD; sh try SHAPE=PIPE_SHAPE_RUN
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' is a map stage without map()
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' is a fold stage without add()
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' is a run stage without run()
> exit 3
$ sh try NAME=a.b; sh try NAME=
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: has a stage called 'a.b'; a name is letters, digits, '_' and '-'
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: has a stage called ''; a name is letters, digits, '_' and '-'
> exit 3
$ sh try SECOND='&stage' COUNT=2; sh try COUNT=2; sh try SIZE=100; sh try TYPE=12; sh try TYPE=PIPE_OPT_CHOICE; sh try ABI=2
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: has two stages called 'pass'
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: has no stage number 2 of the 2 that it counts
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' has a descriptor of 100 bytes; pipe/plugin.h wants 208 in struct_size
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' has an option 'kind' of a type 12, which this pipe does not know
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: its stage 'pass' has an option 'kind' without choices
> exit 3
> -e:1:1: error: the plugin of 'hand.pass' cannot be loaded: ./hand.so: has ABI version 2, this pipe has 1
> exit 3
# packed structs, which have no gaps and so the same sizes, are refused by the compiler: other headers' would not match their libraries
$ cc -fpack-struct -fsyntax-only -I examples/../core/include hand.c 2>&1 | grep -o -m1 'pipe: wrong packing.*flags'
> pipe: wrong packing or alignment flags
exit 0
# half a file, and a link to nothing
$ sh try >/dev/null; head -c 9000 hand.so >half; mv half hand.so; echo a | pipe run --plugin-path . -e hand.pass
! …./hand.so: is cut off: it has 9000 bytes, its header speaks of …
! …
! …
exit 3
$ rm hand.so; ln -s nowhere hand.so; echo a | pipe run --plugin-path . -e hand.pass
! …./hand.so: is a link to a file that is not there
! …
! …
exit 3
# one that fails and does not say why
$ sh try MAKES=PIPE_ERROR; sh try MAPS=PIPE_ERROR
> -e:1:1: error: failed without a message
> exit 2
> pipe: error: -e:1:1: stage 'hand.pass': record 1: failed without a message in: a
> exit 1
