package dev.kmemu.debugger;

import dev.kmemu.emulator.machine.MachineOptions;

/** A machine as it is by default. */
class MachineProtocolTest extends RealMachineProtocol {

  MachineProtocolTest() {
    super(MachineOptions.standard());
  }
}
