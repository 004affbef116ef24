package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.PortBus;
import java.util.ArrayList;
import java.util.List;

/** Remembers what was written to ports and answers reads with the port's number. */
class RecordingPorts implements PortBus {

  final List<String> writes = new ArrayList<>();

  @Override
  public int read(int port, int size) {
    return port;
  }

  @Override
  public boolean write(int port, int size, int value) {
    writes.add(String.format("%x/%d=%x", port, size, value));
    return true;
  }
}
