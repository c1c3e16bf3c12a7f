// SPDX-License-Identifier: Apache-2.0
// A start of its own for programs that are built here and run elsewhere: the ordinary one asks for the glibc of the machine
// that it was linked on (>= 2.34). With this, and the versions below, any glibc from 2.14 on will do. x86-64 only.
__asm__(".symver __libc_start_main,__libc_start_main@GLIBC_2.2.5");

int main(int argc, char **argv);
int __libc_start_main(int (*program)(int, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack_end);

__attribute__((used)) static void begin(long *stack, void (*loader_fini)(void)) {
  __libc_start_main(main, (int)stack[0], (char **)(stack + 1), 0, 0, loader_fini, stack);
}

__asm__(".globl _start\n"
        "_start:\n"
        "xor %ebp, %ebp\n"
        "mov %rsp, %rdi\n"
        "mov %rdx, %rsi\n"
        "and $-16, %rsp\n"
        "call begin\n"
        "hlt\n");
