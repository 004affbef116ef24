package dev.kmemu.emulator.trap;

import static dev.kmemu.emulator.trap.GuestKernel.CODE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.Register;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Delivery of external interrupts (SDM vol. 3A, 6.3.1, 6.8 and 6.13)")
class ExternalInterruptTest {

  private static final long IF = 0x200;
  private static final long RF = 0x1_0000;

  private final GuestKernel guest = new GuestKernel();

  @AfterEach
  void close() {
    guest.close();
  }

  /** One interrupt that waits from the start. */
  private static final class OneLine implements InterruptSource {

    private final int vector;
    private final boolean nmi;
    private volatile boolean pending = true;

    OneLine(int vector, boolean nmi) {
      this.vector = vector;
      this.nmi = nmi;
    }

    @Override
    public boolean isPending() {
      return pending && !nmi;
    }

    @Override
    public int acknowledge() {
      pending = false;
      return vector;
    }

    @Override
    public boolean isNmiPending() {
      return pending && nmi;
    }

    @Override
    public void acknowledgeNmi() {
      pending = false;
    }
  }

  private long onStack(int index) {
    return guest.load(guest.get(Register.RSP) + 8L * index);
  }

  private void interrupt(int vector, String code) {
    guest.code(CODE, code);
    guest.cpu.setInterruptSource(new OneLine(vector, vector == 2));
  }

  @Test
  void itWaitsForTheInstructionBehindSti() {
    guest.gates();
    guest.set(Register.RFLAGS, 2);
    interrupt(0x30, "90 fb 90 90 ebfe"); // nop; sti; nop; nop; jmp $
    assertThat(guest.runToHandler()).isEqualTo(0x30);
    assertThat(onStack(0)).isEqualTo(CODE + 3);
    assertThat(onStack(2) & (IF | RF)).isEqualTo(IF);
    assertThat(guest.get(Register.RFLAGS) & IF).isZero();
  }

  @Test
  void itComesToRing3WhateverTheGatesDplIs() {
    guest.userMode("ebfe");
    guest.set(Register.RFLAGS, IF | 2);
    guest.cpu.setInterruptSource(new OneLine(0x30, false));
    assertThat(guest.runToHandler()).isEqualTo(0x30);
    assertThat(onStack(1)).isEqualTo(GuestKernel.USER_CS);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 13, 14, 0x30})
  void oneThatFailsMakesNoDoubleFault(int vector) {
    guest.gates();
    guest.gateTo(11, 1);
    guest.gate(vector, 0x0E, 0);
    guest.set(Register.RFLAGS, IF | 2);
    interrupt(vector, "ebfe");
    assertThat(guest.runToHandler()).isEqualTo(11);
    assertThat(onStack(0)).as("IDT and EXT").isEqualTo(vector * 8 + 3);
    assertThat(onStack(1)).isEqualTo(CODE);
  }

  @Test
  void anErrorCodeIsNotPushedForVectorsOfExceptions() {
    guest.gates();
    guest.set(Register.RFLAGS, IF | 2);
    interrupt(13, "ebfe");
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(onStack(0)).as("RIP on top").isEqualTo(CODE);
  }

  @Test
  void anNmiIgnoresIfAndBlocksTheNextUntilIret() {
    guest.gates();
    guest.set(Register.RFLAGS, 2);
    guest.code(GuestKernel.handler(2), "f4 90 48cf"); // hlt; nop; iretq
    interrupt(2, "ebfe");
    assertThat(guest.runToHandler()).isEqualTo(2);
    guest.cpu.setInterruptSource(new OneLine(2, true));
    assertThat(guest.cpu.step()).as("the nop").isEqualTo(CpuExit.Stepped.INSTANCE);
    long rsp = guest.get(Register.RSP);
    assertThat(guest.runToHandler()).as("again, behind IRET").isEqualTo(2);
    assertThat(guest.get(Register.RSP)).isEqualTo(rsp);
  }
}
