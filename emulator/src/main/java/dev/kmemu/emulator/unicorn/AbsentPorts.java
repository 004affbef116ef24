package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.PortBus;

/** A port space without devices. */
enum AbsentPorts implements PortBus {
  INSTANCE;

  @Override
  public int read(int port, int size) {
    return -1;
  }

  @Override
  public boolean write(int port, int size, int value) {
    return true;
  }
}
