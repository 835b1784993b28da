# what was to be printed and could not be is a failure, however much it was
$ for verb in schema functions stages 'completion bash'; do pipe $verb >/dev/full; echo $?; done
> 1
> 1
> 1
> 1
! pipe: stdout: No space left on device
! pipe: stdout: No space left on device
! pipe: stdout: No space left on device
! pipe: stdout: No space left on device
