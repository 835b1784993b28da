// context_x86_64.S: the first frame of a stack, and the frame from which another stack is unwound. The switch is in
// context_x86_64.hpp.
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

// pipes_call_and_jump_back(a, b, c, d, body) returns body(a, b, c, d), to its caller by a jump; why is said in context.hpp.
        .globl pipes_call_and_jump_back
        .type pipes_call_and_jump_back, @function
        .p2align 4
pipes_call_and_jump_back:
        .cfi_startproc
        subq $8, %rsp
        .cfi_adjust_cfa_offset 8
        callq *%r8
        addq $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rcx
        jmpq *%rcx
        .cfi_endproc
        .size pipes_call_and_jump_back, .-pipes_call_and_jump_back

// pipes_below_context(registers, function, argument) calls function(argument). During that call the unwind tables say that
// the caller of this frame is the context whose registers are in *registers: (%rbx) is its rbx, then rbp, rip, rsp.
        .globl pipes_below_context
        .type pipes_below_context, @function
        .p2align 4
pipes_below_context:
        .cfi_startproc
        pushq %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        movq %rdi, %rbx
        movq %rdx, %rdi
        .cfi_remember_state
        .cfi_escape 0x0f, 3, 0x73, 24, 0x06     // the CFA is what lies at rbx + 24
        .cfi_escape 0x10, 3, 2, 0x73, 0         // rbx lies at rbx + 0
        .cfi_escape 0x10, 6, 2, 0x73, 8         // rbp at rbx + 8
        .cfi_escape 0x10, 16, 2, 0x73, 16       // the return address at rbx + 16
        callq *%rsi
        .cfi_restore_state
        popq %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        ret
        .cfi_endproc
        .size pipes_below_context, .-pipes_below_context
#endif
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack,"",%progbits
#endif
