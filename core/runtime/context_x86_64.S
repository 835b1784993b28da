// context_x86_64.S: the switch and the first frame of a stack; the layout is saved_frame in context_x86_64.hpp.
// The jump at the end is an indirect one on purpose: a ret would miss the return predictor at every switch.
#if defined(__x86_64__)
        .text
        .globl pipes_switch_context
        .type pipes_switch_context, @function
        .p2align 4
pipes_switch_context:
        .cfi_startproc
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        movq %rsp, (%rdi)
        movq %rsi, %rsp
        movq %rdx, %rax
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        popq %rcx
        jmpq *%rcx
        .cfi_endproc
        .size pipes_switch_context, .-pipes_switch_context

        .globl pipes_context_entry
        .type pipes_context_entry, @function
        .p2align 4
pipes_context_entry:
        .cfi_startproc
        .cfi_undefined rip
        movq %r13, %rdi
        movq %rax, %rsi
        xorl %ebp, %ebp
        callq *%r12
        ud2
        .cfi_endproc
        .size pipes_context_entry, .-pipes_context_entry
#endif
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack,"",%progbits
#endif
