// context_aarch64.S: the switch, the call across it, the first frame of a stack, and the frame from which another stack is unwound; the layouts
// are saved_frame and unwind_registers in context_aarch64.hpp.
#if defined(__aarch64__)
        .text
        .globl pipes_call_and_jump_back
        .type pipes_call_and_jump_back, %function
        .p2align 4
pipes_call_and_jump_back:
        .cfi_startproc
        stp x29, x30, [sp, #-16]!
        .cfi_adjust_cfa_offset 16
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        blr x4
        ldp x29, x30, [sp], #16
        .cfi_adjust_cfa_offset -16
        .cfi_restore x29
        .cfi_restore x30
        br x30
        .cfi_endproc
        .size pipes_call_and_jump_back, .-pipes_call_and_jump_back

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

// pipes_below_context(registers, function, argument) calls function(argument). During that call the unwind tables say that
// the caller of this frame is the context whose registers are in *registers: x19 to x30 at (x19), sp behind them.
        .globl pipes_below_context
        .type pipes_below_context, %function
        .p2align 4
pipes_below_context:
        .cfi_startproc
        stp x19, x30, [sp, #-16]!
        .cfi_adjust_cfa_offset 16
        .cfi_rel_offset x19, 0
        .cfi_rel_offset x30, 8
        mov x19, x0
        mov x0, x2
        .cfi_remember_state
        .cfi_escape 0x0f, 4, 0x83, 0xe0, 0x00, 0x06   // the CFA is what lies at x19 + 96
        .cfi_escape 0x10, 19, 2, 0x83, 0              // register 19 lies at x19 + 0, and so on
        .cfi_escape 0x10, 20, 2, 0x83, 8
        .cfi_escape 0x10, 21, 2, 0x83, 16
        .cfi_escape 0x10, 22, 2, 0x83, 24
        .cfi_escape 0x10, 23, 2, 0x83, 32
        .cfi_escape 0x10, 24, 2, 0x83, 40
        .cfi_escape 0x10, 25, 2, 0x83, 48
        .cfi_escape 0x10, 26, 2, 0x83, 56
        .cfi_escape 0x10, 27, 3, 0x83, 0xc0, 0x00
        .cfi_escape 0x10, 28, 3, 0x83, 0xc8, 0x00
        .cfi_escape 0x10, 29, 3, 0x83, 0xd0, 0x00
        .cfi_escape 0x10, 30, 3, 0x83, 0xd8, 0x00
        blr x1
        .cfi_restore_state
        ldp x19, x30, [sp], #16
        .cfi_adjust_cfa_offset -16
        .cfi_restore x19
        .cfi_restore x30
        ret
        .cfi_endproc
        .size pipes_below_context, .-pipes_below_context
#endif
#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack,"",%progbits
#endif
