package dev.kmemu.emulator.cpu;

/** A signal that a kernel sends to a user program for a fault that it can't serve. */
public enum GuestSignal {
  /** The address is mapped, and forbids the access. */
  SIGBUS,
  /** There is nothing at the address that the program may touch. */
  SIGSEGV
}
