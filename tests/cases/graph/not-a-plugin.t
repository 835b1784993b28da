# what cannot be loaded as a plugin: exit 3, with the reason, once
file nix.so
  no ELF file
file g.yaml
  plugins: [./nix.so]
  stages:
    - io.generate: 1
    - nix.foo: 1
$ pipe run g.yaml
! g.yaml:1:11: error: plugin './nix.so' cannot be loaded: …nix.so: is no shared object (no ELF header)
! …
! …
exit 3
$ pipe run --plugin-path . -e 'nix.foo: 1'
! -e:1:1: error: the plugin of 'nix.foo' cannot be loaded: ./nix.so: is no shared object (no ELF header)
! …
! …
exit 3
