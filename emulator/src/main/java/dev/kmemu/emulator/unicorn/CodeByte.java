package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.memory.PhysicalMemory;

record CodeByte(PhysicalMemory ram, long cr3) {
  int at(long va) {
    return -1;
  }
}
