package dev.kmemu.debugger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.machine.MachineOptions;
import dev.kmemu.emulator.time.TimeMode;
import org.junit.jupiter.api.Test;

/** A machine with counted time, which goes back too. */
class ReversibleMachineProtocolTest extends RealMachineProtocol {

  ReversibleMachineProtocolTest() {
    super(MachineOptions.standard().withTime(TimeMode.INSTRUCTIONS));
  }

  @Test
  void theMachineGoesBack() {
    assertThat(target().reverseExecution()).isPresent();
  }
}
