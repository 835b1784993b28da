// context_aarch64.S: the switch and the first frame of a stack; the layout is saved_frame in context_aarch64.hpp.
#if defined(__aarch64__)
        .text
        .globl pipes_switch_context
        .type pipes_switch_context, %function
        .p2align 4
pipes_switch_context:
        .cfi_startproc
        sub sp, sp, #160
        stp x19, x20, [sp, #0]
        stp x21, x22, [sp, #16]
        stp x23, x24, [sp, #32]
        stp x25, x26, [sp, #48]
        stp x27, x28, [sp, #64]
        stp x29, x30, [sp, #80]
        stp d8, d9, [sp, #96]
        stp d10, d11, [sp, #112]
        stp d12, d13, [sp, #128]
        stp d14, d15, [sp, #144]
        mov x9, sp
        str x9, [x0]
        mov sp, x1
        mov x0, x2
        ldp x19, x20, [sp, #0]
        ldp x21, x22, [sp, #16]
        ldp x23, x24, [sp, #32]
        ldp x25, x26, [sp, #48]
        ldp x27, x28, [sp, #64]
        ldp x29, x30, [sp, #80]
        ldp d8, d9, [sp, #96]
        ldp d10, d11, [sp, #112]
        ldp d12, d13, [sp, #128]
        ldp d14, d15, [sp, #144]
        add sp, sp, #160
        br x30
        .cfi_endproc
        .size pipes_switch_context, .-pipes_switch_context

        .globl pipes_context_entry
        .type pipes_context_entry, %function
        .p2align 4
pipes_context_entry:
        .cfi_startproc
        .cfi_undefined x30
        mov x1, x0
        mov x0, x20
        mov x29, xzr
        blr x19
        brk #1
        .cfi_endproc
        .size pipes_context_entry, .-pipes_context_entry
#endif
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack,"",%progbits
#endif
