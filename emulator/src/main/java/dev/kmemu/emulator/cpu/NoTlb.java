package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;

enum NoTlb implements TlbControl {
  INSTANCE;

  @Override
  public void invalidatePage(VirtualAddress address) {}

  @Override
  public void invalidatePage(long va) {}

  @Override
  public void invalidateAll() {}
}
