// context_x86_64.S: the first frame of a stack. The switch is in context_x86_64.hpp.
#if defined(__x86_64__)
        .text
        .globl pipes_context_entry
        .type pipes_context_entry, @function
        .p2align 4
pipes_context_entry:
        .cfi_startproc
        .cfi_undefined rip
        movq %rbp, %rdi
        movq %rax, %rsi
        xorl %ebp, %ebp
        callq *%rbx
        ud2
        .cfi_endproc
        .size pipes_context_entry, .-pipes_context_entry
#endif
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack,"",%progbits
#endif
